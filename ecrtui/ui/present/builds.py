"""Builds as rows, timelines, pushes and verdicts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ecrtui.domain.build import PHASES, Build, Phase
from ecrtui.domain.diagnosis import Diagnosis
from ecrtui.domain.push import Layer, LayerState, Push
from ecrtui.domain.query import Field, FieldKind
from ecrtui.domain.text import Shown, shown, width
from ecrtui.domain.timing import expected_remaining, expected_total
from ecrtui.domain.units import age, duration
from ecrtui.services.state import Failed, Loadable, Loading, value_of
from ecrtui.services.verify import ImageVerdict
from ecrtui.ui.present.facts import fact
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
        Cell(shown(build.project), "name"),
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
        return Cell(shown(f"● {_SHORT.get(phase, phase.lower())}"), "strong")
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


def title_line(build: Build, history: Sequence[Build], now: float) -> Line:
    """One line that says which build this is, where it stands, and how long it may still take."""
    number = "" if build.number is None else f" #{build.number}"
    pieces = [
        Cell(shown(f"{build.project}{number}"), "strong"),
        Cell(shown(f"   {source_of(build)}   "), "muted"),
    ]
    pieces.append(state_cell(build))
    took = build.duration(now)
    if took is not None:
        pieces.append(Cell(shown(f"   {duration(took)}")))
    remaining = expected_remaining(build, history, now) if build.active else None
    if remaining is not None:
        left = f", about {duration(remaining)} left" if remaining else ", longer than usual"
        pieces.append(Cell(shown(left), "muted"))
    elif build.active:
        pieces.append(Cell(Shown(", no earlier build to compare with"), "muted"))
    elif (usual := expected_total(build, history)) is not None:
        pieces.append(Cell(shown(f", usually {duration(usual)}"), "muted"))
    return tuple(pieces)


_SHORT = {
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


def timeline(build: Build, now: float, room: int) -> tuple[Line, ...]:
    """The phases in their order with durations, over as many lines as `room` cells ask for."""
    lines: list[list[Cell]] = [[]]
    used = 0
    for phase in _once_each(build.phases):
        cell = _phase_cell(phase, build, now)
        if used and used + width(cell.text) + 2 > room:
            lines.append([])
            used = 0
        if used:
            lines[-1].append(Cell(Shown("  ")))
        lines[-1].append(cell)
        used += width(cell.text) + 2
    return tuple(tuple(line) for line in lines if line)


def _once_each(phases: Sequence[Phase]) -> list[Phase]:
    """Each kind once, its last report counting, in the order of CodeBuild's phases."""
    latest = {phase.kind: phase for phase in phases}
    order = {kind: place for place, kind in enumerate(PHASES)}
    known = sorted(latest.values(), key=lambda phase: order.get(phase.kind, len(PHASES)))
    return [phase for phase in known if phase.kind != "COMPLETED"]


def _phase_cell(phase: Phase, build: Build, now: float) -> Cell:
    name = _SHORT.get(phase.kind, phase.kind.lower())
    took = phase.duration
    if phase.status is None and build.active:
        spent = "" if phase.started_at is None else f" {duration(max(0.0, now - phase.started_at))}"
        return Cell(shown(f"● {name}{spent}"), "strong")
    spent = f" {duration(took)}" if took is not None and took >= 1 else ""
    if phase.status in ("SUCCEEDED", None):
        return Cell(shown(f"✓ {name}{spent}"), "plain")
    return Cell(shown(f"✗ {name}{spent}"), "bad")


_LAYERS: Mapping[LayerState, tuple[str, Role]] = {
    LayerState.PREPARING: ("· preparing", "muted"),
    LayerState.WAITING: ("· waiting", "muted"),
    LayerState.PUSHING: ("● pushing", "strong"),
    LayerState.PUSHED: ("✓ pushed", "plain"),
    LayerState.THERE: ("✓ already there", "muted"),
    LayerState.MOUNTED: ("✓ mounted", "muted"),
    LayerState.RETRYING: ("⚠ retrying", "warn"),
    LayerState.UNAVAILABLE: ("✗ unavailable", "bad"),
    LayerState.SKIPPED: ("– skipped", "muted"),
}
_LAYER_CELL = 32


