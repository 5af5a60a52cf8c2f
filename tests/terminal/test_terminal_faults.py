"""What the world does to the real program on a terminal, and what it must not do to the person before it."""

from __future__ import annotations

import os
import re
import shutil
import socket
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from program import IN_TIME, PROGRAM, Program, reach
from proxy import a_port, leading_to

TESTS = Path(__file__).parents[1]
SEARCHED = {"PYTHONPATH": ":".join(str(TESTS / room) for room in ("..", "services"))}
CANARY = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"

# The network


@contextmanager
def mute() -> Iterator[str]:
    """The URL of a port that takes connections and never says anything."""
    with socket.create_server(("127.0.0.1", 0), backlog=64) as listener:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"


@pytest.mark.fault("C54")
def test_without_a_network_it_stays_and_goes_on_when_there_is_one(server, monkeypatch):
    port = a_port()
    reach(f"http://127.0.0.1:{port}", monkeypatch)
    with Program() as t:
        t.sees("no connection")
        with leading_to(server, port):
            since = time.monotonic()
            t.sees("pet-web")  # by itself
            assert time.monotonic() - since < 5
            t.leaves()


@pytest.mark.fault("B20")
def test_metadata_that_never_answers_are_named_and_hold_nothing_up(monkeypatch):
    with mute() as url:
        monkeypatch.setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT", url)
        monkeypatch.setenv("AWS_METADATA_SERVICE_TIMEOUT", "600")
        monkeypatch.setenv("AWS_REGION", "eu-central-1")
        with Program() as t:
            t.sees("REPOSITORIES", "Trying the instance's metadata (IMDS) for credentials, Esc stops")
            t.send(b"2")
            t.sees("PAIRINGS")
            t.send(b"\x1b")
            t.sees("metadata (IMDS) was waited for no longer")
            t.send(b"r")
            t.sees("Trying the")
            t.leaves()


@pytest.mark.fault("D74", "B27")
def test_a_credential_program_reaches_neither_screen_nor_keys(server, monkeypatch, tmp_path):
    reach(server, monkeypatch)
    program = tmp_path / "program"
    program.write_text(
        f"#!{sys.executable}\nimport json, os, sys\nsys.stderr.write('SCREEN ' * 2000)\nsys.stderr.flush()\n"
        "try:\n    os.write(os.open('/dev/tty', os.O_RDWR), b'SCREEN' * 100)\nexcept OSError:\n    pass\n"
        "sys.stdin.read()\n"
        "print(json.dumps({'Version': 1, 'AccessKeyId': 'AKID', 'SecretAccessKey': 's'}))\n"
    )
    program.chmod(0o700)
    (tmp_path / "config").write_text(f"[default]\ncredential_process = {program}\n")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    with Program() as t:
        t.sees("pet-web", "main-")
        t.hears()
        t.leaves()
        assert b"SCREEN" not in t.output


# Faults of our own

FAILING = f"""
import sys
from ecrtui.settings import Settings
from ecrtui.ui.app import run
from ecrtui.ui.backend import Backend

async def opened(profile, retrying):
    secret = {CANARY!r}
    raise ValueError("a fault of ours")

sys.exit(run(Settings(), Backend(opened, lambda: (), lambda: None), {{}}))
"""
CRASHING = f"""
import sys
from memory import MemoryAccount
from ecrtui.composition import backend
from ecrtui.settings import Settings
from ecrtui.ui.app import run

class Broken(MemoryAccount):
    @property
    def read_only(self):
        secret = {CANARY!r}
        raise KeyError(secret)

    @read_only.setter
    def read_only(self, value):
        pass

async def opened(profile, retrying):
    return Broken()

with backend(Settings(), False) as world:
    sys.exit(run(Settings(), world._replace(open_account=opened), {{}}))
"""


@pytest.mark.fault("D62")
def test_a_task_that_fails_is_told_and_ends_nothing():
    with Program(program=(sys.executable, "-c", FAILING)) as t:
        t.sees("ValueError")
        t.send(b"?")
        t.sees("Keys")
        t.send(b"\x03")
        t.ends(0, IN_TIME)
        assert CANARY.encode() not in t.output


