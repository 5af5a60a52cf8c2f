"""When the visible screen shows the state: once for whatever came together, some times a second while it loads."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ecrtui.ui.app import EcrtuiApp

_FRAME = 0.1
"""Seconds between two showings of what is loading."""


class Showing:
    """Of one app."""

    def __init__(self, app: EcrtuiApp) -> None:
        self._app = app
        self._soon = False
        self._timed = False
        self._shown_at = 0.0

    def soon(self) -> None:
        """Have the state shown once, when the messages at hand are done."""
        if not self._soon:
            self._soon = True
            self._app.call_later(self._show)

    def in_time(self) -> None:
        """Have what is loading shown as far as it has come, some times a second."""
        if not self._timed:
            self._timed = True
            self._app.set_timer(max(0.001, self._shown_at + _FRAME - time.monotonic()), self.soon)

    def _show(self) -> None:
        self._soon = self._timed = False
        self._shown_at = time.monotonic()
        screen = self._app.mode_screen
        if self._app.is_running and screen is not None and screen.is_mounted:
            screen.show_state(self._app.state)
