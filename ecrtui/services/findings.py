"""Scans of images: counts for a list, all findings of an image with its platforms, and starting a scan."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, AsyncIterator, Iterator, Sequence
from contextlib import aclosing

from ecrtui.domain.change import ApiCall, Change
from ecrtui.domain.errors import AppError, ErrorKind
from ecrtui.domain.image import Image
from ecrtui.domain.manifest import ChildManifest
from ecrtui.domain.scan import NEVER_SCANNED, ImageScan, PlatformScan, ScanReport, standing
from ecrtui.domain.units import age
from ecrtui.services.browse import IndexChildren, load_children
from ecrtui.services.changes import Absent, Already, Differs, Go, Precondition, Stale, Step, Verification, Verified
from ecrtui.services.image_uses import name_of
from ecrtui.services.polling import merged, visible
from ecrtui.services.ports import Account, Clock, Receipt, Sleep

Scan = ScanReport | AppError
"""What is known of the scan of one image: AWS's report, or why there is none."""

PLATFORMS = 50
"""Platforms of one index that are asked for; an image that people run has a handful."""
ONCE_IN = 86_400.0
"""Seconds between two basic scans of one image; the one on push counts (ECR quota: one in 24 hours)."""

_MOVING = frozenset({"IN_PROGRESS", "PENDING"})
_OF_THE_IMAGE = frozenset({ErrorKind.NOT_FOUND, ErrorKind.INVALID, ErrorKind.CONFLICT, ErrorKind.MALFORMED})
"""Errors that concern one image; after any other one the next image would fare alike."""


async def scan(account: Account, region: str, repository: str, digest: str, *, counts_only: bool = False) -> ScanReport:
    """The scan of one image; one that was never scanned, or cannot be, has a report that says so.

    Raises AppError when it cannot be asked, or the image or repository is not there.
    """
    try:
        return await account.registry(region).scan(repository, digest, counts_only=counts_only)
    except AppError as error:
        if error.code.startswith("UnsupportedImageType"):
            return ScanReport(digest, "UNSUPPORTED_IMAGE", error.why)
        if error.kind is not ErrorKind.NOT_FOUND or error.code.startswith(("ImageNotFound", "RepositoryNotFound")):
            raise
        return ScanReport(digest, NEVER_SCANNED)


# Counts for a list


async def load_counts(
    account: Account, region: str, repository: str, digests: Sequence[str], *, concurrency: int = 4
) -> AsyncGenerator[tuple[str, Scan], None]:
    """The counts of these images as they come, one call each.

    After an error that is not about one image (denied, throttled, no connection) nothing more is asked: the
    images that are left have that error.
    """
    waiting = iter(digests)
    common: list[AppError] = []
    workers = [_counts(account, region, repository, waiting, common) for _ in range(min(concurrency, len(digests)))]
    async with aclosing(merged(*workers)) as scans:
        async for named in scans:
            yield named


async def _counts(
    account: Account, region: str, repository: str, waiting: Iterator[str], common: list[AppError]
) -> AsyncIterator[tuple[str, Scan]]:
    for digest in waiting:
        if common:
            yield digest, common[0]
            continue
        try:
            yield digest, await scan(account, region, repository, digest, counts_only=True)
        except AppError as error:
            if error.kind not in _OF_THE_IMAGE:
                common.append(error)
            yield digest, error


# All findings of an image


async def load_scan(
    account: Account, region: str, repository: str, image: Image, *, cache: IndexChildren | None = None
) -> ImageScan:
    """The scan of an image with all its findings; of an index, that of each platform.

    Never raises: what cannot be read is an error in its part. Reading an index counts as a pull at AWS.
    """
    try:
        targets = await platforms(account, region, repository, image, cache=cache)
    except AppError as error:
        return ImageScan(image.digest, (PlatformScan(image.digest, "", error),))
    asked, left = targets[:PLATFORMS], targets[PLATFORMS:]
    parts = await asyncio.gather(*(_part(account, region, repository, target) for target in asked))
    why = f"only {PLATFORMS} platforms are asked for, and the index has {len(targets)}"
    refusal = AppError(
        ErrorKind.LIMIT, f"read the findings of {repository}", region, why, "Name the platform's digest."
    )
    return ImageScan(image.digest, (*parts, *(PlatformScan(one.digest, one.platform, refusal) for one in left)))


