"""Programs that the app had started and that outlive its killing: on Linux they come to us, and are ended.

Elsewhere they stay until they end by themselves.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

_SUBREAPER = 36
"""PR_SET_CHILD_SUBREAPER of linux/prctl.h."""
_PATIENCE = 1.0
"""Seconds that are spent on ending them; a killed process that the kernel holds is not waited for longer."""


def adopt() -> None:
    """Be the parent of whatever our child leaves behind."""
    if sys.platform == "linux":
        import ctypes  # takes some milliseconds, which the app's first frame does not wait for

        ctypes.CDLL(None).prctl(_SUBREAPER, 1, 0, 0, 0)


def end_orphans() -> None:
    """Kill all our children, and theirs, which become ours by that."""
    end = time.monotonic() + _PATIENCE
    while (children := _children()) and time.monotonic() < end:
        for child in children:
            with suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)
            with suppress(ChildProcessError):
                os.waitpid(child, os.WNOHANG)
        time.sleep(0.005)


def _children() -> Sequence[int]:
    try:
        return [int(pid) for pid in Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()]
    except OSError:  # no Linux, or a kernel without it
        return []
