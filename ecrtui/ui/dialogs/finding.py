"""One finding in full, with its link to copy."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.widget import Widget

from ecrtui.domain.scan_rows import FindingRow
from ecrtui.domain.text import Shown, shown
from ecrtui.ui.dialogs.copy import copy_text
from ecrtui.ui.dialogs.dialog import Dialog
from ecrtui.ui.dialogs.sentence import Sentence
from ecrtui.ui.present.findings import finding_lines
from ecrtui.ui.widgets.rows import Cell
from ecrtui.ui.widgets.text_view import TextView


class FindingDialog(Dialog[None]):
    """All that the scanner says; `c` copies the link."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,q", "cancel", "Close", show=False),
        Binding("c", "copy", "Copy the link", show=False),
    ]

    def __init__(self, row: FindingRow) -> None:
        super().__init__(Cell(shown(row.finding.id or "finding"), "strong"))
        self._row = row
        self.view = TextView(classes="fitted")
        keys = "c copies the link   Esc closes" if row.finding.link else "Esc closes"
        self.hint = Sentence(Cell(Shown(keys), "muted"), classes="hint")

    def body(self) -> Iterable[Widget]:
        yield self.view
        yield self.hint

    def on_mount(self) -> None:
        self.view.show(finding_lines(self._row))
        self.view.focus()

    def action_copy(self) -> None:
        """The link to the vulnerability."""
        if self._row.finding.link:
            copy_text(self.app, self._row.finding.link, Shown("Link"))
