"""Whatever ends the program, nobody whom it started lives on."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from program import Program, app_of, children_of

WITHIN = 5.0
"""Seconds: the app ends by force after 3.5."""


def family(pid: int) -> set[int]:
    """A process, and all that descend from it."""
    return {pid}.union(*(family(child) for child in children_of(pid)))


def alive(pids: set[int]) -> set[int]:
    """Those of these processes that run; who has ended and was not waited for runs no more."""
    listed = subprocess.run(["ps", "-A", "-o", "pid=,stat="], capture_output=True, text=True, check=True).stdout
    rows = (line.split() for line in listed.splitlines())
    return pids & {int(pid) for pid, state in rows if not state.startswith("Z")}


def ends_of(t: Program) -> dict[str, Callable[[], None]]:
    return {
        "q": lambda: t.send(b"q"),
        "ctrl+c": lambda: t.send(b"\x03"),
        "SIGTERM": lambda: os.kill(t.pid, signal.SIGTERM),
        "SIGHUP": lambda: os.kill(t.pid, signal.SIGHUP),
        "kill -9 of the app": lambda: os.kill(app_of(t.pid), signal.SIGKILL),
        "kill -9 of the supervisor": lambda: os.kill(t.pid, signal.SIGKILL),
        "the terminal is gone": lambda: os.close(t._fd),
    }


ENDS = ("q", "ctrl+c", "SIGTERM", "SIGHUP", "kill -9 of the app", "kill -9 of the supervisor", "the terminal is gone")


@pytest.mark.parametrize("end", ENDS)
@pytest.mark.parametrize("busy", ["the embedded account", "a credential program that hangs"])
def test_nobody_lives_on(
    measured: Callable[[str], None], monkeypatch: pytest.MonkeyPatch, tmp_path: Path, busy: str, end: str
) -> None:
    demo = busy == "the embedded account"
    if not demo:
        program = tmp_path / "program"
        program.write_text("#!/bin/sh\nsleep 600 & sleep 600\n")
        program.chmod(program.stat().st_mode | stat.S_IXUSR)
        (tmp_path / "config").write_text(f"[default]\ncredential_process = {program}\nregion = eu-central-1\n")
        monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    t = Program("demo") if demo else Program()
    try:
        t.sees("pet-web" if demo else "REPOSITORIES")
        t.until(lambda: len(family(t.pid)) > (2 if demo else 4), "its children")
        everybody = family(t.pid)
        since = time.monotonic()
        ends_of(t)[end]()
        if end == "the terminal is gone":
            t._fd = -1
        while (left := alive(everybody)) and time.monotonic() - since < WITHIN:
            if t._fd >= 0:
                t.read(0.02, 0.02)
            time.sleep(0.02)
        took = time.monotonic() - since
        measured(f"orphans, {busy}, {end}: {len(left)} of {len(everybody)} after {took:.1f} s")
        assert not left
    finally:
        t.close()
