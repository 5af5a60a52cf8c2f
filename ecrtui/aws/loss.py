"""That credentials are lost: told once, and what may bring them back is watched until they are found again."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from ecrtui.aws import codes
from ecrtui.aws.lookout import Lookout
from ecrtui.domain.errors import AppError

_WATCH = 1.0
"""Seconds between two looks at what may bring them back."""

_NONE = -1


class Loss:
    """What is wrong with the credentials of an account, if anything is."""

    def __init__(self, look_anew: Callable[[], Awaitable[object]]) -> None:
        """`look_anew` looks for credentials whatever failed before."""
        self.problem: AppError | None = None
        """Why requests cannot be signed now, or are refused; None while all is well."""
        self.passes = False
        """Whether the last search failed for what may pass by itself: the network, mostly."""
        self.lookout = Lookout()
        self._look_anew = look_anew
        self._version = _NONE
        self._listeners: list[Callable[[], None]] = []
        self._watch: asyncio.Task[None] | None = None

    def on_change(self, listener: Callable[[], None]) -> None:
        """Have `listener` called whenever they are lost, and when they are back."""
        self._listeners.append(listener)

    def tell(self) -> None:
        """Call all who listen."""
        for listener in self._listeners:
            listener()

    def none_found(self, error: AppError, *, passes: bool) -> None:
        """None can be had."""
        self.passes = passes
        if self.problem is None or self.problem.why != error.why:
            self._lose(error, _NONE)

    def refused(self, error: AppError, version: int, *, for_good: bool) -> None:
        """AWS refuses those of `version`; `for_good`: there are no others to look for."""
        if self.problem is None:
            self._lose(error, version, watched=not for_good)

    def found(self, version: int) -> None:
        """Credentials were found; that is all, where they are the ones that were refused."""
        self.passes = False
        if self._version != version:
            self.over()

    def accepted(self) -> None:
        """Some were accepted."""
        if self._version != _NONE:
            self.over()

    def over(self) -> None:
        """All is well as far as is known."""
        if self.problem is not None:
            self.problem, self._version = None, _NONE
            self.tell()

    async def close(self) -> None:
        """Watch no longer."""
        if self._watch is not None:
            self._watch.cancel()
            await asyncio.gather(self._watch, return_exceptions=True)

    def _lose(self, error: AppError, version: int, *, watched: bool = True) -> None:
        self.problem, self._version = error, version
        if watched and (self._watch is None or self._watch.done()):
            self._watch = asyncio.ensure_future(self._watching())
        self.tell()

    async def _watching(self) -> None:
        while self.problem is not None:
            await asyncio.sleep(_WATCH)
            if self.problem is None or not (self.passes or await self.lookout.changed()):
                continue
            if self.lookout.clock_was_set and codes.rule(self.problem.code, 0, "").signature:
                await self.lookout.mark()
                self.over()  # the next request tells
            else:
                await self._look_anew()
