"""The real program with a watch on its event loop: `watched.py REPORT ARGUMENTS…`.

On SIGUSR1, and at the end, it writes to the file REPORT, as JSON, the longest time that the loop was held since the
last report, the longest garbage collection, and the memory in use; with ECRTUI_STACKS set also where it was held
for more than 40 ms.
"""

from __future__ import annotations

import asyncio
import gc
import json
import os
import signal
import sys
import threading
import time
import traceback
from pathlib import Path

from ecrtui import cli
from ecrtui.ui import app as app_module

_BEAT = 0.002
_HELD = 0.040


class Watch:
    """Beats in the loop, and notes the longest time between two beats."""

    def __init__(self, report: Path) -> None:
        self._report = report
        self._last = time.perf_counter()
        self._longest = 0.0
        self._collected = 0.0
        self._began = 0.0
        self._stacks: list[str] = []
        self._main = threading.get_ident()

    async def beat(self) -> None:
        """Beat for ever."""
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGUSR1, self.write)
        gc.callbacks.append(self._collecting)
        if os.environ.get("ECRTUI_STACKS"):
            threading.Thread(target=self._look, daemon=True).start()
        self._last = time.perf_counter()
        while True:
            await asyncio.sleep(_BEAT)
            now = time.perf_counter()
            self._longest, self._last = max(self._longest, now - self._last - _BEAT), now

    def write(self) -> None:
        """Report, and begin anew."""
        pages = int(Path("/proc/self/statm").read_text().split()[1])
        report = {
            "held": self._longest,
            "collected": self._collected,
            "megabytes": pages * os.sysconf("SC_PAGE_SIZE") / 1e6,
            "stacks": self._stacks,
        }
        fresh = self._report.with_suffix(".new")
        fresh.write_text(json.dumps(report))
        fresh.rename(self._report)
        self._longest, self._collected, self._stacks = 0.0, 0.0, []

    def _collecting(self, phase: str, info: dict[str, int]) -> None:
        now = time.perf_counter()
        if phase == "stop":
            self._collected = max(self._collected, now - self._began)
        self._began = now

    def _look(self) -> None:
        while True:
            time.sleep(0.01)
            held = time.perf_counter() - self._last
            if held > _HELD:
                frame = sys._current_frames()[self._main]
                self._stacks.append(f"{held * 1e3:.0f} ms\n" + "".join(traceback.format_stack(frame)[-9:]))


def main(report: str, arguments: list[str]) -> int:
    """Run the program."""
    watch = Watch(Path(report))

    class Watched(app_module.EcrtuiApp):
        def on_load(self) -> None:
            self._beating = asyncio.create_task(watch.beat())

    app_module.EcrtuiApp = Watched  # type: ignore[misc]
    return cli.main(arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
