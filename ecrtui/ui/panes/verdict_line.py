"""How many pairings have each verdict, on one line or two; a click shows one verdict only."""

from __future__ import annotations

from collections.abc import Mapping

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from ecrtui.domain.pairing import Verdict
from ecrtui.domain.text import Shown, width
from ecrtui.domain.units import count
from ecrtui.ui.present.verdicts import LOOKS
from ecrtui.ui.theme import role_styles
from ecrtui.ui.widgets.rows import Cell

_GAP = 3
_MOST_LINES = 2


class VerdictLine(Widget):
    """Counts by verdict, the worst first. The verdict that the list is filtered by is underlined."""

    DEFAULT_CSS = "VerdictLine { height: 1; width: 1fr; }"
    ALLOW_SELECT = False

    class VerdictChosen(Message):
        """A count was clicked; None for all verdicts."""

        def __init__(self, verdict: Verdict | None) -> None:
            super().__init__()
            self.verdict = verdict

    def __init__(self) -> None:
        super().__init__()
        self._counts: dict[Verdict, int] = {}
        self._chosen: Verdict | None = None

    def show(self, counts: Mapping[Verdict, int], chosen: Verdict | None) -> None:
        """Say how many there are, and which are shown."""
        if (dict(counts), chosen) != (self._counts, self._chosen):
            self._counts, self._chosen = dict(counts), chosen
            self._lay_out()

    @property
    def text(self) -> str:
        """What the line says."""
        return "   ".join(cell.text for _, cell in self._entries(short=False))

    def on_resize(self) -> None:
        self._lay_out()

    def on_click(self, event: events.Click) -> None:
        for verdict, cell, y, x in self._places():
            if event.y == y and x <= event.x < x + width(cell.text):
                self.post_message(self.VerdictChosen(verdict))

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self.refresh()

    def _lay_out(self) -> None:
        lines = max((y for _, _, y, _ in self._places()), default=0) + 1
        self.styles.height = min(lines, _MOST_LINES)
        self.refresh()

    def _entries(self, short: bool) -> list[tuple[Verdict | None, Cell]]:
        entries: list[tuple[Verdict | None, Cell]] = []
        for verdict, number in self._counts.items():
            look = LOOKS[verdict]
            words = f"{look.glyph} {count(number)} {look.short if short else look.word}"
            entries.append((verdict, Cell(Shown(words), look.role)))
        return entries

    def _places(self) -> list[tuple[Verdict | None, Cell, int, int]]:
        """Each entry with its line and first cell: long words where one line holds them, else short ones."""
        long = self._placed(self._entries(short=False))
        return long if all(y == 0 for _, _, y, _ in long) else self._placed(self._entries(short=True))

    def _placed(self, entries: list[tuple[Verdict | None, Cell]]) -> list[tuple[Verdict | None, Cell, int, int]]:
        placed, x, y = [], 1, 0
        for verdict, cell in entries:
            wide = width(cell.text)
            if x > 1 and x + wide > self.size.width:
                x, y = 1, y + 1
            placed.append((verdict, cell, y, x))
            x += wide + _GAP
        return placed

    def render_line(self, y: int) -> Strip:
        base, styles = self.rich_style, role_styles(self.app)
        segments: list[Segment] = [Segment(" ", base)]
        for verdict, cell, line, _x in self._places():
            if line == y:
                mark = Style(underline=True, bold=True) if verdict is self._chosen else Style()
                segments += [Segment(cell.text, base + styles[cell.role] + mark), Segment(" " * _GAP, base)]
        return Strip(segments).adjust_cell_length(self.size.width, base)
