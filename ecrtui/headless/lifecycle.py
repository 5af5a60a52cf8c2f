"""`ecrtui lifecycle`: the policies of repositories, and what they would do."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from typing import Any

import click

from ecrtui.domain.errors import AppError
from ecrtui.domain.instants import iso
from ecrtui.domain.lifecycle import parse, sentences
from ecrtui.domain.text import shown
from ecrtui.headless.inputs import policy_text
from ecrtui.headless.invocation import Group, Opened, begin
from ecrtui.headless.lifecycle_changes import delete, put, restore
from ecrtui.headless.policyfile import evaluate, validate
from ecrtui.headless.previews import MARK_MEMBERS, PREVIEW_COLUMNS, preview_record, previews
from ecrtui.headless.printers import Record, print_found, print_line, print_records, report_all
from ecrtui.services.changes import Gateway
from ecrtui.services.lifecycle import Preview
from ecrtui.services.lifecycle_preview import aws_preview


@click.group(cls=Group)
def lifecycle() -> None:
    """Lifecycle policies: show, check, preview, put, delete, restore."""


@lifecycle.command()
@click.argument("repositories", nargs=-1, required=True, metavar="REPO…")
def show(repositories: tuple[str, ...]) -> int:
    """Show the policies of repositories, with each rule as a sentence."""
    call = begin()

    async def command(opened: Opened) -> int:
        regions = await call.regions(opened.account)
        places = [(region, name) for region in regions for name in dict.fromkeys(repositories)]
        found = await asyncio.gather(*(_stored(opened, *place) for place in places), return_exceptions=True)
        opened.progress.clear()
        records = [each for each in found if isinstance(each, dict)]
        if call.form == "table":
            _print_policies(records)
            return report_all(_raised(found))
        return print_found(call.form, records, (), _STORED_MEMBERS, _raised(found))

    return call.run(command)


async def _stored(opened: Opened, region: str, repository: str) -> Record:
    stored = await opened.account.registry(region).lifecycle_policy(repository)
    return {
        "repository": repository,
        "region": region,
        "policy": _document(stored.text) if stored else None,
        "rules": _sentences(stored.text) if stored else [],
        "evaluated_at": iso(stored.evaluated_at) if stored else None,
    }


_STORED_MEMBERS = ("repository", "region", "policy", "rules", "evaluated_at")


def _raised(found: Sequence[object]) -> list[AppError]:
    """The errors among gathered results; one that is no AppError is a fault of ours and is raised."""
    errors: list[AppError] = []
    for each in found:
        if isinstance(each, AppError):
            errors.append(each)
        elif isinstance(each, BaseException):
            raise each
    return errors


def _document(text: str) -> Any:
    """The stored text as JSON; as it is where it is none."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text


def _sentences(text: str) -> list[str]:
    try:
        return list(sentences(parse(text)))
    except AppError as error:
        return [f"not understood: {error.why}"]


def _print_policies(records: Sequence[Record]) -> None:
    for record in records:
        print_line(shown(f"{record['repository']} in {record['region']}"))
        for sentence in record["rules"] or ["no lifecycle policy"]:
            print_line(shown(f"  {sentence}"))


@lifecycle.command()
@click.argument("repositories", nargs=-1, required=True, metavar="REPO…")
@click.option("--policy", metavar="FILE", help="The policy's JSON text; - is stdin. Default: the stored one.")
@click.option("--template", "template_name", metavar="NAME", help="A template's policy.")
@click.option("--aws", "with_aws", is_flag=True, help="Compare with AWS's own preview.")
@click.option("--exact", is_flag=True, help="Read all manifests for what is freed; AWS may count that as pulls.")
def preview(
    repositories: tuple[str, ...], policy: str | None, template_name: str | None, with_aws: bool, exact: bool
) -> int:
    """Say what a policy would do to all images of repositories now, and which of these are in use.

    Exit code 1 when images in use (or that could not be checked) would go.
    """
    call = begin()
    text = policy_text(policy, template_name)

    async def command(opened: Opened) -> int:
        found, errors = await previews(call, opened, repositories, text, exact)
        records = []
        for region, name, seen in found:
            theirs = await _theirs(opened, region, name, seen) if with_aws else None
            records.append({**preview_record(region, name, seen), "aws": theirs})
        opened.progress.clear()
        if call.form == "table":
            _print_previews(records)
            code = report_all(errors)
        elif call.form == "csv":
            marked = [{**record, **mark} for record in records for mark in record["marked"]]
            print_records("csv", marked, (), MARK_MEMBERS)
            code = report_all(errors)
        else:
            code = print_found(call.form, records, (), (), errors)
        return code or int(any(seen.blocked for _, _, seen in found))

    return call.run(command)


async def _theirs(opened: Opened, region: str, name: str, seen: Preview) -> Record:
    opened.progress(f"AWS's preview of {name}")
    gateway = Gateway(opened.account, opened.journal)
    identity = await opened.account.identity()
    answer = await aws_preview(gateway, opened.account, identity, region, name, seen.policy_text, ours=seen.evaluation)
    marks = None if answer.report is None else len(answer.report.marks)
    return {"marked": marks, "reason": answer.reason or None, "differences": list(answer.differences)}


def _print_previews(records: Sequence[Record]) -> None:
    for record in records:
        print_line(shown(f"{record['repository']} in {record['region']}: {record['summary']}"))
        for reason in record["reasons"]:
            print_line(shown(f"  ! {reason}"))
        theirs = record["aws"] or {"reason": None, "differences": ()}
        for said in filter(None, (theirs["reason"], *theirs["differences"])):
            print_line(shown(f"  AWS: {said}"))
        if record["marked"]:
            print_records("table", record["marked"], PREVIEW_COLUMNS, ())


for _command in (put, delete, restore, validate, evaluate):
    lifecycle.add_command(_command)
