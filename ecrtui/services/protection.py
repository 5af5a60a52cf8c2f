"""Protecting the tags and images of repositories: tag mutability and scan on push, advised and applied."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ecrtui.domain.buildspec import BuildspecKind
from ecrtui.domain.change import ApiCall, Change
from ecrtui.domain.errors import AppError, ErrorKind
from ecrtui.domain.image import ImageListing
from ecrtui.domain.project import Project
from ecrtui.domain.pushtargets import push_evidence
from ecrtui.domain.registry import RegistrySettings
from ecrtui.domain.repository import Repository
from ecrtui.domain.scan_coverage import ScanCoverage, scan_coverage
from ecrtui.domain.tagging import (
    MutabilityAdvice,
    TagStrategy,
    fixed_pushes,
    mutability_advice,
    mutability_words,
    strategy_of,
    unblocking_advice,
)
from ecrtui.domain.usage import UseIndex
from ecrtui.services.browse import load_images
from ecrtui.services.changes import Absent, Already, Differs, Go, Precondition, Stale, Step, Verification, Verified
from ecrtui.services.polling import visible
from ecrtui.services.ports import Account, Clock, Receipt, Sleep
from ecrtui.services.state import Ready, error_of

_AT_ONCE = 4


@dataclass(frozen=True, slots=True)
class Protection:
    """What should be changed about one repository, and why; nothing where all is well."""

    region: str
    name: str
    strategy: TagStrategy | None = None
    """How its images are named; None where that could not be read."""
    advice: MutabilityAdvice | None = None
    """None where tags need no other protection."""
    coverage: ScanCoverage | None = None
    steps: tuple[Step, ...] = ()
    error: AppError | None = None
    """Why nothing is advised."""
    unseen: str = ""
    """Why it is not known which tags the project pushes; empty when it is, or there is no project."""


async def plan_protection(
    account: Account,
    places: Sequence[tuple[str, str]],
    index: UseIndex,
    *,
    clock: Clock = time.time,
    sleep: Sleep = asyncio.sleep,
) -> tuple[Protection, ...]:
    """What should be changed about these repositories (region and name), in their order. Never raises AppError."""
    regions = tuple(dict.fromkeys(region for region, _ in places))
    settings = dict(zip(regions, await asyncio.gather(*(_settings(account, one) for one in regions)), strict=True))
    slots = asyncio.Semaphore(_AT_ONCE)

    async def one(region: str, name: str) -> Protection:
        async with slots:
            try:
                return await _protection(account, region, name, index, settings[region], clock, sleep)
            except AppError as error:
                return Protection(region, name, error=error)

    return tuple(await asyncio.gather(*(one(*place) for place in places)))


async def _settings(account: Account, region: str) -> RegistrySettings | None:
    try:
        return await account.registry(region).settings()
    except AppError:
        return None  # how it is scanned is unknown then, and nothing is advised


async def _protection(
    account: Account,
    region: str,
    name: str,
    index: UseIndex,
    settings: RegistrySettings | None,
    clock: Clock,
    sleep: Sleep,
) -> Protection:
    repository, listing, (project, unseen) = await asyncio.gather(
        account.registry(region).repository(name),
        _images(account, region, name, clock),
        _project(account, region, name),
    )
    evidence = None if project is None else push_evidence(project, repository.registry_id)
    moved = [] if evidence is None else [push.tag for push in fixed_pushes(repository, evidence.pushes)]
    if evidence is not None and evidence.buildspec.kind is not BuildspecKind.INLINE:
        unseen = "its buildspec is not inline"
    images = await asyncio.to_thread(lambda: [listing.row(row) for row in range(len(listing))])
    strategy = await asyncio.to_thread(strategy_of, images)
    used = index.of(repository)
    advice = await asyncio.to_thread(mutability_advice, repository, images, moved=moved, used=used)
    advice = advice or unblocking_advice(repository, moved)
    coverage = scan_coverage(repository, settings)
    steps = []
    if advice is not None:
        steps.append(mutability_step(account, repository, advice.mutability, advice.exclusions, sleep=sleep))
    if coverage.repository_can and not coverage.mode.automatic:
        steps.append(scan_step(account, repository, sleep=sleep))
    return Protection(region, name, strategy, advice, coverage, tuple(steps), None, unseen)


async def _images(account: Account, region: str, name: str, clock: Clock) -> ImageListing:
    """All images, or AppError: advice on a part of them could fix a tag that has to move."""
    error: AppError | None = None
    async for slice_ in load_images(account, region, name, clock=clock):
        error = error_of(slice_)
        if isinstance(slice_, Ready):
            return slice_.value
    raise error or AppError(ErrorKind.MALFORMED, f"list the images of {name}", region, "the list does not end")


async def _project(account: Account, region: str, name: str) -> tuple[Project | None, str]:
    """The project of the same name, or why it cannot be seen; neither where there is none."""
    try:
        return await account.builds(region).project(name), ""
    except AppError as error:
        if error.kind is ErrorKind.NOT_FOUND:
            return None, ""
        return None, f"{error.action} is not allowed" if error.action else error.why or str(error)


# Changes


def mutability_step(
    account: Account,
    repository: Repository,
    mutability: str,
    exclusions: Sequence[str] = (),
    *,
    sleep: Sleep = asyncio.sleep,
) -> Step:
    """Set the tag mutability of a repository that still is as it was looked at."""
    wanted = (str(mutability), frozenset(exclusions))
    parameters: dict[str, object] = {"repositoryName": repository.name, "imageTagMutability": str(mutability)}
    if exclusions:
        filters = [{"filterType": "WILDCARD", "filter": text} for text in exclusions]
        parameters["imageTagMutabilityExclusionFilters"] = filters
    change = Change(
        f"make the tags of {repository.name} {mutability_words(mutability, exclusions)}",
        repository.region,
        repository.name,
        ApiCall("ecr", "PutImageTagMutability", parameters),
        before=mutability_words(repository.mutability, repository.exclusions),
    )

    def setting(found: Repository) -> object:
        return found.mutability, frozenset(found.exclusions)

    def words(found: Repository) -> str:
        return f"its tags are {mutability_words(found.mutability, found.exclusions)}"

    return _step(account, repository, change, wanted, setting, words, sleep)


def scan_step(account: Account, repository: Repository, *, on: bool = True, sleep: Sleep = asyncio.sleep) -> Step:
    """Switch scan on push of a repository that still is as it was looked at (basic scanning)."""
    change = Change(
        f"scan images of {repository.name} {'on push' if on else 'by hand only'}",
        repository.region,
        repository.name,
        ApiCall(
            "ecr",
            "PutImageScanningConfiguration",
            {"repositoryName": repository.name, "imageScanningConfiguration": {"scanOnPush": on}},
        ),
        before=f"scan on push: {repository.scan_on_push}",
    )

    def setting(found: Repository) -> object:
        return bool(found.scan_on_push)

    def words(found: Repository) -> str:
        return "it scans on push" if found.scan_on_push else "it does not scan on push"

    return _step(account, repository, change, on, setting, words, sleep)


def _step(
    account: Account,
    planned: Repository,
    change: Change,
    wanted: object,
    setting: Callable[[Repository], object],
    words: Callable[[Repository], str],
    sleep: Sleep,
) -> Step:
    """A step that puts one setting; `words` say how it stands."""

    async def now() -> Repository:
        return await account.registry(planned.region).repository(planned.name)

    async def check() -> Precondition:
        found = await now()
        if setting(found) == wanted:
            return Already(words(found))
        if setting(found) != setting(planned):
            return Stale(f"somebody changed it meanwhile: {words(found)}", "Look at it, and plan it again.")
        return Go()

    async def verify(_receipt: Receipt | None) -> Verification:
        async def as_wanted() -> Verified | None:
            found = await now()
            return Verified(words(found)) if setting(found) == wanted else None

        if seen := await visible(as_wanted, sleep):
            return seen
        found = await now()
        unchanged = setting(found) == setting(planned)
        return Absent(f"{words(found)} still") if unchanged else Differs(words(found))

    return Step(change, check, verify)
