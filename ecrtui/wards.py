"""Processes that must not outlive the app: the supervisor ends them when the app is killed.

    supervisor: wards.share()                app: with wards.noted(pid): …
    supervisor: wards.end_all()              when the app was killed

Not whatever the app has started: the browser of a login, or the agent of a credential program, are to stay.
"""

from __future__ import annotations

import mmap
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress

_MOST = 64
_noted: memoryview | None = None
"""As kill(2) takes them, 0 where there is none, in memory that the supervisor sees; None where nobody supervises."""


def share() -> None:
    """Before the fork: have what the app notes seen by its parent."""
    global _noted
    _noted = memoryview(mmap.mmap(-1, 8 * _MOST)).cast("q")


@contextmanager
def noted(pid: int) -> Iterator[None]:
    """This process, or (negative) this group, is to end with us."""
    _replace(0, pid)
    try:
        yield
    finally:
        _replace(pid, 0)


def end_all() -> None:
    """End what the app has left."""
    for pid in filter(None, _noted or ()):
        with suppress(OSError):  # it has ended by itself
            os.kill(pid, signal.SIGKILL)


def _replace(old: int, new: int) -> None:
    if _noted is not None:
        with suppress(ValueError):  # there are too many to note
            _noted[_noted.tolist().index(old)] = new
