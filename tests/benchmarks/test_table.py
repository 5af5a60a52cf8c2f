"""A list of a million rows is shown, and moves its cursor, as fast as one of a thousand."""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

from pty_harness import Terminal

PROGRAM = [sys.executable, str(Path(__file__).parent / "programs" / "table.py")]
FRAME_END = b"\x1b[?2026l"
ROUNDS = 9
STEPS = 30


def answer_time(terminal: Terminal, keys: bytes) -> float:
    """Seconds from the key to the end of the frame that answers it."""
    terminal.forget()
    start = time.perf_counter()
    terminal.send(keys)
    terminal.read_until(FRAME_END)
    return time.perf_counter() - start


def test_a_million_rows_cost_what_a_thousand_cost(measured: Callable[[str], None]) -> None:
    shows: dict[bytes, list[float]] = {b"1": [], b"2": []}
    steps: dict[bytes, list[float]] = {b"1": [], b"2": []}
    with Terminal(PROGRAM) as terminal:
        terminal.read_until(b"Digest")
        terminal.read()
        for _ in range(ROUNDS):
            for size in (b"1", b"2"):
                shows[size].append(answer_time(terminal, size))
                terminal.read(0.1)
                for _ in range(STEPS):
                    steps[size].append(answer_time(terminal, b"\x1b[B"))
    for name, times, goal in (("show", shows, 1.5), ("cursor step", steps, 1.5)):
        small, great = (statistics.median(times[size]) for size in (b"1", b"2"))
        measured(
            f"table, {name}: 1,000 rows {small * 1e3:.1f} ms, 1,000,000 rows {great * 1e3:.1f} ms, "
            f"ratio {great / small:.2f} (goal {goal})"
        )
        assert great / small <= goal
