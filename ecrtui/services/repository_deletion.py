"""Deleting a repository: its images first, by the digests that were looked at, then the empty repository.

DeleteRepository could take the images with it (`force`), but then also one that was pushed a moment before: nothing
goes that was not confirmed.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from ecrtui.domain.change import ApiCall, Change
from ecrtui.domain.errors import AppError, ErrorKind
from ecrtui.domain.image import Image
from ecrtui.domain.usage import Use
from ecrtui.services.browse import IndexChildren
from ecrtui.services.changes import Absent, Already, Go, Precondition, Stale, Step, Verification, Verified
from ecrtui.services.image_uses import all_images, images_used, in_use, index_children, name_of, names_of
from ecrtui.services.images import delete_steps
from ecrtui.services.polling import visible
from ecrtui.services.ports import Account, Receipt, Sleep


@dataclass(frozen=True, slots=True)
class RepositoryDeletion:
    """The steps that delete a repository, with what goes with it."""

    region: str
    repository: str
    steps: tuple[Step, ...]
    """The last one deletes the repository, when it is empty by then."""
    images: int
    bytes: int
    blocked: tuple[str, ...]
    """Why it is refused, as sentences: images in use, or uses that could not be checked."""


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
    """Delete a repository, and the images that are in it now: its name is typed for that.

    Refused while something runs one of its images, unless `allow_in_use`. AppError when it cannot be looked at.
    """
    images = await all_images(account, region, repository)
    kids = await index_children(account, region, repository, images, cache) if images else {}
    used, unchecked = await images_used(account, region, repository, images, regions, kids) if images else ({}, ())
    blocked = _in_use_of(images, used, unchecked)
    refused = () if allow_in_use else blocked
    safe = None if allow_in_use else regions
    first = () if refused else delete_steps(account, region, repository, images, safe, kids, sleep)
    last = _last_step(account, region, repository, images, refused, sleep)
    return RepositoryDeletion(
        region, repository, (*first, last), len(images), sum(image.size or 0 for image in images), blocked
    )


def _in_use_of(
    images: Sequence[Image], used: Mapping[str, tuple[Use, ...]], unchecked: Sequence[str]
) -> tuple[str, ...]:
    reasons = [f"{name_of(image)} {in_use(used[image.digest], ())}" for image in images if used.get(image.digest)]
    return (*reasons, *(f"not checked: {what}" for what in unchecked)) if images else ()


def _last_step(
    account: Account, region: str, repository: str, planned: Sequence[Image], refused: Sequence[str], sleep: Sleep
) -> Step:
    """Delete the repository, when it is empty: AWS refuses it where an image came after the last look."""
    call = ApiCall("ecr", "DeleteRepository", {"repositoryName": repository})
    change = Change(f"delete the repository {repository}", region, repository, call, confirm_word=repository)
    known = {image.digest for image in planned}

    async def check() -> Precondition:
        if refused:
            return Stale("; ".join(refused), "Stop what uses it, or allow it explicitly.")
        try:
            now = await all_images(account, region, repository)
        except AppError as error:
            if error.kind is ErrorKind.NOT_FOUND:
                return Already("there is no such repository any more")
            raise
        if new := [image for image in now if image.digest not in known]:
            return Stale(f"{names_of(new)} came meanwhile", "Look at it, and plan it again.")
        return Stale(f"{names_of(now)} could not be deleted", "Look at it, and plan it again.") if now else Go()

    async def verify(_receipt: Receipt | None) -> Verification:
        async def gone() -> Verified | None:
            try:
                await account.registry(region).repository(repository)
            except AppError as error:
                if error.kind is ErrorKind.NOT_FOUND:
                    return Verified("the repository is deleted")
                raise
            return None

        seen = await visible(gone, sleep)
        return seen if seen is not None else Absent("the repository is still there")

    return Step(change, check, verify)
