"""The modes, by name: their screens are imported when they are asked for, or by `load` when there is time."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from importlib import import_module
from typing import Any, cast

from textual.screen import Screen

MODES = ("explore", "compare", "builds", "path", "audit")
"""In the order of their number keys."""


def _screen(mode: str) -> Screen[None]:
    module = import_module(f"ecrtui.ui.screens.{mode}")
    return cast("Screen[None]", getattr(module, f"{mode.capitalize()}Screen")())


SCREENS: dict[str, str | Callable[[], Screen[Any]]] = {mode: partial(_screen, mode) for mode in MODES}
"""What makes the screen of a mode, when one goes there first."""


def load() -> None:
    """Import all screens."""
    for mode in MODES:
        import_module(f"ecrtui.ui.screens.{mode}")
