"""How far a build is: its title with what it may still take, and its phases."""

from __future__ import annotations

from collections.abc import Sequence

from ecrtui.domain.build import PHASES, Build, Phase
from ecrtui.domain.text import Shown, shown, width
from ecrtui.domain.timing import expected_remaining, expected_total
from ecrtui.domain.units import duration
from ecrtui.ui.present.builds import PHASE_WORDS, source_of, state_cell
from ecrtui.ui.widgets.rows import Cell
from ecrtui.ui.widgets.text_view import Line


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
    name = PHASE_WORDS.get(phase.kind, phase.kind.lower())
    took = phase.duration
    if phase.status is None and build.active:
        spent = "" if phase.started_at is None else f" {duration(max(0.0, now - phase.started_at))}"
        return Cell(shown(f"● {name}{spent}"), "strong")
    spent = f" {duration(took)}" if took is not None and took >= 1 else ""
    if phase.status in ("SUCCEEDED", None):
        return Cell(shown(f"✓ {name}{spent}"), "plain")
    return Cell(shown(f"✗ {name}{spent}"), "bad")
