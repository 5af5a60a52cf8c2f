"""`ecrtui diagnose`: a saved build log, without AWS."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import click

from ecrtui.domain.diagnosis import Outcome, answer
from ecrtui.domain.errors import AppError
from ecrtui.domain.logtext import split_log
from ecrtui.domain.text import shown
from ecrtui.headless.inputs import place, read_log
from ecrtui.headless.invocation import Command, begin
from ecrtui.headless.printers import Column, Record, column, plain, print_document, print_line, print_records


@click.command(cls=Command)
@click.argument("file", default="-")
def diagnose(file: str) -> int:
    """Say what a saved build log pushed, or why the build failed.

    FILE is the log as text, compressed or not, or the answer of 'aws logs get-log-events'; - or nothing is
    stdin. Exit code 0 only when the build went well and pushed an image.
    """
    form = begin(default="json").form
    lines = split_log(read_log(file))
    try:
        found = answer(lines)
    except AppError as error:
        error.where = place(file)
        raise
    if form == "table":
        _print(found)
    else:
        print_document(form, found, _rows(found), _MEMBERS)
    return int(found["outcome"] != Outcome.PUSHED)


def _print(found: dict[str, Any]) -> None:
    for member in ("outcome", "cause", "line", "remedy"):
        if found[member]:
            print_line(f"{member:8} {shown(plain(found[member]))}")
    if found["pushes"]:
        print_line("")
        print_records("table", found["pushes"], _PUSHES, ())


def _rows(found: dict[str, Any]) -> Iterator[Record]:
    """One row a push, each with the verdict; one without a push when there is none."""
    for push in found["pushes"] or [{"layers": {}}]:
        yield {member: push["layers"].get(member, push.get(member, found.get(member))) for member in _MEMBERS}


_MEMBERS = (
    "outcome",
    "cause",
    "line",
    "line_number",
    "remedy",
    "repository",
    "name",
    "tag",
    "digest",
    "state",
    "total",
    "done",
)
_PUSHES = (
    column("repository", "repository"),
    column("tag", "tag"),
    column("state", "state"),
    Column("layers", lambda push: f"{push['layers']['done']} of {push['layers']['total']}", "right"),
    column("digest", "digest"),
)
