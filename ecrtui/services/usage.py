"""What runs a repository's images over every region in scope, whether it drifted, and where each image comes from."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import isnan

from ecrtui.domain.build import Build
from ecrtui.domain.drift import Drifts
from ecrtui.domain.errors import AppError
from ecrtui.domain.image import Image, ImageKind, ImageListing, classify
from ecrtui.domain.origin import Certainty, Origin, candidates, origin_of, pushed_digests
from ecrtui.domain.repository import Repository
from ecrtui.domain.usage import Children, ListedUses, RepositoryUses, UseIndex
from ecrtui.services.browse import IndexChildren, load_children, load_images, load_usage
from ecrtui.services.ports import Account, Clock
from ecrtui.services.state import Failed, Loadable, Loading, Partial, value_of

_MOST_INDEXES = 100
"""Indexes whose manifests are read for one repository: those that uses name, or that may hold what runs."""
_SAME_PUSH = 1_800.0
"""Seconds between the push of a platform's image and that of the index which holds it."""
_MOST_LOG_PAGES = 200
BUILDS_LOOKED_AT = 100
"""Builds of a project among which the one that made an image is looked for: two calls."""


async def load_uses(account: Account, regions: Collection[str], *, clock: Clock = time.time) -> UseIndex:
    """What runs images in these regions. Never raises AppError: what could not be checked is named."""
    loaded = await asyncio.gather(*(load_usage(account, region, clock=clock) for region in dict.fromkeys(regions)))
    return UseIndex([usage for slice_ in loaded if (usage := value_of(slice_)) is not None])


@dataclass(frozen=True, slots=True)
class RepositoryUsage:
    """What runs the images of one repository."""

    repository: Repository
    listing: ImageListing
    drifts: Drifts
    unchecked: tuple[str, ...]
    """What could not be checked, as sentences: any image may be in use while there is one."""
    error: AppError | None = None
    """Why not all images are listed, or not all indexes read."""

    @property
    def listed(self) -> ListedUses:
        """The uses by row."""
        return self.drifts.listed


async def load_repository_usage(
    account: Account,
    region: str,
    name: str,
    index: UseIndex,
    *,
    also: Callable[[ImageListing], Iterable[int]] = lambda listing: (),
    cache: IndexChildren | None = None,
    clock: Clock = time.time,
) -> RepositoryUsage:
    """Join the uses with a repository's images, reading the manifests of the indexes that matter to it.

    These are: indexes that run, that a used tag names, that were pushed together with an untagged image which
    runs, and those of the rows that `also` names.
    Raises AppError when there is no such repository, or none of its images can be listed.
    """
    repository, images = await asyncio.gather(
        account.registry(region).repository(name), _images(account, region, name, clock)
    )
    listing, incomplete = images
    uses = index.of(repository)
    listed = ListedUses(RepositoryUses(repository, uses), listing)
    wanted = await asyncio.to_thread(_indexes_in_question, listed, also)
    children: Children = {}
    unread: AppError | None = None
    try:
        found = await load_children(account, region, name, wanted, cache=cache) if wanted else {}
        children = {digest: tuple(child.digest for child in kids) for digest, kids in found.items()}
    except AppError as refused:
        unread = refused
    listed = ListedUses(RepositoryUses(repository, uses, children), listing)
    drifts = Drifts(listed, complete=incomplete is None)
    return RepositoryUsage(repository, listing, drifts, index.unchecked, incomplete or unread)


async def _images(account: Account, region: str, name: str, clock: Clock) -> tuple[ImageListing, AppError | None]:
    end: Loadable[ImageListing] = Loading()
    async for slice_ in load_images(account, region, name, clock=clock):
        end = slice_
    if isinstance(end, Failed):
        raise end.error
    listing = value_of(end) or ImageListing(region, name)
    return listing, end.error if isinstance(end, Partial) else None


def _indexes_in_question(listed: ListedUses, also: Callable[[ImageListing], Iterable[int]]) -> tuple[str, ...]:
    """The indexes whose platforms decide what runs: at most a hundred, those that matter most first."""
    listing = listed.listing
    found = (*_indexes(listing, also(listing)), *named_indexes(listed), *possible_parents(listed))
    return tuple(dict.fromkeys(found))[:_MOST_INDEXES]


def named_indexes(listed: ListedUses) -> tuple[str, ...]:
    """The indexes that run, or that used tags name: being in use they are pulled anyway, so reading alters nothing."""
    return _indexes(listed.listing, (*listed.named_rows, *_running(listed)))


def possible_parents(listed: ListedUses) -> tuple[str, ...]:
    """The indexes that were pushed together with an untagged image which runs: it may be their platform."""
    listing = listed.listing
    children = [row for row in _running(listed) if not listing.tags[row] and not _is_index(listing, row)]
    pushed = [at for row in children if not isnan(at := listing.pushed[row])]
    if not pushed:
        return ()
    rows = (row for row in range(len(listing)) if _is_index(listing, row))
    return _indexes(listing, [row for row in rows if any(abs(listing.pushed[row] - at) <= _SAME_PUSH for at in pushed)])


def _running(listed: ListedUses) -> list[int]:
    return [row for digest in listed.uses.by_digest if (row := listed.listing.find(digest)) is not None]


def _indexes(listing: ImageListing, rows: Iterable[int]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(listing.digest(row) for row in rows if _is_index(listing, row)))


def _is_index(listing: ImageListing, row: int) -> bool:
    return classify(listing.media_types[row], "", ()) is ImageKind.INDEX


# Where images come from


async def read_pushes(account: Account, build: Build, repository: str = "") -> frozenset[str] | None:
    """The digests that a build pushed, by its log; None when the log cannot be read (or is nowhere)."""
    if not (build.cloudwatch_logs and build.log_group and build.log_stream):
        return None
    logs, token, lines = account.logs(build.region), None, list[str]()
    try:
        for _ in range(_MOST_LOG_PAGES):
            page = await logs.events(build.log_group, build.log_stream, token)
            lines += [line for _, message in page.events for line in message.splitlines()]
            if page.token == token:
                break
            token = page.token
    except AppError:
        return None
    return await asyncio.to_thread(pushed_digests, lines, repository)


class PushesRead:
    """What the logs of builds that have ended tell, remembered by build id: such a log never changes."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self._known: dict[str, frozenset[str]] = {}
        self._unread: set[str] = set()
        """Builds whose logs could not be read."""

    @property
    def known(self) -> Mapping[str, frozenset[str]]:
        """The digests that builds pushed, by build id."""
        return self._known

    async def read(self, builds: Iterable[Build]) -> None:
        """Read the logs of these builds, unless that was done (or tried) before, or more may come."""
        for build in builds:
            if build.id in self._known or build.id in self._unread or not build.complete:
                continue
            digests = await read_pushes(self._account, build)
            if digests is None:
                self._unread.add(build.id)
            else:
                self._known[build.id] = digests


async def prove_origin(pushes: PushesRead, image: Image, builds: Sequence[Build]) -> Origin | None:
    """Where an image comes from, after the logs of the likeliest builds were read for its digest."""
    for build in candidates(image, builds):
        await pushes.read([build])
        found = origin_of(image, builds, pushed=pushes.known)
        if found is not None and found.certainty is Certainty.PROVEN:
            return found
    return origin_of(image, builds, pushed=pushes.known)
