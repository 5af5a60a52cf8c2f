"""Files of our own: for the owner alone, whatever the umask, and never half written."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterable, Iterator
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


def require_ordinary(status: os.stat_result, path: Path) -> None:
    """OSError for a directory, a device, or a pipe, of which reading might never end."""
    if not stat.S_ISREG(status.st_mode):
        raise OSError(errno.EINVAL, "it is no ordinary file", str(path))


def locked(path: Path, *, wait: bool = True) -> int:
    """A descriptor at the end of the file, which is made when absent and locked until it is closed.

    Without `wait` BlockingIOError where somebody else, or another descriptor of ours, holds the lock.
    """
    private_directory(path.parent)
    while True:
        descriptor = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT | getattr(os, "O_CLOEXEC", 0), _OWNER_FILE)
        try:
            require_ordinary(os.fstat(descriptor), path)
            os.chmod(path, _OWNER_FILE)
            if fcntl is not None:
                fcntl.flock(descriptor, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)
            if _is_at(descriptor, path):
                return descriptor
        except BaseException:
            os.close(descriptor)
            raise
        os.close(descriptor)  # it was put aside, or taken away, while we waited


@contextmanager
def appending(path: Path) -> Iterator[int]:
    """A locked descriptor at the end of the file, which is made when absent."""
    new = not path.exists()
    descriptor = locked(path)
    try:
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


def replace_keeping(path: Path, lines: Iterable[bytes], aside: Path) -> None:
    """Let `path` hold `lines` from now on, and `aside` what it held; at every moment `path` is one or the other."""
    new = path.with_name(f".{path.name}.new")
    new.unlink(missing_ok=True)
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_CLOEXEC", 0), _OWNER_FILE)
    try:
        with os.fdopen(descriptor, "wb") as file:
            os.chmod(new, _OWNER_FILE)
            file.writelines(lines)
            file.flush()
            os.fsync(file.fileno())
        os.link(path, aside)
        os.replace(new, path)
    finally:
        new.unlink(missing_ok=True)
    _sync_directory(path.parent)


def _is_at(descriptor: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(descriptor), path.stat())
    except FileNotFoundError:
        return False


def _sync_directory(path: Path) -> None:
    """A new file is there after a crash only when its directory is on the disk too."""
    if os.name != "posix":
        return
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
