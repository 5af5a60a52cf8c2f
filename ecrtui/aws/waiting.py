"""Who is asked for credentials now: worth a word only when it takes a while."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from ecrtui.aws.credential_errors import asked

_SOON = 0.5
"""Seconds that nobody is told of."""


class Waiting:
    """One search at a time. `changed` is called whenever there is something else to say."""

    def __init__(self, changed: Callable[[], None]) -> None:
        self._changed = changed
        self.asked = ""
        """Who is asked, from the first moment on."""
        self._timer: asyncio.TimerHandle | None = None
        self._long = False

    @property
    def words(self) -> str:
        """Who keeps one waiting; empty when nobody does, or not for long yet."""
        return self.asked if self._long else ""

    def begins(self, method: str = "") -> None:
        """A search begins for which somebody waits, by asking this provider."""
        self.asks(method)
        self._timer = asyncio.get_running_loop().call_later(_SOON, self._took_long)

    def asks(self, method: str) -> None:
        """A provider is asked from now on."""
        self._says(asked(method))

    def runs(self, program: str) -> None:
        """A credential program was started."""
        self._says(f"{asked('custom-process')} ({program})")

    def ends(self) -> None:
        """Nobody waits any more."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._says("")
        self._long = False

    def _says(self, words: str) -> None:
        before, self.asked = self.words, words
        if self.words != before:
            self._changed()

    def _took_long(self) -> None:
        self._long = True
        if self.asked:
            self._changed()
