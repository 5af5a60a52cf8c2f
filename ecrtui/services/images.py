"""Deleting images, and repositories with theirs.

Everything is planned by digest and looked at again before it is sent: a tag that moved, an image that somebody
runs by now, or one that was pushed meanwhile, stops it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ecrtui.domain.change import ApiCall, Change
from ecrtui.domain.errors import AppError, ErrorKind
from ecrtui.domain.image import Image, ImageListing
from ecrtui.domain.storage import Freed
from ecrtui.domain.usage import Usage, Use, used_by
from ecrtui.services.browse import IndexChildren, load_children, load_images, load_usage
from ecrtui.services.changes import (
    Absent,
    Already,
    Differs,
    Go,
    Precondition,
    Stale,
    Step,
    Verification,
    Verified,
)
from ecrtui.services.contents import ContentsCache
from ecrtui.services.polling import visible
from ecrtui.services.ports import Account, ImageId, Receipt, Sleep
from ecrtui.services.state import Ready, error_of, value_of

BATCH = 100
"""Image ids that one BatchDeleteImage takes (ECR API)."""
_NAMED = 5
"""Images that a sentence names; the others are counted."""


@dataclass(frozen=True, slots=True)
class Kept:
    """An image that is not to be deleted, and why."""

    image: Image
    reason: str
    in_use: bool = False
    """Whether that can be overruled: it is used, or could not be checked."""


@dataclass(frozen=True, slots=True)
class ImageDeletion:
    """What of the wanted images is deleted, in order, and what is kept."""

    images: tuple[Image, ...]
    kept: tuple[Kept, ...]
    steps: tuple[Step, ...]
    referrers: tuple[Image, ...] = ()
    """Signatures and the like of what is deleted, which are not among the wanted."""
    freed: Freed | None = None
    """What that frees, by the manifests; None where these are not all known."""

    @property
    def bytes(self) -> int:
        """Compressed bytes of what is deleted: an upper bound, since layers are shared."""
        return sum(image.size or 0 for image in self.images)


@dataclass(frozen=True, slots=True)
class RepositoryDeletion:
    """The step that deletes a repository, with what goes with it."""

    step: Step
    images: int
    bytes: int
    blocked: tuple[str, ...]
    """Why it is refused, as sentences: images in use, or uses that could not be checked."""


# Who uses what

_Kids = Mapping[str, Sequence[str]]
"""The digests of the children of each index."""


async def _used(
    account: Account, region: str, repository: str, listing: Sequence[Image], regions: Collection[str], kids: _Kids
) -> tuple[Mapping[str, tuple[Use, ...]], tuple[str, ...]]:
    """Uses by digest, and what could not be checked, in the region and in `regions`."""
    where = dict.fromkeys((region, *regions))
    described = await account.registry(region).repository(repository)
    loaded = await asyncio.gather(*(load_usage(account, one) for one in where))
    usages: list[Usage] = [usage for slice_ in loaded if (usage := value_of(slice_)) is not None]
    uses = [use for usage in usages for use in usage.uses]
    found = await asyncio.to_thread(used_by, described, listing, uses, kids)
    return found, tuple(dict.fromkeys(reason for usage in usages for reason in usage.unchecked))


async def _listed(account: Account, region: str, repository: str) -> list[Image]:
    """Every image of a repository; AppError when they cannot all be listed."""
    error: AppError | None = None
    async for slice_ in load_images(account, region, repository):
        error = error_of(slice_)
        if isinstance(slice_, Ready):
            return await asyncio.to_thread(_rows, slice_.value)
    raise error or AppError(ErrorKind.MALFORMED, f"list the images of {repository}", region, "the list does not end")


def _rows(listing: ImageListing) -> list[Image]:
    return [listing.row(index) for index in range(len(listing))]


async def _children(
    account: Account, region: str, repository: str, images: Sequence[Image], cache: IndexChildren | None
) -> _Kids:
    """The children of every index that could be read; AWS protects those of the others by itself."""
    indexes = [image.digest for image in images if image.is_index]
    try:
        found = await load_children(account, region, repository, indexes, cache=cache)
    except AppError:
        return {}
    return {digest: [child.digest for child in entries] for digest, entries in found.items()}


# Deleting images


async def plan_delete_images(
    account: Account,
    region: str,
    repository: str,
    digests: Sequence[str],
    *,
    regions: Collection[str] = (),
    allow_in_use: bool = False,
    cache: IndexChildren | None = None,
    contents: ContentsCache | None = None,
    sleep: Sleep = asyncio.sleep,
) -> ImageDeletion:
    """Delete images with all their tags, in calls of 100, indexes before what they name.

    Kept are images that something runs in the region or in `regions` (what cannot be checked counts as in use),
    unless `allow_in_use`, and those that an index names which stays. Raises AppError when the images cannot be
    listed.
    """
    images = await _listed(account, region, repository)
    wanted = set(digests)
    targets = [image for image in images if image.digest in wanted]
    kids = await _children(account, region, repository, images, cache)
    used, unchecked = await _used(account, region, repository, images, regions, kids)
    kept: dict[str, Kept] = {}
    for image in targets if not allow_in_use else ():
        if reason := _in_use(used.get(image.digest, ()), unchecked):
            kept[image.digest] = Kept(image, reason, in_use=True)
    _protect(targets, images, kids, kept)
    going = [image for image in targets if image.digest not in kept]
    named = {child for image in going for child in kids.get(image.digest, ())}
    parents = [image for image in going if image.digest not in named]
    children = [image for image in going if image.digest in named]
    batches = [part[at : at + BATCH] for part in (parents, children) for at in range(0, len(part), BATCH)]
    safe = regions if not allow_in_use else None
    steps = [_delete_step(account, region, repository, batch, safe, kids, sleep) for batch in batches]
    gone = {image.digest for image in going}
    referrers = tuple(image for image in images if image.digest not in gone and _subject(image) in gone)
    freed = None if contents is None else await asyncio.to_thread(contents.freed, images, gone)
    return ImageDeletion((*parents, *children), tuple(kept.values()), tuple(steps), referrers, freed)


def _subject(image: Image) -> str | None:
    """The digest that an image refers to: by its manifest, or by cosign's tag `sha256-….sig`."""
    if image.subject is not None:
        return image.subject
    tag = next((tag for tag in image.tags if tag.startswith("sha256-")), None)
    return None if tag is None else f"sha256:{tag[7:71]}"


