"""Seconds from a key to the bytes that show its effect, on the terminal."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from typing import NamedTuple

from program import Program

SLOWER = float(os.environ.get("SOAK_SLOWER", "1"))
"""How many times slower this machine may be than a quiet one of two cores."""
LONGER = float(os.environ.get("SOAK_LONGER", "1"))
"""How many times longer than usual each measurement takes."""
GOAL = 0.1 * SLOWER
"""Seconds in which 99 of 100 keys must show."""
DOWN, UP = b"\x1b[B", b"\x1b[A"
WALK = (*[DOWN] * 7, *[UP] * 7)
_PAUSE = 0.03
_REST = 0.5
"""Seconds after which the app takes the cursor to be at rest, and asks for what belongs to the row."""
_SENSIBLE = 10.0


class Answers(NamedTuple):
    """How many seconds keys took, sorted, and the key that took longest."""

    seconds: tuple[float, ...]
    slowest: bytes

    @property
    def p99(self) -> float:
        """Seconds in which 99 of 100 came."""
        return self.seconds[int(len(self.seconds) * 0.99)]

    def __str__(self) -> str:
        half = self.seconds[len(self.seconds) // 2]
        worst = f"{self.seconds[-1] * 1e3:.0f} ms for {self.slowest!r}"
        return f"p50 {half * 1e3:.0f} ms, p99 {self.p99 * 1e3:.0f} ms, at most {worst}, of {len(self.seconds)} keys"


def typing(t: Program, seconds: float, walk: Sequence[bytes] = WALK, text: str = "pet") -> Answers:
    """Walk up and down, rest, and filter, for so long."""
    taken: list[tuple[float, bytes]] = []

    def press(key: bytes, shows: Callable[[], bool]) -> None:
        taken.append((_pressed(t, key, shows), key))
        t.read(quiet=_PAUSE, limit=_PAUSE)

    def letter(typed: str) -> None:
        press(typed[-1:].encode(), lambda: _last(t).startswith(f" / {typed} "))

    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        for key in walk:
            before = _cursor(t)
            press(key, lambda: _cursor(t) not in (before, None))  # noqa: B023  # called before the next
        t.read(quiet=_REST, limit=_REST)
        press(b"/", lambda: _last(t).startswith(" /  "))
        for length in range(1, len(text) + 1):
            letter(text[:length])
        t.send(b"\x1b")
        t.read(quiet=_REST, limit=_REST)
        t.forget()
    return Answers(tuple(sorted(took for took, _ in taken)), max(taken)[1])


def _pressed(t: Program, key: bytes, shows: Callable[[], bool]) -> float:
    """Press a key, and wait until it shows: the seconds until the bytes came that show it."""
    start = arrived = time.perf_counter()
    t.send(key)
    while not shows():
        if arrived - start > _SENSIBLE:
            raise AssertionError(f"{key!r} has no effect; the screen is:\n{t.screen}")
        t.read(quiet=_SENSIBLE, limit=0.001)
        arrived = time.perf_counter()
    return arrived - start


def _cursor(t: Program) -> int | None:
    """The line with the cursor of the list that has the focus."""
    return next((number for number, columns in enumerate(t.places("▸")) if number and columns), None)


def _last(t: Program) -> str:
    return t.screen.splitlines()[-1]
