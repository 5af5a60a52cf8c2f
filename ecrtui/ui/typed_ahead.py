"""Keys one after the other: each goes where those before it have led.

Textual hands keys on as they come, while what they cause takes its way through the widgets: typed in one burst,
the letters behind `/` would be commands of the list instead of text of the filter.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable, Iterator
from typing import TYPE_CHECKING, Any

from textual.events import Event, Key, Paste
from textual.message_pump import MessagePump

if TYPE_CHECKING:
    from textual.app import App

_QUIET_TURNS = 4
"""Turns of the loop without a message on its way after which a key has had all its effect."""
_PATIENCE = (60, 0.25)
"""Turns and seconds after which the next key is let through in any case: something else keeps the widgets busy."""
_HASTE = (12, 0.05)
"""The same after keys that lead nowhere else: the cursor's, and letters in a line."""
_CURSOR = frozenset({"up", "down", "left", "right", "pageup", "pagedown", "home", "end"})


class TypedAhead:
    """Holds keys and pastes back until the one before has had its effect, then gives them to `handle`."""

    def __init__(self, app: App[Any], handle: Callable[[Event], Awaitable[None]]) -> None:
        self._app = app
        self._handle = handle
        self._waiting: deque[Event] = deque()
        self._working = False

    @staticmethod
    def concerns(event: Event) -> bool:
        """Whether this comes from the keyboard, and from outside."""
        return isinstance(event, Key | Paste) and not event.is_forwarded

    def take(self, event: Event) -> None:
        """Handle `event` when its turn has come."""
        self._waiting.append(event)
        if not self._working:
            self._working = True
            self._app.run_worker(self._work(), group="keys")

    async def _work(self) -> None:
        try:
            while self._waiting:
                event = self._waiting.popleft()
                limits = _HASTE if self._stays(event) else _PATIENCE
                await self._handle(event)
                await self._settled(*limits)
        finally:
            self._working = False

    def _stays(self, event: Event) -> bool:
        """Whether the next key surely goes where this one goes."""
        from textual.widgets import Input  # not for the first frame

        if not isinstance(event, Key):
            return False
        return event.key in _CURSOR or (event.is_printable and isinstance(self._app.focused, Input))

    async def _settled(self, fewest: int, longest: float) -> None:
        quiet = turns = 0
        began = time.monotonic()
        while quiet < _QUIET_TURNS and (turns < fewest or time.monotonic() - began < longest):
            await asyncio.sleep(0)
            quiet = 0 if any(pump.message_queue_size for pump in self._pumps()) else quiet + 1
            turns += 1

    def _pumps(self) -> Iterator[MessagePump]:
        yield self._app
        if self._app.screen_stack:
            yield from self._app.screen.walk_children(with_self=True)