def _in_use(uses: Sequence[Use], unchecked: Sequence[str]) -> str:
    """Why an image counts as in use; empty when it does not."""
    if uses:
        return f"is used by {', '.join(use.label for use in uses[:_NAMED])}"
    return f"may be in use, not checked: {'; '.join(unchecked[:_NAMED])}" if unchecked else ""


def _protect(targets: Sequence[Image], images: Sequence[Image], kids: _Kids, kept: dict[str, Kept]) -> None:
    """Keep what an index names that stays: one that is not wanted, or that is kept itself."""
    wanted = {image.digest for image in targets}
    present = {image.digest for image in images}
    changed = True
    while changed:
        changed = False
        staying = [digest for digest in kids if digest in present and (digest not in wanted or digest in kept)]
        named = {child: digest for digest in staying for child in kids[digest] if child != digest}
        for image in targets:
            if image.digest in named and image.digest not in kept:
                kept[image.digest] = Kept(image, f"the index {named[image.digest]} names it, and stays")
                changed = True


def _delete_step(
    account: Account,
    region: str,
    repository: str,
    images: Sequence[Image],
    regions: Collection[str] | None,
    kids: _Kids,
    sleep: Sleep,
) -> Step:
    """One call that deletes up to 100 images; `regions` None: also such as are in use."""
    registry = account.registry(region)
    ids = [ImageId(digest=image.digest) for image in images]
    call = ApiCall(
        "ecr",
        "BatchDeleteImage",
        {"repositoryName": repository, "imageIds": [{"imageDigest": image.digest} for image in images]},
    )
    title = f"delete {_names(images)} from {repository}, with all tags"
    change = Change(title, region, repository, call, confirm_word=repository)

    async def check() -> Precondition:
        now = {image.digest: image for image in await registry.images(repository, ids)}
        if not now:
            return Already("these images are gone already")
        moved = [image for image in images if image.digest in now and set(now[image.digest].tags) != set(image.tags)]
        if moved:
            return Stale(f"the tags of {_names(moved)} were changed meanwhile", "Look at them, and plan it again.")
        if regions is None:
            return Go()
        used, unchecked = await _used(account, region, repository, images, regions, kids)
        for image in images:
            if reason := _in_use(used.get(image.digest, ()), unchecked):
                return Stale(f"{name_of(image)} {reason} by now", "Plan it again.")
        return Go()

    async def left() -> tuple[Image, ...]:
        return await registry.images(repository, ids)

    return Step(change, check, _verify_deleted(images, left, sleep))


