"""What is said and kept of a defect of our own: its kind and its places, never its words or values.

The text of an exception, and the variables of its frames, may hold a key, a token or a customer's name.
"""

from __future__ import annotations

import os
import platform
import sys
import time
from pathlib import Path
from traceback import extract_tb

from ecrtui import __version__

_PACKAGE = Path(__file__).resolve().parent
_LIBRARIES = ("textual", "aiobotocore", "botocore")


def sentence(error: BaseException) -> str:
    """The kind of a defect, and where in our code it happened."""
    ours = [frame for frame in extract_tb(error.__traceback__) if str(_PACKAGE) in frame.filename]
    place = f" in {Path(ours[-1].filename).relative_to(_PACKAGE)}, line {ours[-1].lineno}" if ours else ""
    return type(error).__name__ + place


def report(error: BaseException, environ: dict[str, str]) -> str:
    """A text to be sent with a bug report: versions, the terminal, and every place that led to the defect."""
    from importlib.metadata import version

    lines = [
        f"ecrtui {__version__}, Python {platform.python_version()}, {platform.system()} {platform.machine()}",
        ", ".join(f"{name} {version(name)}" for name in _LIBRARIES),
        f"TERM={environ.get('TERM', '')} at {time.strftime('%Y-%m-%dT%H:%M:%SZ', time.gmtime())}",
    ]
    seen: BaseException | None = error
    while seen is not None:
        lines += ["", type(seen).__name__]
        lines += [f"  {_short(frame.filename)}:{frame.lineno} {frame.name}" for frame in extract_tb(seen.__traceback__)]
        seen = seen.__cause__ or seen.__context__
    return "\n".join(lines) + "\n"


def keep(text: str, directory: Path) -> Path:
    """Write a report that only its owner can read, beside those before it; raises OSError."""
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = directory / f"crash-{time.strftime('%Y%m%dT%H%M%SZ', time.gmtime())}-{os.getpid()}.txt"
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    return path


def told(error: BaseException, directory: Path, environ: dict[str, str]) -> str:
    """What to say of a defect, once its report is kept."""
    said = f"ecrtui stopped because of a defect of its own: {sentence(error)}."
    try:
        path = keep(report(error, environ), directory)
    except OSError as refused:
        return f"{said} No report could be kept: {refused.strerror}."
    return f"{said}\nPlease send the report with a bug report; it holds no values: {path}"


def _short(filename: str) -> str:
    """A path without what it says of this machine."""
    path = Path(filename)
    for root in (_PACKAGE.parent, *map(Path, sys.path)):
        if root.parts and path.is_relative_to(root):
            return str(path.relative_to(root))
    return path.name
