"""`ecrtui usage`: what runs the images of a repository, or one image; and whether it drifted from its tag."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import click

from ecrtui.domain.build import Build
from ecrtui.domain.drift import Drift, DriftState, redeploy_command
from ecrtui.domain.errors import AppError, ErrorKind
from ecrtui.domain.image import Image
from ecrtui.domain.instants import iso
from ecrtui.domain.origin import Origin, origin_of
from ecrtui.domain.query import Field, FieldKind
from ecrtui.domain.reference import Reference
from ecrtui.domain.usage import KIND_WORDS, Use, UseIndex, registry_words
from ecrtui.headless.invocation import Command, Opened, begin
from ecrtui.headless.loading import selected, understood
from ecrtui.headless.printers import Column, Record, column, note, print_found
from ecrtui.headless.usage_argument import Wanted, wanted
from ecrtui.headless.words import age_of
from ecrtui.services.builds import history
from ecrtui.services.usage import (
    BUILDS_LOOKED_AT,
    PushesRead,
    RepositoryUsage,
    load_repository_usage,
    load_uses,
    prove_origin,
)

_FIELDS = (
    Field("kind", FieldKind.TEXT),
    Field("name", FieldKind.TEXT),
    Field("region", FieldKind.TEXT),
    Field("repository", FieldKind.TEXT),
    Field("tag", FieldKind.TEXT),
    Field("drift", FieldKind.FLAG),
)
_AT_ONCE = 4


@dataclass(frozen=True, slots=True)
class _Row:
    """One use as it is printed."""

    drift: Drift
    by: str
    """How it is known that it runs the image: `digest`, `tag`; empty for a reference to another registry."""
    repository_region: str = ""
    running_origin: Origin | None = None
    named_origin: Origin | None = None


@dataclass(frozen=True, slots=True)
class _Part:
    """The rows of one repository, and what could not be read of it."""

    rows: tuple[_Row, ...] = ()
    errors: tuple[AppError, ...] = ()


@click.command(cls=Command)
@click.argument("what", metavar="[REPOSITORY|IMAGE]", required=False, default="")
def usage(what: str) -> int:
    """List what runs the images of a repository, or one image: ECS, App Runner, Lambda.

    IMAGE is REPOSITORY:TAG, REPOSITORY@DIGEST or a whole URI, also one of another registry. Without an argument
    everything that runs an image is listed. Uses are looked for in all the given regions, matched by digest (an
    index and its platforms are one image) and then by tag. Drift: the tag names another image than the one that
    runs; it is no error, the exit code stays 0. What could not be checked is reported, and gives its exit code.
    """
    call = begin(filtered=True)
    query = understood(call.filter, _FIELDS)
    asked = wanted(what)

    async def command(opened: Opened) -> int:
        regions = await call.regions(opened.account, wide=True)
        opened.progress(f"looking for what runs in {', '.join(regions)}")
        index = await load_uses(opened.account, regions)
        parts = await _parts(opened, asked, index, regions)
        rows = sorted((row for part in parts for row in part.rows), key=_order)
        chosen = selected(query, rows, _words, _VALUES)
        opened.progress.clear()
        errors = [*_unchecked(index), *(error for part in parts for error in part.errors)]
        if not rows and not errors:
            note(f"nothing that runs {what or 'an image'} was found in {', '.join(regions)}")
        return print_found(call.form, [_record(row) for row in chosen], _COLUMNS, _MEMBERS, errors)

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
        return _Part(tuple(_Row(_unjudged(use, why), "", region) for use in uses))

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
        rows.append(_Row(_unjudged(use, f"{registry_words(reference)}: its tags cannot be looked up"), ""))
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
    builds: tuple[Build, ...] = ()
    if drifts and (asked.repository_asked or any(drift.drifted for drift in drifts)):
        try:
            builds = await history(account, region, asked.repository, BUILDS_LOOKED_AT)
        except AppError as error:
            errors += [] if error.kind is ErrorKind.NOT_FOUND else [error]
    origins = _Origins(PushesRead(account), builds, prove=bool(asked.version))
    rows = [
        _Row(drift, _by(drift), region, await origins.of(drift.running_image), await origins.of(drift.named))
        for drift in drifts
    ]
    return _Part(tuple(rows), tuple(errors))


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


class _Origins:
    """The builds that made the images that are printed, each looked for once."""

    def __init__(self, pushes: PushesRead, builds: Sequence[Build], *, prove: bool) -> None:
        self._pushes = pushes
        self._builds = builds
        self._prove = prove
        self._known: dict[str, Origin | None] = {}

    async def of(self, image: Image | None) -> Origin | None:
        if image is None:
            return None
        if image.digest not in self._known:
            proven = prove_origin(self._pushes, image, self._builds) if self._prove and self._builds else None
            self._known[image.digest] = origin_of(image, self._builds) if proven is None else await proven
        return self._known[image.digest]


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


# How it is printed


def _order(row: _Row) -> tuple[bool, str, str, str, str]:
    use = row.drift.use
    return (not row.drift.drifted, use.reference.repository, use.kind, use.region, use.name)


def _words(row: _Row) -> str:
    use, reference = row.drift.use, row.drift.use.reference
    return f"{use.kind} {use.name} {use.region} {reference.repository} {reference.tag or ''} {row.drift.state}"


_VALUES = {
    "kind": lambda row: row.drift.use.kind,
    "name": lambda row: row.drift.use.name,
    "region": lambda row: row.drift.use.region,
    "repository": lambda row: row.drift.use.reference.repository,
    "tag": lambda row: row.drift.tag,
    "drift": lambda row: None if row.drift.state is DriftState.UNKNOWN else row.drift.drifted,
}

_MEMBERS = (
    "kind",
    "name",
    "region",
    "running",
    "role",
    "deployed_at",
    "auto_deploys",
    "reference",
    "registry",
    "repository",
    "repository_region",
    "tag",
    "by",
    "running_digest",
    "running_tags",
    "running_pushed_at",
    "running_build",
    "running_build_number",
    "running_commit",
    "running_certainty",
    "tag_digest",
    "tag_tags",
    "tag_pushed_at",
    "tag_build",
    "tag_build_number",
    "tag_commit",
    "tag_certainty",
    "drift",
    "drifted",
    "why",
    "command",
)


def _record(row: _Row) -> Record:
    drift, use = row.drift, row.drift.use
    reference = use.reference
    return {
        "kind": use.kind,
        "name": use.name,
        "region": use.region,
        "running": use.running,
        "role": use.role or None,
        "deployed_at": iso(use.deployed_at),
        "auto_deploys": use.auto_deploys,
        "reference": _written(reference),
        "registry": registry_words(reference),
        "repository": reference.repository,
        "repository_region": row.repository_region or reference.region or None,
        "tag": drift.tag,
        "by": row.by or None,
        "running_digest": drift.running,
        **_image_members("running", drift.running_image, row.running_origin),
        "tag_digest": drift.named.digest if drift.named else None,
        **_image_members("tag", drift.named, row.named_origin),
        "drift": drift.state.value,
        "drifted": None if drift.state is DriftState.UNKNOWN else drift.drifted,
        "why": drift.why,
        "command": redeploy_command(drift) or None,
    }


def _image_members(prefix: str, image: Image | None, origin: Origin | None) -> Record:
    build = origin.build if origin else None
    return {
        f"{prefix}_tags": None if image is None else list(image.tags),
        f"{prefix}_pushed_at": None if image is None else iso(image.pushed_at),
        f"{prefix}_build": build.id if build else None,
        f"{prefix}_build_number": build.number if build else None,
        f"{prefix}_commit": (origin.commit or None) if origin else None,
        f"{prefix}_certainty": origin.certainty.value if origin else None,
    }


def _written(reference: Reference) -> str:
    tag = f":{reference.tag}" if reference.tag else ""
    digest = f"@{reference.digest}" if reference.digest else ""
    return f"{reference.host}/{reference.repository}{tag}{digest}"


_SIGNS = {
    DriftState.NONE: "✓ no",
    DriftState.DRIFT: "⚠ drift",
    DriftState.TAG_GONE: "✗ tag gone",
    DriftState.IMAGE_GONE: "✗ image gone",
    DriftState.UNKNOWN: "? unknown",
}


def _image(record: Record) -> str:
    named = f"{record['repository']}:{record['tag']}" if record["tag"] else record["repository"]
    own = record["repository_region"] and record["by"]
    return named if own else f"{record['registry']}: {named}"


def _runs(record: Record) -> str:
    digest = (record["running_digest"] or "")[7:19]
    if not digest:
        return "not told"
    return f"{digest} {age_of(record['running_pushed_at'])}" if record["running_pushed_at"] else digest


def _names(record: Record) -> str:
    digest = (record["tag_digest"] or "")[7:19]
    return f"{digest} {age_of(record['tag_pushed_at'])}" if digest else ""


def _made(record: Record) -> str:
    build, number = record["running_build"], record["running_build_number"]
    commit = (record["running_commit"] or "")[:7]
    if not build:
        return f"commit {commit}" if commit else ""
    return f"{f'#{number}' if number else build.rpartition(':')[2][:8]} {commit} {record['running_certainty']}"


_COLUMNS = (
    Column("what runs it", lambda record: f"{KIND_WORDS[record['kind']]} {record['name']}"),
    column("region", "region"),
    column("running", "running", "right"),
    Column("image", _image),
    Column("runs", _runs),
    Column("tag names", _names),
    Column("drift", lambda record: _SIGNS[DriftState(record["drift"])]),
    Column("built by", _made),
)
