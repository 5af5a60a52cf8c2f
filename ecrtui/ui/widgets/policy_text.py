"""The field in which a lifecycle policy is written."""

from __future__ import annotations

import json
from collections.abc import Collection

from rich.style import Style
from rich.text import Text
from textual import events
from textual.document._document import EditResult, Location
from textual.message import Message
from textual.widgets import TextArea

from ecrtui.domain.text import shown
from ecrtui.ui.theme import role_styles

LIMIT = 65_536
"""Characters that the field holds: twice what ECR takes, so that a text that is too long can be shortened."""
_TAB = "  "


def editable(text: str) -> str:
    """A policy's text as it can be shown and edited: what could act or hide becomes its JSON escape.

    In JSON strings the escape means the same character, so that the policy keeps its meaning; line ends become
    newlines and tabs blanks, as between JSON's tokens they may.
    """
    lines = text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", _TAB).split("\n")
    return "\n".join(line if shown(line, len(line) + 1) == line else _escaped(line) for line in lines)


def _escaped(line: str) -> str:
    return "".join(one if one.isascii() and one.isprintable() else json.dumps(one)[1:-1] for one in line)


class PolicyText(TextArea):
    """Textual's text area without colours of its own, holding only what can be shown; bad lines are marked."""

    class TextCut(Message):
        """So many characters did not fit, and were left out."""

        def __init__(self, lost: int) -> None:
            super().__init__()
            self.lost = lost

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(show_line_numbers=True, compact=True, soft_wrap=True, id=id)
        self.cursor_blink = False
        self.indent_width = 2
        self._bad: frozenset[int] = frozenset()

    def fill(self, text: str) -> None:
        """Put another text in place of all that is there; undo brings it back."""
        wanted = self._fitting(editable(text), LIMIT)
        self.replace(wanted, (0, 0), self.document.end)
        self.move_cursor((0, 0))

    def forget(self, text: str) -> None:
        """Show another text, with no way back to the one before."""
        self.load_text(self._fitting(editable(text), LIMIT))

    def show_bad(self, lines: Collection[int]) -> None:
        """Mark these lines (from 1) as wrong."""
        if self._bad != frozenset(lines):
            self._bad = frozenset(lines)
            self._line_cache.clear()
            self.refresh()

    def go_to(self, line: int, column: int) -> None:
        """Put the cursor on a place, counted from 1."""
        self.move_cursor((line - 1, column - 1), center=True)

    def get_line(self, line_index: int) -> Text:
        line = super().get_line(line_index)
        if line_index + 1 in self._bad:
            start = len(line.plain) - len(line.plain.lstrip())
            line.stylize(role_styles(self.app)["bad"] + Style(underline=True), start)
        return line

    async def _on_paste(self, event: events.Paste) -> None:
        """Textual's field pastes after this; nobody else shall."""
        event.stop()

    def _replace_via_keyboard(self, insert: str, start: Location, end: Location) -> EditResult | None:
        """What is typed or pasted: made visible, and cut to what fits."""
        first, last = sorted((start, end))
        room = LIMIT - len(self.text) + len(self.get_text_range(first, last))
        return super()._replace_via_keyboard(self._fitting(editable(insert[: room + 1]), room, len(insert)), start, end)

    def _fitting(self, text: str, room: int, whole: int | None = None) -> str:
        lost = max(len(text), whole or 0) - room
        if lost > 0:
            self.post_message(self.TextCut(lost))
        return text[: max(0, room)]

    def notify_style_update(self) -> None:
        self._line_cache.clear()
        super().notify_style_update()
