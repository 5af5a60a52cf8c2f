"""`ecrtui usage`: what runs the images of a repository, or one image; and whether it drifted from its tag."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import click

from ecrtui.domain.drift import Drift, DriftState
from ecrtui.domain.errors import AppError, ErrorKind
from ecrtui.domain.usage import Use, UseIndex, registry_words
from ecrtui.headless.invocation import Command, Opened, begin
from ecrtui.headless.loading import selected, understood
from ecrtui.headless.printers import note, print_found
from ecrtui.headless.usage_argument import Wanted, wanted
from ecrtui.headless.usage_rows import COLUMNS, FIELDS, MEMBERS, VALUES, UseRow, order, record, words
from ecrtui.services.origins import trace_origins
from ecrtui.services.usage import RepositoryUsage, load_repository_usage, load_uses

_AT_ONCE = 4


@dataclass(frozen=True, slots=True)
class _Part:
    """The rows of one repository, and what could not be read of it."""

    rows: tuple[UseRow, ...] = ()
    errors: tuple[AppError, ...] = ()


@click.command(cls=Command)
@click.argument("what", metavar="[REPOSITORY|IMAGE]", required=False, default="")
def usage(what: str) -> int:
    """List what runs the images of a repository, or one image: ECS, App Runner, Lambda.

    IMAGE is REPOSITORY:TAG, REPOSITORY@DIGEST or a whole URI, also one of another registry. Without an argument
    everything that runs an image is listed. Uses are looked for in all the given regions, matched by digest (an
    index and its platforms are one image) and then by tag. Drift: the tag names another image than the one that
    runs; it is no error, the exit code stays 0. The build that made an image is proven by its log, what drifted first;
    where many run, the rest says how. What could not be checked is reported, and gives its exit code.
    """
    call = begin(filtered=True)
    query = understood(call.filter, FIELDS)
    asked = wanted(what)

    async def command(opened: Opened) -> int:
        regions = await call.regions(opened.account, wide=True)
        opened.progress(f"looking for what runs in {', '.join(regions)}")
        index = await load_uses(opened.account, regions)
        parts = await _parts(opened, asked, index, regions)
        rows = sorted((row for part in parts for row in part.rows), key=order)
        chosen = selected(query, rows, words, VALUES)
        opened.progress("looking for the builds that made the images")
        origins = await trace_origins(opened.account, (image for row in chosen for image in row.images))
        chosen = [row.traced(origins) for row in chosen]
        opened.progress.clear()
        errors = [*_unchecked(index), *(error for part in parts for error in part.errors), *origins.errors]
        if not rows and not errors:
            note(f"nothing that runs {what or 'an image'} was found in {', '.join(regions)}")
        return print_found(call.form, [record(row) for row in chosen], COLUMNS, MEMBERS, errors)

    return call.run(command)


# What is looked at


async def _parts(opened: Opened, asked: Wanted, index: UseIndex, regions: Sequence[str]) -> list[_Part]:
    """The rows, repository by repository."""
    if asked.everything:
        return await _everything(opened, index)
    if asked.foreign is not None:
        return [_foreign(index.naming(asked.foreign), asked)]
    own = (await opened.account.identity()).account
    if asked.registry_id and asked.registry_id != own:
        assert asked.reference is not None
        return [_foreign(index.naming(asked.reference), asked)]
    places = (asked.region,) if asked.region else tuple(regions)
    parts = await asyncio.gather(*(_of_repository(opened, region, asked, index) for region in places))
    there = [part for part in parts if not _is_missing(part)]
    return there or list(parts[:1])


async def _everything(opened: Opened, index: UseIndex) -> list[_Part]:
    """Every use; those of our own repositories judged for drift."""
    own = (await opened.account.identity()).account
    names = dict.fromkeys(
        (use.reference.region, use.reference.repository) for use in index.uses if use.reference.registry_id == own
    )
    slots = asyncio.Semaphore(_AT_ONCE)

    async def one(region: str, name: str) -> _Part:
        async with slots:
            part = await _of_repository(opened, region, Wanted(name), index)
        if not _is_missing(part):
            return part
        uses = [
            use
            for use in index.uses
            if (use.reference.registry_id, use.reference.region, use.reference.repository) == (own, region, name)
        ]
        why = f"there is no repository {name} in {region}"
        return _Part(tuple(UseRow(_unjudged(use, why), "", region) for use in uses))

    parts = list(await asyncio.gather(*(one(*name) for name in names)))
    others = [use for use in index.uses if use.reference.registry_id != own]
    return [*parts, _foreign(others, Wanted(""))]


def _is_missing(part: _Part) -> bool:
    return not part.rows and any(error.kind is ErrorKind.NOT_FOUND for error in part.errors)


def _foreign(uses: Iterable[Use], asked: Wanted) -> _Part:
    """Uses of another registry's images: shown as what they are, nothing can be looked up there."""
    rows = []
    for use in uses:
        reference = use.reference
        if asked.version and asked.version not in (reference.effective_tag, use.running_digest):
            continue
        rows.append(UseRow(_unjudged(use, f"{registry_words(reference)}: its tags cannot be looked up"), ""))
    return _Part(tuple(rows))


def _unjudged(use: Use, why: str) -> Drift:
    return Drift(use, DriftState.UNKNOWN, why, use.reference.effective_tag, use.running_digest)


async def _of_repository(opened: Opened, region: str, asked: Wanted, index: UseIndex) -> _Part:
    """The uses of one repository, or of the image that is asked for."""
    account = opened.account
    try:
        found = await load_repository_usage(account, region, asked.repository, index, also=asked.rows_in)
        row = next(iter(asked.rows_in(found.listing)), None)
    except AppError as error:
        return _Part(errors=(error,))
    drifts = _drifts(found, asked, row)
    errors = [] if found.error is None else [found.error]
    if asked.version and row is None and not drifts and found.error is None:
        what = f"find {asked.version} in {asked.repository}"
        errors.append(AppError(ErrorKind.NOT_FOUND, what, region, "no image has this tag or digest"))
    return _Part(tuple(_row(found, drift, region) for drift in drifts), tuple(errors))


def _row(found: RepositoryUsage, drift: Drift, region: str) -> UseRow:
    running = drift.running_image
    return UseRow(drift, _by(drift), region, None if running is None else found.drifts.built(running))


def _drifts(found: RepositoryUsage, asked: Wanted, row: int | None) -> tuple[Drift, ...]:
    if not asked.version:
        return found.drifts.all()
    if row is not None:
        return tuple(found.drifts.of_row(row))
    # The image is gone, but something may still run it, or name its tag.
    return tuple(
        drift for drift in found.drifts.all() if asked.version in (drift.tag, drift.running, (drift.running or "")[7:])
    )


def _by(drift: Drift) -> str:
    return "digest" if drift.use.running_digest and not drift.use.by_tag else "tag"


_NOT_ALLOWED = " is not allowed"


def _unchecked(index: UseIndex) -> list[AppError]:
    """What could not be checked, each as an error with the exit code of its kind."""
    return [
        AppError(
            ErrorKind.DENIED if reason.endswith(_NOT_ALLOWED) else ErrorKind.SERVICE,
            "see everything that runs",
            why=reason,
            remedy="While this cannot be seen, every image counts as in use.",
        )
        for reason in index.unchecked
    ]
