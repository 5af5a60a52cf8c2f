"""Killed, hung up, left by its terminal: what was changed of the terminal is taken back, and nobody lives on."""

from __future__ import annotations

import os
import pty
import select
import signal
import subprocess
import sys
import time

import pytest
from program import IN_TIME, PROGRAM, Program, app_of, children_of, ends


@pytest.mark.fault("D56")
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSEGV, signal.SIGABRT])
def test_the_terminal_is_given_back_when_the_app_is_killed(account, number):
    with Program() as t:
        before = t.modes
        t.sees("pet-web")
        assert t.modes != before
        os.kill(app_of(t.pid), number)
        t.ends(128 + number, 1.0)
        assert t.modes == before
        assert b"the terminal is as it was" in t.output


@pytest.mark.fault("D56")
def test_a_killed_app_takes_the_embedded_account_along():
    with Program("demo") as t:
        t.sees("pet-web")
        app = app_of(t.pid)
        (server,) = (pid for pid, command in children_of(app).items() if "ecrtui.demo.server" in command)
        os.kill(app, signal.SIGKILL)
        t.ends(128 + signal.SIGKILL, 1.0)
        ends(server)


@pytest.mark.fault("B26", "D56")
def test_what_a_killed_app_had_started_ends_with_it(account, tmp_path, monkeypatch):
    program = tmp_path / "credentials"
    program.write_text(
        f"#!/bin/sh\nsleep 600 &\necho $$ $! > {tmp_path}/new && mv {tmp_path}/new {tmp_path}/pids\nwait\n"
    )
    program.chmod(0o700)
    (tmp_path / "aws").write_text(f"[default]\ncredential_process = {program}\n")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "aws"))
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    with Program() as t:
        t.until((tmp_path / "pids").exists, "its program")
        os.kill(app_of(t.pid), signal.SIGKILL)
        t.ends(128 + signal.SIGKILL, 2.0)
        for pid in (tmp_path / "pids").read_text().split():
            ends(int(pid))


LEADER = """
import subprocess, sys
print(subprocess.Popen([sys.executable, "-m", "ecrtui"]).wait(), "was its end", flush=True)
input()
"""


@pytest.mark.fault("D56")
def test_the_app_does_not_outlive_its_supervisor(account):
    with Program(program=(sys.executable, "-c", LEADER)) as t:
        before = t.modes
        t.sees("pet-web")
        supervisor = app_of(t.pid)
        app = app_of(supervisor)
        os.kill(supervisor, signal.SIGKILL)
        t.is_restored()
        ends(app, IN_TIME)
        assert t.modes == before


@pytest.mark.fault("D72")
def test_a_shell_stops_it_and_has_it_go_on(account):
    shell = {"PS1": "shell$ ", "ENV": ""}
    with Program(program=("sh", "-i"), environ=shell) as t:
        t.sees("shell$")
        before = t.modes
        t.send(f"{' '.join(PROGRAM)}\r".encode())
        t.sees("pet-web", "main-")
        for _ in range(2):
            t.forget()
            t.send(b"\x1a")
            t.read_until(b"shell$ ")
            t.is_restored()
            assert t.modes == before
            t.forget()
            t.send(b"fg\r")
            t.read_until(b"\x1b[?25l")  # sent once keys come raw
            t.sees("REPOSITORIES", "pet-web")
            t.read()
        t.hears()
        t.forget()
        t.send(b"q")
        t.read_until(b"shell$ ")
        t.send(b"echo its end was $?\r")
        t.read_until(b"its end was 0")


@pytest.mark.fault("D72")
def test_a_stop_that_only_the_supervisor_hears_is_passed_on(account):
    with Program() as t:
        before = t.modes
        t.sees("pet-web", "main-")
        for _ in range(2):
            t.forget()
            os.kill(t.pid, signal.SIGTSTP)
            assert os.waitpid(t.pid, os.WUNTRACED) == (t.pid, 0x137F)  # stopped by SIGSTOP
            t.is_restored()
            assert t.modes == before
            t.forget()
            os.kill(t.pid, signal.SIGCONT)
            t.read_until(b"\x1b[?25l")  # sent once keys come raw
        t.hears()
        t.leaves()


@pytest.mark.fault("D57")
def test_a_terminal_that_goes_without_a_word_ends_it(account):
    """It is not the terminal of its session, so that no signal tells of the end."""
    ours, its = pty.openpty()
    environ = {**os.environ, "TERM": "xterm-256color", "LANG": "C.UTF-8", "COLUMNS": "80", "LINES": "24"}
    with subprocess.Popen(PROGRAM, stdin=its, stdout=its, stderr=its, start_new_session=True, env=environ) as program:
        os.close(its)
        seen = b""
        while b"pet-web" not in seen:
            assert select.select([ours], [], [], 25)[0], seen
            seen += os.read(ours, 65_536)
        app = app_of(program.pid)
        os.close(ours)
        gone = time.monotonic()
        assert program.wait(IN_TIME) == 128 + signal.SIGHUP
        assert time.monotonic() - gone < 1.0
        ends(app, 0.5)


@pytest.mark.fault("D59")
def test_a_stalled_terminal_holds_nobody(account):
    """Nothing is read while keys are typed and it is left; what restores it is there when it reads again."""
    with Program() as t:
        before = t.modes
        t.sees("pet-web", "main-")
        for size in [(300, 100), (299, 99)] * 3:  # more than any terminal takes unread
            t.resize(*size)
            time.sleep(0.1)
        t.send(b"jkq")
        assert _ended(t, IN_TIME) == 0
        assert t.modes == before
        t.is_restored()


@pytest.mark.fault("D59")
def test_what_a_stalled_terminal_missed_is_drawn_when_it_reads_again(account):
    with Program() as t:
        t.sees("pet-web", "main-")
        for size in [(300, 100), (299, 99)] * 3:
            t.resize(*size)
            time.sleep(0.1)
        t.resize(120, 36)
        t.send(b"jkGg/pet-api\r")
        time.sleep(1.0)
        t.sees("1 of ")
        t.misses("pet-worker")
        t.leaves()


@pytest.mark.fault("D65")
def test_a_paste_whose_end_is_lost_ends_by_itself(account):
    with Program() as t:
        t.sees("pet-web")
        t.send(b"\x1b[200~lost")
        t.read(2.3, 2.6)
        t.hears()
        t.send(b"\x1b[201~")
        t.leaves()


def _ended(t: Program, within: float) -> int:
    """Wait for the end without reading what is sent."""
    end = time.monotonic() + within
    while time.monotonic() < end:
        pid, status = os.waitpid(t.pid, os.WNOHANG)
        if pid:
            t.pid = 0
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.02)
    raise AssertionError("the program is still running")
