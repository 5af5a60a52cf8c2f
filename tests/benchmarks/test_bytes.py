"""What is sent to the terminal for a cursor step, for a page, and while nothing changes."""

from __future__ import annotations

import statistics
import sys
from collections.abc import Callable
from pathlib import Path

from pty_harness import Terminal

PROGRAM = [sys.executable, str(Path(__file__).parent / "programs" / "table.py")]
DOWN, PAGE_DOWN = b"\x1b[B", b"\x1b[6~"
STEPS = 20


def test_bytes_of_a_table(measured: Callable[[str], None]) -> None:
    with Terminal(PROGRAM, columns=120, lines=36) as terminal:
        terminal.read_until(b"Digest")
        terminal.send(b"1")
        terminal.read(0.5)
        steps = []
        for _ in range(STEPS):
            terminal.send(DOWN)
            steps.append(len(terminal.read(0.1)))
        terminal.send(PAGE_DOWN)
        page = len(terminal.read())
        idle = len(terminal.read(quiet=3, limit=3))
    measured(f"bytes: cursor step {statistics.median(steps):.0f} (at most {max(steps)}; goal 400), page {page}")
    measured(f"bytes: in 3 idle seconds {idle} (goal 0)")
    assert max(steps) <= 400
    assert idle == 0
