"""The reads that failed and are tried again: the header tells of the last one for a while."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.timer import Timer

from ecrtui.domain.text import NOTHING, shown

if TYPE_CHECKING:
    from ecrtui.ui.app import EcrtuiApp

_SHOWN = 5.0
"""Seconds for which the header tells of it."""


class Retries:
    """Of one app."""

    def __init__(self, app: EcrtuiApp) -> None:
        self._app = app
        self.note = NOTHING
        """Which read is being tried again."""
        self._timer: Timer | None = None

    def tell(self, text: str) -> None:
        """A read failed and is tried again."""
        self.note = shown(text)
        if self._timer is not None:
            self._timer.stop()
        self._timer = self._app.set_timer(_SHOWN, self._forget)
        self._app.show_soon()

    def _forget(self) -> None:
        self.note = NOTHING
        self._app.show_soon()
