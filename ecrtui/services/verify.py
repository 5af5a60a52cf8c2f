"""Whether what a build pushed is in ECR: every pushed tag looked up, its digest compared with the log's."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from ecrtui.domain.errors import AppError, ErrorKind
from ecrtui.domain.image import Image
from ecrtui.domain.push import Push, PushState
from ecrtui.domain.reference import parse
from ecrtui.services.polling import visible
from ecrtui.services.ports import Account, ImageId, Registry, Sleep

VerdictOutcome = Literal["in-ecr", "pushed-but-absent", "nothing-pushed", "unknown"]


class Presence(StrEnum):
    """Where one pushed image is."""

    PRESENT = "present"
    ABSENT = "absent"
    ELSEWHERE = "elsewhere"
    """Pushed to a registry that is not this account's: it cannot be looked up."""
    UNKNOWN = "unknown"
    """It could not be looked up: `detail` says why."""


@dataclass(frozen=True, slots=True)
class PushedImage:
    """One push, and what ECR has of it."""

    push: Push
    presence: Presence
    found: Image | None
    """The image with the pushed digest; without a digest in the log, the one that the tag names."""
    matches: bool
    """Whether the pushed tag names exactly that image now."""
    detail: str


@dataclass(frozen=True, slots=True)
class ImageVerdict:
    """What became of a build's pushes.

    `in-ecr`: every image pushed to this account's registry is there; `pushed-but-absent`: one is not, or all
    were pushed elsewhere; `nothing-pushed`: no push came to its end; `unknown`: ECR could not be asked.
    """

    outcome: VerdictOutcome
    images: tuple[PushedImage, ...] = ()


async def verify(
    account: Account, region: str, pushes: Sequence[Push], *, sleep: Sleep = asyncio.sleep
) -> ImageVerdict:
    """Look up every finished push, for about ten seconds while it is not visible. Never raises AppError."""
    ended = [push for push in pushes if push.state is PushState.DONE]
    if not ended:
        return ImageVerdict("nothing-pushed")
    images = tuple(await asyncio.gather(*(_pushed(account, region, push, sleep) for push in ended)))
    return ImageVerdict(_outcome(images), images)


def _outcome(images: Sequence[PushedImage]) -> VerdictOutcome:
    seen = {image.presence for image in images}
    if Presence.ABSENT in seen or seen == {Presence.ELSEWHERE}:
        return "pushed-but-absent"
    return "unknown" if Presence.UNKNOWN in seen else "in-ecr"


async def _pushed(account: Account, region: str, push: Push, sleep: Sleep) -> PushedImage:
    if not push.repository:
        return PushedImage(push, Presence.UNKNOWN, None, False, "the log does not name the repository")
    if not push.tag and not push.digest:
        return PushedImage(push, Presence.UNKNOWN, None, False, "the log names neither tag nor digest")
    try:
        owner = (await account.identity()).account
        place = await _place(account, push, owner, region)
        if isinstance(place, str):
            return PushedImage(push, Presence.ELSEWHERE, None, False, place)
        return await _looked_up(account.registry(place[0]), push, place, sleep)
    except AppError as error:
        if error.kind is ErrorKind.NOT_FOUND:
            return PushedImage(push, Presence.ABSENT, None, False, error.why or str(error))
        return PushedImage(push, Presence.UNKNOWN, None, False, f"it could not be looked up: {error.why}")


async def _place(account: Account, push: Push, owner: str, region: str) -> tuple[str, str] | str:
    """Region and repository that were pushed to, or why they are not this account's."""
    reference = parse(push.repository)
    if reference and reference.is_ecr:
        if reference.registry_id == owner:
            return reference.region, reference.repository
        return f"it was pushed to account {reference.registry_id}, and this is {owner}"
    if await _bears_uri(account.registry(region), push):
        return region, push.name
    host = reference.host if reference else push.repository
    return f"it was pushed to {host}, which is not an ECR registry of this account"


async def _bears_uri(registry: Registry, push: Push) -> bool:
    """Whether ECR says that this is a repository's URI: endpoints other than AWS's have other hosts."""
    try:
        return (await registry.repository(push.name)).uri == push.repository
    except AppError as error:
        if error.kind in (ErrorKind.NOT_FOUND, ErrorKind.INVALID):
            return False
        raise


async def _looked_up(registry: Registry, push: Push, place: tuple[str, str], sleep: Sleep) -> PushedImage:
    region, repository = place
    ids = [ImageId(digest=push.digest)] if push.digest else []
    ids += [ImageId(tag=push.tag)] if push.tag else []

    async def pushed() -> tuple[Image, ...] | None:
        found = await registry.images(repository, ids)
        return found if any(push.digest in (None, image.digest) for image in found) else None

    images = await visible(pushed, sleep) or await registry.images(repository, ids)
    image = next((each for each in images if push.digest in (None, each.digest)), None)
    tagged = next((each for each in images if push.tag in each.tags), None)
    where = f"in {repository} in {region}"
    if image is None:
        other = f": {push.tag} names {tagged.digest} there" if tagged else ""
        return PushedImage(push, Presence.ABSENT, None, False, f"{push.digest} is not {where}{other}")
    if push.tag and push.tag not in image.tags:
        now = f"names {tagged.digest} now" if tagged else "names nothing any more"
        detail = f"it is {where}, but {push.tag} {now}"
        return PushedImage(push, Presence.PRESENT, image, False, detail)
    return PushedImage(push, Presence.PRESENT, image, True, f"it is {where}, with the pushed digest")
