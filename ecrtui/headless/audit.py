"""`ecrtui audit`: every rule over everything in scope."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import replace
from difflib import get_close_matches
from typing import Any

import click

from ecrtui.domain.audit.export import FORMATS, as_json
from ecrtui.domain.audit.markdown import rules_page
from ecrtui.domain.audit.records import FINDING_MEMBERS, finding_record, rule_record
from ecrtui.domain.audit.report import NotChecked, Report
from ecrtui.domain.audit.rule import Rule, Severity
from ecrtui.domain.audit.rules import BY_ID, RULES
from ecrtui.domain.audit.words import counted, some
from ecrtui.domain.errors import AppError, ErrorKind
from ecrtui.domain.names import NamingRule
from ecrtui.domain.query import Field, FieldKind, Query
from ecrtui.headless.invocation import Command, Invocation, Opened, begin
from ecrtui.headless.loading import selected, understood
from ecrtui.headless.printers import Column, column, note, print_records, report_all
from ecrtui.services.audit import audit as audited
from ecrtui.services.state import Failed, Idle, Loadable, value_of

_FORMATS = ("table", *FORMATS)
_FIELDS = (
    Field("severity", FieldKind.TEXT),
    Field("rule", FieldKind.TEXT),
    Field("name", FieldKind.TEXT),
    Field("region", FieldKind.TEXT),
)
_SEVERITIES = [str(severity) for severity in Severity]
_NEVER = "never"
_DENIED = 4
"""The exit code where an IAM action is missing."""


@click.command(cls=Command)
@click.option("--rule", "ids", multiple=True, metavar="ID", help="Only this rule; repeatable. --rules lists them.")
@click.option("--severity", type=click.Choice(_SEVERITIES), default="info", help="Only findings of this or worse.")
@click.option(
    "--fail-on",
    type=click.Choice([*_SEVERITIES, _NEVER]),
    default="high",
    show_default=True,
    help="Exit with 1 when a finding that is printed is of this or worse.",
)
@click.option("--rules", "list_rules", is_flag=True, help="List the rules, without AWS.")
def audit(ids: tuple[str, ...], severity: str, fail_on: str, list_rules: bool) -> int:
    """Audit projects, repositories, images and what runs them by every rule.

    --format can be table, json, csv, sarif (2.1.0) or markdown. What could not be checked is told with the IAM
    action that is missing. Exit code 1 when there are findings of --fail-on or worse.
    """
    call = begin(_FORMATS, filtered=True)
    rules = _chosen(ids)
    if list_rules:
        return _print_rules(call.form, rules)
    query = understood(call.filter, _FIELDS)
    call.settings.check_rules(BY_ID)

    async def command(opened: Opened) -> int:
        regions = await call.regions(opened.account, wide=True)
        report = _printed_part(await _audited(call, opened, regions, rules), query, Severity(severity))
        opened.progress.clear()
        _print(call.form, report)
        refused = any(one.unread.action for one in report.not_checked)
        code = report_all(report.errors) or (_DENIED if refused else 0)
        if fail_on != _NEVER and report.reaching(Severity(fail_on)):
            return 1
        return code

    return call.run(command)


def _chosen(ids: Sequence[str]) -> tuple[Rule[Any], ...]:
    for id_ in ids:
        if id_ not in BY_ID:
            close = get_close_matches(id_, BY_ID, n=1)
            remedy = f"Did you mean {close[0]}?" if close else "`ecrtui audit --rules` lists them."
            raise AppError(ErrorKind.USAGE, f"check the rule {id_}", why="there is no such rule", remedy=remedy)
    return tuple(rule for rule in RULES if not ids or rule.id in ids)


async def _audited(call: Invocation, opened: Opened, regions: Sequence[str], rules: Sequence[Rule[Any]]) -> Report:
    """The end of the audit. Raises the error where nothing could be listed at all."""
    naming = call.settings.naming_rule
    states = audited(
        opened.account,
        regions,
        rules=rules,
        naming=NamingRule.of(naming) if naming else None,
        suppressions=call.settings.audit.suppress,
    )
    last: Loadable[Report] = Idle()
    async with aclosing(states):
        async for last in states:
            if (so_far := value_of(last)) is not None and so_far.names:
                found = counted(len(so_far.findings), "finding")
                opened.progress(f"{so_far.looked_at} of {so_far.names} names, {found} so far")
    if isinstance(last, Failed):
        raise last.error
    report = value_of(last)
    assert report is not None
    return report


def _printed_part(report: Report, query: Query, least: Severity) -> Report:
    """The report with those findings only that were asked for."""
    found = selected(
        query,
        report.reaching(least),
        lambda finding: f"{finding.rule.id} {finding.name} {finding.region} {finding.what}",
        {
            "severity": lambda finding: str(finding.severity),
            "rule": lambda finding: finding.rule.id,
            "name": lambda finding: finding.name,
            "region": lambda finding: finding.region,
        },
    )
    return replace(report, findings=tuple(found))


# Printing


def _print(form: str, report: Report) -> None:
    if form == "table":
        print_records("table", [finding_record(finding) for finding in report.findings], _COLUMNS, FINDING_MEMBERS)
    else:
        sys.stdout.write(FORMATS[form](report, time.time()))
        sys.stdout.flush()
    if form in ("table", "csv"):
        _tell(report)


def _tell(report: Report) -> None:
    """What the rows do not say, on stderr."""
    counts = ", ".join(f"{number} {severity}" for severity, number in report.counts().items() if number)
    note(f"{counted(len(report.findings), 'finding')}{f': {counts}' if counts else ''}, of {report.names} names.")
    if report.suppressed:
        note(f"{counted(len(report.suppressed), 'finding')} suppressed by the configuration.")
    for entry in report.expired:
        note(f"the suppression of {entry.rule} for {entry.match} ended on {entry.until}: it suppresses nothing.")
    for one in report.not_checked:
        note(_lacking(one))


def _lacking(one: NotChecked) -> str:
    where = f"{some(one.names)} in {one.region}" if one.names else one.region
    ask = f" Allow {one.unread.action}." if one.unread.action else ""
    return f"not checked: {some([rule.id for rule in one.rules])} for {where}: {one.unread.why}.{ask}"


_GLYPHS = {"critical": "✗", "high": "✗", "medium": "!", "low": "·", "info": "·"}

_COLUMNS = (
    Column("severity", lambda record: f"{_GLYPHS[record['severity']]} {record['severity']}"),
    column("rule", "rule"),
    column("region", "region"),
    column("name", "name"),
    column("what", "what"),
)


def _print_rules(form: str, rules: Sequence[Rule[Any]]) -> int:
    records = [rule_record(rule) for rule in rules]
    match form:
        case "markdown":
            sys.stdout.write(rules_page(rules))
        case "json":
            sys.stdout.write(as_json(records))
        case "table" | "csv":
            print_records(form, records, _RULE_COLUMNS, tuple(records[0]))
        case _:
            raise click.UsageError(f"rules can be listed as table, json, csv or markdown, not as {form}.")
    sys.stdout.flush()
    return 0


_RULE_COLUMNS: tuple[Column, ...] = (
    column("rule", "id"),
    column("severity", "severity"),
    column("of", "of"),
    column("what it finds", "title"),
)
