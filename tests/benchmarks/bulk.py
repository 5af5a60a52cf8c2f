"""An embedded account with much in it, in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_SERVER = Path(__file__).parent / "programs" / "bulk_server.py"


@contextmanager
def account_of(kind: str, count: int) -> Iterator[str]:
    """The URL of an embedded account of so many `images`, `names`, or lines a second of a `log`."""
    with subprocess.Popen(
        [sys.executable, str(_SERVER), kind, str(count)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
    ) as process:
        assert process.stdout is not None
        assert process.stdin is not None
        yield process.stdout.readline().strip()
        process.stdin.close()
