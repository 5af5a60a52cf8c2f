"""Deleting images.

Everything is planned by digest and looked at again before it is sent: a tag that moved, an image that somebody
runs by now, or one that was pushed meanwhile, stops it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ecrtui.domain.change import ApiCall, Change
from ecrtui.domain.image import Image
from ecrtui.domain.storage import Freed
from ecrtui.services.browse import IndexChildren
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
from ecrtui.services.image_uses import (
    Kids,
    all_images,
    counted,
    images_used,
    in_use,
    index_children,
    name_of,
    names_of,
)
from ecrtui.services.polling import visible
from ecrtui.services.ports import Account, ImageId, Receipt, Sleep

BATCH = 100
"""Image ids that one BatchDeleteImage takes (ECR API)."""


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
    images = await all_images(account, region, repository)
    wanted = set(digests)
    targets = [image for image in images if image.digest in wanted]
    kids = await index_children(account, region, repository, images, cache)
    used, unchecked = await images_used(account, region, repository, images, regions, kids)
    kept: dict[str, Kept] = {}
    for image in targets if not allow_in_use else ():
        if reason := in_use(used.get(image.digest, ()), unchecked):
            kept[image.digest] = Kept(image, reason, in_use=True)
    _protect(targets, images, kids, kept)
    going = [image for image in targets if image.digest not in kept]
    first, then = _parted(going, kids)
    safe = regions if not allow_in_use else None
    steps = delete_steps(account, region, repository, going, safe, kids, sleep)
    gone = {image.digest for image in going}
    referrers = tuple(image for image in images if image.digest not in gone and _subject(image) in gone)
    freed = None if contents is None else await asyncio.to_thread(contents.freed, images, gone)
    return ImageDeletion((*first, *then), tuple(kept.values()), steps, referrers, freed)


def delete_steps(
    account: Account,
    region: str,
    repository: str,
    images: Sequence[Image],
    regions: Collection[str] | None,
    kids: Kids,
    sleep: Sleep,
) -> tuple[Step, ...]:
    """The calls that delete these images; with `regions` None also such as are in use."""
    batches = [part[at : at + BATCH] for part in _parted(images, kids) for at in range(0, len(part), BATCH)]
    return tuple(_delete_step(account, region, repository, batch, regions, kids, sleep) for batch in batches)


def _parted(images: Sequence[Image], kids: Kids) -> tuple[list[Image], list[Image]]:
    """What no index of these names, and then what one does: AWS protects that until the index is gone."""
    named = {child for image in images for child in kids.get(image.digest, ())}
    first = sorted((image for image in images if image.digest not in named), key=lambda image: not image.is_index)
    return first, [image for image in images if image.digest in named]


def _subject(image: Image) -> str | None:
    """The digest that an image refers to: by its manifest, or by cosign's tag `sha256-….sig`."""
    if image.subject is not None:
        return image.subject
    tag = next((tag for tag in image.tags if tag.startswith("sha256-")), None)
    return None if tag is None else f"sha256:{tag[7:71]}"


def _protect(targets: Sequence[Image], images: Sequence[Image], kids: Kids, kept: dict[str, Kept]) -> None:
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
    kids: Kids,
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
    title = f"delete {names_of(images)} from {repository}, with all tags"
    change = Change(title, region, repository, call, confirm_word=repository)

    async def check() -> Precondition:
        now = {image.digest: image for image in await registry.images(repository, ids)}
        if not now:
            return Already("these images are gone already")
        moved = [image for image in images if image.digest in now and set(now[image.digest].tags) != set(image.tags)]
        if moved:
            return Stale(f"the tags of {names_of(moved)} were changed meanwhile", "Look at them, and plan it again.")
        if regions is None:
            return Go()
        used, unchecked = await images_used(account, region, repository, images, regions, kids)
        for image in images:
            if reason := in_use(used.get(image.digest, ()), unchecked):
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
                return Verified(f"{counted(len(images))} deleted")
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
    return Differs(f"{counted(len(images) - len(remaining))} deleted, {counted(len(remaining))} not: {why}")


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
