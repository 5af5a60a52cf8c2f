"""One text of several lines in full, to be copied."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.widget import Widget

from ecrtui.domain.text import Shown, shown
from ecrtui.ui.dialogs.copy import copy_text
from ecrtui.ui.dialogs.dialog import Dialog
from ecrtui.ui.dialogs.sentence import Sentence
from ecrtui.ui.theme import Role
from ecrtui.ui.widgets.rows import Cell
from ecrtui.ui.widgets.text_view import TextView


class SnippetDialog(Dialog[None]):
    """A buildspec, a command, a policy: Enter copies it as it stands."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter,c", "copy", "Copy", show=False)]

    def __init__(self, title: Shown, label: Shown, text: str, roles: Mapping[str, Role] | None = None) -> None:
        """`roles`: what a line is that begins with a sign."""
        super().__init__(Cell(title, "strong"))
        self._label = label
        self._text = text
        self._roles = roles or {}
        self.view = TextView(classes="fitted")
        self.hint = Sentence(Cell(Shown("Enter copies   Esc closes"), "muted"), classes="hint")

    def body(self) -> Iterable[Widget]:
        yield self.view
        yield self.hint

    def on_mount(self) -> None:
        roles = self._roles
        self.view.show([(Cell(shown(line), roles.get(line[:1], "plain")),) for line in self._text.splitlines()])
        self.view.focus()

    def action_copy(self) -> None:
        """To the terminal's clipboard."""
        copy_text(self.app, self._text, self._label)
        self.dismiss(None)
