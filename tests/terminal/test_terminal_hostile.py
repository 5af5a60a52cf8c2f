"""Hostile strings on their way to a real terminal: byte for byte nothing but what the program itself draws."""

from __future__ import annotations

import json
import re
import sys
from base64 import b64decode
from collections.abc import Iterator
from pathlib import Path

import pytest
from hostile import PAYLOADS
from program import Program, illegal

from ecrtui import commandline

TESTS = Path(__file__).parents[1]
SEARCHED = {"PYTHONPATH": ":".join(str(TESTS / room) for room in ("..", ".", "services", "ui"))}
HOSTILE = (sys.executable, str(Path(__file__).with_name("hostile_program.py")))
COMMANDS = (sys.executable, str(Path(__file__).with_name("hostile_commands.py")))
EVERY_PAYLOAD = tuple(f"A{number}" for number in range(1, 20))
TOURS = {
    "explore": (
        "r-clear",
        [b"j" * 12, b"G", b"s", b"/pet-web\r\r", b"j" * 12, b"e", b"]]", b"j" * 9, b"y", b"R", b"?"],
    ),
    "compare": ("r-clear", [b"2", b"j" * 30, b"\t", b"j" * 20, b"\x1b[Z", b"b", b"\r", b"c"]),
    "builds": ("r-clear", [b"3", b"j" * 30, b"/pet-web\r", b"\t", b"g", b"G", b"/end\r", b"n", b"P", b"\x1b[B" * 20]),
    "lifecycle": ("r-clear", [b"/pet-web\r", b"L", b"p", b"V", b"a", b"T", b"\r"]),
    "path": ("r-clear", [b"/pet-web\r", b"4", b"\x1b[B" * 12, b"c", b"\x1b", b"C", b"\r", b"\x1b", b"\t" + b"G"]),
    "audit": ("r-clear", [b"5", b"j" * 20, b"G", b"B", b"\t" + b"j" * 9, b"G", b"\t" + b"G", b"c", b"\x1b", b"\x13"]),
    "tabs": (
        "r-clear",
        [b"/pet-web\r\rj", b"F", b"G", b"\r", b"\x1b", *[b"]"] * 7, b"I", b"G", b"m", b"D", b"\x1b", b"t", b"\x1b!"],
    ),
}


@pytest.mark.parametrize("tour", TOURS)
@pytest.mark.fault(*EVERY_PAYLOAD)
def test_nothing_of_a_stranger_acts(tour):
    first, keys = TOURS[tour]
    with Program(program=HOSTILE, environ=SEARCHED) as t:
        t.sees(first)
        for some in keys:
            t.send(some)
            t.read(0.15, 3.0)
            assert illegal(bytes(t.output)) == []
        assert t.screen.strip()
        t.send(b"\x03")
        t.ends(0)
        assert illegal(bytes(t.output)) == []


@pytest.mark.fault(*EVERY_PAYLOAD)
def test_nothing_of_a_stranger_acts_in_any_command_and_format(tmp_path):
    """All commands, on a terminal. JSON, which goes to programs, holds the raw values besides."""
    with Program(program=(*COMMANDS, str(tmp_path)), environ=SEARCHED) as t:
        t.read_until(b"== all done", 60)
        assert t.wait() == 0
        output = bytes(t.output).replace(b"\r\x1b[K", b"")  # a line of progress, written over
    assert illegal(output) == []
    assert b"a fault of ecrtui" not in output
    assert all(f"== {name} ".encode() in output for name in commandline._COMMANDS)
    files = [path for path in tmp_path.iterdir() if path.suffix in (".json", ".sarif")]
    said = {path.name: list(_strings(json.loads(path.read_text()))) for path in files}
    assert all(path.read_text().replace("\n", "").isprintable() for path in files)
    assert not [name for name, texts in said.items() if any("␛" in text for text in texts)]
    assert len([name for name, texts in said.items() if any("\x1b[2J" in text for text in texts)]) > 15


def _strings(value: object) -> Iterator[str]:
    match value:
        case str():
            yield value
        case dict():
            yield from (text for pair in value.items() for one in pair for text in _strings(one))
        case list():
            yield from (text for one in value for text in _strings(one))


@pytest.mark.fault("A9", "A11", "A12")
def test_columns_stay_where_they_are():
    with Program(program=HOSTILE, environ=SEARCHED) as t:
        t.sees("r-clear", "pet-web", "IMAGES  pet-web")
        for keys in (b"G", b"\t", b"G"):
            t.send(keys)
            t.read(0.3, 3.0)
            places = [found for found in t.places("▕") if found]
            assert len(places) > 20
            assert set(places) == {(26, 63)}
        t.send(b"\x1b[D")
        t.send(b"/scripts\r")
        t.sees("1 of ", PAYLOADS["scripts"])  # readable, in its detail
        assert {found for found in t.places("▕") if found} == {(26, 63)}
        t.send(b"q")
        t.ends(0)


CLIPBOARD = re.compile(rb"\x1b\]52;c;([A-Za-z0-9+/=]*)\x07")


@pytest.mark.fault("A3")
def test_the_clipboard_is_written_by_the_copy_key_alone():
    with Program(program=HOSTILE, environ=SEARCHED) as t:
        t.sees("r-clear", "pet-web")
        t.send(b"/r-clipboard\r")
        t.sees("1 of ")
        assert b"\x1b]52" not in t.output
        t.send(b"c")
        t.sees("Enter copies")
        t.read(0.5, 2.0)
        t.send(b"j\r")
        t.read_until(b"\x1b]52")
        t.sees("copied")
        assert [b64decode(text) for text in CLIPBOARD.findall(t.output)] == [b"r-clipboard]52;c;b3duZWQ="]
        t.send(b"\x03")
        t.ends(0)


def test_the_allow_list_would_notice():
    assert illegal(b"plain \x1b[1;2H\x1b[38;2;1;2;3mtext\x1b[0m\r\n") == []
    for bad in (b"\x1b[2J", b"\x1b]52;c;eA==\x07", b"\x1bc", b"\x07", b"\xc2\x9b2J", b"\r", "\u202e".encode(), b"\xff"):
        assert illegal(b"x" + bad + b"y"), bad
