"""`ecrtui path --snippets`: texts with the real values of a name."""

from __future__ import annotations

import shlex
from collections.abc import Sequence

from ecrtui.domain.errors import AppError, ErrorKind
from ecrtui.domain.snippets import Snippet, snippets
from ecrtui.domain.text import shown
from ecrtui.headless.invocation import Invocation
from ecrtui.headless.printers import Column, Record, column, print_line, print_records, report_all
from ecrtui.services.path_parts import PathParts, snippet_values

_MEMBERS = ("snippet", "language", "title", "refusal", "text")


def print_snippets(call: Invocation, parts: PathParts, wanted: str | None) -> int:
    """Print the snippet of this name, or the list of all; the exit code."""
    values = snippet_values(parts)
    if values is None:
        report = report_all(parts.errors)
        if report:
            return report
        raise AppError(
            ErrorKind.NOT_FOUND,
            f"make snippets for {parts.name}",
            parts.region,
            "there is no repository of this name",
            f"Create it: ecrtui create {shlex.quote(parts.name)}.",
        )
    made = snippets(values)
    if wanted is None:
        print_records(call.form, [_snippet(one) for one in made], _COLUMNS, _MEMBERS)
        return 0
    return _print_snippet(made, wanted)


def _print_snippet(made: Sequence[Snippet], wanted: str) -> int:
    chosen = next((one for one in made if one.name == wanted), None)
    if chosen is None:
        names = ", ".join(one.name for one in made)
        raise AppError(
            ErrorKind.USAGE, f"print the snippet {wanted}", why="there is none", remedy=f"Use one of {names}."
        )
    if chosen.refusal:
        raise AppError(ErrorKind.INVALID, f"make the snippet {wanted}", why=chosen.refusal)
    for line in chosen.text.splitlines():
        print_line(shown(line))
    return 0


def _snippet(one: Snippet) -> Record:
    return {
        "snippet": one.name,
        "language": one.language,
        "title": one.title,
        "refusal": one.refusal or None,
        "text": one.text or None,
    }


_COLUMNS = (
    column("snippet", "snippet"),
    column("language", "language"),
    Column(
        "what it is", lambda record: record["title"] if record["text"] else f"{record['title']}: {record['refusal']}"
    ),
)
