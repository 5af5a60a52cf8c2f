"""The embedded account as a process of its own: `python -m ecrtui.demo.server`.

It prints one line of JSON with its URL, and ends when its standard input does: a parent that dies, however
it dies, takes it along. `ECRTUI_DEMO_SPEED=N` makes builds N times faster.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import threading

from ecrtui.demo.clock import Clock
from ecrtui.demo.http import listen
from ecrtui.demo.seed import seeded_account
from ecrtui.demo.wsgi import Application


def speed_of(text: str) -> float:
    """The speed that a setting asks for; ValueError when it is no positive number."""
    speed = float(text)
    if not 0 < speed < float("inf"):
        raise ValueError(f"ECRTUI_DEMO_SPEED must be a positive number, not {text!r}")
    return speed


def main() -> None:
    """Serve until standard input ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    account = seeded_account(Clock(), speed_of(os.environ.get("ECRTUI_DEMO_SPEED") or "1"))
    server = listen(Application(account))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    sys.stdout.write(json.dumps({"url": f"http://127.0.0.1:{server.server_port}"}) + "\n")
    sys.stdout.flush()
    sys.stdin.buffer.read()
    os._exit(0)


if __name__ == "__main__":
    main()
