"""A full disk and a home that cannot be written, under the real program: one warning, and the session goes on."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from program import PROGRAM, Program

ROOM = 1024
"""Bytes that a file may have at most."""
ON_A_FULL_DISK = f"ulimit -f $(({ROOM} / 512)); exec {' '.join(PROGRAM)} --debug"


def state() -> Path:
    """Where the journal and the logs are."""
    return Path(os.environ["XDG_STATE_HOME"]) / "ecrtui"


@pytest.mark.fault("F89")
def test_on_a_full_disk_the_session_goes_on_without_changes(account, tmp_path, monkeypatch):
    """Journal, debug log and what is saved have no room for another byte."""
    state().mkdir(parents=True)
    for name in ("journal.jsonl", "debug.log"):
        (state() / name).write_text("\n" * ROOM)
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[2]))
    monkeypatch.chdir(tmp_path)
    with Program(program=("sh", "-c", ON_A_FULL_DISK)) as t:
        t.sees("pet-web", "main-")
        t.send(b"3")
        t.sees("BUILDS")
        t.send(b"/status:succeeded\r\r")
        t.sees("Phase complete")
        t.send(b"\x13")
        t.sees("File too large")
        t.send(b"2")
        t.sees("PAIRINGS", "missing repository")
        t.send(b"gn")
        t.sees("Create a repository", "project api-server exists")
        t.read(0.5, 2.0)
        t.send(b"\r")
        t.sees("aws ecr create-repository")
        t.read(0.5, 2.0)
        t.send(b"\x1b[C\r")
        t.sees("cannot be journalled")
        t.read(0.5, 2.0)
        t.send(b"\x1b")
        t.misses("cannot be journalled")
        t.send(b"1/pet-api\r")
        t.sees("1 of ")
        t.send(b"q")
        t.ends(0, 3.5)
        assert t.output.count(b"it ended early: File too large") == 1
        assert b"Traceback" not in t.output
    assert {path.name: path.stat().st_size for path in state().iterdir() if path.is_file()} == {
        "journal.jsonl": ROOM,
        "debug.log": ROOM,
    }
    assert not [*tmp_path.glob("*.log")]


@pytest.mark.fault("F89")
def test_a_home_that_cannot_be_written_costs_one_warning(account, tmp_path, monkeypatch):
    (tmp_path / "file").touch()
    for name in ("HOME", "XDG_STATE_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME"):
        monkeypatch.setenv(name, str(tmp_path / "file"))
    with Program("--debug") as t:
        t.sees("pet-web", "main-", "cannot keep the journal")
        t.send(b"!")
        t.sees("Activity", "keep the journal")
        assert t.screen.count("cannot keep the journal") <= 2  # the toast, perhaps, and the one entry
        t.send(b"\x1b")
        t.misses("Activity")
        t.send(b"/pet-api\r")
        t.sees("1 of ")
        t.send(b"q")
        t.ends(0, 3.5)
        assert t.output.count(b"no debug log can be written") == 1
