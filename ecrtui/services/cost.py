"""What repositories keep and cost: sums of what AWS reports, or every blob counted once from the manifests."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, AsyncIterator, Hashable, Iterable, Iterator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from operator import add

from ecrtui.domain.cost import FALLBACK, Prices
from ecrtui.domain.errors import AppError
from ecrtui.domain.growth import WEEKS, weekly
from ecrtui.domain.image import Image, ImageListing
from ecrtui.domain.registry import RegistrySettings
from ecrtui.domain.replication import cached_from
from ecrtui.domain.repository import Repository
from ecrtui.domain.spending import Part, TagGroup, age_group, cosign_subject, tag_groups
from ecrtui.domain.storage import Contents, Holdings, Ledger
from ecrtui.services.browse import load_images
from ecrtui.services.contents import CHUNK, ContentsCache, read_contents
from ecrtui.services.polling import merged
from ecrtui.services.ports import Account, Clock
from ecrtui.services.state import Failed, Loadable, Loading, Partial, Ready, error_of, value_of

_AT_ONCE = 4
"""Repositories that are worked on at once."""
_ARCHIVED = "ARCHIVED"


@dataclass(frozen=True, slots=True)
class Priced:
    """The prices of a region; `error` says why they are those of the dated table."""

    prices: Prices
    error: AppError | None = None


async def load_prices(account: Account, region: str) -> Priced:
    """AWS's prices for a region, else the dated table's. Never raises AppError."""
    try:
        return Priced(await account.prices(region))
    except AppError as error:
        return Priced(FALLBACK, error)


@dataclass(frozen=True, slots=True)
class Spending:
    """What repositories of one region keep."""

    region: str
    holdings: Holdings[Part]
    weeks: tuple[int, ...]
    """Compressed bytes pushed in each of the last 26 weeks, the oldest first. Indexes, whose size is that of an
    image they name, are left out."""
    measured: bool = False
    """Whether the manifests were asked for; otherwise all sizes are as reported, an upper bound."""
    mounted: bool | None = None
    """Whether layers are stored once for the whole registry (blob mounting), so that sums are an estimate; None
    when it is not known."""
    false: tuple[str, ...] = ()
    """Digests whose manifests are not what the digests say: counted with their reported sizes."""
    errors: tuple[AppError, ...] = ()
    """What could not be read: repositories, which are left out, and manifests, whose reported sizes count."""
    refused: tuple[str, ...] = ()
    """The repositories that are left out, since not all their images could be listed."""


def caveats(spending: Spending, *, grouped: bool = False) -> tuple[str, ...]:
    """What has to be known of the figures, as sentences; `grouped`: images are told apart by tags or age."""
    return tuple(_caveats(spending, grouped))


def _caveats(spending: Spending, grouped: bool) -> Iterator[str]:
    total = spending.holdings.of()
    if spending.refused:
        yield f"left out, since not all images could be listed: {', '.join(spending.refused)}"
    if not spending.measured:
        yield "sizes are as AWS reports them: layers that images share count for each, so these are upper bounds"
        if grouped:
            yield "what an index names counts as untagged until the manifests are read"
    elif grouped:
        yield "layers that groups share count for each, and once in the total"
    if spending.measured and total.reported:
        yield f"{total.reported:,} images count with their reported size: archived, or their manifests not readable"
    if total.unsized:
        yield f"{total.unsized:,} images have no size and are not counted"
    if spending.false:
        yield f"{len(spending.false):,} manifests are not what their digests say, and are not believed"
    if spending.measured and spending.mounted is None:
        yield "whether repositories share layers (blob mounting) is not known: they count once a repository"
    elif spending.mounted:
        yield "repositories share layers (blob mounting): shared ones count once in the total, which is an estimate"


async def load_spending(
    account: Account,
    region: str,
    repositories: Sequence[Repository],
    *,
    measure: bool = False,
    cache: ContentsCache | None = None,
    listings: Mapping[str, ImageListing] | None = None,
    clock: Clock = time.time,
) -> AsyncIterator[Loadable[Spending]]:
    """What these repositories keep. Loading says how many repositories (`pages`) and images (`rows`) are counted.

    `listings` are complete listings that are there already, by the repository's name; the others are loaded.
    With `measure` the manifests are read, but for those of archived images, which cannot be pulled. Partial when
    something could not be read, Failed when no repository could be.
    """
    settings = await account.registry(region).settings() if measure else None
    cache = ContentsCache() if cache is None else cache
    count = _Count(account, region, measure, cache, settings, listings or {}, clock())
    yield Loading()
    waiting = iter(repositories)
    workers = [count.work(waiting) for _ in range(min(_AT_ONCE, len(repositories)))]
    async with aclosing(merged(*workers)) as steps:
        async for _ in steps:
            yield Loading(None, count.done, count.images)
    if count.refused and len(count.refused) == len(repositories):
        yield Failed(count.errors[0], clock())
        return
    spending = await asyncio.to_thread(count.spending)
    yield Partial(spending, count.errors[0], clock()) if count.errors else Ready(spending, clock())


@dataclass
class _Count:
    """The work of one count, and what it has come to."""

    account: Account
    region: str
    measure: bool
    cache: ContentsCache
    settings: RegistrySettings | None
    listings: Mapping[str, ImageListing]
    now: float
    ledger: Ledger[Part] = field(default_factory=Ledger)
    adding: asyncio.Lock = field(default_factory=asyncio.Lock)
    """Held while images are added, in a thread."""
    weeks: tuple[int, ...] = (0,) * WEEKS
    done: int = 0
    images: int = 0
    false: list[str] = field(default_factory=list)
    errors: list[AppError] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)

    def spending(self) -> Spending:
        return Spending(
            self.region,
            self.ledger.holdings(),
            self.weeks,
            self.measure,
            self.settings.blob_mounting if self.settings else None,
            tuple(self.false),
            tuple(self.errors),
            tuple(self.refused),
        )

    async def work(self, waiting: Iterator[Repository]) -> AsyncGenerator[None, None]:
        """Count repositories until none waits; yields whenever there is more."""
        for repository in waiting:
            listing = await self._listing(repository.name)
            if listing is not None:
                async for _ in self._count(repository, listing):
                    yield
            self.done += 1
            yield

    async def _listing(self, name: str) -> ImageListing | None:
        """All images of a repository; None, and why, when they cannot all be listed."""
        if name in self.listings:
            return self.listings[name]
        async for slice_ in load_images(self.account, self.region, name):
            if (error := error_of(slice_)) is not None:
                self.errors.append(error)
                self.refused.append(name)
            elif isinstance(slice_, Ready):
                return value_of(slice_)
        return None

    async def _count(self, repository: Repository, listing: ImageListing) -> AsyncGenerator[None, None]:
        indexes = _indexes(listing)
        reading = self.measure
        contents: dict[str, Contents | None] = {}
        if reading:  # indexes first: what they name is of their tags
            reading = await self._read(repository.name, _readable(listing, sorted(indexes)), contents)
        groups = await asyncio.to_thread(_groups, listing, contents)
        pushes = ((listing.pushed[row], listing.sizes[row]) for row in range(len(listing)) if row not in indexes)
        weeks = await asyncio.to_thread(weekly, pushes, self.now)
        self.weeks = tuple(map(add, self.weeks, weeks))
        pool = self._pool(repository)
        for start in range(0, len(listing), CHUNK):
            rows = range(start, min(start + CHUNK, len(listing)))
            if reading:
                wanted = _readable(listing, [row for row in rows if row not in indexes])
                reading = await self._read(repository.name, wanted, contents)
            async with self.adding:
                await asyncio.to_thread(self._add, repository.name, listing, rows, groups, contents, pool)
            self.images += len(rows)
            yield

    async def _read(self, name: str, digests: Sequence[str], into: dict[str, Contents | None]) -> bool:
        """Read what manifests have stored; False when that is refused, so that the rest need not be tried."""
        try:
            read = await read_contents(self.account, self.region, name, digests, self.cache)
        except AppError as error:
            self.errors.append(error)
            return False
        into.update(read.contents)
        self.false += read.false
        return True

    def _add(
        self,
        name: str,
        listing: ImageListing,
        rows: Iterable[int],
        groups: Mapping[str, TagGroup],
        contents: dict[str, Contents | None],
        pool: Hashable,
    ) -> None:
        for row in rows:
            digest, size = listing.digest(row), listing.sizes[row]
            part = Part(self.region, name, groups[digest], age_group(listing.pushed[row], self.now))
            known, archived = contents.pop(digest, None), _archived(listing, row)
            self.ledger.add(part, None if size < 0 else size, known, pool=pool, archived=archived)

    def _pool(self, repository: Repository) -> Hashable:
        """Where its layers are stored once: in the repository, or with all that are encrypted alike.

        Repositories of pull-through caches share nothing.
        """
        settings = self.settings
        if settings is None or not settings.blob_mounting or cached_from(repository.name, settings) is not None:
            return repository.name, "", ""
        return "", repository.encryption, repository.kms_key


def _indexes(listing: ImageListing) -> frozenset[int]:
    """The rows of manifest lists and OCI indexes."""
    of_index = {kind for kind in set(listing.media_types) if Image("", media_type=kind).is_index}
    return frozenset(row for row, kind in enumerate(listing.media_types) if kind in of_index)


def _readable(listing: ImageListing, rows: Sequence[int]) -> list[str]:
    """The digests of those that can be pulled."""
    return [listing.digest(row) for row in rows if not _archived(listing, row)]


def _archived(listing: ImageListing, row: int) -> bool:
    return listing.statuses[row] == _ARCHIVED


def _groups(listing: ImageListing, contents: Mapping[str, Contents | None]) -> dict[str, TagGroup]:
    """What each image is for, by digest: that of the index, or of the image that it is about, where it has no tag."""
    owners: dict[str, list[str]] = {}
    for index, known in contents.items():
        for child in known.children if known else ():
            owners.setdefault(child, []).append(index)
    for row, subject in listing.subjects.items():
        owners.setdefault(listing.digest(row), []).append(subject)
    tags = {listing.digest(row): own for row, own in enumerate(listing.tags)}
    for digest, own in tags.items():
        if (about := cosign_subject(own)) is not None:
            owners.setdefault(digest, []).append(about)
    return tag_groups(tags, owners)
