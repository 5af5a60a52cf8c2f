"""The MFA code of a role, typed unseen."""

from __future__ import annotations

from collections.abc import Iterable

from textual.widget import Widget
from textual.widgets import Input

from ecrtui.domain.text import Shown, shown
from ecrtui.services.ports import CodeQuestion
from ecrtui.ui.dialogs.dialog import Dialog
from ecrtui.ui.dialogs.entry import Entry
from ecrtui.ui.dialogs.sentence import Sentence
from ecrtui.ui.present.login import question
from ecrtui.ui.widgets.rows import Cell


class CodeDialog(Dialog[str | None]):
    """One field; Enter gives the code, Esc none."""

    def __init__(self, asked: CodeQuestion) -> None:
        super().__init__(Cell(Shown("MFA code"), "strong"))
        self._asked = asked
        self.entry = Entry(hint=Shown("six digits"), id="code")
        self.entry.password = True
        self.problem = Sentence(Cell(shown(asked.problem), "bad"), classes="problem")
        self.hint = Sentence(Cell(Shown("Enter goes on   Esc: go on without"), "muted"), classes="hint")

    def body(self) -> Iterable[Widget]:
        yield Sentence(*question(self._asked))
        yield self.entry
        yield self.problem
        yield self.hint

    def on_mount(self) -> None:
        self.entry.focus()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Give it."""
        if event.value:
            self.dismiss(event.value)
