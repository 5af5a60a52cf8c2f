"""Where ecrtui keeps its files; XDG variables are honoured on every system that has them."""

from __future__ import annotations

import os
from pathlib import Path

from platformdirs import PlatformDirs

from ecrtui.settings.file import default_path

_DIRS = PlatformDirs("ecrtui", appauthor=False)


def config_path() -> Path:
    """The configuration file (it need not exist), as the settings look for it."""
    return default_path(os.environ)


def state_dir() -> Path:
    """The directory of the journal (it need not exist): `$XDG_STATE_HOME/ecrtui`."""
    return _place("XDG_STATE_HOME", _DIRS.user_state_path)


def journal_path() -> Path:
    """The journal of all changes."""
    return state_dir() / "journal.jsonl"


def debug_log_path() -> Path:
    """What `--debug` writes; older ones stand beside it with a number."""
    return state_dir() / "debug.log"


def _place(variable: str, otherwise: Path) -> Path:
    """XDG says that a relative path is to be ignored."""
    given = os.environ.get(variable, "")
    return Path(given) / "ecrtui" if os.path.isabs(given) else otherwise
