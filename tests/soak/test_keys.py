"""Key to paint: under every fault, while a log streams, and while images come."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from program import Program, reach

from benchmarks.bulk import account_of
from soak.keys import DOWN, GOAL, LONGER, UP, typing
from soak.weather import Weather, weather

WEATHERS = (
    "clear",
    "slow",
    "throttled",
    "server error",
    "unavailable",
    "reset",
    "hang",
    "slow loris",
    "markup",
    "cut off",
    "cut JSON",
    "deep JSON",
    "no body",
    "endless",
    "denied",
    "expired",
    "down",
)
SECONDS = 12.0 * LONGER
EAGER = {"ECRTUI_REFRESH": "2"}
"""What is shown is asked for every two seconds."""


@pytest.mark.parametrize("weather", WEATHERS)
def test_keys_under_a_fault(way: Weather, measured: Callable[[str], None], weather: str) -> None:
    with Program(environ=EAGER) as t:
        t.sees("pet-web", "main-")
        t.read(0.5, 3)
        way.turn(weather)
        answers = typing(t, SECONDS)
    measured(f"keys, {weather}: {answers}")
    assert answers.p99 <= GOAL


def test_keys_while_a_log_streams(measured: Callable[[str], None], monkeypatch: pytest.MonkeyPatch) -> None:
    with account_of("log", 1_000) as url:
        reach(url, monkeypatch)
        with Program(environ={"AWS_DEFAULT_REGION": "eu-west-1"}) as t:
            t.sees("REPOSITORIES")
            t.read(1, 3)
            t.send(b"3")
            t.sees("step ")
            answers = typing(t, SECONDS, (DOWN, UP) * 7, "tal")
            assert "step " in t.screen
    measured(f"keys, a log of 1,000 lines/s: {answers}")
    assert answers.p99 <= GOAL


def test_keys_while_images_come(measured: Callable[[str], None], monkeypatch: pytest.MonkeyPatch) -> None:
    """A page takes 100 ms, as one of AWS's does: the account is not to take the app's part of the machine."""
    with account_of("images", 100_000) as url, weather(url) as way:
        reach(way.url, monkeypatch)
        with Program(environ={"AWS_DEFAULT_REGION": "eu-west-1", **EAGER}) as t:
            t.sees("small")
            t.read(0.5, 3)
            way.turn("far")
            t.send(b"\r")
            t.sees("main-")
            answers = typing(t, SECONDS, text="mai")
    measured(f"keys, 100,000 images on their way: {answers}")
    assert answers.p99 <= GOAL
