"""`ecrtui findings`: what the scan of an image found, and what another image has more or less."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

import click

from ecrtui.domain.errors import AppError, ErrorKind
from ecrtui.domain.query import Query
from ecrtui.domain.scan import (
    NEVER_SCANNED,
    SEVERITIES,
    ImageScan,
    ScanReport,
    at_least,
    counts_of,
    fixable,
    standing,
    unlisted,
)
from ecrtui.domain.scan_comparison import FIXED, NEW, Comparison, compare
from ecrtui.domain.scan_rows import COMPARED, FIELDS, MEMBERS, VALUES, FindingRow, record, rows_of, words
from ecrtui.headless.image_argument import Located, locate
from ecrtui.headless.invocation import Command, Invocation, Opened, begin
from ecrtui.headless.loading import selected, understood
from ecrtui.headless.printers import Column, Record, column, note, print_found
from ecrtui.services.findings import load_scan

_SEVERITY = click.Choice([severity.lower() for severity in SEVERITIES], case_sensitive=False)


@dataclass(frozen=True, slots=True)
class _Wish:
    """What is printed, and what makes the exit code 1."""

    query: Query
    severity: str
    fixable: bool
    fail_on: str

    def printed(self, rows: Sequence[FindingRow]) -> list[FindingRow]:
        """The rows to print."""
        return [
            row
            for row in selected(self.query, rows, words, VALUES)
            if at_least(row.severity, self.severity) and (not self.fixable or fixable(row.finding))
        ]

    def failing(self, rows: Sequence[FindingRow]) -> list[FindingRow]:
        """The rows that `--fail-on` counts: a fix of which the scanner says nothing may well exist."""
        if not self.fail_on:
            return []
        return [
            row
            for row in selected(self.query, rows, words, VALUES)
            if at_least(row.severity, self.fail_on)
            and row.change in ("", NEW)
            and not (self.fixable and fixable(row.finding) is False)
        ]


@click.command(cls=Command)
@click.argument("image")
@click.option("--against", metavar="IMAGE", help="Compare with this earlier image: what is new, fixed, remaining.")
@click.option("--severity", type=_SEVERITY, default="undefined", help="Print findings at least this severe.")
@click.option("--fixable", is_flag=True, help="Only findings that an update mends.")
@click.option("--fail-on", "fail_on", type=_SEVERITY, help="Exit code 1 with findings at least this severe.")
def findings(image: str, against: str | None, severity: str, fixable: bool, fail_on: str | None) -> int:
    """List what the scan of an image found, worst first.

    IMAGE is REPOSITORY:TAG, REPOSITORY@DIGEST or a whole URI. Of an index, the findings of every platform.

    With --fail-on the exit code is 1 when there are such findings (of a comparison: new ones), whatever
    --severity prints; --filter and --fixable leave out findings here too, but not those of which the scanner
    does not say whether an update mends them. A gate fails closed: a scan that does not answer (never scanned,
    in progress, failed, unsupported) is exit code 1 with --fail-on, and 5 without.
    """
    call = begin(filtered=True)
    query = understood(call.filter, tuple(FIELDS.values()))
    wish = _Wish(query, severity.upper(), fixable, (fail_on or "").upper())
    if against is None:
        return call.run(lambda opened: _list(call, opened, image, wish))
    return call.run(lambda opened: _compare(call, opened, image, against, wish))


async def _list(call: Invocation, opened: Opened, image: str, wish: _Wish) -> int:
    found, scan = await _scanned(call, opened, image)
    opened.progress.clear()
    _summarise(found, scan)
    rows = rows_of(scan)
    many = any(row.platform for row in rows)
    columns = (*_COLUMNS, column("platform", "platform"), _LINK) if many else (*_COLUMNS, _LINK)
    errors = _errors(found, scan)
    records = [_record(found, row) for row in wish.printed(rows)]
    return _verdict(wish, rows, print_found(call.form, records, columns, (*_PLACE, *MEMBERS), errors), scan)


async def _compare(call: Invocation, opened: Opened, image: str, against: str, wish: _Wish) -> int:
    (found, scan), (base, former) = await asyncio.gather(_scanned(call, opened, image), _scanned(call, opened, against))
    opened.progress.clear()
    _summarise(found, scan)
    _summarise(base, former)
    comparison = compare(scan, former)
    rows = () if comparison is None else comparison.rows
    if comparison is not None:
        note(_compared(comparison))
    errors = [*_errors(found, scan), *_errors(base, former)]
    records = [_record(base if row.change == FIXED else found, row) for row in wish.printed(rows)]
    code = print_found(call.form, records, (_CHANGE, *_COLUMNS, _LINK), (*_PLACE, *COMPARED), errors)
    return _verdict(wish, rows, code, scan, former)


async def _scanned(call: Invocation, opened: Opened, image: str) -> tuple[Located, ImageScan]:
    opened.progress(f"findings of {image}")
    found = await locate(call, opened.account, image)
    return found, await load_scan(opened.account, found.region, found.repository, found.image)


def _verdict(wish: _Wish, rows: Sequence[FindingRow], code: int, *scans: ImageScan) -> int:
    """The exit code: findings before everything else; where it is asked for, unknown is not fine."""
    if wish.failing(rows):
        return 1
    unsettled = any(part.report is not None and _unsettled(part.report) for scan in scans for part in scan.parts)
    return 1 if wish.fail_on and unsettled else code


def _unsettled(report: ScanReport) -> bool:
    return not report.answers or bool(unlisted(report))


# What is said beside the rows


def _summarise(found: Located, scan: ImageScan) -> None:
    """A line for each part that answers."""
    for part in scan.parts:
        if part.report is not None and (counts := counts_of(part.report)) is not None:
            words_ = ", ".join(f"{number:,} {severity.lower()}" for severity, number in counts.items())
            kind = "enhanced" if part.report.enhanced else "basic"
            note(f"{_named(found, part.digest, part.platform)}: {words_ or 'no findings'} ({kind} scanning)")


def _compared(comparison: Comparison) -> str:
    return ", ".join(f"{number:,} {change}" for change, number in comparison.counts.items())


def _named(found: Located, digest: str, platform: str) -> str:
    tag = f":{found.image.tags[0]}" if found.image.tags else ""
    return f"{found.repository}{tag} {f'{platform} ' if platform else ''}{digest[:19]}"


def _errors(found: Located, scan: ImageScan) -> list[AppError]:
    """Why the findings of a part are not known, or not all."""
    errors = []
    for part in scan.parts:
        what = f"tell the findings of {_named(found, part.digest, part.platform)}"
        if isinstance(part.scan, AppError):
            errors.append(part.scan)
        elif not part.scan.answers:
            why = standing(part.scan.status)
            said = f" ({part.scan.status}: {part.scan.why})" if part.scan.why else f" ({part.scan.status})"
            said = "" if part.scan.status == NEVER_SCANNED else said
            errors.append(AppError(ErrorKind.SERVICE, what, found.region, why.sentence + said, why.remedy))
        elif missing := unlisted(part.scan):
            why_not = f"AWS counts {', '.join(missing)} findings, and lists none of them"
            errors.append(AppError(ErrorKind.MALFORMED, what, found.region, why_not, "Try again."))
    return errors


# Rows

_PLACE = ("region", "repository", "tags")


def _record(found: Located, row: FindingRow) -> Record:
    place = {"region": found.region, "repository": found.repository, "tags": list(found.image.tags)}
    return {**place, **record(row)}


def _score(one: Record) -> str:
    return "" if one["score"] is None else f"{one['score']:.1f}"


def _installed(one: Record) -> str:
    before = one.get("installed_before")
    return f"{before} → {one['installed'] or ''}" if before else one["installed"] or ""


_CHANGE = column("change", "change")

_COLUMNS = (
    Column("severity", lambda one: one["severity"].lower()),
    column("id", "id"),
    column("package", "package"),
    Column("installed", _installed),
    column("fixed in", "fixed_in"),
    Column("fix", lambda one: (one["fix_available"] or "").lower()),
    Column("score", _score, "right"),
)
_LINK = column("link", "link")