@pytest.mark.fault("D60", "D61")
def test_a_crash_tells_where_without_secrets_and_is_no_success():
    with Program(program=(sys.executable, "-c", CRASHING), environ=SEARCHED) as t:
        before = t.modes
        assert t.wait(25) == 1
        t.is_restored()
        assert t.modes == before
        assert b"defect of its own: KeyError" in t.output
        assert CANARY.encode() not in t.output
    (report,) = (Path(os.environ["XDG_STATE_HOME"]) / "ecrtui").glob("crash-*.txt")
    assert report.name.encode() in bytes(t.output).replace(b"\r\n", b"")
    assert report.stat().st_mode & 0o777 == 0o600
    text = report.read_text()
    assert "KeyError" in text
    assert "ecrtui/ui/" in text
    assert CANARY not in text
    assert str(TESTS) not in text


# The terminal


@pytest.mark.fault("D58")
def test_without_the_mouse_nothing_of_it_is_switched_on(account):
    with Program("--no-mouse") as t:
        t.sees("pet-web")
        t.send(b"q")
        assert t.wait(IN_TIME) == 0
        assert not re.search(rb"\x1b\[\?(?:1000|1002|1003|1006|1015|1016)h", t.output)


@pytest.mark.fault("D69")
@pytest.mark.parametrize("locale", ["C", "POSIX", "en_US.ISO-8859-1"])
def test_a_locale_without_unicode_gets_ascii(account, locale):
    with Program(environ={"LC_ALL": locale, "LANG": locale}) as t:
        t.sees("pet-web", "main-")
        t.send(b"?")
        t.sees("Keys")
        t.send(b"\x03")
        t.ends(0, IN_TIME)
        assert t.output.isascii()


@pytest.mark.fault("D70")
def test_no_color_sends_no_colour_and_states_stay_words(account):
    with Program(environ={"NO_COLOR": "1"}) as t:
        t.sees("pet-web", "main-")
        t.send(b"2")
        t.sees("PAIRINGS", "missing")
        t.send(b"3")
        t.sees("BUILDS", "failed")
        t.leaves()
        styles = {code for sgr in re.findall(rb"\x1b\[([0-9;]*)m", t.output) for code in sgr.split(b";") if code}
        assert styles <= {b"0", b"1", b"2", b"3", b"4", b"7", b"9", b"22", b"23", b"24", b"27", b"29"}


@pytest.mark.fault("D67")
@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "2>errors", "</dev/null"])
def test_a_stream_that_is_no_terminal_is_a_sentence(account, closed, tmp_path):
    """On a terminal but for one stream."""
    command = f"cd {tmp_path}; {' '.join(PROGRAM)} {closed}; echo its end was $?"
    with Program(program=("sh", "-c", command), environ={"PYTHONPATH": str(Path(__file__).parents[2])}) as t:
        t.read_until(b"its end was ")
        t.read()
        assert b"its end was 2" in t.output
        assert b"\x1b" not in t.output
    errors = tmp_path / "errors"
    assert not errors.exists() or "needs a terminal" in errors.read_text()


@pytest.mark.fault("D73")
@pytest.mark.skipif(not shutil.which("tmux"), reason="there is no tmux here")
def test_in_tmux_it_is_drawn_resized_and_left(account, tmp_path):
    tmux = ["tmux", "-f", os.devnull, "-S", str(tmp_path / "socket")]
    command = f"{' '.join(PROGRAM)}; echo its end was $?; sleep 30"
    with Program(program=(*tmux, "new-session", command), environ={"SHELL": "/bin/sh"}) as t:
        t.sees("pet-web", "main-")
        for size in [(20, 5), (300, 60), (100, 30)]:
            t.resize(*size)
            t.read(0.2, 1.0)
        t.send(b"/pet-api\r")
        t.sees("pet-api", "1 of ")
        t.send(b"c")
        t.sees("Enter copies")
        t.read(0.5, 2.0)
        t.send(b"\r")
        t.sees("copied, if your terminal allows it")
        t.send(b"q")
        t.sees("its end was 0")
