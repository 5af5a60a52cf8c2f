"""Pick one or several of a list, by typing what they are called."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.widget import Widget
from textual.widgets import Input

from ecrtui.domain.text import Shown, shown
from ecrtui.ui.dialogs.dialog import Dialog
from ecrtui.ui.dialogs.entry import Entry
from ecrtui.ui.dialogs.sentence import Sentence
from ecrtui.ui.theme import Role, glyphs
from ecrtui.ui.widgets.columns import Column
from ecrtui.ui.widgets.resource_table import ResourceTable
from ecrtui.ui.widgets.rows import Cell, ListRows


@dataclass(frozen=True, slots=True)
class Option:
    """One thing to pick. `value` is what is returned, `label` what is shown."""

    value: str
    label: Shown
    note: Shown = Shown("")
    refusal: Shown = Shown("")
    """Why it cannot be picked; empty when it can."""


_COLUMNS = (
    Column("name", Shown("Name"), minimum=8, ideal=24, maximum=None, middle=True, sortable=False),
    Column("note", Shown("Note"), minimum=6, ideal=30, maximum=60, sortable=False, priority=1),
)


class PickDialog(Dialog[tuple[str, ...] | None]):
    """A list that is narrowed while one types. Enter picks, Esc cancels; with `several`, space marks, * all shown."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down", "to('cursor_down')", "Down", show=False),
        Binding("up", "to('cursor_up')", "Up", show=False),
        Binding("pagedown", "to('page_down')", "Page down", show=False),
        Binding("pageup", "to('page_up')", "Page up", show=False),
        Binding("ctrl+home", "to('first')", "First", show=False),
        Binding("ctrl+end", "to('last')", "Last", show=False),
        Binding("space", "mark", "Mark", show=False, priority=True),
        Binding("asterisk", "mark_all", "Mark all shown", show=False, priority=True),
    ]

    def __init__(
        self,
        title: Shown,
        options: Sequence[Option],
        *,
        picked: Sequence[str] = (),
        several: bool = False,
        empty: Shown = Shown("there is nothing to choose from"),
    ) -> None:
        super().__init__(Cell(title, "strong"))
        self._options = tuple(options)
        self._several = several
        self._picked = dict.fromkeys(picked)
        self._marking = False
        self._empty = empty
        self._rows = ListRows([option.value for option in options], self._cells)
        self.entry = Entry(hint=Shown("type to filter"), leaves=("space", "asterisk") if several else (), id="filter")
        self.table = ResourceTable(_COLUMNS, header=False, classes="tall")
        self.hint = Sentence(classes="hint")

    def body(self) -> Iterable[Widget]:
        yield self.entry
        yield self.table
        yield self.hint

    def on_mount(self) -> None:
        self.table.can_focus = False
        self.table.styles.max_height = max(3, len(self._options))  # no taller than what there is to choose from
        self.entry.focus()
        self._show()
        if self._picked:
            self.table.move_to_key(next(iter(self._picked)))
        self._say_keys()

    # What is shown

    def _order(self) -> list[int]:
        """The numbers of the options that hold every word typed."""
        words = self.entry.value.casefold().split()
        return [
            number
            for number, option in enumerate(self._options)
            if all(word in f"{option.label} {option.note}".casefold() for word in words)
        ]

    def _show(self) -> None:
        nothing = shown(f"nothing matches “{self.entry.value}”") if self._options else self._empty
        self.table.show_placeholder(Cell(nothing, "muted"))
        self.table.update(self._rows, self._order())

    def _cells(self, index: int) -> tuple[Cell, Cell]:
        option = self._options[index]
        picked = option.value in self._picked
        sign = f"{glyphs().ok} " if picked else "  "
        role: Role = "muted" if option.refusal else "strong" if picked else "plain"
        return (
            Cell(Shown(f"{sign}{option.label}"), role),
            Cell(option.refusal or option.note, "muted"),
        )

    def _say_keys(self) -> None:
        keys = "Enter chooses   Esc cancels"
        if self._several:
            keys = f"{len(self._picked)} marked   Space marks   * all shown   {keys}"
        self.hint.show(Cell(Shown(keys), "muted"))

    # Keys

    def on_input_changed(self, event: Input.Changed) -> None:
        """Narrow the list; the best row is the first."""
        self._show()
        self._say_keys()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Space and * are text unless several can be picked: what can be marked has neither in its name."""
        return self._several if action in ("mark", "mark_all") else True

    def action_mark(self) -> None:
        """Mark the row under the cursor or unmark it, and go on to the next."""
        self._mark()
        self.table.action_cursor_down()

    def action_mark_all(self) -> None:
        """Mark all rows shown that can be picked; when they all are, unmark them."""
        wanted = [option.value for number in self._order() if not (option := self._options[number]).refusal]
        if all(value in self._picked for value in wanted):
            for value in wanted:
                del self._picked[value]
        else:
            self._picked |= dict.fromkeys(wanted)
        self._marked()

    def action_to(self, movement: str) -> None:
        """Move the cursor while the field keeps the focus."""
        getattr(self.table, f"action_{movement}")()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Enter."""
        self._choose()

    def on_resource_table_selected(self, event: ResourceTable.Selected) -> None:
        """A double click."""
        self._choose()

    def on_resource_table_marks_changed(self, event: ResourceTable.MarksChanged) -> None:
        """A click beside a row marks it here, where refused ones can be told."""
        if event.marks:
            self.table.clear_marks()
            if self._several:
                self._mark()

    def _choose(self) -> None:
        """Return what is marked; while no mark was set or taken, a row that is not among them alone."""
        option = self._current
        if self._picked and (self._marking or option is None or option.value in self._picked):
            self.dismiss(tuple(one.value for one in self._options if one.value in self._picked))
        elif option is not None and self._allowed(option):
            self.dismiss((option.value,))

    def _mark(self) -> None:
        option = self._current
        if option is None:
            return
        if option.value in self._picked:
            del self._picked[option.value]
        elif self._allowed(option):
            self._picked[option.value] = None
        else:
            return
        self._marked()

    def _marked(self) -> None:
        self._marking = True
        self.table.refresh_rows()
        self._say_keys()

    def _allowed(self, option: Option) -> bool:
        if option.refusal:
            words = shown(f"{option.label} cannot be chosen: {option.refusal}")
            self.hint.show(Cell(words, "warn"))
            return False
        return True

    @property
    def _current(self) -> Option | None:
        index = self.table.index
        return None if index is None else self._options[index]
