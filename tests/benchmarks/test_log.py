"""A thousand log lines a second: the CPU of our view beside RichLog's, and the answer to a key meanwhile."""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

from pty_harness import Terminal

PROGRAM = [sys.executable, str(Path(__file__).parent / "programs" / "log.py")]
SECONDS = 5.0
KEYS = 15


def stream(kind: str) -> tuple[float, float]:
    """The share of a CPU that it takes while lines stream in, and the median seconds to answer a key."""
    with Terminal([*PROGRAM, kind]) as terminal:
        terminal.read_until(b"step ")
        terminal.read(quiet=1, limit=1)
        cpu, start = terminal.cpu_seconds(), time.perf_counter()
        answers = []
        for number in range(1, KEYS + 1):
            terminal.read(quiet=SECONDS / KEYS, limit=SECONDS / KEYS)
            pressed = time.perf_counter()
            terminal.send(b"x")
            terminal.read_until(f"key {number}".encode())
            answers.append(time.perf_counter() - pressed)
        share = (terminal.cpu_seconds() - cpu) / (time.perf_counter() - start)
    return share, statistics.median(answers)


def test_cpu_of_the_log_view_beside_richlog(measured: Callable[[str], None]) -> None:
    ours, our_answer = stream("ours")
    richlog, its_answer = stream("richlog")
    ratio = ours / richlog
    measured(f"log, 1,000 lines/s: {ours:.0%} of a CPU, RichLog {richlog:.0%}, ratio {ratio:.2f} (goal 0.25)")
    measured(f"log, a key meanwhile: {our_answer * 1e3:.0f} ms, RichLog {its_answer * 1e3:.0f} ms")
    assert ratio <= 0.25
    assert our_answer <= its_answer
