"""Asking for many by few."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterable, Iterator, Sequence
from typing import Any, TypeVar

T = TypeVar("T")


def batches(items: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    """The items in order, `size` at a time."""
    return (items[start : start + size] for start in range(0, len(items), size))


_ALIVE = 32
"""Calls that are under way or wait for a slot: thousands that began in one turn of the loop would hold it up."""


async def gathered(calls: Iterable[Coroutine[Any, Any, T]]) -> list[T]:
    """The answers in order, a bounded number at a time; the first failure cancels the other calls, and is raised."""
    answers: dict[int, T] = {}
    waiting = enumerate(calls)

    async def work() -> None:
        for number, call in waiting:
            answers[number] = await call

    workers = [asyncio.ensure_future(work()) for _ in range(_ALIVE)]
    try:
        await asyncio.gather(*workers)
    finally:
        for worker in workers:
            worker.cancel()
        await asyncio.gather(*workers, return_exceptions=True)
        for _, call in waiting:
            call.close()
    return [answers[number] for number in sorted(answers)]
