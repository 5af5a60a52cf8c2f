"""Builds as rows, and in a few words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ecrtui.domain.build import Build
from ecrtui.domain.query import Field, FieldKind
from ecrtui.domain.text import Shown, shown
from ecrtui.domain.timing import expected_remaining
from ecrtui.domain.units import age, duration
from ecrtui.services.state import Failed, Loadable, Loading, value_of
from ecrtui.ui.present.names import name_cell
from ecrtui.ui.present.problems import explanation
from ecrtui.ui.present.source import ValueRows
from ecrtui.ui.theme import Role
from ecrtui.ui.widgets.bar import progress_bar
from ecrtui.ui.widgets.columns import Column
from ecrtui.ui.widgets.rows import BLANK, Cell
from ecrtui.ui.widgets.text_view import Line

_PROJECT = Column("project", Shown("PROJECT"), minimum=12, ideal=18, maximum=None, middle=True)
_REGION = Column("region", Shown("REGION"), minimum=9, ideal=14, priority=2)
COLUMNS = (
    _PROJECT,
    Column("number", Shown("#"), minimum=4, ideal=5, align="right"),
    Column("state", Shown("STATE"), minimum=14, ideal=18),
    Column("progress", Shown("PROGRESS"), minimum=8, ideal=8, priority=3, sortable=False),
    Column("duration", Shown("TOOK"), minimum=7, ideal=7, align="right", priority=1),
    Column("started", Shown("STARTED"), minimum=7, ideal=7, align="right", priority=4),
    Column("source", Shown("SOURCE"), minimum=12, ideal=14, priority=5),
    Column("initiator", Shown("BY"), minimum=10, ideal=16, priority=6),
)

FIELDS: Mapping[str, Field] = {
    field.name: field
    for field in (
        Field("project", FieldKind.TEXT, "the project's name"),
        Field("status", FieldKind.TEXT, "in_progress, succeeded, failed, stopped…"),
        Field("region", FieldKind.TEXT, "the region"),
        Field("source", FieldKind.TEXT, "branch, tag or commit"),
        Field("age", FieldKind.AGE, "time since the start"),
        Field("active", FieldKind.FLAG, "whether it still runs"),
    )
}

_STATES: Mapping[str, tuple[str, Role]] = {
    "SUCCEEDED": ("✓ succeeded", "good"),
    "FAILED": ("✗ failed", "bad"),
    "FAULT": ("✗ fault", "bad"),
    "TIMED_OUT": ("✗ timed out", "bad"),
    "STOPPED": ("– stopped", "warn"),
}
PHASE_WORDS = {
    "SUBMITTED": "submitted",
    "QUEUED": "queued",
    "PROVISIONING": "provisioning",
    "DOWNLOAD_SOURCE": "source",
    "INSTALL": "install",
    "PRE_BUILD": "pre",
    "BUILD": "build",
    "POST_BUILD": "post",
    "UPLOAD_ARTIFACTS": "artifacts",
    "FINALIZING": "finalizing",
    "COMPLETED": "completed",
}
"""A phase in a word."""


def columns(many_regions: bool) -> tuple[Column, ...]:
    """The columns, with the region where the list spans several."""
    return (_PROJECT, _REGION, *COLUMNS[1:]) if many_regions else COLUMNS


def build_rows(builds: Sequence[Build], past: Sequence[Build], now: float, many_regions: bool) -> ValueRows[Build]:
    """The builds as rows: active ones first, then the newest; `past` tells how long they usually take."""
    ordered = sorted(builds, key=lambda build: (not build.active, -(build.started_at or now)))
    return ValueRows(
        ordered,
        key=lambda build: build.id,
        cells=lambda build: _cells(build, past, now, many_regions),
        words=lambda build: f"{build.project} #{build.number} {build.status} {source_of(build)} {build.initiator}",
        sorts={
            "project": lambda build: build.project,
            "region": lambda build: build.region,
            "number": lambda build: build.number or 0,
            "state": lambda build: (not build.active, build.status),
            "duration": lambda build: build.duration(now) or 0.0,
            "started": lambda build: build.started_at or now,
            "source": source_of,
            "initiator": lambda build: build.initiator,
        },
        terms={
            "project": lambda build: build.project,
            "status": lambda build: build.status,
            "region": lambda build: build.region,
            "source": source_of,
            "age": lambda build: build.started_at,
            "active": lambda build: build.active,
        },
    )


def _cells(build: Build, past: Sequence[Build], now: float, many_regions: bool) -> tuple[Cell, ...]:
    took = build.duration(now)
    return (
        name_cell(build.project),
        *((Cell(shown(build.region), "muted"),) if many_regions else ()),
        Cell(Shown("–") if build.number is None else Shown(f"#{build.number}"), "muted"),
        state_cell(build),
        _progress_cell(build, past, now),
        BLANK if took is None else Cell(shown(duration(took)), "number"),
        BLANK if build.started_at is None else Cell(shown(age(now - build.started_at)), "muted"),
        Cell(shown(source_of(build).replace(" @ ", "@")), "muted"),
        Cell(shown(build.initiator.partition("/")[0]), "muted"),
    )


def state_cell(build: Build) -> Cell:
    """The running phase, or how the build ended."""
    if build.active:
        phase = build.current_phase or "SUBMITTED"
        return Cell(shown(f"● {PHASE_WORDS.get(phase, phase.lower())}"), "strong")
    word, role = _STATES.get(build.status, (f"? {build.status.lower()}", "warn"))
    return Cell(shown(word), role)


def source_of(build: Build) -> str:
    """Branch and short commit, as far as they are known."""
    commit = build.resolved_source_version[:7]
    branch = build.source_version.removeprefix("refs/heads/")
    if not branch or branch.startswith(commit or "?"):
        return commit or branch
    return f"{branch} @ {commit}" if commit else branch


def _progress_cell(build: Build, past: Sequence[Build], now: float) -> Cell:
    if not build.active:
        return BLANK
    remaining, spent = expected_remaining(build, past, now), build.duration(now)
    if remaining is None or spent is None or spent + remaining <= 0:
        return Cell(Shown("…"), "muted")
    return Cell(progress_bar(spent / (spent + remaining), 8))


def history_lines(history: Loadable[tuple[Build, ...]], project: str, now: float) -> tuple[Line, ...]:
    """The latest builds of the paired project, a line each."""
    if isinstance(history, Failed):
        return tuple((cell,) for cell in explanation(history.error))
    builds = value_of(history)
    if builds is None:
        return ((Cell(Shown("loading builds…" if isinstance(history, Loading) else "no builds loaded"), "muted"),),)
    if not builds:
        return ((Cell(shown(f"{project} was never built: b starts a build"), "muted"),),)
    return tuple(_history_line(build, now) for build in builds)


def _history_line(build: Build, now: float) -> Line:
    state = state_cell(build)
    took = build.duration(now)
    return (
        Cell(Shown(f"{'#' + str(build.number) if build.number else '':>6}  "), "muted"),
        Cell(Shown(f"{state.text:<18}"), state.role),
        Cell(Shown(f"{duration(took) if took is not None else '':>8}"), "number"),
        Cell(Shown(f"{age(now - build.started_at) + ' ago' if build.started_at else '':>10}  "), "muted"),
        Cell(shown(source_of(build))),
        Cell(shown(f"  {build.initiator}"), "muted"),
    )


def build_words(build: Build) -> str:
    """A build in a few words: `pet-web #214 from main @ 4f2a91c`."""
    number = f" #{build.number}" if build.number else ""
    return f"{build.project}{number} from {source_of(build)}"
