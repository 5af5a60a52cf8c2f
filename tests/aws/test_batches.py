"""Many calls by few: in order, a bounded number alive, and none left behind by a failure."""

from __future__ import annotations

import asyncio

import pytest

from ecrtui.aws.batches import gathered


async def test_thousands_of_calls_never_begin_at_once() -> None:
    alive = busiest = 0

    async def call(number: int) -> int:
        nonlocal alive, busiest
        alive += 1
        busiest = max(busiest, alive)
        await asyncio.sleep(0)
        alive -= 1
        return number

    assert await gathered(call(number) for number in range(10_000)) == list(range(10_000))
    assert busiest <= 32


async def test_the_first_failure_ends_all() -> None:
    began: list[int] = []
    cancelled = asyncio.Event()

    async def call(number: int) -> None:
        began.append(number)
        if number == 1:
            raise ValueError("the second")
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            cancelled.set()
            raise

    with pytest.raises(ValueError, match="the second"):
        await gathered([call(number) for number in range(1_000)])
    assert cancelled.is_set()
    assert len(began) <= 32, "those that waited are closed, and were never begun"
