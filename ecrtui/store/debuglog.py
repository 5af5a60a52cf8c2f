"""The debug log (`--debug`): what was asked of AWS and how it ended, and where things failed; no values.

Two walls keep secrets out. Of what libraries log, only the place is written, and of an exception only its kind and
places: their words may hold anything. Our own lines name operations, regions and codes; each still passes
`secrets.redacted`. Control characters are made visible.
"""

from __future__ import annotations

import logging
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from io import TextIOWrapper
from logging.handlers import RotatingFileHandler
from pathlib import Path
from traceback import extract_tb

from ecrtui.domain.text import shown
from ecrtui.store.files import private_directory
from ecrtui.store.secrets import redacted

_OURS = "ecrtui"
_LARGEST, _KEPT = 1_000_000, 3
"""Bytes of the log, and how many older ones are kept beside it."""
_LONGEST = 2_000


@contextmanager
def debug_log(path: Path) -> Iterator[Callable[[], str]]:
    """Write the log while this is open, for its owner alone. OSError when it cannot be opened.

    Gives what tells why the log ended before its time (a full disk): empty while it goes on.
    """
    handler = _PrivateFile(path)
    handler.setFormatter(_Formatter())
    root, ours = logging.getLogger(), logging.getLogger(_OURS)
    before = ours.level
    root.addHandler(handler)
    ours.setLevel(logging.DEBUG)
    try:
        yield lambda: handler.broken
    finally:
        ours.setLevel(before)
        root.removeHandler(handler)
        handler.close()


class _PrivateFile(RotatingFileHandler):
    """A rotated file for its owner alone. When it cannot be written any more the log ends; nothing else does."""

    def __init__(self, path: Path) -> None:
        self.broken = ""
        """Why it cannot be written any more."""
        private_directory(path.parent)
        super().__init__(path, maxBytes=_LARGEST, backupCount=_KEPT, encoding="utf-8")

    def _open(self) -> TextIOWrapper:
        descriptor = os.open(self.baseFilename, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        os.chmod(self.baseFilename, 0o600)
        return open(descriptor, "a", encoding="utf-8", errors="backslashreplace")

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802
        error = sys.exception()
        self.broken = getattr(error, "strerror", None) or type(error).__name__
        logging.getLogger().removeHandler(self)

    def close(self) -> None:
        with suppress(OSError):  # what is left over of a line that had no room
            super().close()


class _Formatter(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        at = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created))
        text = record.getMessage() if record.name.split(".")[0] == _OURS else f"at {_place(record)}"
        error = record.exc_info[1] if record.exc_info else None
        if error is not None:
            text = f"{text}: {_failure(error)}"
        line = f"{at}.{int(record.msecs):03}Z {record.process} {record.levelname} {record.name} {redacted(text)}"
        return shown(line, _LONGEST)


def _place(record: logging.LogRecord) -> str:
    return f"{record.filename}:{record.lineno}"


def _failure(error: BaseException) -> str:
    """The kinds of an exception and of its causes, and the places that led there."""
    parts = []
    seen: BaseException | None = error
    while seen is not None:
        places = (f"{Path(frame.filename).name}:{frame.lineno}" for frame in extract_tb(seen.__traceback__))
        parts.append(f"{type(seen).__name__} ({', '.join(places)})")
        seen = seen.__cause__ or seen.__context__
    return " from ".join(parts)