def push_lines(pushes: Sequence[Push], room: int, most: int) -> tuple[Line, ...]:
    """Every push with its bar, the last one with its layers, in at most `most` lines."""
    if not pushes:
        return ()
    lines = [_push_line(push, room) for push in pushes[-3:]]
    layers = _layer_lines(pushes[-1].layers, room)
    left = max(0, most - len(lines))
    if len(layers) > left:
        hidden = len(layers) - max(0, left - 1)
        layers = [*layers[: max(0, left - 1)], (Cell(shown(f"  … {hidden} more lines of layers"), "muted"),)]
    return (*lines, *layers[:left])


def _push_line(push: Push, room: int) -> Line:
    target = f"{push.name or push.repository}{':' + push.tag if push.tag else ''}"
    fraction = push.done / push.total if push.total else 0.0
    counts = f"{push.done} of {push.total} layers" if push.total else "no layers yet"
    cells = max(6, min(24, room - width(shown(target)) - 36))
    done = Cell(shown(f"  {push.digest[:19]}"), "muted") if push.digest else BLANK
    return (
        Cell(Shown("push  "), "muted"),
        Cell(shown(target), "name"),
        Cell(shown(f"  {counts}  "), "muted"),
        Cell(progress_bar(fraction, cells)),
        Cell(shown(f" {fraction:4.0%}")),
        done,
    )


def _layer_lines(layers: Sequence[Layer], room: int) -> list[Line]:
    per_line = max(1, room // _LAYER_CELL)
    cells = [_layer_cells(layer) for layer in layers]
    return [
        tuple(piece for pair in cells[start : start + per_line] for piece in pair)
        for start in range(0, len(cells), per_line)
    ]


def _layer_cells(layer: Layer) -> tuple[Cell, Cell]:
    word, role = _LAYERS[layer.state]
    if layer.retries:
        word += f" ({layer.retries})"
    if layer.mounted_from:
        word += f" from {layer.mounted_from}"
    identity = shown(layer.id, 12)
    text = shown(word, _LAYER_CELL)
    padding = " " * max(1, _LAYER_CELL - 15 - width(text))
    return Cell(Shown(f"  {identity:<12} "), "muted"), Cell(Shown(text + padding), role)


def verdict_lines(build: Build, diagnosis: Diagnosis | None, verdict: ImageVerdict | None) -> tuple[Line, ...]:
    """How the build ended: in ECR, pushed but absent, nothing pushed, or failed with cause and remedy."""
    if build.active or diagnosis is None:
        return ()
    if diagnosis.cause is not None:
        lines: list[Line] = [(Cell(shown(f"✗ {diagnosis.cause}".replace("-", " ")), "bad"),)]
        if diagnosis.line:
            lines.append(fact("  says", diagnosis.line))
        if diagnosis.remedy:
            lines.append(fact("  do", diagnosis.remedy, "strong"))
        return tuple(lines)
    if verdict is None:
        return ((Cell(Shown("looking the image up in ECR…"), "muted"),),)
    return _image_verdict(verdict)


_VERDICTS: Mapping[str, tuple[str, Role]] = {
    "in-ecr": ("✓ in ECR", "good"),
    "pushed-but-absent": ("✗ pushed, but not there", "bad"),
    "nothing-pushed": ("⚠ green, but nothing was pushed", "warn"),
    "unknown": ("? could not be looked up in ECR", "warn"),
}


def _image_verdict(verdict: ImageVerdict) -> tuple[Line, ...]:
    word, role = _VERDICTS.get(verdict.outcome, (f"? {verdict.outcome}", "warn"))
    lines: list[Line] = [(Cell(shown(word), role),)]
    for image in verdict.images:
        target = f"{image.push.name}{':' + image.push.tag if image.push.tag else ''}"
        lines.append(fact("", f"{target}  {image.detail}", "plain" if image.matches else "warn"))
    return tuple(lines)


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


def ending(build: Build, diagnosis: Diagnosis | None, verdict: ImageVerdict | None) -> tuple[Shown, bool]:
    """How a watched build ended, in one sentence, and whether that is good news."""
    name = f"{build.project} #{build.number}" if build.number else build.project
    if diagnosis is not None and diagnosis.cause is not None:
        return shown(f"✗ {name}: {diagnosis.cause.replace('-', ' ')}. {diagnosis.remedy}"), False
    if verdict is None:
        return shown(f"{name}: {build.status.lower().replace('_', ' ')}"), build.status == "SUCCEEDED"
    word, role = _VERDICTS.get(verdict.outcome, (f"? {verdict.outcome}", "warn"))
    images = ", ".join(f"{image.push.name}:{image.push.tag}" for image in verdict.images if image.push.tag)
    return shown(f"{word}  {name}  {images}"), role == "good"
