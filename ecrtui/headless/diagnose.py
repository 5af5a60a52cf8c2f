"""`ecrtui diagnose`: a saved build log, without AWS."""

from __future__ import annotations

from typing import Any

import click

from ecrtui.domain.diagnosis import Outcome, answer
from ecrtui.domain.errors import AppError
from ecrtui.domain.logtext import split_log
from ecrtui.domain.text import shown
from ecrtui.headless.inputs import place, read_log
from ecrtui.headless.invocation import DOCUMENT_FORMATS, Command, begin
from ecrtui.headless.printers import Column, column, plain, print_line, print_object, print_records


@click.command(cls=Command)
@click.argument("file", default="-")
def diagnose(file: str) -> int:
    """Say what a saved build log pushed, or why the build failed.

    FILE is the log as text, or the answer of 'aws logs get-log-events'; - or nothing is stdin. Exit code 1
    when the build failed or pushed nothing.
    """
    form = begin(DOCUMENT_FORMATS, default="json").form
    lines = split_log(read_log(file))
    try:
        found = answer(lines)
    except AppError as error:
        error.where = place(file)
        raise
    _print(form, found)
    return int(found["outcome"] in (Outcome.FAILED, Outcome.NOTHING_PUSHED))


def _print(form: str, found: dict[str, Any]) -> None:
    if form == "json":
        print_object(found)
        return
    for member in ("outcome", "cause", "line", "remedy"):
        if found[member]:
            print_line(f"{member:8} {shown(plain(found[member]))}")
    if found["pushes"]:
        print_line("")
        print_records("table", found["pushes"], _PUSHES, ())


_PUSHES = (
    column("repository", "repository"),
    column("tag", "tag"),
    column("state", "state"),
    Column("layers", lambda push: f"{push['layers']['done']} of {push['layers']['total']}", "right"),
    column("digest", "digest"),
)
