"""The embedded account as a process of its own: `python -m ecrtui.demo.server`.

It prints one line of JSON with its URL, and ends when its standard input does: a parent that dies, however
it dies, takes it along. `ECRTUI_DEMO_SPEED=N` makes builds N times faster.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
import threading

from ecrtui.demo.clock import Clock
from ecrtui.demo.hooks import Hooks
from ecrtui.demo.http import listen
from ecrtui.demo.seed import seeded_account
from ecrtui.demo.wsgi import Application


def speed_of(text: str) -> float:
    """The speed that a setting asks for; ValueError when it is no positive number."""
    try:
        speed = float(text)
    except ValueError:
        speed = 0.0
    if not 0 < speed < float("inf"):
        raise ValueError(f"ECRTUI_DEMO_SPEED must be a positive number, not {text!r}")
    return speed


def main() -> None:
    """Serve until standard input ends."""
    try:
        speed = speed_of(os.environ.get("ECRTUI_DEMO_SPEED") or "1")
    except ValueError as error:
        _say({"error": str(error)})
        sys.exit(2)
    account = seeded_account(Clock(), speed)
    account.hooks = Hooks(account)
    server = listen(Application(account))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    _say({"url": f"http://127.0.0.1:{server.server_port}"})
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # moto prints, and nobody reads on
    with contextlib.suppress(KeyboardInterrupt):
        sys.stdin.buffer.read()
    os._exit(0)


def _say(message: dict[str, str]) -> None:
    sys.stdout.write(json.dumps(message) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
