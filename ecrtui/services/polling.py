"""How often to ask: back-off while AWS refuses, looks for what is not visible yet, pauses cut short."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Sequence
from typing import Any, Final, TypeVar

from ecrtui.services.ports import Sleep

T = TypeVar("T")

VISIBLE_AFTER = (0.5, 1.0, 1.5, 2.0, 2.0, 3.0)
"""Seconds between the looks for something that was just made: ECR and CodeBuild answer late at times."""
ACCEPTED = (*VISIBLE_AFTER, *[5.0] * 10)
"""The same for a minute: of a repository that AWS said that it made."""
SLOWEST = 60.0
"""The longest pause of a back-off, in seconds."""


class Backoff:
    """The seconds until the next poll after errors: doubled by each up to a minute, reset by a success."""

    def __init__(self, interval: float) -> None:
        self._interval = interval
        self._failures = 0

    def failed(self) -> float:
        """The pause after one more poll that failed."""
        self._failures = min(self._failures + 1, 10)
        return float(min(max(SLOWEST, self._interval), self._interval * 2**self._failures))

    def succeeded(self) -> None:
        """The service answers again."""
        self._failures = 0


async def visible(
    look: Callable[[], Awaitable[T | None]], sleep: Sleep, pauses: Sequence[float] = VISIBLE_AFTER
) -> T | None:
    """The first thing that `look` finds, within about ten seconds unless `pauses` are others; None when nothing."""
    for seconds in pauses:
        if (found := await look()) is not None:
            return found
        await sleep(seconds)
    return await look()


async def pause(seconds: float, sleep: Sleep, cut_short: asyncio.Event) -> None:
    """Wait, or less when `cut_short` is set, which is cleared."""
    waits = [asyncio.ensure_future(sleep(seconds)), asyncio.ensure_future(cut_short.wait())]
    try:
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
    finally:
        await _end(waits)
        cut_short.clear()


_DONE: Final = object()


async def merged(*sources: AsyncIterator[T]) -> AsyncGenerator[T, None]:
    """The items of all sources as they come, each source in its own task.

    An exception of one source ends all and is raised. Close it (`aclosing`): that ends the tasks.
    """
    queue: asyncio.Queue[Any] = asyncio.Queue()
    tasks = [asyncio.create_task(_pump(source, queue)) for source in sources]
    try:
        ended = 0
        while ended < len(tasks):
            item = await queue.get()
            if item is not _DONE:
                yield item
                continue
            ended += 1
            for task in tasks:
                if task.done():
                    task.result()
    finally:
        await _end(tasks)


async def _pump(source: AsyncIterator[T], queue: asyncio.Queue[Any]) -> None:
    try:
        async for item in source:
            queue.put_nowait(item)
    finally:
        queue.put_nowait(_DONE)


async def _end(tasks: Sequence[asyncio.Future[Any]]) -> None:
    """Cancel what still runs and wait for it; nobody waits for these results any more."""
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