async def platforms(
    account: Account, region: str, repository: str, image: Image, *, cache: IndexChildren | None = None
) -> tuple[ChildManifest, ...]:
    """What of an image is scanned: of an index its platforms without attestations, else the image itself.

    Raises AppError when the index cannot be read, or names nothing that runs.
    """
    if not image.is_index:
        return (ChildManifest(image.digest),)
    known = await load_children(account, region, repository, [image.digest], cache=cache)
    what = f"read the platforms of {name_of(image)} in {repository}"
    if image.digest not in known:
        remedy = "Name the digest of a platform instead."
        raise AppError(ErrorKind.MALFORMED, what, region, "its manifest is not what its digest says, or gone", remedy)
    found = tuple(child for child in known[image.digest] if not child.attestation)
    if not found:
        raise AppError(ErrorKind.INVALID, what, region, "the index names no image", "Look at its manifest.")
    return found


async def _part(account: Account, region: str, repository: str, target: ChildManifest) -> PlatformScan:
    try:
        report: Scan = await scan(account, region, repository, target.digest)
    except AppError as error:
        report = error
    return PlatformScan(target.digest, target.platform, report)


# Starting a scan


async def plan_scan(
    account: Account,
    region: str,
    repository: str,
    images: Sequence[Image],
    *,
    cache: IndexChildren | None = None,
    clock: Clock = time.time,
    sleep: Sleep = asyncio.sleep,
) -> tuple[Step, ...]:
    """Scan images now; of an index, each platform.

    Raises AppError where AWS would refuse: enhanced scanning scans by itself, and takes no StartImageScan.
    """
    settings = await account.registry(region).settings()
    if settings.scan_type == "ENHANCED":
        raise AppError(
            ErrorKind.CONFLICT,
            f"scan images of {repository}",
            region,
            "the registry is set to enhanced scanning: Amazon Inspector scans by itself, and AWS refuses manual scans",
            "Push the image again, or wait for Inspector; basic scanning is set for the whole registry.",
        )
    steps: dict[str, Step] = {}
    for image in images:
        for target in (await platforms(account, region, repository, image, cache=cache))[:PLATFORMS]:
            step = _scan_step(account, region, repository, image, target, clock, sleep)
            steps.setdefault(target.digest, step)
    return tuple(steps.values())


def _scan_step(
    account: Account, region: str, repository: str, image: Image, target: ChildManifest, clock: Clock, sleep: Sleep
) -> Step:
    name = f"{name_of(image)} ({target.platform})" if target.platform else name_of(image)
    call = ApiCall("ecr", "StartImageScan", {"repositoryName": repository, "imageId": {"imageDigest": target.digest}})
    change = Change(f"scan {name} of {repository}", region, repository, call)
    former: list[ScanReport] = []

    async def now() -> ScanReport:
        return await scan(account, region, repository, target.digest, counts_only=True)

    async def check() -> Precondition:
        report = await now()
        former[:] = [report]
        if report.status in _MOVING:
            return Already(standing(report.status).sentence)
        ago = None if report.completed_at is None else clock() - report.completed_at
        if ago is not None and 0 <= ago < ONCE_IN:
            left = age(ONCE_IN - ago)
            return Stale(f"it was scanned {age(ago)} ago, and AWS scans an image once in 24 hours", f"Wait {left}.")
        return Go()

    async def verify(_receipt: Receipt | None) -> Verification:
        async def begun() -> Verification | None:
            return _seen(await now(), former[0] if former else None)

        return await visible(begun, sleep) or Absent("no scan can be seen")

    return Step(change, check, verify)


def _seen(report: ScanReport, former: ScanReport | None) -> Verification | None:
    """What became of a scan that was asked for; None when it cannot be seen yet."""
    if report.status in _MOVING:
        return Verified(standing(report.status).sentence)
    if former is not None and (report.status, report.completed_at) == (former.status, former.completed_at):
        return None
    if report.answers:
        return Verified("the image is scanned")
    return None if report.status == NEVER_SCANNED else Differs(report.why or standing(report.status).sentence)
