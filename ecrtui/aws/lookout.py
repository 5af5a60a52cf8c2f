"""What may bring lost credentials back: a file that a login writes, and the clock of the machine."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

from ecrtui.aws import logins

_STEP = 2.0
"""Seconds by which the clock has been set, or the machine has slept."""


class Lookout:
    """Compares what is now with what was when it was marked."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._files: logins.Stamp = ()
        self._offset = self._ahead

    async def mark(self) -> None:
        """What is now is known from here on."""
        self._files = await asyncio.to_thread(logins.stamp)
        self._offset = self._ahead

    async def changed(self) -> bool:
        """Whether a file has changed that a login writes, or the clock was set."""
        return self.clock_was_set or await asyncio.to_thread(logins.stamp) != self._files

    @property
    def clock_was_set(self) -> bool:
        """Whether the clock of the machine was set; also after it has slept."""
        return abs(self._ahead - self._offset) > _STEP

    @property
    def _ahead(self) -> float:
        return self._clock() - time.monotonic()
