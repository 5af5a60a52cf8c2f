"""Pairings as rows: a project beside its repository, with a verdict."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ecrtui.domain.build import Build
from ecrtui.domain.pairing import Pairing, Verdict
from ecrtui.domain.query import Field, FieldKind
from ecrtui.domain.text import Shown, shown
from ecrtui.domain.units import age
from ecrtui.services.browse import Summary
from ecrtui.ui.present.builds import state_cell
from ecrtui.ui.present.names import name_cell
from ecrtui.ui.present.repositories import NEVER, RepositoryKey, mutability_cell, policy_cell, scan_cell
from ecrtui.ui.present.source import ValueRows
from ecrtui.ui.present.verdicts import LOOKS
from ecrtui.ui.theme import glyphs
from ecrtui.ui.widgets.columns import Column
from ecrtui.ui.widgets.rows import BLANK, Cell

_SEVERITY = {verdict: number for number, verdict in enumerate(LOOKS)}

_PROJECT = Column("project", Shown("PROJECT"), minimum=14, ideal=22, maximum=40, middle=True)
_REGION = Column("region", Shown("REGION"), minimum=14, ideal=14, priority=1, middle=True)
_COLUMNS = (
    Column("repository", Shown("REPOSITORY"), minimum=15, ideal=22, maximum=40, priority=1, middle=True),
    Column("verdict", Shown("VERDICT"), minimum=23, ideal=23),
    Column("build", Shown("LAST BUILD"), minimum=12, ideal=14, priority=2),
    Column("built", Shown("BUILT"), minimum=6, ideal=6, align="right", priority=3),
    Column("image", Shown("LAST IMAGE"), minimum=14, ideal=16, maximum=24, priority=5, middle=True),
    Column("pushed", Shown("PUSHED"), minimum=7, ideal=7, align="right", priority=4),
    Column("mutability", Shown("TAGS"), minimum=12, ideal=12, priority=6),
    Column("scan", Shown("SCAN"), minimum=7, ideal=7, priority=8),
    Column("policy", Shown("POLICY"), minimum=7, ideal=7, align="right", priority=7),
)

FIELDS: Mapping[str, Field] = {
    field.name: field
    for field in (
        Field("verdict", FieldKind.TEXT, "paired, missing-repository, no-project, pushes-elsewhere…"),
        Field("name", FieldKind.TEXT, "the name that both sides bear"),
        Field("region", FieldKind.TEXT, "the region's name"),
        Field("build", FieldKind.TEXT, "how the last build ended: succeeded, failed…"),
        Field("age", FieldKind.AGE, "time since the last push"),
        Field("built", FieldKind.AGE, "time since the last build"),
        Field("tags", FieldKind.TEXT, "tag mutability: mutable, immutable"),
        Field("policy", FieldKind.FLAG, "whether a lifecycle policy is set"),
    )
}


def columns(many_regions: bool) -> tuple[Column, ...]:
    """The columns, with the region where the list spans several."""
    return (_PROJECT, _REGION, *_COLUMNS) if many_regions else (_PROJECT, *_COLUMNS)


@dataclass(frozen=True, slots=True)
class Beside:
    """What is known beside the verdicts, by region: the last builds and what is in the repositories."""

    builds: Mapping[str, Mapping[str, Build]] = field(default_factory=dict)
    """The last build by project, where one is known."""
    unbuilt: Mapping[str, Cell] = field(default_factory=dict)
    """What to say of a project without a known build: never built, still loading, or why it is not known."""
    summaries: Mapping[str, Mapping[str, Summary]] = field(default_factory=dict)
    loading: Collection[str] = ()
    """Regions whose projects or repositories are still being read: what is unknown there may yet be known."""
    now: float = 0.0
    many_regions: bool = False

    def build(self, pairing: Pairing) -> Build | None:
        """The last build of the project."""
        return self.builds.get(pairing.region, {}).get(pairing.name) if pairing.project else None

    def summary(self, pairing: Pairing) -> Summary | None:
        """What is in the repository."""
        return self.summaries.get(pairing.region, {}).get(pairing.name) if pairing.repository else None

    def last_build(self, pairing: Pairing) -> float | None:
        """When the last build began."""
        build = self.build(pairing)
        return None if build is None else build.started_at

    def last_push(self, pairing: Pairing) -> float | None:
        """When something was pushed last."""
        summary = self.summary(pairing)
        return None if summary is None else summary.last_push

    def rules(self, pairing: Pairing) -> int | None:
        """How many rules the lifecycle policy has."""
        summary = self.summary(pairing)
        return None if summary is None else summary.policy_rules

    def waiting(self, pairing: Pairing) -> bool:
        """Whether the verdict is unknown only because something is still being read: there is nothing to do then."""
        return pairing.verdict is Verdict.UNKNOWN and (pairing.region in self.loading or not pairing.suggestion)


def key_of(pairing: Pairing) -> RepositoryKey:
    """What identifies a pairing: the repository that exists, or should."""
    return RepositoryKey(pairing.region, pairing.name)


def pairing_rows(pairings: Sequence[Pairing], beside: Beside) -> ValueRows[Pairing]:
    """The pairings as rows, in the order that they come."""

    return ValueRows(
        pairings,
        key=key_of,
        cells=lambda pairing: _cells(pairing, beside),
        words=lambda pairing: f"{pairing.name} {pairing.verdict} {LOOKS[pairing.verdict].word} {_target(pairing)}",
        sorts=_sorts(beside),
        terms=_terms(beside),
    )


def _sorts(beside: Beside) -> Mapping[str, Callable[[Pairing], Any]]:
    return {
        "project": lambda pairing: (pairing.project is None, pairing.name.casefold()),
        "repository": lambda pairing: (pairing.repository is None, pairing.name.casefold()),
        "region": lambda pairing: (pairing.region, pairing.name.casefold()),
        "verdict": lambda pairing: (_SEVERITY[pairing.verdict], pairing.name.casefold(), pairing.region),
        "build": lambda pairing: build_status(beside.build(pairing)),
        "built": lambda pairing: NEVER if (at := beside.last_build(pairing)) is None else at,
        "image": lambda pairing: "" if (summary := beside.summary(pairing)) is None else summary.last_tag,
        "pushed": lambda pairing: NEVER if (at := beside.last_push(pairing)) is None else at,
        "mutability": lambda pairing: "" if pairing.repository is None else pairing.repository.mutability,
        "scan": lambda pairing: pairing.repository is not None and bool(pairing.repository.scan_on_push),
        "policy": lambda pairing: -1 if (number := beside.rules(pairing)) is None else number,
    }


def _terms(beside: Beside) -> Mapping[str, Callable[[Pairing], Any]]:
    return {
        "verdict": lambda pairing: str(pairing.verdict),
        "name": lambda pairing: pairing.name,
        "region": lambda pairing: pairing.region,
        "build": lambda pairing: build_status(beside.build(pairing)),
        "age": beside.last_push,
        "built": beside.last_build,
        "tags": lambda pairing: "" if pairing.repository is None else pairing.repository.mutability.lower(),
        "policy": lambda pairing: None if (number := beside.rules(pairing)) is None else bool(number),
    }


def build_status(build: Build | None) -> str:
    """How a build ended, in small letters; empty where there is none."""
    return "" if build is None else build.status.lower()


# Cells


def _cells(pairing: Pairing, beside: Beside) -> tuple[Cell, ...]:
    region = (Cell(shown(pairing.region), "muted"),) if beside.many_regions else ()
    return (
        _project_cell(pairing, beside),
        *region,
        _repository_cell(pairing, beside),
        verdict_cell(pairing, beside),
        *_build_cells(pairing, beside),
        *_image_cells(pairing, beside),
        *_setting_cells(pairing, beside),
    )


def verdict_cell(pairing: Pairing, beside: Beside) -> Cell:
    """The verdict as glyph and word; a region that is still being read has none yet."""
    if beside.waiting(pairing):
        return Cell(Shown("… loading"), "muted")
    look = LOOKS[pairing.verdict]
    return Cell(Shown(f"{look.glyph} {look.word}"), look.role)


def _project_cell(pairing: Pairing, beside: Beside) -> Cell:
    """The project; of a replica the region that it comes from."""
    if pairing.project is not None:
        return name_cell(pairing.name)
    if not pairing.name:
        return Cell(shown(f"all of {pairing.region}"), "muted")
    if pairing.verdict is Verdict.REPLICA:
        return Cell(shown(f"({pairing.source})"), "muted")
    return Cell(Shown("…" if beside.waiting(pairing) else "–"), "muted")


def _repository_cell(pairing: Pairing, beside: Beside) -> Cell:
    """The repository; where the project pushes elsewhere, the one that it pushes to."""
    if pairing.verdict is Verdict.PUSHES_ELSEWHERE and (target := _target(pairing)):
        brief = target.removeprefix(f"{pairing.name} (").removesuffix(")")  # the name stands beside it
        return Cell(shown(f"{glyphs().into} {brief}"), "warn")
    if pairing.repository is not None:
        return name_cell(pairing.name)
    if beside.waiting(pairing):
        return Cell(Shown("…"), "muted")
    unknown = pairing.verdict is Verdict.UNKNOWN
    return Cell(Shown("?" if unknown else "–"), "bad" if pairing.verdict is Verdict.MISSING_REPOSITORY else "muted")


def _target(pairing: Pairing) -> str:
    """The repository that the project pushes to, with what makes it another one."""
    target = pairing.target
    if target is None:
        return ""
    if target.host and not target.is_ecr:
        return f"{target.host}/{target.repository}"
    if target.repository != pairing.name:
        return target.repository
    another = target.region if target.region != pairing.region else target.registry_id
    return f"{target.repository} ({another})"


def _build_cells(pairing: Pairing, beside: Beside) -> tuple[Cell, Cell]:
    if pairing.project is None:
        return BLANK, BLANK
    build = beside.build(pairing)
    if build is not None:
        started = BLANK if build.started_at is None else Cell(shown(age(beside.now - build.started_at)), "muted")
        return state_cell(build), started
    return beside.unbuilt.get(pairing.region, Cell(Shown("…"), "muted")), BLANK


def _image_cells(pairing: Pairing, beside: Beside) -> tuple[Cell, Cell]:
    if pairing.repository is None:
        return BLANK, BLANK
    summary = beside.summary(pairing)
    if summary is None:
        return Cell(Shown("…"), "muted"), BLANK
    if not summary.known:
        return Cell(Shown("? unknown"), "warn"), BLANK
    if summary.last_push is None:
        return Cell(Shown("no image"), "muted"), BLANK
    tag = Cell(shown(summary.last_tag)) if summary.last_tag else Cell(Shown("<untagged>"), "muted")
    return tag, Cell(shown(age(beside.now - summary.last_push)), "muted")


def _setting_cells(pairing: Pairing, beside: Beside) -> tuple[Cell, Cell, Cell]:
    repository = pairing.repository
    if repository is None:
        return BLANK, BLANK, BLANK
    summary = beside.summary(pairing)
    return (
        mutability_cell(repository.mutability, repository.exclusions),
        scan_cell(repository.scan_on_push),
        policy_cell(None if summary is None else summary.policy_rules),
    )
