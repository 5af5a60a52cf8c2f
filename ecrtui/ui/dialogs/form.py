"""The rows of a form: a label, a field, and what is to be said of it; and a field for one of a few values."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from ecrtui.domain.text import Shown, fit, shown
from ecrtui.ui.dialogs.dialog import unheard
from ecrtui.ui.dialogs.sentence import Sentence
from ecrtui.ui.theme import role_styles
from ecrtui.ui.widgets.cell_line import CellLine
from ecrtui.ui.widgets.rows import Cell


class OptionLine(Widget, can_focus=True):
    """One of a few values: left and right, or space, go through them."""

    DEFAULT_CSS = "OptionLine { height: 1; width: 1fr; }"
    ALLOW_SELECT = False
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "step(-1)", "Before", show=False),
        Binding("right,space", "step(1)", "Next", show=False),
        Binding("enter", "submit", "Done", show=False),
    ]

    class Changed(Message):
        """Another value was chosen."""

        def __init__(self, line: OptionLine) -> None:
            super().__init__()
            self.line = line

    class Submitted(Message):
        """Enter."""

    def __init__(self, options: Mapping[str, str], value: str, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._options = {key: shown(label) for key, label in options.items()}
        self.value = value if value in self._options else next(iter(self._options))

    async def on_event(self, event: events.Event) -> None:
        if unheard(self, event):
            event.stop()
        else:
            await super().on_event(event)

    def action_step(self, by: int) -> None:
        """To the next value in that direction, around the end."""
        keys = list(self._options)
        value = keys[(keys.index(self.value) + by) % len(keys)]
        if value != self.value:
            self.value = value
            self.refresh()
            self.post_message(self.Changed(self))

    def action_submit(self) -> None:
        self.post_message(self.Submitted())

    def on_click(self, event: events.Click) -> None:
        self.action_step(-1 if event.x == 0 else 1)

    def on_focus(self) -> None:
        self.refresh()

    def on_blur(self) -> None:
        self.refresh()

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self.refresh()

    def render_line(self, y: int) -> Strip:
        base, styles = self.rich_style, role_styles(self.app)
        label = fit(self._options[self.value], max(1, self.size.width - 4)).rstrip()
        arrows = base + styles["accent" if self.has_focus else "line"]
        text = base + (styles["accent"] + Style(bold=True) if self.has_focus else styles["plain"])
        alone = len(self._options) < 2
        before, behind = ("  ", "  ") if alone else ("‹ ", " ›")
        strip = Strip([Segment(before, arrows), Segment(label, text), Segment(behind, arrows)])
        return strip.adjust_cell_length(self.size.width, base)


class FormRow(Vertical):
    """A label beside a field, and under it what is to be said of what is typed."""

    DEFAULT_CSS = """
    FormRow { height: auto; }
    FormRow > Horizontal { height: 1; }
    FormRow > Horizontal > .label { width: 16; }
    FormRow > .notes { height: auto; margin-left: 18; }
    """

    def __init__(self, label: Shown, field: Widget) -> None:
        super().__init__()
        self._label = CellLine(classes="label")
        self._label.show_cells([Cell(label, "muted")])
        self.field = field
        self.notes = Sentence(classes="notes")

    def compose(self) -> ComposeResult:
        with Horizontal():
            yield self._label
            yield self.field
        yield self.notes

    def label(self, label: Shown) -> None:
        """Name the field anew."""
        self._label.show_cells([Cell(label, "muted")])

    def say(self, *notes: Cell) -> None:
        """Say this under the field; nothing takes no line."""
        self.notes.show(*lines_of(notes))


def lines_of(notes: Iterable[Cell]) -> list[Cell]:
    """Notes for a `Sentence`, each beginning a line."""
    cells: list[Cell] = []
    for note in notes:
        if note.text:
            cells += [_BREAK, note] if cells else [note]
    return cells


_BREAK = Cell(Shown("\n"))
