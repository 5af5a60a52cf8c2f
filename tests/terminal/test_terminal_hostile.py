"""Hostile strings on their way to a real terminal: byte for byte nothing but what the program itself draws."""

from __future__ import annotations

import re
import sys
from base64 import b64decode
from pathlib import Path

import pytest
from program import Program, illegal

TESTS = Path(__file__).parents[1]
SEARCHED = {"PYTHONPATH": ":".join(str(TESTS / room) for room in ("..", ".", "services", "ui"))}
HOSTILE = (sys.executable, str(Path(__file__).with_name("hostile_program.py")))
TOURS = {
    "explore": (
        "r-clear",
        [b"j" * 30, b"G", b"s", b"/pet-web\r\r", b"j" * 30, b"e", b"]]", b"j" * 20, b"y", b"R", b"?"],
    ),
    "compare": ("r-clear", [b"2", b"j" * 30, b"\t", b"j" * 20, b"\x1b[Z", b"b", b"\r", b"c"]),
    "builds": ("r-clear", [b"3", b"j" * 30, b"/pet-web\r", b"\t", b"g", b"G", b"/end\r", b"n", b"P", b"\x1b[B" * 20]),
    "lifecycle": ("r-clear", [b"/pet-web\r", b"L", b"p", b"V", b"a", b"T", b"\r"]),
}


@pytest.mark.parametrize("tour", TOURS)
@pytest.mark.fault(
    "A1",
    "A2",
    "A3",
    "A4",
    "A5",
    "A6",
    "A7",
    "A8",
    "A9",
    "A10",
    "A11",
    "A12",
    "A13",
    "A14",
    "A15",
    "A16",
    "A17",
    "A18",
    "A19",
)
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


@pytest.mark.fault("A11", "A12")
def test_columns_stay_where_they_are():
    with Program(program=HOSTILE, environ=SEARCHED) as t:
        t.sees("r-clear", "pet-web", "IMAGES  pet-web")
        for keys in (b"G", b"\t", b"G"):
            t.send(keys)
            t.read(0.3, 3.0)
            places = [found for found in t.places("▕") if found]
            assert len(places) > 20
            assert set(places) == {(26, 63)}
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
