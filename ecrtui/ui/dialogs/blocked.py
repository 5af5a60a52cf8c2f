"""What stands in the way of some of several changes, and what is to become of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from textual.widget import Widget

from ecrtui.domain.text import Shown
from ecrtui.ui.dialogs.choices import Choice, Choices
from ecrtui.ui.dialogs.dialog import Dialog
from ecrtui.ui.widgets.rows import Cell
from ecrtui.ui.widgets.text_view import Line, TextView


class BlockedDialog(Dialog[str | None]):
    """Reasons over choices, Cancel first. Returns the id of the choice; None when cancelled."""

    def __init__(self, title: Shown, reasons: Sequence[Line], choices: Sequence[Choice]) -> None:
        super().__init__(Cell(title, "strong"))
        self._reasons = tuple(reasons)
        self.view = TextView(classes="fitted")
        self.choices = Choices(Choice("", Shown("Cancel")), *choices)

    def body(self) -> Iterable[Widget]:
        yield self.view
        yield self.choices

    def on_mount(self) -> None:
        self.view.show(self._reasons)
        self.choices.focus()
        self.hold()

    def on_choices_chosen(self, event: Choices.Chosen) -> None:
        """Close with what was chosen."""
        self.dismiss(event.choice.id or None)
