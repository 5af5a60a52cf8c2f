"""`ecrtui repositories`."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

import click

from ecrtui.domain.errors import AppError
from ecrtui.domain.instants import iso
from ecrtui.domain.query import Field, FieldKind, Query
from ecrtui.domain.repository import Repository
from ecrtui.domain.units import count, size
from ecrtui.headless.invocation import Command, Invocation, Opened, begin
from ecrtui.headless.loading import asks_for, loaded, selected, understood
from ecrtui.headless.printers import Column, Record, column, print_found
from ecrtui.headless.words import age_of
from ecrtui.services.browse import Summary, load_repositories, load_summaries

_FIELDS = (
    Field("name", FieldKind.TEXT),
    Field("region", FieldKind.TEXT),
    Field("tags", FieldKind.TEXT),
    Field("images", FieldKind.NUMBER),
    Field("age", FieldKind.AGE),
    Field("size", FieldKind.SIZE),
    Field("policy", FieldKind.FLAG),
)
_OF_SUMMARIES = ("images", "age", "size", "policy")


@dataclass(frozen=True, slots=True)
class _Row:
    repository: Repository
    summary: Summary | None

    @property
    def policy(self) -> bool | None:
        """Whether a lifecycle policy is set; None when it is not known."""
        rules = self.summary.policy_rules if self.summary else None
        return None if rules is None else rules > 0


@click.command(cls=Command)
@click.option("--details", is_flag=True, help="Count images and bytes, and read the policies, of each.")
def repositories(details: bool) -> int:
    """List the repositories of the regions."""
    call = begin(filtered=True)
    query = understood(call.filter, _FIELDS)
    details = details or any(asks_for(query, name) for name in _OF_SUMMARIES)
    return call.run(lambda opened: _list(call, opened, query, details))


async def _list(call: Invocation, opened: Opened, query: Query, details: bool) -> int:
    regions = await call.regions(opened.account)
    parts = await asyncio.gather(*(_of_region(opened, region, details) for region in regions))
    errors = [error for _, found in parts for error in found]
    rows = selected(
        query,
        [row for rows, _ in parts for row in rows],
        lambda row: f"{row.repository.name} {row.repository.region} {row.repository.mutability}",
        {
            "name": lambda row: row.repository.name,
            "region": lambda row: row.repository.region,
            "tags": lambda row: row.repository.mutability,
            "images": lambda row: row.summary and row.summary.images,
            "age": lambda row: row.summary and row.summary.last_push,
            "size": lambda row: row.summary and row.summary.bytes,
            "policy": lambda row: row.policy,
        },
    )
    opened.progress.clear()
    members = (*_MEMBERS, *_DETAILS) if details else _MEMBERS
    columns = (*_COLUMNS, *_DETAIL_COLUMNS) if details else _COLUMNS
    return print_found(call.form, [_record(row, details) for row in rows], columns, members, errors)


async def _of_region(opened: Opened, region: str, details: bool) -> tuple[list[_Row], Sequence[AppError | None]]:
    """The repositories of a region by name, and what could not be read."""
    load = await loaded(load_repositories(opened.account, region), f"repositories of {region}", opened.progress)
    listing = load.value
    if listing is None:
        return [], [load.error]
    found = sorted((listing.row(index) for index in range(len(listing))), key=lambda row: row.name)
    summaries: dict[str, Summary] = {}
    if details:
        async for name, summary in load_summaries(opened.account, region, listing.names):
            summaries[name] = summary
            opened.progress(f"{region}: {len(summaries)} of {len(found)} repositories looked into")
    refusals = [summaries[row.name].error for row in found if row.name in summaries]
    return [_Row(row, summaries.get(row.name)) for row in found], [load.error, *refusals]


_MEMBERS = (
    "name",
    "region",
    "uri",
    "arn",
    "registry_id",
    "created_at",
    "mutability",
    "exclusions",
    "scan_on_push",
    "encryption",
    "kms_key",
)
_DETAILS = ("images", "size", "last_push", "last_tag", "policy_rules")


def _record(row: _Row, details: bool) -> Record:
    repository, summary = row.repository, row.summary
    record = {member: getattr(repository, member) for member in _MEMBERS}
    record["created_at"] = iso(repository.created_at)
    if details:
        record |= {
            "images": summary and summary.images,
            "size": summary and summary.bytes,
            "last_push": iso(summary.last_push) if summary else None,
            "last_tag": summary.last_tag or None if summary else None,
            "policy_rules": summary and summary.policy_rules,
        }
    return record


_COLUMNS = (
    column("name", "name"),
    column("region", "region"),
    column("tags", "mutability"),
    column("scan", "scan_on_push"),
    column("encryption", "encryption"),
    Column("created", lambda record: age_of(record["created_at"]), "right"),
)
_DETAIL_COLUMNS = (
    Column("images", lambda record: count(record["images"]), "right"),
    Column("size", lambda record: size(record["size"]), "right"),
    Column("pushed", lambda record: age_of(record["last_push"]), "right"),
    Column("policy", lambda record: count(record["policy_rules"]), "right"),
)
