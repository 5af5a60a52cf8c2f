"""`ecrtui compare`: projects beside repositories, with a verdict for each name."""

from __future__ import annotations

from collections.abc import Sequence

import click

from ecrtui.domain.instants import iso
from ecrtui.domain.query import Field, FieldKind, Query
from ecrtui.domain.verdict import HEALTHY, Verdict
from ecrtui.headless.invocation import Command, Invocation, Opened, begin
from ecrtui.headless.loading import selected, understood
from ecrtui.headless.printers import Column, Record, column, print_found
from ecrtui.headless.words import age_of
from ecrtui.services.compare import Comparison, ComparisonRow
from ecrtui.services.compare import compare as compared

_FIELDS = (
    Field("name", FieldKind.TEXT),
    Field("region", FieldKind.TEXT),
    Field("verdict", FieldKind.TEXT),
)


@click.command(cls=Command)
def compare() -> int:
    """Compare CodeBuild projects with ECR repositories: what pairs, what is missing, what pushes elsewhere.

    Exit code 1 when any name is neither 'paired', 'not-a-container-build', 'created-on-push', 'replica' nor 'cache'.
    """
    call = begin(filtered=True)
    query = understood(call.filter, _FIELDS)

    async def command(opened: Opened) -> int:
        regions = await call.regions(opened.account, wide=True)
        comparison = await compared(opened.account, regions, progress=opened.progress)
        rows = _selected(query, comparison) if _anything_read(comparison) else []
        opened.progress.clear()
        errors = list(comparison.errors.values())
        code = print_found(call.form, [_record(row) for row in rows], _COLUMNS, _MEMBERS, errors)
        return 1 if any(row.pairing.verdict not in HEALTHY for row in rows) else code

    return call.run(command)


async def missing(call: Invocation, opened: Opened, regions: Sequence[str]) -> list[tuple[str, str]]:
    """Region and name of each repository that a project lacks, of those that the filter names."""
    query = understood(call.filter, _FIELDS)
    comparison = await compared(opened.account, regions, progress=opened.progress)
    rows = _selected(query, comparison)
    for row in rows:
        if row.pairing.verdict is Verdict.UNKNOWN and row.pairing.region in comparison.errors:
            raise comparison.errors[row.pairing.region]
    return [(row.pairing.region, row.pairing.name) for row in rows if row.pairing.verdict is Verdict.MISSING_REPOSITORY]


def _anything_read(comparison: Comparison) -> bool:
    return any(row.pairing.project or row.pairing.repository for row in comparison.rows) or not comparison.errors


def _selected(query: Query, comparison: Comparison) -> list[ComparisonRow]:
    return selected(
        query,
        comparison.rows,
        lambda row: f"{row.pairing.name} {row.pairing.region} {row.pairing.verdict}",
        {
            "name": lambda row: row.pairing.name,
            "region": lambda row: row.pairing.region,
            "verdict": lambda row: row.pairing.verdict,
        },
    )


_MEMBERS = (
    "name",
    "region",
    "verdict",
    "project",
    "repository",
    "source",
    "evidence",
    "suggestion",
    "last_build",
    "last_image",
)


def _record(row: ComparisonRow) -> Record:
    pairing, build, image = row.pairing, row.last_build, row.pairing.last_image
    return {
        "name": pairing.name,
        "region": pairing.region,
        "verdict": pairing.verdict.value,
        "project": pairing.project.name if pairing.project else None,
        "repository": pairing.repository.name if pairing.repository else None,
        "source": pairing.source or None,
        "evidence": list(pairing.evidence),
        "suggestion": pairing.suggestion or None,
        "last_build": None
        if build is None
        else {"id": build.id, "status": build.status, "started_at": iso(build.started_at)},
        "last_image": None
        if image is None
        else {"tag": image.tag, "digest": image.digest, "pushed_at": iso(image.pushed_at)},
    }


_GLYPHS = {
    Verdict.PAIRED: "✓",
    Verdict.MISSING_REPOSITORY: "✗",
    Verdict.NO_PROJECT: "✗",
    Verdict.PUSHES_ELSEWHERE: "≠",
    Verdict.NAME_CANNOT_PAIR: "✗",
    Verdict.NOT_A_CONTAINER_BUILD: "·",
    Verdict.CREATED_ON_PUSH: "·",
    Verdict.REPLICA: "·",
    Verdict.CACHE: "·",
    Verdict.NEVER_PUSHED: "·",
    Verdict.UNKNOWN: "?",
}


def _verdict(record: Record) -> str:
    verdict = Verdict(record["verdict"])
    of = f" of {record['source']}" if record["source"] else ""
    return f"{_GLYPHS[verdict]} {verdict.replace('-', ' ')}{of}"


def _build(record: Record) -> str:
    build = record["last_build"]
    return f"{build['status'].lower()} {age_of(build['started_at'])}" if build else ""


def _image(record: Record) -> str:
    image = record["last_image"]
    return f"{image['tag'] or image['digest'][7:19]} {age_of(image['pushed_at'])}" if image else ""


_COLUMNS = (
    column("name", "name"),
    column("region", "region"),
    Column("verdict", _verdict),
    Column("last build", _build),
    Column("last image", _image),
    Column("evidence", lambda record: (record["evidence"] or [""])[0]),
)
