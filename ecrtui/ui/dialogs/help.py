"""All keys that apply here, grouped; those that are refused now are grey, with the reason."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.widget import Widget
from textual.widgets import Input

from ecrtui.domain.text import Shown, fit, shown, width, wrap
from ecrtui.ui.dialogs.dialog import Dialog
from ecrtui.ui.dialogs.entry import Entry
from ecrtui.ui.dialogs.sentence import Sentence
from ecrtui.ui.theme import Role
from ecrtui.ui.widgets.rows import Cell
from ecrtui.ui.widgets.text_view import Line, TextView


@dataclass(frozen=True, slots=True)
class HelpKey:
    """One key of the help. `refusal` is empty where the key works now, None where nothing here offers it."""

    keys: Shown
    help: Shown
    group: str
    refusal: str | None = ""


class HelpDialog(Dialog[None]):
    """The keys as text; `/` searches it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("question_mark,q", "cancel", "Close", show=False),
        Binding("slash", "search", "Search", show=False),
    ]

    def __init__(self, keys: Sequence[HelpKey]) -> None:
        super().__init__(Cell(Shown("Keys"), "strong"))
        self.view = TextView(classes="tall")
        self.entry = Entry(id="search")
        self.hint = Sentence(Cell(Shown("/ search   n next   Esc close"), "muted"), classes="hint")
        self._keys = tuple(keys)

    def body(self) -> Iterable[Widget]:
        yield self.view
        yield self.entry
        yield self.hint

    def on_mount(self) -> None:
        self.entry.display = False
        self.view.focus()

    def on_resize(self) -> None:
        """Lay the text for the new width."""
        self.call_after_refresh(self._lay)

    def _lay(self) -> None:
        self.view.show(help_lines(self._keys, self.view.size.width - 1))

    def action_search(self) -> None:
        """Open the field; what is typed is pointed out."""
        self.entry.display = True
        self.entry.focus()

    def on_input_changed(self, event: Input.Changed) -> None:
        """Go to the first line with it."""
        found = self.view.search(event.value)
        self.hint.show(Cell(Shown(f"{found} lines   n next   N before   Esc close"), "muted"))

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Back to the text."""
        self.view.focus()

    def action_cancel(self) -> None:
        """Close the search, then the help."""
        if self.entry.display:
            self.entry.value = ""
            self.entry.display = False
            self.view.focus()
        else:
            self.dismiss(None)


def help_lines(keys: Sequence[HelpKey], room: int = 80) -> tuple[Line, ...]:
    """The help as text: a heading a group, a line a key, wrapped under themselves."""
    column = min(max((width(key.keys) for key in keys), default=0), room // 3)
    lines: list[Line] = []
    for group in dict.fromkeys(key.group for key in keys):
        lines.append((Cell(shown(group), "strong"),))
        for key in keys:
            if key.group == group:
                lines += _lines(key, column, room)
        lines.append((Cell(Shown("")),))
    lines.append((Cell(Shown("Grey: nothing here offers it, or it is refused now.")),))
    return tuple(lines)


def _lines(key: HelpKey, column: int, room: int) -> list[Line]:
    role: Role = "plain" if key.refusal == "" else "muted"
    text = shown(f"{key.help}: {key.refusal}" if key.refusal else key.help)
    names = [fit(key.keys, max(column, width(key.keys)))]
    pieces = wrap(text, max(8, room - column - 4))
    names += [Shown(" " * column)] * (len(pieces) - 1)
    return [(Cell(Shown(f"  {name}  {piece}"), role),) for name, piece in zip(names, pieces, strict=True)]
