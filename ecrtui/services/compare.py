"""Projects beside repositories: loading both sides of every region, and the last build of each project."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import TypeVar

from ecrtui.domain.build import Build
from ecrtui.domain.errors import AppError
from ecrtui.domain.pairing import LastImage, Pairing, RegionFacts, Side, pair
from ecrtui.domain.project import Project
from ecrtui.domain.registry import PARTS, RegistrySettings
from ecrtui.domain.repository import RepositoryListing
from ecrtui.services.browse import Summary, load_repositories, load_summaries
from ecrtui.services.builds import project_of
from ecrtui.services.ports import Account, Builds, Clock
from ecrtui.services.state import Failed, Loadable, Loading, Partial, Ready, error_of, value_of

T = TypeVar("T")

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


async def _newest_of_each(gateway: Builds, names: Sequence[str], ids: dict[str, str], errors: list[AppError]) -> None:
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


@dataclass(frozen=True, slots=True)
class ComparisonRow:
    """One pairing, with what is known of its last build and its repository's contents."""

    pairing: Pairing
    last_build: Build | None
    """None when there is none, or none is known: the region is in `Comparison.errors` then."""
    summary: Summary | None


@dataclass(frozen=True, slots=True)
class Comparison:
    """All pairings of some regions, and the first error of each region that could not be read whole."""

    rows: tuple[ComparisonRow, ...]
    errors: Mapping[str, AppError]


def facts_of(
    region: str,
    account_id: str,
    projects: Loadable[tuple[Project, ...]],
    repositories: Loadable[RepositoryListing],
    summaries: Mapping[str, Summary],
    registry: RegistrySettings | None = None,
) -> RegionFacts:
    """What is known of one region, as the pairing takes it; what is still loading counts as incomplete."""
    listing = value_of(repositories)
    rows = [] if listing is None else [listing.row(index) for index in range(len(listing))]
    known_projects = value_of(projects) or ()
    return RegionFacts(
        region,
        account_id,
        Side(known_projects, isinstance(projects, Ready), error_of(projects)),
        Side(rows, isinstance(repositories, Ready), error_of(repositories)),
        {name: _last_image(summary) for name, summary in summaries.items() if summary.known},
        registry,
    )


def _last_image(summary: Summary) -> LastImage | None:
    """None where the repository is empty."""
    if not summary.images:
        return None
    return LastImage(summary.last_digest, summary.last_tag or None, summary.last_push)


async def compare(
    account: Account,
    regions: Sequence[str],
    *,
    clock: Clock = time.time,
    progress: Callable[[str], None] | None = None,
) -> Comparison:
    """Load both sides of every region, and pair them. Never raises AppError: `errors` has them by region."""
    tell = progress or (lambda _text: None)
    account_id = await _account_id(account)
    sides = await asyncio.gather(*(_sides(account, region, clock, tell) for region in regions))
    facts = [
        facts_of(side.region, account_id, side.projects, side.repositories, side.summaries, side.registry)
        for side in sides
    ]
    by_region = {side.region: side for side in sides}
    rows = tuple(_row(pairing, by_region[pairing.region]) for pairing in pair(facts))
    return Comparison(rows, {side.region: side.errors[0] for side in sides if side.errors})


@dataclass(frozen=True, slots=True)
class _Sides:
    """Everything that was loaded of one region."""

    region: str
    projects: Loadable[tuple[Project, ...]]
    repositories: Loadable[RepositoryListing]
    summaries: Mapping[str, Summary]
    builds: Loadable[Mapping[str, Build]]
    registry: RegistrySettings | None
    """None where the region has neither projects nor repositories."""

    @property
    def errors(self) -> tuple[AppError, ...]:
        """What went wrong with the region; what went wrong with one repository is in its summary."""
        found = (error_of(self.projects), error_of(self.repositories), error_of(self.builds))
        return tuple(error for error in found if error)


async def _sides(account: Account, region: str, clock: Clock, tell: Callable[[str], None]) -> _Sides:
    tell(f"{region}: projects and repositories")
    projects, repositories = await asyncio.gather(
        _last(load_projects(account, region, clock=clock)), _last(load_repositories(account, region, clock=clock))
    )
    names = [project.name for project in value_of(projects) or ()]
    listing = value_of(repositories)
    tell(f"{region}: last builds and images")
    held = [] if listing is None else listing.names
    builds, summaries, registry = await asyncio.gather(
        load_last_builds(account, region, names, clock=clock),
        _all_summaries(account, region, held, clock, tell),
        load_registry(account, region) if names or held else _nothing(),
    )
    return _Sides(region, projects, repositories, summaries, builds, registry)


async def load_registry(account: Account, region: str) -> RegistrySettings:
    """The registry's own settings; never raises AppError: what could not be read is named in them."""
    try:
        return await account.registry(region).settings()
    except AppError as error:
        return RegistrySettings(region, unread=dict.fromkeys(PARTS, str(error)))


async def _nothing() -> None:
    """What is not needed."""


async def _all_summaries(
    account: Account, region: str, names: Sequence[str], clock: Clock, tell: Callable[[str], None]
) -> Mapping[str, Summary]:
    found: dict[str, Summary] = {}
    async with aclosing(load_summaries(account, region, names, clock=clock)) as summaries:
        async for name, summary in summaries:
            found[name] = summary
            tell(f"{region}: images of {len(found)} of {len(names)} repositories")
    return found


async def _last(states: AsyncIterator[Loadable[T]]) -> Loadable[T]:
    """The end of a load."""
    return [state async for state in states][-1]


async def _account_id(account: Account) -> str:
    """The account's id; empty where it cannot be asked."""
    try:
        return (await account.identity()).account
    except AppError:
        return ""


def _row(pairing: Pairing, sides: _Sides) -> ComparisonRow:
    builds = value_of(sides.builds) or {}
    last_build = builds.get(pairing.name) if pairing.project else None
    summary = sides.summaries.get(pairing.name) if pairing.repository else None
    return ComparisonRow(pairing, last_build, summary)
