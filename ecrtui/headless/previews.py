"""What a lifecycle policy would do to repositories, as `preview` and `put` show it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from ecrtui.domain.errors import AppError, ErrorKind
from ecrtui.domain.instants import iso
from ecrtui.domain.lifecycle import Mark
from ecrtui.domain.units import count, size
from ecrtui.domain.usage import Usage
from ecrtui.headless.invocation import Invocation, Opened
from ecrtui.headless.printers import Column, Record, column
from ecrtui.headless.words import age_of
from ecrtui.services.browse import load_usage
from ecrtui.services.lifecycle import Preview, preview
from ecrtui.services.policies import stored_text
from ecrtui.services.state import value_of

_AT_ONCE = 4

Found = tuple[str, str, Preview]
"""Region, repository, and what the policy would do there."""


async def previews(
    call: Invocation, opened: Opened, repositories: Sequence[str], text: str | None, measure: bool = False
) -> tuple[list[Found], list[AppError]]:
    """The preview of each repository in each region (text None: of its stored policy), and what failed.

    With `measure` all manifests are read, for what is freed.
    """
    regions = await call.regions(opened.account)
    opened.progress("what is in use")
    usages = [
        usage
        for loaded in await asyncio.gather(*(load_usage(opened.account, region) for region in regions))
        if (usage := value_of(loaded)) is not None
    ]
    slots = asyncio.Semaphore(_AT_ONCE)

    async def one(region: str, name: str) -> Found | AppError:
        try:
            async with slots:
                opened.progress(f"the images of {name} in {region}")
                return region, name, await _preview(opened, region, name, text, usages, measure)
        except AppError as error:
            error.where = error.where or region
            return error

    names = dict.fromkeys(repositories)
    ended = await asyncio.gather(*(one(region, name) for region in regions for name in names))
    found = [each for each in ended if not isinstance(each, AppError)]
    return found, [each for each in ended if isinstance(each, AppError)]


async def _preview(
    opened: Opened, region: str, name: str, text: str | None, usages: Sequence[Usage], measure: bool
) -> Preview:
    wanted = await stored_text(opened.account, region, name) if text is None else text
    if wanted is None:
        raise AppError(
            ErrorKind.NOT_FOUND,
            f"preview the lifecycle policy of {name}",
            region,
            "none is set",
            "Give one with --policy or --template.",
        )
    return await preview(opened.account, region, name, wanted, usages=usages, measure=measure)


def preview_record(region: str, name: str, seen: Preview) -> Record:
    """A preview as JSON members."""
    evaluation = seen.evaluation
    return {
        "repository": name,
        "region": region,
        "summary": summary(seen),
        "marked": [_mark(seen, mark) for mark in sorted(evaluation.marks, key=_newest_first)],
        "kept": [{"digest": image.digest, "tags": list(image.tags)} for image in evaluation.kept],
        "expiring": evaluation.expiring,
        "archiving": evaluation.archiving,
        "bytes_freed": evaluation.bytes_freed,
        "bytes_freed_by_manifests": seen.freed.bytes if seen.freed else None,
        "bytes_archived": evaluation.bytes_archived,
        "monthly_saving": seen.monthly_saving,
        "blocked": seen.blocked,
        "reasons": list(seen.reasons),
    }


MARK_MEMBERS = ("repository", "region", "digest", "tags", "rule", "action", "reason", "size", "pushed_at", "in_use")
"""The columns of a preview as CSV, which has one row for each marked image."""


def summary(seen: Preview) -> str:
    """A preview in one line."""
    evaluation = seen.evaluation
    parts = [f"{count(evaluation.expiring)} of {count(len(seen.listing))} images expire"]
    if evaluation.archiving:
        parts.append(f"{count(evaluation.archiving)} are archived")
    freed = f"at most {size(evaluation.bytes_freed)}" if seen.freed is None else f"{size(seen.freed.bytes)}"
    parts.append(f"{freed} freed")
    if seen.monthly_saving is not None:
        parts.append(f"about ${seen.monthly_saving:,.2f} a month")
    if seen.blocked:
        parts.append("blocked: images are in use" if seen.in_use else "blocked: uses could not be checked")
    return ", ".join(parts)


def _newest_first(mark: Mark) -> tuple[float, str]:
    return -(mark.image.pushed_at or 0.0), mark.digest


def _mark(seen: Preview, mark: Mark) -> Record:
    return {
        "digest": mark.digest,
        "tags": list(mark.tags),
        "rule": mark.rule_priority,
        "action": str(mark.action),
        "reason": mark.reason,
        "size": mark.image.size,
        "pushed_at": iso(mark.image.pushed_at),
        "in_use": [use.label for use in seen.in_use.get(mark.digest, ())],
    }


PREVIEW_COLUMNS = (
    Column("tags", lambda mark: " ".join(mark["tags"]) or "<untagged>"),
    Column("digest", lambda mark: mark["digest"].removeprefix("sha256:")[:12]),
    Column("pushed", lambda mark: age_of(mark["pushed_at"]), "right"),
    Column("size", lambda mark: size(mark["size"]), "right"),
    column("rule", "rule", "right"),
    column("action", "action"),
    Column("in use", lambda mark: ", ".join(mark["in_use"])),
)
