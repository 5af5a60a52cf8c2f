"""The life of the real program on a terminal: it starts, survives what terminals do, and leaves no trace."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator

import pytest
from program import IN_TIME, PROGRAM, Program, reach


def test_the_demo_starts_and_q_leaves_the_terminal_as_it_was():
    with Program("demo") as t:
        t.sees("demo ▸ 123456789012", "ap-northeast-2", "REPOSITORIES", "pet-web")
        t.leaves()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
@pytest.mark.fault("D55")
def test_a_signal_ends_it_in_order(account, number):
    with Program() as t:
        t.sees("pet-web")
        os.kill(t.pid, number)
        t.ends(128 + number, IN_TIME)


def test_ctrl_c_leaves_from_anywhere(account):
    with Program() as t:
        t.sees("pet-web")
        t.send(b"?/pet\x03")
        t.ends(0, IN_TIME)


def test_keys_typed_before_it_is_ready_are_not_lost(account):
    with Program() as t:
        t.read_until(b"\x1b[?1049h")
        t.send(b"3q")
        t.ends(0)


@pytest.mark.fault("D64")
def test_bytes_that_are_no_text_are_no_keys(account):
    with Program() as t:
        t.sees("pet-web")
        t.send(b"\xe9j\xff\xfe\xc0\xaf")
        t.hears()
        t.leaves()


@pytest.mark.fault("D72")
def test_it_can_be_suspended_and_resumed(account):
    with Program() as t:
        t.sees("pet-web")
        t.send(b"\x1a")
        t.read_until(b"\x1b[?1049l")
        assert os.waitpid(t.pid, os.WUNTRACED) == (t.pid, 0x137F)  # stopped by SIGSTOP
        t.is_restored()
        t.forget()
        os.kill(t.pid, signal.SIGCONT)
        t.read_until(b"\x1b[?25l")  # sent once keys come raw
        t.hears()
        t.leaves()


@pytest.mark.fault("D66")
def test_a_flood_pasted_into_the_filter_is_cut(account):
    with Program() as t:
        t.sees("pet-web")
        t.send(b"/")
        t.sees(" /")
        _type_slowly(t, b"\x1b[200~" + b"a\rq\n" * 262_144 + b"\x1b[201~")
        t.sees("too long")
        t.send(b"\x1b")
        t.sees("pet-web")
        t.leaves()


@pytest.mark.fault("D71")
def test_a_storm_of_sizes_is_survived(account):
    """While it starts and loads, and when all is there."""
    with Program() as t:
        t.read_until(b"\x1b[?1049h")
        for _ in range(2):
            for size in [(1, 1), (300, 100), (20, 5), (40, 10), (2, 60), (80, 24)] * 3:
                t.resize(*size)
                t.read(0.01, 0.05)
            t.resize(120, 36)
            t.sees("pet-web", "main-")
        t.forget()
        t.send(b"/pet-api\r")
        t.sees("pet-api", "1 of ")
        t.leaves()


@pytest.mark.fault("D71")
def test_the_smallest_terminal_can_be_left(account):
    with Program(columns=1, lines=1) as t:
        t.read_until(b"\x1b[?1049h")
        t.read(0.3)
        t.send(b"\x1b[B/x\r\x1b")
        t.read(0.3)
        t.send(b"q")
        t.ends(0)


@pytest.mark.fault("D67")
def test_without_a_terminal_it_says_what_to_do(account):
    ended = subprocess.run(PROGRAM, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=30, check=False)
    assert ended.returncode == 2
    assert "needs a terminal" in ended.stderr
    assert ended.stdout == ""


@pytest.mark.parametrize("term", ["dumb", ""])
@pytest.mark.fault("D68")
def test_a_terminal_that_cannot_draw_is_refused(account, term):
    with Program(environ={"TERM": term}) as t:
        assert t.wait() == 2
        assert b"use a command instead" in t.output
        assert b"\x1b" not in t.output


# The network

ALONE = """
import sys
from ecrtui.demo.server import main
main()
"""


@pytest.fixture
def mortal(monkeypatch: pytest.MonkeyPatch) -> Iterator[subprocess.Popen[bytes]]:
    """An embedded account of one's own, which can be killed."""
    import json

    with subprocess.Popen([sys.executable, "-c", ALONE], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        reach(json.loads(process.stdout.readline())["url"], monkeypatch)
        yield process
        process.kill()


@pytest.mark.fault("C38")
def test_when_the_network_goes_what_is_known_stays(mortal):
    with Program(environ={"ECRTUI_REFRESH": "86400"}) as t:
        t.sees("123456789012", "pet-web", "main-")
        mortal.kill()
        mortal.wait()
        t.send(b"r")
        t.sees("no connection")
        assert "pet-web" in t.screen
        t.send(b"/pet-web\r")
        t.sees(" of ")
        t.send(b"3")
        t.sees("no connection")
        t.send(b"1r")
        t.sees("pet-web")
        t.leaves()


def test_a_mute_network_keeps_nobody(monkeypatch):
    with socket.create_server(("127.0.0.1", 0)) as mute:
        reach(f"http://127.0.0.1:{mute.getsockname()[1]}", monkeypatch)
        with Program() as t:
            t.sees("connecting", "loading")
            t.read(0.5)
            assert t.read(2.0, 2.0) == b""
            t.send(b"2")
            t.sees("PAIRINGS")
            t.leaves()


HUNG = """
import asyncio, sys, time
from ecrtui.settings import Settings
from ecrtui.ui.app import run
from ecrtui.ui.backend import Backend

async def opened(profile, retrying):
    await asyncio.to_thread(time.sleep, 60)

sys.exit(run(Settings(), Backend(opened, lambda: (), lambda: None), {}))
"""


@pytest.mark.fault("D63")
def test_a_thread_that_hangs_keeps_nobody():
    with Program(program=(sys.executable, "-c", HUNG)) as t:
        t.sees("connecting")
        t.send(b"q")
        t.ends(0, IN_TIME + 0.5)


def _type_slowly(t: Program, keys: bytes) -> None:
    """Type more than the terminal's buffer holds; what comes meanwhile is read."""
    while keys:
        t.send(keys[:2048])
        keys = keys[2048:]
        t.read(0.0, 0.01)
