"""A log into which 1,000 lines a second are written: `log.py ours` or `log.py richlog`; x moves a counter."""

from __future__ import annotations

import sys

from textual.app import App, ComposeResult
from textual.widget import Widget
from textual.widgets import RichLog, Static

from ecrtui.ui.theme import register_themes
from ecrtui.ui.widgets.log_view import LogView

_TICK = 0.02
_LINES_PER_TICK = 20


class LogProgram(App[None]):
    def __init__(self, kind: str) -> None:
        super().__init__()
        self._kind = kind
        self._count = 0
        self._keys = 0

    def compose(self) -> ComposeResult:
        yield Static("key 0", id="counter")
        view: Widget = LogView() if self._kind == "ours" else RichLog(max_lines=100_000)
        yield view

    def on_mount(self) -> None:
        register_themes(self)
        self.set_interval(_TICK, self._write)

    def on_key(self) -> None:
        self._keys += 1
        self.query_one("#counter", Static).update(f"key {self._keys}")

    def _write(self) -> None:
        first = self._count
        self._count += _LINES_PER_TICK
        lines = [
            f"[Container] 2026/05/04 18:13:01 step {number} Pushing layer 5f70bf18a086 to the repository"
            for number in range(first, self._count)
        ]
        if self._kind == "ours":
            self.query_one(LogView).write_lines(lines)
        else:
            log = self.query_one(RichLog)
            for line in lines:
                log.write(line)


if __name__ == "__main__":
    LogProgram(sys.argv[1]).run()
