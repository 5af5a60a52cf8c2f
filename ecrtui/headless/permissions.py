"""`ecrtui permissions`: who may push to a repository and pull from it, and the statement that mends what is broken."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import click

from ecrtui.domain.errors import AppError, ErrorKind
from ecrtui.domain.permission import Access, Mend, Place, Verdict
from ecrtui.domain.policy_document import PolicyProblem, over_broad
from ecrtui.domain.policy_words import sentence
from ecrtui.domain.query import Field, FieldKind
from ecrtui.headless.invocation import Command, Invocation, Opened, begin
from ecrtui.headless.loading import selected, understood
from ecrtui.headless.printers import Column, Record, column, dumped, note, print_found, print_line, report_all
from ecrtui.headless.repository_policy import compare_policies, other_policy, show_policies
from ecrtui.services.permissions import PermissionReport, load_permissions
from ecrtui.services.usage import load_uses

_FIELDS = (
    Field("access", FieldKind.TEXT),
    Field("purpose", FieldKind.TEXT),
    Field("role", FieldKind.TEXT),
    Field("region", FieldKind.TEXT),
)


@dataclass(frozen=True, slots=True)
class _Row:
    """One verdict on one repository."""

    report: PermissionReport
    verdict: Verdict


@click.command(cls=Command)
@click.argument("repository")
@click.option("--statement", is_flag=True, help="Print nothing but the policies that mend what is missing.")
@click.option("--policy", is_flag=True, help="Show the repository policy: a sentence for each statement.")
@click.option(
    "--diff", metavar="REPOSITORY|FILE", help="Compare the repository policy with another one, or a file (-)."
)
def permissions(repository: str, statement: bool, policy: bool, diff: str | None) -> int:
    """Say whether the project can push to a repository, and whether what runs its images can pull.

    IAM's simulator is asked about each role; the repository policy is evaluated here. Session policies and the
    policies of VPC endpoints are not looked at. The exit code is 1 when something is broken (with --diff: when the
    policies differ), else that of what could not be read. Unknown and not checked are never ok. Nothing is
    changed: the statements are for you to apply.
    """
    if statement + policy + (diff is not None) > 1:
        raise click.UsageError("Give one of --statement, --policy and --diff.")
    call = begin(filtered=not policy and diff is None)
    if policy:
        return call.run(lambda opened: show_policies(call, opened, repository))
    if diff is not None:
        other = other_policy(diff)
        return call.run(lambda opened: compare_policies(call, opened, repository, other))
    return _judge(call, repository, statement)


def _judge(call: Invocation, repository: str, statement: bool) -> int:
    query = understood(call.filter, _FIELDS)

    async def command(opened: Opened) -> int:
        reports, errors = await _reports(call, opened, repository)
        rows = [_Row(report, verdict) for report in reports for verdict in report.verdicts]
        chosen = selected(query, rows, _words, _VALUES)
        opened.progress.clear()
        code = _print_mends(call.form, chosen, errors) if statement else _print(call.form, chosen, errors)
        if not rows and reports:
            note(f"no project of this name pushes to {repository}, and nothing was found that pulls from it")
        for report in reports:
            _warn_of_policy(report)
        return 1 if any(row.verdict.access is Access.BROKEN for row in chosen) else code

    return call.run(command)


async def _reports(call: Invocation, opened: Opened, name: str) -> tuple[list[PermissionReport], list[AppError]]:
    """The report of each region that has the repository, and what could not be read."""
    regions = await call.regions(opened.account, wide=True)
    opened.progress(f"looking for what runs in {', '.join(regions)}")
    uses = await load_uses(opened.account, regions)
    opened.progress(f"asking IAM who may use {name}")

    async def one(region: str) -> PermissionReport | AppError:
        try:
            return await load_permissions(opened.account, region, name, uses)
        except AppError as error:
            return error

    ended = await asyncio.gather(*(one(region) for region in regions))
    reports = [each for each in ended if not isinstance(each, AppError)]
    refused = [each for each in ended if isinstance(each, AppError)]
    failed = [error for error in refused if error.kind is not ErrorKind.NOT_FOUND]
    if not reports and not failed:
        return [], refused[:1]
    errors = {str(error): error for report in reports for error in report.errors}
    return reports, [*failed, *errors.values(), *_unchecked(uses.unchecked)]


def _warn_of_policy(report: PermissionReport) -> None:
    """Say what is wrong with a repository policy, whoever uses it now."""
    repository, policy = report.repository, report.policy
    open_ = over_broad(policy) if isinstance(policy, str) else ()
    where = f"the repository policy of {repository.name} in {repository.region}"
    if isinstance(open_, PolicyProblem):
        note(f"{where} cannot be read: {open_}")
    else:
        for statement in open_:
            note(f"{where} is open: {statement.label} {sentence(statement)}")


def _unchecked(reasons: Iterable[str]) -> list[AppError]:
    """What could not be looked at, each as an error with the exit code of its kind."""
    return [
        AppError(
            ErrorKind.DENIED if reason.endswith(" is not allowed") else ErrorKind.SERVICE,
            "see everything that pulls",
            why=reason,
            remedy="What runs there is not among the rows.",
        )
        for reason in reasons
    ]


def _words(row: _Row) -> str:
    verdict = row.verdict
    return " ".join((verdict.actor.label, *verdict.actor.used_in, verdict.access, verdict.reason))


_VALUES = {
    "access": lambda row: row.verdict.access,
    "purpose": lambda row: row.verdict.actor.purpose,
    "role": lambda row: row.verdict.actor.caller.role,
    "region": lambda row: row.report.repository.region,
}


# Statements


def _print_mends(form: str, rows: Sequence[_Row], errors: Sequence[AppError]) -> int:
    """Each policy once; where it belongs is on stderr, so that stdout is JSON."""
    mends = [mend for row in rows for mend in row.verdict.mends]
    distinct = {(mend.place, mend.name, mend.text): mend for mend in mends}
    if form == "table":
        for mend in distinct.values():
            note(mend.title)
            print_line(dumped(json.loads(mend.text), indent=2))
        return report_all(errors)
    records = [_mend_record(mend) for mend in distinct.values()]
    return print_found(form, records, (), ("add_to", "name", "policy"), errors)


def _mend_record(mend: Mend) -> Record:
    add_to = "role" if mend.place is Place.ROLE else "repository-policy"
    return {"add_to": add_to, "name": mend.name, "policy": json.loads(mend.text)}


# Verdicts

_MEMBERS = (
    "repository",
    "region",
    "purpose",
    "kind",
    "role",
    "service",
    "used_in",
    "access",
    "reason",
    "missing",
    "statements",
)


def _record(row: _Row) -> Record:
    repository, verdict = row.report.repository, row.verdict
    actor = verdict.actor
    return {
        "repository": repository.name,
        "region": repository.region,
        "purpose": actor.purpose.value,
        "kind": actor.kind,
        "role": actor.caller.role or None,
        "service": actor.caller.service or None,
        "used_in": list(actor.used_in),
        "access": verdict.access.value,
        "reason": verdict.reason,
        "missing": [
            {
                "action": gap.action,
                "resource": gap.resource,
                "where": gap.place.value,
                "denied": gap.denied,
                "by": gap.by or None,
            }
            for gap in verdict.gaps
        ],
        "statements": [_mend_record(mend) for mend in verdict.mends],
    }


_GLYPHS = {Access.OK: "✓", Access.BROKEN: "✗", Access.UNKNOWN: "?", Access.NOT_CHECKED: "?"}


def _access(record: Record) -> str:
    access = Access(record["access"])
    return f"{_GLYPHS[access]} {access}"


def _who(record: Record) -> str:
    return (record["role"] or "").rpartition("/")[2] or record["service"] or "no role"


def _print(form: str, rows: Sequence[_Row], errors: Sequence[AppError]) -> int:
    records = [_record(row) for row in rows]
    several = len({record["region"] for record in records}) > 1
    columns = (column("region", "region"), *_COLUMNS) if several else _COLUMNS
    code = print_found(form, records, columns, _MEMBERS, errors)
    if form == "table" and any(record["statements"] for record in records):
        note("--statement prints the policies that mend this")
    return code


_COLUMNS = (
    Column("access", _access),
    column("to", "purpose"),
    Column("role", _who),
    Column("used in", lambda record: ", ".join(record["used_in"])),
    column("why", "reason"),
)
