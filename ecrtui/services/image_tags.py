"""Putting tags on images, and taking them off."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from dataclasses import replace

from ecrtui.domain.change import ApiCall, Change
from ecrtui.domain.errors import AppError, ErrorKind
from ecrtui.domain.image import Image
from ecrtui.domain.manifest import parse_manifest, verify
from ecrtui.domain.names import image_tag_faults
from ecrtui.domain.tagging import is_fixed
from ecrtui.services.changes import Absent, Already, Differs, Go, Precondition, Stale, Step, Verification, Verified
from ecrtui.services.image_uses import name_of
from ecrtui.services.images import failures_of, plan_delete_images
from ecrtui.services.polling import visible
from ecrtui.services.ports import Account, ImageId, Receipt, Sleep


async def plan_tag(
    account: Account, region: str, repository: str, digest: str, tag: str, *, sleep: Sleep = asyncio.sleep
) -> Step:
    """Put another tag on an image: its manifest, read and verified, is put again with that tag.

    Raises AppError when the tag cannot be one, the image is gone, its manifest is not what the digest says, or the
    tag names another image and cannot be moved.
    """
    registry = account.registry(region)
    what = f"tag an image of {repository} as {tag}"
    if faults := image_tag_faults(tag):
        raise AppError(ErrorKind.INVALID, what, region, "; ".join(fault.sentence for fault in faults))
    described, images, holder = await asyncio.gather(
        registry.repository(repository),
        registry.images(repository, [ImageId(digest=digest)]),
        _holder(account, region, repository, tag),
    )
    if not images:
        raise AppError(ErrorKind.NOT_FOUND, what, region, f"{digest} is not there (any more)", "Load the images again.")
    if holder not in (None, digest) and is_fixed(described, tag):
        why = f"{holder} has this tag, and tags of {repository} cannot be moved ({described.mutability})"
        raise AppError(ErrorKind.CONFLICT, what, region, why, "Use a new tag.")
    manifest = (await registry.manifests(repository, [digest])).get(digest)
    if manifest is None or not verify(digest, manifest):
        why = "its manifest could not be read" if manifest is None else "its manifest is not what its digest says"
        raise AppError(ErrorKind.MALFORMED, what, region, why, "Nothing was put. Look at the raw image.")
    image = images[0]
    parameters = {
        "repositoryName": repository,
        "imageManifest": manifest,
        "imageManifestMediaType": image.media_type or parse_manifest(manifest).media_type,
        "imageTag": tag,
        "imageDigest": digest,
    }
    moving = f", away from {holder[:19]}" if holder not in (None, digest) else ""
    title = f"tag {name_of(image)} of {repository} as {tag}{moving}"
    change = Change(title, region, repository, ApiCall("ecr", "PutImage", parameters), before=holder or "")
    return _tag_step(account, change, digest, tag, holder, sleep)


def _tag_step(account: Account, change: Change, digest: str, tag: str, before: str | None, sleep: Sleep) -> Step:
    async def now() -> str | None:
        return await _holder(account, change.region, change.target, tag)

    async def check() -> Precondition:
        holder = await now()
        if holder == digest:
            return Already(f"the image is tagged {tag} already")
        if holder != before:
            return Stale(f"{tag} names {holder or 'no image'} by now", "Look at it, and plan it again.")
        return Go()

    async def verify_(_receipt: Receipt | None) -> Verification:
        async def tagged() -> Verified | None:
            return Verified(f"{tag} names {digest}") if await now() == digest else None

        if seen := await visible(tagged, sleep):
            return seen
        holder = await now()
        return Absent(f"{tag} is where it was") if holder == before else Differs(f"{tag} names {holder or 'no image'}")

    return Step(change, check, verify_)


async def plan_untag(
    account: Account,
    region: str,
    repository: str,
    tag: str,
    *,
    regions: Collection[str] = (),
    allow_in_use: bool = False,
    sleep: Sleep = asyncio.sleep,
) -> Step:
    """Take a tag off its image. The last tag takes the image with it: that is a deletion, with its safeguards.

    Raises AppError when no image has the tag, or taking it would delete an image that is in use or that could not
    be checked (unless `allow_in_use`).
    """
    what = f"remove the tag {tag} from {repository}"
    image = await _image_of(account, region, repository, tag)
    if image is None:
        raise AppError(ErrorKind.NOT_FOUND, what, region, "no image has this tag", "Load the images again.")
    if image.tags == (tag,):
        return await _delete_step(account, region, repository, image, what, regions, allow_in_use, sleep)
    call = ApiCall("ecr", "BatchDeleteImage", {"repositoryName": repository, "imageIds": [{"imageTag": tag}]})
    change = Change(f"{what} ({image.digest[:19]})", region, repository, call, before=image.digest)
    return _untag_step(account, change, tag, image, sleep)


async def _delete_step(
    account: Account,
    region: str,
    repository: str,
    image: Image,
    what: str,
    regions: Collection[str],
    allow_in_use: bool,
    sleep: Sleep,
) -> Step:
    """Delete an image by its digest for its last tag: by the tag it might be another one by the time it arrives."""
    deletion = await plan_delete_images(
        account, region, repository, [image.digest], regions=regions, allow_in_use=allow_in_use, sleep=sleep
    )
    if deletion.kept:
        why = f"it is the last tag, so that the image would go, but it {deletion.kept[0].reason}"
        raise AppError(ErrorKind.CONFLICT, what, region, why, "Give the image another tag first.")
    (step,) = deletion.steps
    title = f"{what}, its last tag: this deletes the image {image.digest}"
    return replace(step, change=replace(step.change, title=title))


def _untag_step(account: Account, change: Change, tag: str, image: Image, sleep: Sleep) -> Step:
    async def now() -> Image | None:
        return await _image_of(account, change.region, change.target, tag)

    async def check() -> Precondition:
        holder = await now()
        if holder is None:
            return Already(f"no image is tagged {tag} any more")
        if (holder.digest, set(holder.tags)) != (image.digest, set(image.tags)):
            return Stale(f"{tag} or the tags of its image were changed meanwhile", "Look at it, and plan it again.")
        return Go()

    async def verify_(receipt: Receipt | None) -> Verification:
        async def gone() -> Verified | None:
            return Verified(f"{tag} is gone") if await now() is None else None

        if seen := await visible(gone, sleep):
            return seen
        return Absent("; ".join(failures_of(receipt).values()) or f"{tag} still names an image")

    return Step(change, check, verify_)


async def _image_of(account: Account, region: str, repository: str, tag: str) -> Image | None:
    """The image that a tag names now."""
    found = await account.registry(region).images(repository, [ImageId(tag=tag)])
    return found[0] if found else None


async def _holder(account: Account, region: str, repository: str, tag: str) -> str | None:
    """The digest that a tag names now."""
    image = await _image_of(account, region, repository, tag)
    return None if image is None else image.digest
