"""From the return of the network, or of the login, to the screen that shows it."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest
from program import Program, reach
from test_terminal_login import Commands, codes, commands

from benchmarks.bulk import account_of
from soak.keys import SLOWER
from soak.weather import Weather, weather

__all__ = ["codes", "commands"]

GOAL = 2.0 * SLOWER
"""Seconds."""
BY_HAND = {"ECRTUI_REFRESH": "-1"}
"""Nothing is asked for by the clock: what comes back comes by itself."""
SIGNS = ("no connection", "timed out", "loading", "stale")
"""What the screen says while something is kept away by the network."""
BANNER = "looks again"
KEYS = "[default]\naws_access_key_id = AKIA{}\naws_secret_access_key = s\n"
OUTAGES = (("down", 3.0), ("down", 12.0), ("reset", 10.0), ("hang", 8.0), ("hang", 32.0), ("slow loris", 32.0))


def recovered(t: Program) -> bool:
    return not any(sign in t.screen for sign in SIGNS)


def back_after(t: Program, has_it_back: Callable[[], None], holds: Callable[[], bool]) -> float:
    """Seconds from the return to the screen that shows it."""
    since = time.monotonic()
    has_it_back()
    t.until(holds, "the return")
    return time.monotonic() - since


@pytest.mark.parametrize(("outage", "seconds"), OUTAGES)
def test_the_network_returns(way: Weather, measured: Callable[[str], None], outage: str, seconds: float) -> None:
    with Program(environ=BY_HAND) as t:
        t.sees("pet-web", "main-")
        t.until(lambda: recovered(t), "everything")
        way.turn(outage)
        t.send(b"r")
        t.read(seconds, seconds)
        assert not recovered(t), t.screen
        took = back_after(t, lambda: way.turn("clear"), lambda: recovered(t))
    measured(f"recovery, {outage} for {seconds:g} s: {took:.1f} s")
    assert took <= GOAL


def test_the_network_comes_after_the_start(way: Weather, measured: Callable[[str], None]) -> None:
    way.turn("down")
    with Program(environ=BY_HAND) as t:
        t.sees("no connection")
        t.read(10, 10)
        took = back_after(t, lambda: way.turn("clear"), lambda: "pet-web" in t.screen)
    measured(f"recovery, no network at the start: {took:.1f} s to the repositories")
    assert took <= GOAL


def test_a_log_goes_on(measured: Callable[[str], None], monkeypatch: pytest.MonkeyPatch) -> None:
    with account_of("log", 20) as url, weather(url) as way:
        reach(way.url, monkeypatch)
        monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
        with Program(environ=BY_HAND) as t:
            t.sees("REPOSITORIES")
            t.send(b"3")
            t.sees("step ")
            way.turn("down")
            t.read(20, 20)  # pauses between two looks at a log have grown by now
            before = t.screen.splitlines()[-2]
            took = back_after(t, lambda: way.turn("clear"), lambda: t.screen.splitlines()[-2] != before)
    measured(f"recovery, a log that is followed, down for 20 s: {took:.1f} s to the next lines")
    assert took <= GOAL


# The login


def test_keys_are_written_anew(
    way: Weather, measured: Callable[[str], None], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    keys = tmp_path / "credentials"
    keys.write_text(KEYS.format("OLD"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(keys))
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    with Program(environ=BY_HAND, columns=160) as t:
        t.sees("pet-web", "main-")
        way.turn("expired")
        t.send(b"r")
        t.sees(BANNER)
        t.read(3, 3)

        def renew() -> None:
            way.turn("clear")
            keys.write_text(KEYS.format("NEW"))

        took = back_after(t, renew, lambda: BANNER not in t.screen and recovered(t))
    measured(f"recovery, expired keys are written anew: {took:.1f} s to the end of the banner, and to fresh data")
    assert took <= GOAL


def test_somebody_logs_in_elsewhere(commands: Commands, measured: Callable[[str], None]) -> None:
    with Program(environ=BY_HAND, columns=160) as t:
        t.sees(BANNER)
        t.read(3, 3)
        took = back_after(t, commands.logged_in, lambda: BANNER not in t.screen and "pet-web" in t.screen)
    measured(f"recovery, `aws sso login` elsewhere: {took:.1f} s to the end of the banner, and to the repositories")
    assert took <= GOAL
