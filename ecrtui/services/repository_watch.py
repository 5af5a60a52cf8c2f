"""Watching a repository: new images, moved and vanished tags as they happen, whoever pushed them."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from ecrtui.domain.errors import AppError, ErrorKind
from ecrtui.domain.image import Image, ImageListing
from ecrtui.domain.instants import iso
from ecrtui.services.browse import load_images
from ecrtui.services.polling import Backoff
from ecrtui.services.ports import Account, Clock, Sleep
from ecrtui.services.state import Ready, error_of

ChangeKind = Literal["new-image", "moved-tag", "new-tag", "vanished-tag", "deleted-image", "problem"]

_FATAL = (ErrorKind.DENIED, ErrorKind.CREDENTIALS, ErrorKind.NOT_FOUND, ErrorKind.REGION_DISABLED)
_QUIET_POLLS = 60
_QUIET_FACTOR = 3


@dataclass(frozen=True, slots=True)
class RepositoryChange:
    """One thing that changed in a repository, or (`problem`) that it could not be looked at this time."""

    kind: ChangeKind
    digest: str
    """The image that it is about; for a vanished tag the one that it named."""
    tag: str
    """Empty where the image has none."""
    former_digest: str
    """What a moved tag named before; else empty."""
    at: float
    """Epoch seconds: when the image was pushed, else when the change was seen."""
    error: AppError | None = None

    def to_json(self) -> dict[str, Any]:
        """The change as JSON members."""
        members: dict[str, Any] = {"event": self.kind, "at": iso(self.at)}
        if self.error:
            return {**members, "message": str(self.error), "remedy": self.error.remedy}
        members |= {"digest": self.digest, "tag": self.tag or None}
        return {**members, "former_digest": self.former_digest} if self.former_digest else members


async def watch_repository(
    account: Account,
    region: str,
    repository: str,
    *,
    interval: float = 5.0,
    clock: Clock = time.time,
    sleep: Sleep | None = None,
) -> AsyncIterator[RepositoryChange]:
    """Every change from now on. A look that fails is a `problem`, and the next one comes later.

    Raises AppError when the repository is not there or must not be read. Slower after five quiet minutes.
    """
    backoff, pause = Backoff(interval), sleep or account.network.pause
    before: Mapping[str, Image] | None = None
    quiet = 0
    while True:
        listing, error = await _look(account, region, repository, clock)
        if error:
            if error.kind in _FATAL:
                raise error
            yield RepositoryChange("problem", "", "", "", clock(), error)
            await pause(backoff.failed())
            continue
        backoff.succeeded()
        after = {image.digest: image for image in map(listing.row, range(len(listing)))}
        quiet += 1
        for change in changes(after if before is None else before, after, clock()):
            quiet = 0
            yield change
        before = after
        await pause(interval * _QUIET_FACTOR if quiet > _QUIET_POLLS else interval)


async def _look(account: Account, region: str, repository: str, clock: Clock) -> tuple[ImageListing, AppError | None]:
    """All images, or why they are not all: an incomplete list would look like deletions."""
    listing = ImageListing(region, repository)
    error: AppError | None = None
    async for slice_ in load_images(account, region, repository, clock=clock):
        error = error_of(slice_)
        if isinstance(slice_, Ready):
            listing = slice_.value
    return listing, error


def changes(before: Mapping[str, Image], after: Mapping[str, Image], now: float) -> Iterator[RepositoryChange]:
    """What changed between two looks at all images of a repository, by digest: the oldest push first."""
    named_before = {tag: image.digest for image in before.values() for tag in image.tags}
    named_after = {tag: image.digest for image in after.values() for tag in image.tags}
    for image in sorted(after.values(), key=lambda image: image.pushed_at or now):
        yield from _of_image(image, image.digest not in before, named_before, now)
    for tag, digest in named_before.items():
        if tag not in named_after:
            yield RepositoryChange("vanished-tag", digest, tag, "", now)
    for digest, image in before.items():
        if digest not in after:
            yield RepositoryChange("deleted-image", digest, next(iter(image.tags), ""), "", now)


def _of_image(image: Image, fresh: bool, named_before: Mapping[str, str], now: float) -> Iterator[RepositoryChange]:
    """A new image with its first new tag, and its other tags that are new or were moved to it."""
    added = [tag for tag in image.tags if tag not in named_before]
    moved = [tag for tag in image.tags if named_before.get(tag, image.digest) != image.digest]
    if fresh:
        at = now if image.pushed_at is None else image.pushed_at
        yield RepositoryChange("new-image", image.digest, next(iter(added or image.tags), ""), "", at)
    for tag in added[1:] if fresh else added:
        yield RepositoryChange("new-tag", image.digest, tag, "", now)
    for tag in moved:
        yield RepositoryChange("moved-tag", image.digest, tag, named_before[tag], now)
