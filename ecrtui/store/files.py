"""Files of our own: for the owner alone, whatever the umask, and never half written."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType

fcntl: ModuleType | None
try:
    import fcntl
except ImportError:  # not a POSIX system
    fcntl = None

_OWNER_FILE = 0o600
_OWNER_DIRECTORY = 0o700


def private_directory(path: Path) -> None:
    """Make a directory, and what is above it, that only the owner can enter."""
    path.mkdir(mode=_OWNER_DIRECTORY, parents=True, exist_ok=True)
    path.chmod(_OWNER_DIRECTORY)


@contextmanager
def appending(path: Path) -> Iterator[int]:
    """A descriptor at the end of the file, which is made when absent and locked against other processes."""
    private_directory(path.parent)
    new = not path.exists()
    descriptor = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT | getattr(os, "O_CLOEXEC", 0), _OWNER_FILE)
    try:
        os.chmod(path, _OWNER_FILE)
        if fcntl is not None:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield descriptor
    finally:
        os.close(descriptor)
    if new:
        _sync_directory(path.parent)


def write_whole(descriptor: int, data: bytes) -> None:
    """Write all of `data`, and return when it is on the disk."""
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(descriptor, rest) :]
    os.fsync(descriptor)


def _sync_directory(path: Path) -> None:
    """A new file is there after a crash only when its directory is on the disk too."""
    if os.name != "posix":
        return
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
