"""Projects beside repositories: loading both sides of every region, and the last build of each project."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Collection, Mapping, Sequence

from ecrtui.domain.build import Build
from ecrtui.domain.errors import AppError
from ecrtui.domain.project import Project
from ecrtui.services.builds import project_of
from ecrtui.services.ports import Account, Builds, Clock
from ecrtui.services.state import Failed, Loadable, Loading, Partial, Ready

_PAGES = 20
"""Pages (of 100 ids) of a region's newest builds that are looked through before projects are asked singly."""
_AT_ONCE = 4


async def load_projects(
    account: Account, region: str, *, clock: Clock = time.time
) -> AsyncIterator[Loadable[tuple[Project, ...]]]:
    """All projects of a region: Loading after each page, then Ready, Partial or Failed."""
    found: dict[str, Project] = {}
    pages = 0
    yield Loading((), 0, 0)
    try:
        async for page in account.builds(region).projects():
            pages += 1
            found.update((project.name, project) for project in page)
            yield Loading(tuple(found.values()), pages, len(found))
    except AppError as error:
        if found:
            yield Partial(tuple(found.values()), error, clock())
        else:
            yield Failed(error, clock())
        return
    yield Ready(tuple(found.values()), clock())


async def load_last_builds(
    account: Account, region: str, projects: Collection[str], *, clock: Clock = time.time
) -> Loadable[Mapping[str, Build]]:
    """The newest build of each project, by name. Where all is known (Ready), what is missing was never built.

    Never raises AppError: an error gives Partial, or Failed when nothing came.
    """
    gateway = account.builds(region)
    wanted = set(projects)
    ids: dict[str, str] = {}
    errors: list[AppError] = []
    complete = await _newest_of_region(gateway, wanted, ids, errors) if wanted else True
    if not complete:
        await _newest_of_each(gateway, sorted(wanted - ids.keys()), ids, errors)
    try:
        builds = await gateway.builds(list(ids.values())) if ids else ()
    except AppError as error:
        return Failed(error, clock())
    found = {build.project: build for build in builds}
    if not errors:
        return Ready(found, clock())
    return Partial(found, errors[0], clock()) if found else Failed(errors[0], clock())


async def _newest_of_region(
    gateway: Builds, wanted: Collection[str], ids: dict[str, str], errors: list[AppError]
) -> bool:
    """Newest builds first, until every project is seen; True when none can be left unseen."""
    pages = 0
    try:
        async for page in gateway.build_ids():
            for build_id in page:
                if project_of(build_id) in wanted:
                    ids.setdefault(project_of(build_id), build_id)
            pages += 1
            if len(ids) == len(wanted):
                return True
            if pages >= _PAGES:
                return False
    except AppError as error:
        errors.append(error)
        return True
    return True


async def _newest_of_each(
    gateway: Builds, names: Sequence[str], ids: dict[str, str], errors: list[AppError]
) -> None:
    """The newest build of each of these projects, asked one by one."""
    slots = asyncio.Semaphore(_AT_ONCE)

    async def ask(name: str) -> None:
        try:
            async with slots:
                async for page in gateway.build_ids(name):
                    if page:
                        ids[name] = page[0]
                    return
        except AppError as error:
            errors.append(error)

    await asyncio.gather(*(ask(name) for name in names))
