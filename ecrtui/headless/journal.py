"""`ecrtui journal`: what was changed from this machine, and the looking up of what became of it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import click

from ecrtui.domain.errors import AppError
from ecrtui.domain.instants import iso
from ecrtui.domain.query import Field, FieldKind, Query
from ecrtui.headless.invocation import Command, Invocation, Opened, begin
from ecrtui.headless.loading import selected, understood
from ecrtui.headless.printers import Column, Record, column, note, print_records, report, report_all
from ecrtui.services.changes_made import UNKNOWN, ChangeMade, changes_made
from ecrtui.services.ports import Journal
from ecrtui.services.reconcile import reconcile
from ecrtui.services.trace import Resolution

_FIELDS = (
    Field("age", FieldKind.AGE),
    Field("outcome", FieldKind.TEXT),
    Field("account", FieldKind.TEXT),
    Field("region", FieldKind.TEXT),
    Field("target", FieldKind.TEXT),
    Field("call", FieldKind.TEXT),
    Field("request", FieldKind.TEXT),
)


@click.command(cls=Command)
@click.option("--reconcile", "looking_up", is_flag=True, help="Look up at AWS what became of unknown changes.")
def journal(looking_up: bool) -> int:
    """List the changes that were made from this machine, newest first.

    Nothing is asked of AWS, unless --reconcile is given: then what became of the changes of the account that were
    cut off, or whose answer was lost, is read there and written down. The exit code is 1 while the outcome of a
    listed change is unknown; --filter 'age:<7d' leaves out the older ones.
    """
    call = begin(filtered=True)
    if call.demo:
        raise click.UsageError("The journal of the embedded account goes with it: leave --demo out.")
    query = understood(call.filter, _FIELDS)
    if looking_up:
        return call.run(lambda opened: _looked_up(call, opened, query))
    with call.composition.journal(call.settings) as written:
        return asyncio.run(_listed(call, written, query))


async def _looked_up(call: Invocation, opened: Opened, query: Query) -> int:
    """Look up first; what cannot be looked up is told, and listed as unknown."""
    try:
        resolved = await reconcile(opened.account, opened.journal, again=True)
    except AppError as error:
        opened.progress.clear()
        await _listed(call, opened.journal, query)
        return report_all([error])
    opened.progress.clear()
    for each in resolved:
        if each.resolution in (Resolution.OPEN, Resolution.UNKNOWN):
            note(f"{each.title}: {each.resolution}: {each.detail}")
    return await _listed(call, opened.journal, query)


async def _listed(call: Invocation, written: Journal, query: Query) -> int:
    """Print what is asked for; 1 when the outcome of any of it is unknown."""
    chosen = _chosen(query, await changes_made(written))
    damage = await written.mend()
    if damage is not None:
        report(damage)
    print_records(call.form, map(_record, chosen), _COLUMNS, _MEMBERS)
    return int(any(change.outcome == UNKNOWN for change in chosen))


def _chosen(query: Query, made: Sequence[ChangeMade]) -> list[ChangeMade]:
    return selected(
        query,
        made,
        lambda change: " ".join((change.title, change.intent.region, change.outcome, change.detail)),
        {
            "age": lambda change: change.intent.at,
            "outcome": lambda change: change.outcome,
            "account": lambda change: change.intent.account,
            "region": lambda change: change.intent.region,
            "target": lambda change: change.intent.target,
            "call": _call,
            "request": lambda change: change.request_id,
        },
    )


_MEMBERS = (
    "at",
    "ended_at",
    "account",
    "arn",
    "region",
    "endpoint",
    "change",
    "call",
    "target",
    "outcome",
    "detail",
    "request_id",
    "looked_up",
    "id",
)


def _record(change: ChangeMade) -> Record:
    intent, end = change.intent, change.end
    return {
        "at": iso(intent.at),
        "ended_at": None if end is None else iso(end.at),
        "account": intent.account,
        "arn": intent.arn,
        "region": intent.region,
        "endpoint": intent.endpoint or None,
        "change": change.title,
        "call": _call(change),
        "target": intent.target,
        "outcome": change.outcome,
        "detail": change.detail,
        "request_id": change.request_id or None,
        "looked_up": end is not None and end.looked_up,
        "id": intent.id,
    }


def _call(change: ChangeMade) -> str:
    return f"{change.intent.service}:{change.intent.operation}"


def _whose(record: Record) -> str:
    """The account; that of an emulator with its place."""
    place = (record["endpoint"] or "").partition("://")[2]
    return f"{record['account']}@{place}" if place else str(record["account"])


_COLUMNS = (
    Column("time (utc)", lambda record: (record["at"] or "")[:19].replace("T", " ")),
    Column("account", _whose),
    column("region", "region"),
    column("change", "change"),
    column("outcome", "outcome"),
    column("request", "request_id"),
)
