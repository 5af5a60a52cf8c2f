"""Keys one after the other: each goes where those before it have led.

Textual hands keys on as they come, while what they cause takes its way through the widgets: typed in one burst,
the letters behind `/` would be commands of the list instead of text of the filter.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Iterator
from typing import TYPE_CHECKING, Any

from textual.events import Event, Key, Paste
from textual.message_pump import MessagePump

if TYPE_CHECKING:
    from textual.app import App

_QUIET_TURNS = 4
"""Turns of the loop without a message on its way after which a key has had all its effect."""
_MOST_TURNS = 200
"""Turns after which the next key is let through in any case: something else keeps the widgets busy."""


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
                await self._handle(self._waiting.popleft())
                await self._settled()
        finally:
            self._working = False

    async def _settled(self) -> None:
        quiet = 0
        for _ in range(_MOST_TURNS):
            await asyncio.sleep(0)
            quiet = 0 if any(pump.message_queue_size for pump in self._pumps()) else quiet + 1
            if quiet == _QUIET_TURNS:
                return

    def _pumps(self) -> Iterator[MessagePump]:
        yield self._app
        if self._app.screen_stack:
            yield from self._app.screen.walk_children(with_self=True)
