"""What the real program sends: little for a step of the cursor, nothing while nothing changes."""

from __future__ import annotations

from program import Program

STEP = 400
"""Bytes that one step of the cursor may take at 120x36."""
FRAME = b"\x1b[?2026l"
"""Ends what is painted at once."""


def test_a_step_of_the_cursor_is_cheap_and_rest_is_free(account):
    with Program() as t:
        t.sees("pet-web", "main-", "lifecycle")
        t.read(0.5)
        assert _steps(t) <= STEP
        t.send(b"/pet-web\rG\r")
        t.sees("413", "pet-web:")
        t.read(0.5)
        assert _steps(t) <= STEP
        t.read(1.0)
        assert len(t.read(2.0, 2.0)) <= 2 * 101  # pet-web's age passes on
        t.send(b"q")
        t.ends(0)


def _steps(t: Program) -> int:
    """The most bytes that a step took, of ten made one after the other."""
    taken = []
    for _ in range(10):
        t.forget()
        t.send(b"j")
        t.read_until(FRAME)
        taken.append(len(t.output))
    return max(taken)
