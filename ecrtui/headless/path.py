"""`ecrtui path`: one name, the whole chain; and the snippets with its real values."""

from __future__ import annotations

import shlex
import shutil
import sys
import time
from collections.abc import Sequence

import click

from ecrtui.domain.build import Build
from ecrtui.domain.buildspec import kind_of
from ecrtui.domain.drift import Drift
from ecrtui.domain.errors import AppError, ErrorKind
from ecrtui.domain.image import Image
from ecrtui.domain.instants import iso
from ecrtui.domain.origin import Origin
from ecrtui.domain.path import LINKS, Chain, Link, Mend, PathFacts, Standing, Unread, chain
from ecrtui.domain.path.picture import picture, plain
from ecrtui.domain.snippets import Snippet, snippets
from ecrtui.domain.text import shown
from ecrtui.headless.invocation import Command, Invocation, Opened, begin
from ecrtui.headless.printers import Column, Record, column, note, print_document, print_line, print_records, report_all
from ecrtui.services.path import loaded_for_snippets, loaded_path, regions_of
from ecrtui.services.path_parts import PathParts, facts_of, snippet_values

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
            return _print_snippets(call, parts, snippet)
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
        document = _document(made, facts)
        rows = [_row(made, link, check) for link in document["links"] for check in link["checks"]]
        print_document(call.form, document, rows, _MEMBERS)
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


_MEMBERS = ("name", "region", "link", "standing", "word", "why")


def _row(made: Chain, link: Record, check: Record) -> Record:
    return {
        "name": made.name,
        "region": made.region,
        "link": f"{link['from']}-{link['to']}",
        "standing": check["standing"],
        "word": check["word"],
        "why": check["why"],
    }


def _document(made: Chain, facts: PathFacts) -> Record:
    known = () if isinstance(facts.stock, Unread) else facts.stock.images
    return {
        "name": made.name,
        "region": made.region,
        "standing": made.standing.value,
        "headline": made.headline,
        "project": _project(facts),
        "repository": _repository(facts),
        "images": [_image(image, facts) for image in known],
        "uses": [_use(drift, facts) for drift in facts.drifts],
        "unchecked": list(facts.unchecked),
        "links": [_link(made, number) for number in range(len(LINKS))],
    }


def _project(facts: PathFacts) -> Record | None:
    project = facts.project
    if project is None or isinstance(project, Unread):
        return None if project is None else {"unread": project.why}
    builds = () if isinstance(facts.builds, Unread) else facts.builds
    return {
        "name": project.name,
        "arn": project.arn,
        "source_type": project.source_type,
        "source_location": project.source_location,
        "source_version": project.source_version or None,
        "buildspec": kind_of(project.buildspec).value,
        "privileged": project.privileged,
        "role": project.service_role or None,
        "last_build": next(map(_build, builds), None),
    }


def _build(build: Build) -> Record:
    return {
        "id": build.id,
        "number": build.number,
        "status": build.status,
        "started_at": iso(build.started_at),
        "commit": build.resolved_source_version or None,
    }


def _repository(facts: PathFacts) -> Record | None:
    repository, stock = facts.repository, facts.stock
    if repository is None or isinstance(repository, Unread):
        return None if repository is None else {"unread": repository.why}
    return {
        "name": repository.name,
        "arn": repository.arn,
        "uri": repository.uri,
        "mutability": repository.mutability,
        "exclusions": list(repository.exclusions),
        "scan_on_push": repository.scan_on_push,
        "lifecycle_policy": None if isinstance(facts.policy, Unread) else facts.policy is not None,
        "encryption": repository.encryption,
        "kms_key": repository.kms_key,
        "images": None if isinstance(stock, Unread) or stock.incomplete else stock.total,
        "bytes": None if isinstance(stock, Unread) or stock.incomplete else stock.bytes,
    }


def _image(image: Image, facts: PathFacts) -> Record:
    return {
        "digest": image.digest,
        "tags": list(image.tags),
        "pushed_at": iso(image.pushed_at),
        "size": image.size,
        "origin": _origin(facts.origin(image)),
    }


def _origin(origin: Origin | None) -> Record | None:
    if origin is None:
        return None
    return {
        "build": None if origin.build is None else origin.build.id,
        "number": None if origin.build is None else origin.build.number,
        "commit": origin.commit or None,
        "branch": origin.branch or None,
        "certainty": origin.certainty.value,
        "evidence": origin.evidence,
    }


def _use(drift: Drift, facts: PathFacts) -> Record:
    use, named = drift.use, drift.named
    return {
        "kind": use.kind,
        "name": use.name,
        "region": use.region,
        "running": use.running,
        "tag": drift.tag,
        "state": drift.state.value,
        "why": drift.why,
        "running_digest": drift.running,
        "running_pushed_at": None if drift.running_image is None else iso(drift.running_image.pushed_at),
        "running_origin": None if drift.running_image is None else _origin(facts.origin(drift.running_image)),
        "tag_digest": None if named is None else named.digest,
        "tag_pushed_at": None if named is None else iso(named.pushed_at),
        "tag_origin": None if named is None else _origin(facts.origin(named)),
        "role": use.role or None,
        "deployed_at": iso(use.deployed_at),
    }


def _link(made: Chain, number: int) -> Record:
    link: Link = made.links[number]
    leading = link.leading
    checks = sorted(link.checks, key=lambda check: check is not leading)
    return {
        "from": made.parts[number].kind,
        "to": made.parts[number + 1].kind,
        "standing": link.standing.value,
        "checks": [
            {
                "standing": check.standing.value,
                "word": check.word,
                "why": check.why or None,
                "mend": None if check.mend is None else {"kind": check.mend.kind, "text": check.mend.text or None},
            }
            for check in checks
        ],
    }


# Snippets

_SNIPPET_MEMBERS = ("snippet", "language", "title", "refusal", "text")


def _print_snippets(call: Invocation, parts: PathParts, wanted: str | None) -> int:
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
        print_records(call.form, [_snippet(one) for one in made], _SNIPPET_COLUMNS, _SNIPPET_MEMBERS)
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


_SNIPPET_COLUMNS = (
    column("snippet", "snippet"),
    column("language", "language"),
    Column(
        "what it is", lambda record: record["title"] if record["text"] else f"{record['title']}: {record['refusal']}"
    ),
)
