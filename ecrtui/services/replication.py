"""Whether a repository's tags are in the other regions, and name the same images there."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from ecrtui.domain.errors import ErrorKind
from ecrtui.domain.image import Image, ImageListing
from ecrtui.domain.registry import Destination, RegistrySettings, Replica
from ecrtui.domain.replication import Copy, replicated_to
from ecrtui.domain.repository import Repository
from ecrtui.services.browse import load_images
from ecrtui.services.ports import Account
from ecrtui.services.state import Ready, error_of

MOST_TAGS = 200
"""Tags that are compared, of the images pushed last: older ones may be of before the rule."""


@dataclass(frozen=True, slots=True)
class Copies:
    """A repository's newest tagged images, and their tags elsewhere."""

    settings: RegistrySettings
    images: tuple[Image, ...]
    """Newest first; not all where there are more than `MOST_TAGS` tags."""
    copies: tuple[Copy, ...]
    left_out: int = 0
    """Tagged images that were not compared."""
    sources: Mapping[str, str] = field(default_factory=dict)
    """Regions whose own rules copy the repository here, or may: then with why that is not known, else empty."""


def newest_tagged(listing: ImageListing, most_tags: int = MOST_TAGS) -> tuple[tuple[Image, ...], int]:
    """The tagged images pushed last, with about `most_tags` tags in all, and how many others there are."""
    tagged = [row for row, tags in enumerate(listing.tags) if tags]
    tagged.sort(key=lambda row: listing.pushed[row] if listing.pushed[row] > 0 else 0.0, reverse=True)
    tags = 0
    for number, row in enumerate(tagged):
        tags += len(listing.tags[row])
        if number and tags > most_tags:
            return tuple(map(listing.row, tagged[:number])), len(tagged) - number
    return tuple(map(listing.row, tagged)), 0


async def load_copies(
    account: Account, repository: Repository, listing: ImageListing, *, regions: Collection[str]
) -> Copies:
    """How the newest tags of a repository stand where rules replicate it to, and in `regions`.

    Of `regions` only those count that have a repository of the same name. Never raises AppError: what could not
    be read is named in the copies and in the settings.
    """
    settings = await account.registry(repository.region).settings()
    images, left_out = await asyncio.to_thread(newest_tagged, listing)
    copies = await copies_of(account, repository, settings, regions=regions)
    return Copies(settings, images, copies, left_out, await _sources(account, repository, copies))


async def _sources(account: Account, repository: Repository, copies: Collection[Copy]) -> Mapping[str, str]:
    """What the registries of the other regions say: each that holds the repository of its own is asked."""
    others = [copy.destination.region for copy in copies if not copy.by_rule]
    rules = await asyncio.gather(*(account.registry(region).settings() for region in others))
    here, found = Destination(repository.region, repository.registry_id), {}
    for region, settings in zip(others, rules, strict=True):
        destinations = replicated_to(repository.name, settings)
        if destinations is None:
            found[region] = settings.unread["replication"]
        elif here in destinations:
            found[region] = ""
    return found


async def copies_of(
    account: Account, repository: Repository, settings: RegistrySettings, *, regions: Collection[str] = ()
) -> tuple[Copy, ...]:
    """A repository's tags where rules replicate it to, and in those of `regions` that have one of the same name.

    A call for each thousand images there. Never raises AppError: what could not be read is named in the copies.
    """
    ruled = replicated_to(repository.name, settings) or ()
    others = (Destination(region, repository.registry_id) for region in regions if region != repository.region)
    wanted = dict.fromkeys((*ruled, *others))
    found = await asyncio.gather(*(_copy(account, repository, one, one in ruled) for one in wanted))
    return tuple(copy for copy in found if copy is not None)


async def _copy(account: Account, repository: Repository, destination: Destination, by_rule: bool) -> Copy | None:
    """A repository's tags in another region; None where it is not expected and is not there.

    All images are listed, a call for a thousand: asking by tag fails as a whole for each tag that is missing.
    """
    if destination.registry_id != repository.registry_id:
        return Copy(destination, None, f"it is in account {destination.registry_id}, which is not open here", by_rule)
    async for slice_ in load_images(account, destination.region, repository.name):
        error = error_of(slice_)
        if error is not None and error.kind is not ErrorKind.NOT_FOUND:
            return Copy(destination, None, str(error), by_rule)
        if error is not None:
            why = f"there is no repository {repository.name} in {destination.region}"
            return Copy(destination, {}, why, by_rule) if by_rule else None
        if isinstance(slice_, Ready):
            return Copy(destination, await asyncio.to_thread(_by_tag, slice_.value), "", by_rule)
    return Copy(destination, None, "the list of its images does not end", by_rule)


def _by_tag(listing: ImageListing) -> dict[str, str]:
    return {tag: listing.digest(row) for row, tags in enumerate(listing.tags) for tag in tags}


async def load_replicas(account: Account, region: str, repository: str, digest: str) -> tuple[Replica, ...]:
    """What AWS says of the replication of one image; AppError when that is refused."""
    return await account.registry(region).replicas(repository, digest)
