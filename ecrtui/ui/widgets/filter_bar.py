"""The line in which a list is filtered while one types."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.message import Message
from textual.widgets import Input

from ecrtui.domain.query import Field
from ecrtui.domain.text import NOTHING, Shown, shown
from ecrtui.ui.widgets.cell_line import CellLine
from ecrtui.ui.widgets.line_input import LineInput
from ecrtui.ui.widgets.rows import Cell


class FilterBar(Horizontal):
    """Words and field terms. Enter keeps the filter, Escape drops it; both close the line."""

    DEFAULT_CSS = """
    FilterBar { height: 1; }
    FilterBar > .filter-prompt { width: 3; }
    FilterBar > LineInput { width: 2fr; min-width: 20; }
    FilterBar > .filter-note { width: 3fr; min-width: 20; }
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "close(False)", "Drop the filter", show=False, id="filter.drop"),
    ]

    class FilterChanged(Message):
        """Another text was typed."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    class FilterClosed(Message):
        """The line is closed, the filter kept or dropped."""

        def __init__(self, text: str, kept: bool) -> None:
            super().__init__()
            self.text = text
            self.kept = kept

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._prompt = CellLine(classes="filter-prompt")
        self._input = LineInput()
        self._note = CellLine(classes="filter-note")
        self._hint = NOTHING
        self._cut = NOTHING
        """What became of the last paste, until something is typed."""

    def compose(self) -> ComposeResult:
        yield self._prompt
        yield self._input
        yield self._note

    def on_mount(self) -> None:
        self.display = False
        self._prompt.show_cells([Cell(Shown(" /"), "strong")])

    def open(self, text: str = "", fields: Sequence[Field] = ()) -> None:
        """Show the line with `text` in it and take the focus; `fields` are what terms can name."""
        self.display = True
        with self.prevent(Input.Changed):
            self._input.value = shown(text)
        self._input.action_end()
        self._cut = NOTHING
        self._hint = shown("  ".join(f"{field.name}:" for field in fields))
        self.show_problem(NOTHING)
        self.screen.set_focus(self._input)  # at once, so that the next key finds it

    def show_problem(self, problem: Shown) -> None:
        """Say why the text is no filter; empty when it is one."""
        wrong = problem or self._cut
        cell = Cell(wrong, "warn") if wrong else Cell(self._hint, "muted")
        self._note.show_cells([Cell(Shown("  ")), cell])

    def action_close(self, kept: bool) -> None:
        """Close the line and tell it."""
        self.display = False
        self.post_message(self.FilterClosed(self._input.value, kept))

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        self._cut = NOTHING
        self.post_message(self.FilterChanged(event.value))

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.action_close(True)

    def on_line_input_paste_cut(self, event: LineInput.PasteCut) -> None:
        event.stop()
        self._cut = shown(f"pasted text too long: {event.lost:,} characters left out")
        self.show_problem(NOTHING)
