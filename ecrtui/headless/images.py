"""`ecrtui images`."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

import click

from ecrtui.domain.errors import AppError, ErrorKind
from ecrtui.domain.image import Image
from ecrtui.domain.instants import iso
from ecrtui.domain.query import Field, FieldKind, Query
from ecrtui.domain.units import size
from ecrtui.headless.invocation import Command, Invocation, Opened, begin
from ecrtui.headless.loading import loaded, selected, understood
from ecrtui.headless.printers import Column, Record, column, note, print_found
from ecrtui.headless.words import age_of
from ecrtui.services.browse import load_images

_FIELDS = (
    Field("tag", FieldKind.TEXT),
    Field("digest", FieldKind.TEXT),
    Field("age", FieldKind.AGE),
    Field("pulled", FieldKind.AGE),
    Field("size", FieldKind.SIZE),
    Field("kind", FieldKind.TEXT),
    Field("status", FieldKind.TEXT),
    Field("tagged", FieldKind.FLAG),
    Field("region", FieldKind.TEXT),
)
_Row = tuple[str, Image]
"""The region of an image, and the image."""


@click.command(cls=Command)
@click.argument("repository")
def images(repository: str) -> int:
    """List all images of a repository, newest first."""
    call = begin(filtered=True)
    query = understood(call.filter, _FIELDS)
    return call.run(lambda opened: _list(call, opened, repository, query))


async def _list(call: Invocation, opened: Opened, repository: str, query: Query) -> int:
    regions = await call.regions(opened.account)
    parts = await asyncio.gather(*(_of_region(opened, region, repository) for region in regions))
    rows = [row for found, _ in parts for row in found]
    rows.sort(key=lambda row: (-(row[1].pushed_at or 0.0), row[1].digest))
    chosen = selected(
        query,
        rows,
        lambda row: " ".join((*row[1].tags, row[1].digest, row[1].kind, row[1].status)),
        {
            "tag": lambda row: row[1].tags,
            "digest": lambda row: row[1].digest,
            "age": lambda row: row[1].pushed_at,
            "pulled": lambda row: row[1].pulled_at,
            "size": lambda row: row[1].size,
            "kind": lambda row: row[1].kind,
            "status": lambda row: row[1].status,
            "tagged": lambda row: bool(row[1].tags),
            "region": lambda row: row[0],
        },
    )
    opened.progress.clear()
    columns = _COLUMNS if len(regions) == 1 else (*_COLUMNS, column("region", "region"))
    errors = _errors(dict(zip(regions, (error for _, error in parts), strict=True)))
    records = [_record(repository, *row) for row in chosen]
    return print_found(call.form, records, columns, _MEMBERS, errors)


async def _of_region(opened: Opened, region: str, repository: str) -> tuple[list[_Row], AppError | None]:
    slices = load_images(opened.account, region, repository)
    load = await loaded(slices, f"images of {repository} in {region}", opened.progress)
    listing = load.value
    rows = [] if listing is None else [(region, listing.row(index)) for index in range(len(listing))]
    return rows, load.error


def _errors(by_region: Mapping[str, AppError | None]) -> list[AppError | None]:
    """What to report: over several regions, that some have no such repository is a note."""
    missing = [region for region, error in by_region.items() if error and error.kind is ErrorKind.NOT_FOUND]
    if len(missing) == len(by_region):
        return [by_region[missing[0]]]
    for region in missing:
        note(f"there is no such repository in {region}")
    return [error for region, error in by_region.items() if region not in missing]


_MEMBERS = (
    "repository",
    "region",
    "digest",
    "tags",
    "pushed_at",
    "size",
    "kind",
    "media_type",
    "artifact_type",
    "status",
    "last_pull",
    "subject",
    "archived_at",
    "activated_at",
    "scan_status",
    "severities",
)


def _record(repository: str, region: str, image: Image) -> Record:
    return {
        "repository": repository,
        "region": region,
        "digest": image.digest,
        "tags": list(image.tags),
        "pushed_at": iso(image.pushed_at),
        "size": image.size,
        "kind": image.kind,
        "media_type": image.media_type,
        "artifact_type": image.artifact_type,
        "status": image.status,
        "last_pull": iso(image.pulled_at),
        "subject": image.subject,
        "archived_at": iso(image.archived_at),
        "activated_at": iso(image.activated_at),
        "scan_status": image.scan_status,
        "severities": None if image.severities is None else dict(image.severities),
    }


_COLUMNS = (
    Column("tags", lambda record: " ".join(record["tags"]) or "<untagged>"),
    Column("digest", lambda record: record["digest"].removeprefix("sha256:")[:12]),
    Column("pushed", lambda record: age_of(record["pushed_at"]), "right"),
    Column("size", lambda record: size(record["size"]), "right"),
    column("kind", "kind"),
    column("status", "status"),
    Column("pulled", lambda record: age_of(record["last_pull"]), "right"),
)
