"""Loading what an account holds: repositories, images, their children, who uses them, and raw views."""

from __future__ import annotations

import json
import time
from collections.abc import AsyncGenerator, AsyncIterator, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import aclosing, suppress
from dataclasses import dataclass
from math import isnan
from typing import TypeVar

from ecrtui.domain.errors import AppError, ErrorKind
from ecrtui.domain.image import Image, ImageKind, ImageListing, classify
from ecrtui.domain.manifest import ChildManifest, parse_manifest, verify
from ecrtui.domain.repository import RepositoryListing
from ecrtui.domain.usage import Usage
from ecrtui.services.polling import merged
from ecrtui.services.ports import Account, Clock, ImageId, Json, Page, Registry
from ecrtui.services.state import Failed, Loadable, Loading, Partial, Ready

L = TypeVar("L", RepositoryListing, ImageListing)

_MOST_PAGES = 10_000
_MOST_BARREN_PAGES = 20
_SHORTEST_PREFIX = 6
_DEPLOYABLE = frozenset({ImageKind.IMAGE, ImageKind.INDEX, ImageKind.HELM})


async def load_repositories(
    account: Account, region: str, *, clock: Clock = time.time
) -> AsyncIterator[Loadable[RepositoryListing]]:
    """All repositories of a region: Loading after each page, then Ready, Partial or Failed."""
    listing = RepositoryListing(region)
    pages = account.registry(region).list_repositories(listing)
    async for slice_ in _loaded(listing, pages, f"list the repositories of {region}", None, clock):
        yield slice_


async def load_images(
    account: Account,
    region: str,
    repository: str,
    *,
    resume: Partial[ImageListing] | None = None,
    clock: Clock = time.time,
) -> AsyncIterator[Loadable[ImageListing]]:
    """All images of a repository, page by page; with `resume` what came before is gone on with."""
    listing = resume.value if resume else ImageListing(region, repository)
    token = resume.resume if resume else None
    pages = account.registry(region).list_images(listing, token)
    async for slice_ in _loaded(listing, pages, f"list the images of {repository}", token, clock):
        yield slice_


async def _loaded(
    listing: L, pages: AsyncIterator[Page], what: str, token: str | None, clock: Clock
) -> AsyncIterator[Loadable[L]]:
    """The states of one listing while its pages come; what came before an error is kept."""
    page = Page(0, len(listing), token)
    yield Loading(listing, 0, len(listing), token)
    try:
        async for page in _bounded(pages, what, len(listing)):
            if page.token is not None:
                yield Loading(listing, page.pages, len(listing), page.token)
    except AppError as error:
        if page.pages or token or len(listing):
            yield Partial(listing, error, clock(), page.token)
        else:
            yield Failed(error, clock())
        return
    yield Ready(listing, clock())


async def _bounded(pages: AsyncIterator[Page], what: str, rows: int) -> AsyncIterator[Page]:
    """The pages, as long as they lead somewhere: an endpoint may repeat itself for ever."""
    tokens: set[str] = set()
    barren = 0
    async for page in pages:
        barren = 0 if page.rows > rows else barren + 1
        rows = page.rows
        yield page
        if page.token is None:
            continue
        if page.token in tokens or barren > _MOST_BARREN_PAGES or page.pages >= _MOST_PAGES:
            raise AppError(
                ErrorKind.MALFORMED,
                what,
                why=f"the pages do not end: {page.pages} came, and they repeat themselves",
                remedy="Check the endpoint; what came is kept.",
            )
        tokens.add(page.token)


@dataclass(frozen=True, slots=True)
class Summary:
    """What is in one repository. Numbers are None where they are not known; `error` says why."""

    images: int | None
    """Manifests of any status."""
    bytes: int | None
    """The sum of the sizes: an upper bound, since layers are shared."""
    last_push: float | None
    """Epoch seconds; None also when there is no image."""
    last_tag: str
    """A tag of the image pushed last, of those that are tagged and can be deployed; empty when none is."""
    policy_rules: int | None
    """Rules of the lifecycle policy: 0 without a policy, None when it is not known."""
    error: AppError | None = None
    last_digest: str = ""
    """The image with `last_tag`, or the image pushed last where none is tagged; empty without images."""

    @property
    def known(self) -> bool:
        """Whether the images could be listed."""
        return self.images is not None


async def load_summaries(
    account: Account, region: str, names: Sequence[str], *, concurrency: int = 4, clock: Clock = time.time
) -> AsyncGenerator[tuple[str, Summary], None]:
    """Summaries of repositories as they complete; one that is refused has its error in its summary."""
    waiting = iter(names)
    workers = [_summaries(account, region, waiting, clock) for _ in range(min(concurrency, len(names)))]
    async with aclosing(merged(*workers)) as summaries:
        async for named in summaries:
            yield named


async def _summaries(
    account: Account, region: str, waiting: Iterator[str], clock: Clock
) -> AsyncIterator[tuple[str, Summary]]:
    for name in waiting:
        yield name, await summarise(account, region, name, clock=clock)


