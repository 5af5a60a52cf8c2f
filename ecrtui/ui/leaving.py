"""Leaving in time and with the terminal as it was, whatever hangs: by a key, by a signal, by force."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import termios
import threading
from typing import Any

from textual.app import App

PATIENCE = 3.0
"""Seconds an orderly exit may take; after them the process ends."""
_SIGNALS = (signal.SIGTERM, signal.SIGHUP)
_RESTORE = (
    "\x1b[?2004l\x1b[?7h\x1b[?1000l\x1b[?1003l\x1b[?1015l\x1b[?1006l\x1b[<u\x1b[?1049l\x1b[?25h\x1b[?1004l\x1b[0m"
)
"""What Textual's driver sends at an orderly end: paste, wrap, mouse, keyboard, screen, cursor, focus."""


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
        if sys.__stdin__ is not None and attributes is not None:
            termios.tcsetattr(sys.__stdin__.fileno(), termios.TCSANOW, attributes)
        if sys.__stderr__ is not None:
            os.set_blocking(sys.__stderr__.fileno(), False)
            os.write(sys.__stderr__.fileno(), _RESTORE.encode())
    except (OSError, termios.error):
        pass  # the terminal is gone: there is nothing to restore
    finally:
        os._exit(code)
