"""Expected durations of builds."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from ecrtui.domain.build import PHASES, Build, Phase
from ecrtui.domain.timing import HISTORY, expected_remaining, expected_total

SECONDS = {"SUBMITTED": 0.0, "QUEUED": 1.0, "PROVISIONING": 5.0, "BUILD": 30.0, "POST_BUILD": 10.0}


def past(number: int, *, build_seconds: float = 30.0, status: str = "SUCCEEDED") -> Build:
    at = start = 1_000.0 * number
    phases = []
    for kind, seconds in (SECONDS | {"BUILD": build_seconds}).items():
        phases.append(Phase(kind, "SUCCEEDED", at, at + seconds))
        at += seconds
    phases.append(Phase("COMPLETED", None, at))
    return Build(
        f"pet-web:{number}",
        "pet-web",
        "us-east-1",
        status=status,
        complete=True,
        phases=tuple(phases),
        started_at=start,
        ended_at=at,
    )


def running(*phases: Phase) -> Build:
    return Build("pet-web:now", "pet-web", "us-east-1", phases=phases, started_at=90_000.0)


def test_medians_of_what_is_to_come() -> None:
    history = [past(1), past(2, build_seconds=50), past(3, build_seconds=32)]
    build = running(
        Phase("SUBMITTED", "SUCCEEDED", 90_000, 90_000),
        Phase("QUEUED", "SUCCEEDED", 90_000, 90_004),
        Phase("PROVISIONING", None, 90_004),
    )
    assert expected_remaining(build, history, 90_006) == 3 + 32 + 10
    assert expected_remaining(build, history, 90_500) == 32 + 10, "an overrun costs only its own phase"
    assert expected_total(build, history) == 1 + 5 + 32 + 10


def test_phases_before_the_current_one_are_over_also_when_they_were_left_out() -> None:
    assert expected_remaining(running(Phase("BUILD", None, 90_000)), [past(1)], 90_010) == 20 + 10


def test_without_history() -> None:
    build = running(Phase("BUILD", None, 90_000))
    foreign = replace(past(3), project="pet-api")
    elsewhere = replace(past(4), region="eu-central-1")
    for history in ([], [past(1, status="FAILED")], [foreign, elsewhere], [replace(past(5), id=build.id)]):
        assert expected_remaining(build, history, 90_010) is None
        assert expected_total(build, history) is None


def test_only_the_last_builds_count() -> None:
    old = [past(number, build_seconds=900) for number in range(1, 30)]
    new = [past(number, build_seconds=30) for number in range(30, 30 + HISTORY)]
    assert expected_total(running(), [*old, *new]) == 46
    assert expected_remaining(running(), [*new, *old], 90_000) == 46


def test_an_ended_build_has_nothing_left() -> None:
    assert expected_remaining(past(9), [past(1)], 99_999) == 0


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from(PHASES), st.booleans(), st.floats(0, 1e9)), max_size=12),
    st.floats(0, 1e9),
    st.floats(0, 1e6),
)
def test_never_negative_and_never_growing_while_time_passes(
    phases: list[tuple[str, bool, float]], now: float, later: float
) -> None:
    build = running(
        *(Phase(kind, "SUCCEEDED" if over else None, at, at if over else None) for kind, over, at in phases)
    )
    first = expected_remaining(build, [past(1)], now)
    second = expected_remaining(build, [past(1)], now + later)
    assert first is not None
    assert second is not None
    assert 0 <= second <= first <= 46
