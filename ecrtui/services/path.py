"""The path of one name: everything that it is drawn from, asked side by side with a bounded number of calls.

Each part is loaded for itself: one that is refused costs that part, and is named. What AWS says is judged in
`domain/path`, here it is only gathered.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Sequence
from contextlib import suppress

from ecrtui.domain.names import can_name_project, can_name_repository
from ecrtui.services.path_gathering import Gathering, PathCache, last
from ecrtui.services.path_parts import PathParts
from ecrtui.services.ports import Account, Clock
from ecrtui.services.state import Loadable, Loading, Ready, value_of


async def regions_of(account: Account, name: str, regions: Sequence[str]) -> tuple[str, ...]:
    """The regions that have a project or a repository of this name, as far as they can be asked; never raises."""

    async def has(region: str) -> bool:
        looks: list[Awaitable[object]] = []
        if can_name_project(name):
            looks.append(account.builds(region).project(name))
        if can_name_repository(name):
            looks.append(account.registry(region).repository(name))
        found = await asyncio.gather(*looks, return_exceptions=True)
        return any(not isinstance(one, BaseException) for one in found)

    known = await asyncio.gather(*map(has, regions))
    return tuple(region for region, there in zip(regions, known, strict=True) if there)


async def load_path(
    account: Account,
    region: str,
    name: str,
    regions: Sequence[str],
    *,
    cache: PathCache | None = None,
    clock: Clock = time.time,
) -> AsyncIterator[Loadable[PathParts]]:
    """The path of a name: Loading with what is known after each part, then Ready. Never raises AppError.

    `regions` are those in which something may run its images. Calls: one each for project, repository, policy,
    permissions, one a page of images, two for builds, those of `usage` for each region, and a few logs.
    """
    gathering = Gathering(account, PathParts(name, region), regions, cache or PathCache(account), clock)
    task = asyncio.create_task(gathering.run())
    try:
        while not task.done():
            yield Loading(gathering.parts)
            news = asyncio.create_task(gathering.news.wait())
            await asyncio.wait((task, news), return_when=asyncio.FIRST_COMPLETED)
            news.cancel()
            gathering.news.clear()
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
    yield Ready(gathering.parts, clock())


async def loaded_path(
    account: Account, region: str, name: str, regions: Sequence[str], *, clock: Clock = time.time
) -> PathParts:
    """The whole path, when it is complete."""
    parts = value_of(await last(load_path(account, region, name, regions, clock=clock)))
    assert parts is not None
    return parts


async def loaded_for_snippets(account: Account, region: str, name: str, *, clock: Clock = time.time) -> PathParts:
    """The parts of a path that snippets are made of: the sides, the images, and what runs in the region."""
    gathering = Gathering(account, PathParts(name, region), (), PathCache(account), clock)
    await gathering.run_for_snippets()
    return gathering.parts
