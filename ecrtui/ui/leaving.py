"""Leaving in time and with the terminal as it was, whatever hangs: by a key, by a signal, by force."""

from __future__ import annotations

import asyncio
import os
import signal
import threading
from typing import Any

from textual.app import App

from ecrtui.supervisor import restore_terminal

PATIENCE = 3.0
"""Seconds an orderly exit may take; after them the process ends."""
_SIGNALS = (signal.SIGTERM, signal.SIGHUP)


def exit_on_signals(app: App[Any]) -> None:
    """Have SIGTERM and SIGHUP end `app` in order, with the exit code 128 and the signal's number."""
    loop = asyncio.get_running_loop()
    for number in _SIGNALS:
        loop.add_signal_handler(number, app.exit, None, 128 + number)


def exit_by_force(app: App[Any], code: int, patience: float = PATIENCE) -> None:
    """End the process with `code` when it still lives after `patience` seconds: a thread or a terminal hangs."""
    timer = threading.Timer(patience, _end, (getattr(app._driver, "attrs_before", None), code))
    timer.daemon = True
    timer.start()


def _end(attributes: list[Any] | None, code: int) -> None:
    try:
        restore_terminal(attributes)
    finally:
        os._exit(code)
