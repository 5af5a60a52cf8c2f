"""From the command to the first frame, AWS unreachable, beside a bare Textual app of as many widgets."""

from __future__ import annotations

import statistics
import sys
from collections.abc import Callable
from pathlib import Path

from pty_harness import Terminal

BARE = [sys.executable, str(Path(__file__).parent / "programs" / "bare.py"), "20"]
ECRTUI = [sys.executable, "-m", "ecrtui"]
UNREACHABLE = {
    "AWS_ENDPOINT_URL": "http://127.0.0.1:9",
    "AWS_ACCESS_KEY_ID": "none",
    "AWS_SECRET_ACCESS_KEY": "none",
    "AWS_REGION": "us-east-1",
    "AWS_EC2_METADATA_DISABLED": "true",
}
ROUNDS = 9
GOAL = 1.3


def test_first_paint(measured: Callable[[str], None], tmp_path: Path) -> None:
    home = {
        **UNREACHABLE,
        "HOME": str(tmp_path),
        "XDG_CONFIG_HOME": str(tmp_path),
        "XDG_STATE_HOME": str(tmp_path),
    }
    times: dict[str, list[float]] = {"bare": [], "ecrtui": []}
    for _ in range(ROUNDS):
        for name, command, sign in (("bare", BARE, b"widget 19"), ("ecrtui", ECRTUI, b"REPOSITORIES")):
            with Terminal(command, environ=home) as terminal:
                times[name].append(terminal.read_until(sign))
    bare, ecrtui = (statistics.median(times[name]) for name in ("bare", "ecrtui"))
    measured(
        f"start: bare Textual {bare * 1e3:.0f} ms, ecrtui {ecrtui * 1e3:.0f} ms, "
        f"ratio {ecrtui / bare:.2f} (goal {GOAL})"
    )
    assert ecrtui / bare <= GOAL
