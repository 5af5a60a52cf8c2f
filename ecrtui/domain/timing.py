"""How long a build is expected to take: from the medians of the project's last successful builds."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from statistics import median

from ecrtui.domain.build import PHASES, Build

HISTORY = 10
"""How many of the last successful builds are looked at: a project's builds change with its code."""


def expected_remaining(build: Build, history: Iterable[Build], now: float) -> float | None:
    """Seconds until an active build is expected to end: 0 when it overruns or has ended, None without past.

    The medians of the phases still to come, and what is left of the current phase's median. Builds of
    other projects and regions, failed ones and the build itself may stand in `history`: they do not count.
    """
    if not build.active:
        return 0.0
    medians = phase_medians(_successes(history, build))
    if not medians:
        return None
    spent = _spent(build, now)
    return sum(max(0.0, seconds - spent.get(kind, 0.0)) for kind, seconds in medians.items())


def expected_total(build: Build, history: Iterable[Build]) -> float | None:
    """Seconds that a build of this project takes from start to end, by the median; None without history."""
    durations = [
        past.ended_at - past.started_at
        for past in _successes(history, build)
        if past.started_at is not None and past.ended_at is not None
    ]
    return max(0.0, median(durations)) if durations else None


def phase_medians(builds: Sequence[Build]) -> dict[str, float]:
    """The median seconds of every phase that any of the builds has ended."""
    samples: dict[str, list[float]] = {}
    for build in builds:
        seconds = {phase.kind: phase.duration for phase in build.phases}
        for kind, duration in seconds.items():
            if duration is not None:
                samples.setdefault(kind, []).append(duration)
    return {kind: median(values) for kind, values in samples.items()}


def _successes(history: Iterable[Build], build: Build) -> list[Build]:
    """The last successful builds of the same project, newest first."""
    past = [
        one
        for one in history
        if one.status == "SUCCEEDED"
        and (one.region, one.project) == (build.region, build.project)
        and one.id != build.id
    ]
    past.sort(key=lambda one: one.started_at or 0.0, reverse=True)
    return past[:HISTORY]


def _spent(build: Build, now: float) -> dict[str, float]:
    """Seconds already spent by phase; without bound in those that are over, also where AWS left one out."""
    spent: dict[str, float] = {}
    reached = -1
    for phase in build.phases:
        order = PHASES.index(phase.kind) if phase.kind in PHASES else -1
        reached = max(reached, order)
        if phase.ended_at is not None or phase.status is not None:
            spent[phase.kind] = float("inf")
        elif phase.started_at is not None:
            spent[phase.kind] = max(0.0, now - phase.started_at)
    return {kind: float("inf") for kind in PHASES[: max(reached, 0)]} | spent
