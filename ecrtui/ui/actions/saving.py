"""Writing what a person asks for to a new file."""

from __future__ import annotations

import os
from pathlib import Path

_OWNER_ALONE = 0o600


def write_new(path: Path, text: str) -> None:
    """A new file for its owner alone: logs and findings hold what is weak, and perhaps secrets.

    OSError (FileExistsError among them) and ValueError when it cannot be written; then no half of it stays.
    """
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _OWNER_ALONE)
    try:
        with open(descriptor, "w", encoding="utf-8", errors="backslashreplace", newline="") as file:
            file.write(text)
    except OSError:
        path.unlink()
        raise
