"""Runs a program on a pseudo terminal, answers what a terminal answers, and keeps every byte it sends."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import signal
import struct
import termios
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

_QUERIES = (
    (re.compile(rb"\x1b\[\?2026\$p"), b"\x1b[?2026;2$y"),  # synchronised output: known, not set
    (re.compile(rb"\x1b\[\?2048\$p"), b"\x1b[?2048;0$y"),  # in-band resize: not known
    (re.compile(rb"\x1b\[0?c"), b"\x1b[?62;22c"),  # primary device attributes
    (re.compile(rb"\x1b\[5n"), b"\x1b[0n"),  # device status
    (re.compile(rb"\x1b\[6n"), b"\x1b[1;1R"),  # cursor position
    (re.compile(rb"\x1b\[\?u"), b"\x1b[?0u"),  # keyboard protocol
)
_QUERY_LENGTH = 16


class Terminal:
    """A program on a pty of `columns` x `lines`; use it as a context manager."""

    def __init__(
        self,
        command: Sequence[str],
        columns: int = 120,
        lines: int = 36,
        environ: Mapping[str, str] | None = None,
    ) -> None:
        self.output = bytearray()
        """Everything that the program has sent."""
        self.started = time.perf_counter()
        self._answered = 0
        self._command = list(command)
        inherited = {name: value for name, value in os.environ.items() if name not in ("COLUMNS", "LINES")}
        self._environ = {
            **inherited,
            "TERM": "xterm-256color",
            "COLORTERM": "truecolor",
            "LANG": "C.UTF-8",
            "PYTHONPATH": str(Path(__file__).parents[2]),
            **(environ or {}),
        }
        self.pid, self._fd = pty.fork()
        if self.pid == 0:  # the child; the terminal has its size before the program looks
            try:
                fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
                os.execvpe(self._command[0], self._command, self._environ)
            finally:
                os._exit(127)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def resize(self, columns: int, lines: int) -> None:
        """Have another size; the program gets SIGWINCH."""
        fcntl.ioctl(self._fd, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))

    def send(self, keys: bytes) -> None:
        """Type `keys`."""
        os.write(self._fd, keys)

    def forget(self) -> None:
        """Drop what was sent so far."""
        self.output.clear()
        self._answered = 0

    def read(self, quiet: float = 0.3, limit: float = 20.0) -> bytes:
        """What the program sends until it has been silent for `quiet` seconds (at most `limit` in all)."""
        start, end = len(self.output), time.perf_counter() + limit
        while (left := end - time.perf_counter()) > 0 and self._receive(min(quiet, left)):
            pass
        return bytes(self.output[start:])

    def read_until(self, wanted: bytes, limit: float = 20.0) -> float:
        """Wait until `wanted` has been sent; the seconds since the start of the program."""
        end = time.perf_counter() + limit
        start = 0
        while self.output.find(wanted, start) < 0:
            start = max(0, len(self.output) - len(wanted))
            if time.perf_counter() > end or not self._receive(max(0.0, end - time.perf_counter())):
                raise TimeoutError(f"{wanted!r} was not sent; the last bytes: {bytes(self.output[-300:])!r}")
        return time.perf_counter() - self.started

    @property
    def app(self) -> int:
        """The process that draws: the child of the one that was started, where that one only waits (Linux only)."""
        children = Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split()
        return int(children[0]) if children else self.pid

    def cpu_seconds(self) -> float:
        """CPU time that the program itself has used (Linux only)."""
        with open(f"/proc/{self.app}/stat") as stat:
            fields = stat.read().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def wait(self, limit: float = 10.0) -> int:
        """Wait for the end of the program; its exit code, or minus the number of the signal."""
        end = time.perf_counter() + limit
        while time.perf_counter() < end:
            self._receive(0.05)
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.pid = 0
                return os.waitstatus_to_exitcode(status)
        raise TimeoutError("the program is still running")

    def close(self) -> None:
        """End the program, if it has not ended, and give the pty back."""
        if self.pid:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
            self.pid = 0
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1

    def _receive(self, patience: float) -> bool:
        """Take what comes within `patience` seconds; False when nothing did."""
        if not select.select([self._fd], [], [], patience)[0]:
            return False
        try:
            data = os.read(self._fd, 65536)
        except OSError:  # the other side is closed
            return False
        self.output += data
        self._answer()
        return bool(data)

    def _answer(self) -> None:
        answered = self._answered
        for query, reply in _QUERIES:
            for match in query.finditer(self.output, max(0, self._answered - _QUERY_LENGTH)):
                if match.end() > self._answered:
                    os.write(self._fd, reply)
                    answered = max(answered, match.end())
        self._answered = max(answered, len(self.output) - _QUERY_LENGTH)
