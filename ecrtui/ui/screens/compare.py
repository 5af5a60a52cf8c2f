"""Compare."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult

from ecrtui.ui.screens.mode import ModeScreen
from ecrtui.ui.widgets.text_view import TextView


class CompareScreen(ModeScreen):
    """The second screen."""

    MODE: ClassVar[str] = "compare"

    def body(self) -> ComposeResult:
        yield TextView()
