"""The real program on a terminal: keys in, the screen and every byte out."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Mapping, Sequence

import pyte
import pytest

from benchmarks.pty_harness import Terminal

PROGRAM = (sys.executable, "-m", "ecrtui")
DEADLINE = 25.0
"""Seconds within which something must appear; slow machines need most of it, a test that passes none."""
IN_TIME = 3.5
"""Seconds in which the program must have ended."""
RESTORED = (b"\x1b[?1049l", b"\x1b[?25h", b"\x1b[?1000l", b"\x1b[?1003l", b"\x1b[?2004l", b"\x1b[?7h", b"\x1b[<u")
"""Alternate screen left, cursor shown, mouse off, bracketed paste off, wrapping on, keyboard as before."""

_UNKNOWN_TO_PYTE = re.compile(rb"\x1b\[[<>=?][0-9;]*(?:u|\$p)")
_UNFINISHED = re.compile(rb"\x1b[^\x1b]{0,12}$")


class Program(Terminal):
    """The program, with what stands on its screen."""

    def __init__(
        self,
        *arguments: str,
        columns: int = 120,
        lines: int = 36,
        environ: Mapping[str, str] | None = None,
        program: Sequence[str] = PROGRAM,
    ) -> None:
        self._screen = pyte.Screen(columns, lines)
        self._stream = pyte.ByteStream(self._screen)
        self._drawn = 0
        super().__init__([*program, *arguments], columns, lines, environ)

    def resize(self, columns: int, lines: int) -> None:
        super().resize(columns, lines)
        self._screen.resize(lines, columns)

    def forget(self) -> None:
        """Drop what was sent so far, once it is on the screen: what is sent next builds upon it."""
        assert self.screen
        unfinished = bytes(self.output[self._drawn :])
        super().forget()
        self.output += unfinished
        self._drawn = 0

    @property
    def screen(self) -> str:
        """What stands on the screen, a line each."""
        fresh = bytes(self.output[self._drawn :])
        if cut := _UNFINISHED.search(fresh):
            whole = fresh[: cut.start()] if not _complete(cut.group()) else fresh
        else:
            whole = fresh
        self._drawn += len(whole)
        self._stream.feed(_UNKNOWN_TO_PYTE.sub(b"", whole))
        return "\n".join(line.rstrip() for line in self._screen.display)

    def until(self, holds: Callable[[], bool], what: str) -> None:
        """Wait until something holds; fails with the screen when it does not come."""
        end = time.perf_counter() + DEADLINE
        while not holds():
            left = end - time.perf_counter()
            if left <= 0 or not self._receive(left):
                raise AssertionError(f"{what} did not come; the screen is:\n{self.screen}")

    def sees(self, *texts: str) -> None:
        """Wait until all these texts are on the screen."""
        for text in texts:
            self.until(lambda text=text: text in self.screen, repr(text))  # type: ignore[misc]

    def misses(self, text: str) -> None:
        """Wait until a text is gone from the screen."""
        self.until(lambda: text not in self.screen, f"the end of {text!r}")

    def places(self, character: str) -> list[tuple[int, ...]]:
        """In which columns a character stands, line by line."""
        assert self.screen
        columns, buffer = range(self._screen.columns), self._screen.buffer
        lines = range(self._screen.lines)
        return [tuple(x for x in columns if buffer[y][x].data == character) for y in lines]

    def line(self, text: str) -> str:
        """The line of the screen with this text."""
        return next(line for line in self.screen.splitlines() if text in line)

    def ends(self, code: int, within: float = DEADLINE) -> None:
        """Wait for the end, which must come in time, with this code and with the terminal as it was."""
        assert self.wait(within) == code
        self.is_restored()

    def hears(self) -> None:
        """Keys have their effect: the list is filtered."""
        self.send(b"/pet-api\r")
        self.sees("1 of ")

    def leaves(self) -> None:
        """q ends it, in order and in time."""
        self.send(b"q")
        self.ends(0, IN_TIME)

    @property
    def modes(self) -> list[object]:
        """What the terminal does with input and output (termios)."""
        return termios.tcgetattr(self._fd)

    def is_restored(self) -> None:
        """The program has taken back all that it had changed of the terminal."""
        last_on = self.output.rfind(b"\x1b[?1049h")
        for sequence in RESTORED:
            self.until(lambda one=sequence: self.output.rfind(one) > last_on, repr(sequence))  # type: ignore[misc]


def _complete(sequence: bytes) -> bool:
    return re.fullmatch(rb"\x1b\[[0-9;<>=?$]*[@-~].*", sequence, re.DOTALL) is not None


def illegal(output: bytes) -> list[str]:
    """Everything in `output` that acts on a terminal and that the program itself has no reason to send."""
    return _ACTING.findall(_OWN.sub("", output.decode("utf-8", "surrogateescape")))


_OWN = re.compile(
    "\x1b\\[[0-9;]*[mH]"  # styles, and the cursor to a place
    "|\x1b\\[\\?(?:7|25|1000|1003|1004|1006|1015|1016|1049|2004|2026|2048)[hl]"  # modes that are switched
    "|\x1b\\[\\?(?:2026|2048)\\$p|\x1b\\[[<>][0-9]*u"  # what it asks of the terminal, and the keyboard protocol
    "|\x1b\\]22;[a-z-]*\x07"  # the shape of the mouse pointer
    "|\r\n"
)
_ACTING = re.compile(
    "\x1b[^\x1b]{0,20}|[\x00-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ud800-\udfff"
    "\U000e0000-\U000e007f]"
)


def children_of(pid: int) -> dict[int, str]:
    """The processes that a process has started, each with its command."""
    listed = subprocess.run(["ps", "-A", "-o", "pid=,ppid=,args="], capture_output=True, text=True, check=True).stdout
    rows = [line.split(None, 2) for line in listed.splitlines()]
    return {int(row[0]): row[2] for row in rows if int(row[1]) == pid}


def app_of(supervisor: int) -> int:
    """The process that is the app, beside the one that was started and waits."""
    (app,) = children_of(supervisor)
    return app


def ends(pid: int, within: float = 5.0) -> None:
    """Wait for the end of a process that is nobody's child here."""
    end = time.monotonic() + within
    while time.monotonic() < end:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return
        time.sleep(0.02)
    raise AssertionError(f"process {pid} lives on")


def reach(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the programs under test use an endpoint."""
    for name, value in {
        "AWS_ACCESS_KEY_ID": "AKIADEMODEMODEMODEMO",
        "AWS_SECRET_ACCESS_KEY": "demo",
        "AWS_DEFAULT_REGION": "ap-northeast-2",
        "AWS_ENDPOINT_URL": url,
        "AWS_EC2_METADATA_DISABLED": "true",
        "NO_PROXY": "*",
    }.items():
        monkeypatch.setenv(name, value)
