"""`ecrtui path`: one name, the whole chain; and the snippets with its real values."""

from __future__ import annotations

import shlex
import shutil
import sys
import time

import click

from ecrtui.domain.errors import AppError, ErrorKind
from ecrtui.domain.path import Chain, Mend, Standing, chain
from ecrtui.domain.path.picture import picture, plain
from ecrtui.headless.invocation import Command, Invocation, Opened, begin
from ecrtui.headless.path_document import MEMBERS, document_of, rows_of
from ecrtui.headless.printers import note, print_document, print_line, report_all
from ecrtui.headless.snippets import print_snippets
from ecrtui.services.path import loaded_for_snippets, loaded_path, regions_of
from ecrtui.services.path_parts import PathParts, facts_of

_WIDTH = 100
"""Cells of the picture where stdout is no terminal."""
_WIDEST = 160


@click.command(cls=Command)
@click.argument("name")
@click.option("--snippet", metavar="SNIPPET", help="Print one snippet with the real values, and nothing else.")
@click.option("--snippets", "listed", is_flag=True, help="List the snippets that there are for this name.")
def path(name: str, snippet: str | None, listed: bool) -> int:
    """Show the path of a name: project, repository, images, what runs them; each link ok, broken or unknown.

    The name is looked for in the given regions, the first one that has it counts; what runs its images in all of
    them. The exit code is 1 when a link is broken, else that of what could not be read.
    """
    if snippet is not None and listed:
        raise click.UsageError("Give one of --snippet and --snippets.")
    call = begin()

    async def command(opened: Opened) -> int:
        home, regions = await _regions(call, opened, name)
        opened.progress(f"reading the path of {name} in {home}")
        if snippet is not None or listed:
            parts = await loaded_for_snippets(opened.account, home, name)
            opened.progress.clear()
            return print_snippets(call, parts, snippet)
        parts = await loaded_path(opened.account, home, name, regions)
        opened.progress.clear()
        return _print_path(call, parts)

    return call.run(command)


async def _regions(call: Invocation, opened: Opened, name: str) -> tuple[str, tuple[str, ...]]:
    """The first region that has the name (the primary one before the others), and all that are looked at."""
    regions = await call.regions(opened.account, wide=True)
    if not call.settings.regions and (own := opened.account.default_region) in regions:
        regions = tuple(dict.fromkeys((own, *regions)))
    if len(regions) == 1:
        return regions[0], regions
    opened.progress(f"looking for {name} in {len(regions)} regions")
    home, *others = await regions_of(opened.account, name, regions) or regions[:1]
    opened.progress.clear()
    if others:
        note(f"{name} is in {', '.join(others)}, too; this is the one in {home}")
    return home, regions


# The path


def _print_path(call: Invocation, parts: PathParts) -> int:
    facts = facts_of(parts, time.time())
    made = chain(facts)
    if call.form == "table":
        terminal = shutil.get_terminal_size().columns if sys.stdout.isatty() else _WIDTH
        print_line(plain(picture(made, min(terminal, _WIDEST) - 1, lambda mend: _say(made, mend), evidence=True)))
    else:
        document = document_of(made, facts)
        print_document(call.form, document, rows_of(made, document), MEMBERS)
    code = report_all([*parts.errors, *(_unchecked(reason) for reason in facts.unchecked)])
    return 1 if made.standing is Standing.BROKEN else code


def _say(made: Chain, mend: Mend) -> str:
    """What helps as a command of this program."""
    place = (made.name, "--region", made.region)
    match mend.kind:
        case "create" | "build":
            return shlex.join(("ecrtui", mend.kind, *place))
        case "path":
            name, _, region = mend.text.rpartition(" ")
            return shlex.join(("ecrtui", "path", name, "--region", region))
        case "policy":
            return shlex.join(("ecrtui", "permissions", *place, "--statement"))
    return ""


def _unchecked(reason: str) -> AppError:
    kind = ErrorKind.DENIED if "not allowed" in reason else ErrorKind.SERVICE
    remedy = "While this cannot be seen, every image may be in use."
    return AppError(kind, "see everything that runs", why=reason, remedy=remedy)
