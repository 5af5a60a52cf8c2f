"""Lines of text in roles that can be scrolled and searched: details, JSON, help, errors."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual.binding import Binding, BindingType
from textual.geometry import Region, Size
from textual.scroll_view import ScrollView
from textual.strip import Strip

from ecrtui.domain.text import Shown, width, wrap
from ecrtui.ui.theme import role_styles
from ecrtui.ui.widgets.cell_line import changed_columns
from ecrtui.ui.widgets.rows import Cell

Line = tuple[Cell, ...]
"""One line: pieces of text, one behind the other."""

_MATCH = Style(reverse=True)


class TextView(ScrollView, can_focus=True):
    """Scrollable lines. A line of one piece, or of a label and one, is wrapped; others are cut."""

    DEFAULT_CSS = "TextView { height: 1fr; width: 1fr; scrollbar-size-vertical: 1; overflow-x: hidden; }"
    ALLOW_SELECT = False
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down,j", "scroll_down", "Down", show=False, id="text.down"),
        Binding("up,k", "scroll_up", "Up", show=False, id="text.up"),
        Binding("g,home", "scroll_home", "Top", show=False, id="text.top"),
        Binding("G,end", "scroll_end", "End", show=False, id="text.end"),
        Binding("ctrl+d,pagedown", "page_down", "Page down", show=False, id="text.page-down"),
        Binding("ctrl+u,pageup", "page_up", "Page up", show=False, id="text.page-up"),
        Binding("n", "next_match", "Next match", show=False, id="text.next-match"),
        Binding("N", "previous_match", "Previous match", show=False, id="text.previous-match"),
    ]

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id, classes=classes)
        self._lines: tuple[Line, ...] = ()
        self._laid: list[Line] = []
        self._needle = ""
        self._match: int | None = None

    @property
    def lines(self) -> tuple[Line, ...]:
        """The lines as given."""
        return self._lines

    def show(self, lines: Sequence[Line]) -> None:
        """Show these lines, keeping the place; nothing is painted where nothing changed."""
        if tuple(lines) == self._lines:
            return
        before, size = self._laid, self.virtual_size
        self._lines = tuple(lines)
        self._lay()
        if self.virtual_size != size or self._needle or (self.styles.is_auto_height and len(before) != len(self._laid)):
            self.refresh(layout=self.styles.is_auto_height)
        else:
            self._repaint(before)

    def take_focus(self) -> None:
        """Have the keys go here."""
        self.focus()

    def search(self, text: str) -> int:
        """Point out every line with `text` (case folded), go to the first; how many there are."""
        self._needle = text.casefold()
        self._match = None
        hits = self._hits()
        if hits:
            self._go_to(hits[0])
        self.refresh()
        return len(hits)

    def action_next_match(self) -> None:
        """To the next line that matches."""
        hits = self._hits()
        if hits:
            now = -1 if self._match is None else self._match
            self._go_to(next((hit for hit in hits if hit > now), hits[0]))

    def action_previous_match(self) -> None:
        """To the matching line before."""
        hits = self._hits()
        if hits:
            now = len(self._laid) if self._match is None else self._match
            self._go_to(next((hit for hit in reversed(hits) if hit < now), hits[-1]))

    def on_resize(self) -> None:
        self._lay()
        self.refresh()

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        return len(self._laid)

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self.refresh()

    def render_line(self, y: int) -> Strip:
        number = y + self.scroll_offset.y
        base, styles = self.rich_style, role_styles(self.app)
        if number >= len(self._laid):
            return Strip.blank(self.size.width, base)
        line = self._laid[number]
        lit = bool(self._needle) and self._needle in _text(line).casefold()
        mark = _MATCH if number == self._match and lit else Style(underline=True) if lit else Style()
        segments = [Segment(cell.text, base + styles[cell.role] + mark) for cell in line]
        return Strip(segments).adjust_cell_length(self.size.width, base)

    def _lay(self) -> None:
        room = max(4, self.size.width - 1)
        self._laid = [part for line in self._lines for part in _wrapped(line, room)]
        self._match = None
        self.virtual_size = Size(self.size.width, max(len(self._laid), self.size.height))

    def _repaint(self, before: Sequence[Line]) -> None:
        """Paint the visible lines that differ from what they were, where they do."""
        top = self.scroll_offset.y
        for y in range(self.size.height):
            old, new = (lines[top + y] if top + y < len(lines) else () for lines in (before, self._laid))
            if old != new:
                start, end = changed_columns(old, new)
                self.refresh(Region(start, y, end - start, 1))

    def _hits(self) -> list[int]:
        if not self._needle:
            return []
        return [number for number, line in enumerate(self._laid) if self._needle in _text(line).casefold()]

    def _go_to(self, number: int) -> None:
        self._match = number
        self.scroll_to(y=max(0, number - self.size.height // 2), animate=False)
        self.refresh()


def _text(line: Line) -> str:
    return "".join(cell.text for cell in line)


def height_of(lines: Sequence[Line], cells: int) -> int:
    """How many screen lines these take in a view of that width."""
    return sum(len(_wrapped(line, max(4, cells - 1))) for line in lines)


def _wrapped(line: Line, room: int) -> list[Line]:
    """A line over as many as it takes: one piece alone, or a label with one piece that hangs behind it."""
    if len(line) == 1:
        return [(Cell(part, line[0].role),) for part in wrap(line[0].text, room)] or [line]
    if len(line) != 2 or width(line[0].text) > room // 2:
        return [line]
    label, body = line
    indent = Cell(Shown(" " * width(label.text)))
    parts = wrap(body.text, room - width(label.text)) or [Shown("")]
    return [(label if number == 0 else indent, Cell(part, body.role)) for number, part in enumerate(parts)]


def text(*lines: Shown) -> tuple[Line, ...]:
    """Plain lines."""
    return tuple((Cell(line),) for line in lines)
