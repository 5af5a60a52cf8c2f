"""The whole app on a terminal, with more than it will usually meet: keys are answered while it works."""

from __future__ import annotations

import json
import os
import signal
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

from bulk import account_of
from pty_harness import Terminal

PROGRAMS = Path(__file__).parent / "programs"
FRAME_END = b"\x1b[?2026l"
DOWN, UP = b"\x1b[B", b"\x1b[A"
IMAGES = 100_000
REPOSITORIES = 5_000
MEDIAN_ANSWER = 0.05
"""Seconds from a key to the end of its frame, half of the time."""
HELD = 0.25
"""Seconds for which the loop may be held, on machines that others use too; the goal is 0.05."""


class App(Terminal):
    """The app over an account, with a watch on its loop."""

    def __init__(self, url: str, home: Path) -> None:
        self._report = home / "report.json"
        environ = {
            "AWS_ENDPOINT_URL": url,
            "AWS_ACCESS_KEY_ID": "none",
            "AWS_SECRET_ACCESS_KEY": "none",
            "AWS_REGION": "eu-west-1",
            "AWS_EC2_METADATA_DISABLED": "true",
            **dict.fromkeys(("HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME"), str(home)),
        }
        super().__init__([sys.executable, str(PROGRAMS / "watched.py"), str(self._report)], environ=environ)

    def report(self) -> dict[str, float]:
        """What the watch has seen since the last report."""
        self._report.unlink(missing_ok=True)
        os.kill(self.app, signal.SIGUSR1)
        end = time.perf_counter() + 20
        while not self._report.exists() and time.perf_counter() < end:
            self.read(quiet=0.05, limit=0.05)
        answer: dict[str, float] = json.loads(self._report.read_text())
        return answer

    def answer_time(self, key: bytes) -> float:
        """Seconds from a key to the end of the frame after it."""
        self.forget()
        start = time.perf_counter()
        self.send(key)
        self.read_until(FRAME_END)
        return time.perf_counter() - start

    def moves(self, seconds: float) -> list[float]:
        """Seconds for each of the cursor steps that this time has room for: some down, and up again."""
        answers: list[float] = []
        end = time.perf_counter() + seconds
        while time.perf_counter() < end:
            answers.append(self.answer_time(DOWN if len(answers) % 20 < 10 else UP))
            self.read(quiet=0.03, limit=0.03)
        return answers


def told(answers: list[float], watch: dict[str, float]) -> str:
    worst = sorted(answers)[int(len(answers) * 0.99)]
    return (
        f"a key {statistics.median(answers) * 1e3:.0f} ms (99 %: {worst * 1e3:.0f}), "
        f"loop held {watch['held'] * 1e3:.0f} ms at most (goal 50), {watch['megabytes']:.0f} MB"
    )


def test_keys_while_images_come(measured: Callable[[str], None], tmp_path: Path) -> None:
    with account_of("images", IMAGES) as url, App(url, tmp_path) as app:
        app.read_until(b"small")
        app.report()
        app.forget()
        start = time.perf_counter()
        app.send(b"\r")
        app.read_until(b"main-")
        first = time.perf_counter() - start
        answers = app.moves(3)
        watch = app.report()
    measured(f"app, {IMAGES:,} images: first rows after {first * 1e3:.0f} ms; meanwhile {told(answers, watch)}")
    assert statistics.median(answers) <= MEDIAN_ANSWER
    assert watch["held"] <= HELD


def test_keys_while_repositories_are_counted(measured: Callable[[str], None], tmp_path: Path) -> None:
    with account_of("names", REPOSITORIES) as url, App(url, tmp_path) as app:
        app.read_until(b"team-0")
        app.read(quiet=0.5, limit=1)
        app.report()
        answers = app.moves(5)
        watch = app.report()
    measured(f"app, {REPOSITORIES:,} repositories being counted: {told(answers, watch)}")
    assert statistics.median(answers) <= MEDIAN_ANSWER
    assert watch["held"] <= HELD


def test_keys_while_a_log_streams(measured: Callable[[str], None], tmp_path: Path) -> None:
    with account_of("log", 1_000) as url, App(url, tmp_path) as app:
        app.read_until(b"REPOSITORIES")
        app.read(quiet=1, limit=3)
        app.send(b"3")
        app.read_until(b"step ")
        app.send(b"l")
        app.read(quiet=1, limit=2)
        app.report()
        cpu, start = app.cpu_seconds(), time.perf_counter()
        answers = []
        while time.perf_counter() < start + 8:
            answers.append(app.answer_time(b"z"))
            app.read(quiet=0.25, limit=0.25)
        share = (app.cpu_seconds() - cpu) / (time.perf_counter() - start)
        watch = app.report()
    measured(f"app, log of 1,000 lines/s: {share:.0%} of a CPU; {told(answers, watch)}")
    assert statistics.median(answers) <= MEDIAN_ANSWER
    assert watch["held"] <= HELD


def test_nothing_is_sent_while_nothing_changes(measured: Callable[[str], None], tmp_path: Path) -> None:
    with account_of("images", 5_000) as url, App(url, tmp_path) as app:
        app.read_until(b"small")
        app.send(b"\r")
        app.read_until(b"main-")
        app.read(quiet=2, limit=10)
        steps, details = [], []
        for _ in range(10):
            app.forget()
            app.send(DOWN)
            steps.append(len(app.read(quiet=0.15, limit=0.15)))
            details.append(len(app.read(quiet=1, limit=3)))
        app.forget()
        idle = len(app.read(quiet=5, limit=5))
    measured(f"app, bytes: cursor step {statistics.median(steps):.0f} (at most {max(steps)}; goal 400), idle {idle}")
    measured(f"app, bytes: the detail of the image, once the cursor rests, {statistics.median(details):.0f}")
    assert max(steps) <= 400
    assert idle == 0