def _verify_deleted(
    images: Sequence[Image], left: Callable[[], Awaitable[tuple[Image, ...]]], sleep: Sleep
) -> Callable[[Receipt | None], Awaitable[Verification]]:
    """All gone, or what stayed and why, image by image."""

    async def verify_(receipt: Receipt | None) -> Verification:
        failures = failures_of(receipt)

        async def as_answered() -> Verification | None:
            remaining = await left()
            if not remaining:
                return Verified(f"{_count(len(images))} deleted")
            if receipt is not None and {image.digest for image in remaining} <= failures.keys():
                return _partly(images, remaining, failures)
            return None

        seen: Verification | None = await visible(as_answered, sleep)
        if seen is not None:
            return seen
        remaining = await left()
        if len(remaining) == len(images):
            return Absent("all the images are still there")
        return _partly(images, remaining, failures)

    return verify_


def _partly(images: Sequence[Image], remaining: Sequence[Image], failures: Mapping[str, str]) -> Differs:
    why = "; ".join(f"{name_of(image)}: {failures.get(image.digest, 'still there')}" for image in remaining)
    return Differs(f"{_count(len(images) - len(remaining))} deleted, {_count(len(remaining))} not: {why}")


def failures_of(receipt: Receipt | None) -> dict[str, str]:
    """Why AWS did not delete an image, by its digest (`failures[]` of BatchDeleteImage)."""
    entries: Any = receipt.response.get("failures") if receipt is not None else None
    found: dict[str, str] = {}
    for entry in entries if isinstance(entries, list) else ():
        if isinstance(entry, Mapping):
            id_ = entry.get("imageId")
            digest = id_.get("imageDigest") if isinstance(id_, Mapping) else None
            reason = entry.get("failureReason") or entry.get("failureCode") or "refused"
            found[str(digest)] = str(reason)
    return found


# Deleting a repository


async def plan_delete_repository(
    account: Account,
    region: str,
    repository: str,
    *,
    regions: Collection[str] = (),
    allow_in_use: bool = False,
    cache: IndexChildren | None = None,
    sleep: Sleep = asyncio.sleep,
) -> RepositoryDeletion:
    """Delete a repository, with its images where it has any: its name is typed for that.

    Refused while something runs one of its images, unless `allow_in_use`. AppError when it cannot be looked at.
    """
    registry = account.registry(region)
    images = await _listed(account, region, repository)
    kids = await _children(account, region, repository, images, cache) if images else {}
    used, unchecked = await _used(account, region, repository, images, regions, kids) if images else ({}, ())
    blocked = _repository_in_use(images, used, unchecked)
    parameters: dict[str, Any] = {"repositoryName": repository, **({"force": True} if images else {})}
    title = f"delete the repository {repository}"
    title += f" with {_count(len(images))}" if images else ", which is empty"
    change = Change(title, region, repository, ApiCall("ecr", "DeleteRepository", parameters), confirm_word=repository)
    planned = {image.digest for image in images}

    async def check() -> Precondition:
        if blocked and not allow_in_use:
            return Stale("; ".join(blocked), "Stop what uses it, or allow it explicitly.")
        try:
            now = await _listed(account, region, repository)
        except AppError as error:
            if error.kind is ErrorKind.NOT_FOUND:
                return Already("there is no such repository any more")
            raise
        if new := [image for image in now if image.digest not in planned]:
            return Stale(f"{_names(new)} came meanwhile", "Look at it, and plan it again.")
        return Go()

    async def verify_(_receipt: Receipt | None) -> Verification:
        async def gone() -> Verified | None:
            try:
                await registry.repository(repository)
            except AppError as error:
                if error.kind is ErrorKind.NOT_FOUND:
                    return Verified("the repository is deleted")
                raise
            return None

        seen = await visible(gone, sleep)
        return seen if seen is not None else Absent("the repository is still there")

    size = sum(image.size or 0 for image in images)
    return RepositoryDeletion(Step(change, check, verify_), len(images), size, blocked)


def _repository_in_use(
    images: Sequence[Image], used: Mapping[str, tuple[Use, ...]], unchecked: Sequence[str]
) -> tuple[str, ...]:
    reasons = [f"{name_of(image)} {_in_use(used[image.digest], ())}" for image in images if used.get(image.digest)]
    return (*reasons, *(f"not checked: {what}" for what in unchecked)) if images else ()


# Words


def name_of(image: Image) -> str:
    """How an image is called in a sentence: its first tag, else the beginning of its digest."""
    return image.tags[0] if image.tags else image.digest[:19]


def _names(images: Sequence[Image]) -> str:
    named = ", ".join(name_of(image) for image in images[:_NAMED])
    rest = len(images) - _NAMED
    if len(images) == 1:
        return named
    return f"{_count(len(images))} ({named}{f' and {rest:,} more' if rest > 0 else ''})"


def _count(number: int) -> str:
    return "1 image" if number == 1 else f"{number:,} images"
