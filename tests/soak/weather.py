"""What stands between the program and an embedded account: `programs/weather_server.py`, run and changed."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_PROGRAM = Path(__file__).parent / "programs" / "weather_server.py"
_TESTS = Path(__file__).parents[1]


class Weather:
    """The way to the account at `url`, and how it is there."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self.url = self._said()

    def turn(self, weather: str) -> None:
        """Change; it has changed when this returns."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"{weather}\n")
        self._process.stdin.flush()
        self._said()

    def _said(self) -> str:
        assert self._process.stdout is not None
        line = self._process.stdout.readline().strip()
        assert line, "the weather has ended"
        return line


@contextmanager
def weather(url: str) -> Iterator[Weather]:
    """A way to the account at `url`; clear at first."""
    path = os.pathsep.join(str(place) for place in (_TESTS / "aws", _TESTS.parent))
    with subprocess.Popen(
        [sys.executable, str(_PROGRAM), url],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": path},
    ) as process:
        assert process.stdin is not None
        try:
            yield Weather(process)
        finally:
            process.stdin.close()
            process.wait(5)
