"""The activity of this session: every change and every error, the newest first, each in full."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from textual.widget import Widget

from ecrtui.domain.text import Shown, shown
from ecrtui.ui.activity import ActivityEntry
from ecrtui.ui.dialogs.dialog import Dialog
from ecrtui.ui.dialogs.sentence import Sentence
from ecrtui.ui.present.plans import outcome_title, result_lines
from ecrtui.ui.present.problems import explanation
from ecrtui.ui.widgets.columns import Column
from ecrtui.ui.widgets.resource_table import ResourceTable
from ecrtui.ui.widgets.rows import Cell, ListRows
from ecrtui.ui.widgets.text_view import Line, TextView

_COLUMNS = (
    Column("at", Shown("When"), minimum=8, ideal=8, sortable=False),
    Column("title", Shown("What"), minimum=10, ideal=60, maximum=None, sortable=False),
)


class ActivityDialog(Dialog[None]):
    """A list, and the whole of what is under the cursor."""

    def __init__(self, entries: Sequence[ActivityEntry], dropped: int = 0) -> None:
        older = f", {dropped} older ones are gone" if dropped else ""
        super().__init__(Cell(Shown("Activity  "), "strong"), Cell(Shown(f"{len(entries)}{older}"), "muted"))
        self._entries = tuple(reversed(entries))
        self.table = ResourceTable(_COLUMNS, header=False, classes="list")
        self.view = TextView(classes="rest")
        self.hint = Sentence(Cell(Shown("Tab to the text   Esc closes"), "muted"), classes="hint")

    def body(self) -> Iterable[Widget]:
        yield self.table
        yield self.view
        yield self.hint

    def on_mount(self) -> None:
        self.table.show_placeholder(Cell(Shown("no change and no error in this session"), "muted"))
        self.table.update(ListRows(range(len(self._entries)), self._cells))
        self.table.focus()

    def _cells(self, index: int) -> tuple[Cell, Cell]:
        entry = self._entries[index]
        return (Cell(_clock(entry.at), "muted"), _title(entry))

    def on_resource_table_highlighted(self, event: ResourceTable.Highlighted) -> None:
        """Show the entry in full."""
        if event.index >= 0:
            self.view.show(activity_lines(self._entries[event.index]))
            self.view.scroll_home(animate=False)


def activity_lines(entry: ActivityEntry) -> tuple[Line, ...]:
    """All that is known of one entry."""
    if entry.result is not None:
        return result_lines(entry.result)
    if entry.error is not None:
        return tuple((cell,) for cell in explanation(entry.error))
    return ((Cell(entry.title),),)


def _title(entry: ActivityEntry) -> Cell:
    if entry.result is not None:
        return outcome_title(entry.result)
    often = f"{entry.times} times " if entry.times > 1 else ""
    return Cell(Shown(often + entry.title), "bad" if entry.error is not None else "plain")


def _clock(at: float) -> Shown:
    return shown(datetime.fromtimestamp(at).strftime("%H:%M:%S"))
