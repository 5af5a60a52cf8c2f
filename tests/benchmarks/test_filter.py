"""A filter keystroke on a list of a million rows, beside a bare list comprehension over the folded names."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

ROWS = 1_000_000
GOAL = 5.0
LONGEST_HOLD = 0.050


def test_filter_keystroke(measured: Callable[[str], None]) -> None:
    program = Path(__file__).parent / "programs" / "filtering.py"
    answer = subprocess.run([sys.executable, str(program), str(ROWS)], capture_output=True, text=True, check=True)
    result = json.loads(answer.stdout)
    ratio = max(result["costs"].values()) / result["bare"]
    measured(
        f"filter of {ROWS:,} rows: bare {result['bare'] * 1e3:.0f} ms, slowest keystroke {ratio:.1f} x (goal {GOAL}), "
        f"loop held {result['longest'] * 1e3:.0f} ms at most (goal {LONGEST_HOLD * 1e3:.0f})"
    )
    assert ratio <= GOAL
    assert result["longest"] <= LONGEST_HOLD
