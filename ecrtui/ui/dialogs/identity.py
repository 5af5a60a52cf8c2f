"""Who you are here, and where ecrtui keeps what."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.widget import Widget

from ecrtui.domain.text import Shown
from ecrtui.ui.dialogs.copy import copy_text
from ecrtui.ui.dialogs.dialog import Dialog
from ecrtui.ui.dialogs.sentence import Sentence
from ecrtui.ui.widgets.rows import Cell
from ecrtui.ui.widgets.text_view import Line, TextView


class IdentityDialog(Dialog[None]):
    """Lines about account, role, regions, endpoint and files; `c` copies the ARN."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("i,q", "cancel", "Close", show=False),
        Binding("c", "copy", "Copy the ARN", show=False),
    ]

    def __init__(self, lines: Sequence[Line], arn: str = "") -> None:
        super().__init__(Cell(Shown("Identity"), "strong"))
        self._lines = tuple(lines)
        self._arn = arn
        self.view = TextView(classes="fitted")
        keys = "c copies the ARN   Esc closes" if arn else "Esc closes"
        self.hint = Sentence(Cell(Shown(keys), "muted"), classes="hint")

    def body(self) -> Iterable[Widget]:
        yield self.view
        yield self.hint

    def on_mount(self) -> None:
        self.view.show(self._lines)
        self.view.focus()

    def action_copy(self) -> None:
        """The ARN of who is asking."""
        if self._arn:
            copy_text(self.app, self._arn, Shown("ARN"))
