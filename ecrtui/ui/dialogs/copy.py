"""Copying: the menu of what can be copied, and the word about it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from textual.app import App
from textual.widget import Widget

from ecrtui.domain.text import Shown, shown
from ecrtui.ui.dialogs.dialog import Dialog
from ecrtui.ui.dialogs.sentence import Sentence
from ecrtui.ui.present.copying import Copyable, clipboard_text
from ecrtui.ui.widgets.columns import Column
from ecrtui.ui.widgets.resource_table import ResourceTable
from ecrtui.ui.widgets.rows import Cell, ListRows
from ecrtui.ui.widgets.text_view import TextView

_SHOWN = 300
"""Characters of the copied text that the word about it shows."""
_COLUMNS = (
    Column("label", Shown("What"), minimum=10, ideal=18, sortable=False),
    Column("value", Shown("Value"), minimum=10, ideal=60, maximum=None, middle=True, sortable=False, priority=1),
)


def copy_text(app: App[Any], raw: str, label: Shown) -> None:
    """Send `raw` to the terminal's clipboard (OSC 52), say so, and show it for terminals that refuse."""
    text = clipboard_text(raw)
    app.copy_to_clipboard(text)
    words = f"{label} copied, if your terminal allows it:\n{shown(_in_one_line(text), _SHOWN)}"
    app.notify(words, markup=False, timeout=8)


def _in_one_line(text: str) -> str:
    """A text of several lines (JSON) without its layout; one line as it is."""
    return " ".join(text.split()) if "\n" in text else text


class CopyDialog(Dialog[Copyable | None]):
    """What can be copied, with the values in full: Enter copies the one under the cursor."""

    def __init__(self, subject: Shown, entries: Sequence[Copyable]) -> None:
        super().__init__(Cell(Shown("Copy  "), "strong"), Cell(subject))
        self._entries = tuple(entries)
        self.table = ResourceTable(_COLUMNS, header=False, classes="list")
        self.view = TextView(classes="selected")
        self.hint = Sentence(Cell(Shown("Enter copies   Esc closes"), "muted"), classes="hint")

    def body(self) -> Iterable[Widget]:
        yield self.table
        yield self.view
        yield self.hint

    def on_mount(self) -> None:
        self.table.styles.max_height = len(self._entries)
        self.view.can_focus = False
        self.table.update(ListRows(range(len(self._entries)), self._cells))
        self.table.focus()

    def _cells(self, index: int) -> tuple[Cell, Cell]:
        entry = self._entries[index]
        return (Cell(shown(entry.label)), Cell(shown(_in_one_line(entry.value)), "muted"))

    def on_resource_table_highlighted(self, event: ResourceTable.Highlighted) -> None:
        """Show the value in full."""
        if event.index >= 0:
            value = self._entries[event.index].value
            self.view.show([(Cell(shown(line)),) for line in value.splitlines() or [""]])
            self.view.scroll_home(animate=False)

    def on_resource_table_selected(self, event: ResourceTable.Selected) -> None:
        """Copy it."""
        entry = self._entries[event.index]
        copy_text(self.app, entry.value, shown(entry.label))
        self.dismiss(entry)