async def summarise(account: Account, region: str, name: str, *, clock: Clock = time.time) -> Summary:
    """The summary of one repository."""
    listing: ImageListing | None = None
    error: AppError | None = None
    async for slice_ in load_images(account, region, name, clock=clock):
        if isinstance(slice_, Ready):
            listing = slice_.value
        elif isinstance(slice_, Failed | Partial):
            error = slice_.error
    rules, refusal = await _policy_rules(account.registry(region), name)
    if listing is None:
        return Summary(None, None, None, "", rules, error)
    pushed = [at for at in listing.pushed if not isnan(at)]
    size = sum(size for size in listing.sizes if size > 0)
    last_push = max(pushed, default=None)
    row = _last_tagged(listing)
    tag = "" if row is None else listing.tags[row][0]
    if row is None and last_push is not None:
        row = listing.pushed.index(last_push)
    digest = "" if row is None else listing.digest(row)
    return Summary(len(listing), size, last_push, tag, rules, refusal, digest)


async def _policy_rules(registry: Registry, name: str) -> tuple[int | None, AppError | None]:
    try:
        policy = await registry.lifecycle_policy(name)
    except AppError as error:
        return None, error
    return (0 if policy is None else _rule_count(policy.text)), None


def _rule_count(text: str) -> int | None:
    try:
        return len(json.loads(text)["rules"])
    except (ValueError, TypeError, KeyError, RecursionError):
        return None


def _last_tagged(listing: ImageListing) -> int | None:
    """The row of the image pushed last, of those that are tagged and can be deployed."""
    newest, row = -1.0, None
    for index, at in enumerate(listing.pushed):
        if not at > newest:  # so neither is one without an instant
            continue
        tags = listing.tags[index]
        if not tags or index in listing.subjects:
            continue
        if classify(listing.media_types[index], listing.artifact_types[index], tags) in _DEPLOYABLE:
            newest, row = at, index
    return row


async def load_usage(account: Account, region: str, *, clock: Clock = time.time) -> Loadable[Usage]:
    """Who uses images in a region. Never raises: what could not be checked is named in the usage."""
    try:
        usage = await account.runtime(region).usage()
    except AppError as error:
        usage = Usage((), (f"{region}: {error}",))
    return Ready(usage, clock())


class IndexChildren:
    """The children of indexes, remembered by the index's digest: what a digest names never changes."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[ChildManifest, ...]] = {}

    def known(self, digests: Iterable[str]) -> dict[str, tuple[ChildManifest, ...]]:
        """What is remembered of these indexes."""
        return {digest: self._known[digest] for digest in digests if digest in self._known}

    def read(self, manifests: Mapping[str, str]) -> None:
        """Remember the children that manifests name. One that is not what its digest says is not believed."""
        for digest, text in manifests.items():
            if not verify(digest, text):
                continue
            with suppress(AppError):  # no manifest: its children stay unknown
                self._known[digest] = parse_manifest(text).children


async def load_children(
    account: Account,
    region: str,
    repository: str,
    digests: Collection[str],
    *,
    cache: IndexChildren | None = None,
) -> Mapping[str, tuple[ChildManifest, ...]]:
    """The children of these indexes; one that could not be read is left out (unknown, not childless).

    Reading a manifest counts as a pull at AWS: ask for what is looked at only. AppError when it is refused.
    """
    children = IndexChildren() if cache is None else cache
    missing = [digest for digest in digests if not children.known([digest])]
    if missing:
        children.read(await account.registry(region).manifests(repository, missing))
    return children.known(digests)


async def find_image(account: Account, region: str, repository: str, wanted: str) -> Image:
    """The image with this tag, digest, or beginning of a digest; AppError when there is none, or several."""
    registry = account.registry(region)
    asked = ImageId(digest=wanted) if wanted.startswith("sha256:") and len(wanted) == 71 else ImageId(tag=wanted)
    if found := await registry.images(repository, [asked]):
        return found[0]
    return await _by_prefix(registry, region, repository, wanted)


async def _by_prefix(registry: Registry, region: str, repository: str, wanted: str) -> Image:
    prefix = wanted.removeprefix("sha256:").lower()
    rows: list[int] = []
    listing = ImageListing(region, repository)
    what = f"find {wanted} in {repository}"
    if len(prefix) >= _SHORTEST_PREFIX and not prefix.strip("0123456789abcdef"):
        async for _ in _bounded(registry.list_images(listing), what, 0):
            pass
        rows = [row for row in range(len(listing)) if listing.digest(row).startswith(f"sha256:{prefix}")]
    if len(rows) == 1:
        return listing.row(rows[0])
    if rows:
        why = f"{len(rows)} images begin with sha256:{prefix}"
        raise AppError(ErrorKind.INVALID, what, region, why, "Give more of the digest.")
    raise AppError(
        ErrorKind.NOT_FOUND, what, region, "no image has this tag or digest", "Check the name and the region."
    )


async def raw_image(account: Account, region: str, repository: str, digest: str) -> Json:
    """All that AWS says of one image; AppError when it cannot be asked."""
    return await account.registry(region).raw_image(repository, digest)


async def raw_repository(account: Account, region: str, name: str) -> Json:
    """All that AWS says of one repository; AppError when it cannot be asked."""
    return await account.registry(region).raw_repository(name)
