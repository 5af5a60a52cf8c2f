"""One line made of cells: what headings, header, footer and notes are drawn with."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.segment import Segment
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from ecrtui.domain.text import Shown, width
from ecrtui.ui.theme import Role, role_styles
from ecrtui.ui.widgets.rows import Cell


class CellLine(Widget):
    """Shows cells one after the other on one line; repaints only when they are others."""

    DEFAULT_CSS = "CellLine { height: 1; width: 1fr; }"
    ALLOW_SELECT = False

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id, classes=classes)
        self._cells: tuple[Cell, ...] = ()

    @property
    def text(self) -> str:
        """What the line says."""
        return "".join(cell.text for cell in self._cells)

    def show_cells(self, cells: Iterable[Cell]) -> None:
        """Show these, cut where the line ends."""
        before, self._cells = self._cells, tuple(cells)
        if self._cells != before:
            start, end = changed_columns(before, self._cells)
            self.refresh(Region(start, 0, end - start, 1))

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self.refresh()

    def render_line(self, y: int) -> Strip:
        base, styles = self.rich_style, role_styles(self.app)
        segments = [Segment(cell.text, base + styles[cell.role]) for cell in self._cells if cell.text]
        return Strip(segments if y == 0 else ()).adjust_cell_length(self.size.width, base)


def changed_columns(before: Sequence[Cell], after: Sequence[Cell]) -> tuple[int, int]:
    """The first column in which two lines differ and the one behind the last, in terminal cells."""
    old, new = _characters(before), _characters(after)
    same = 0
    while same < min(len(old), len(new)) and old[same] == new[same] and old[same][0].isascii():
        same += 1
    columns = [sum(width(Shown(character)) for character, _ in line) for line in (old, new)]
    rest = 0
    while columns[0] == columns[1] and rest < min(len(old), len(new)) - same and old[-1 - rest] == new[-1 - rest]:
        rest += 1
    behind = sum(width(Shown(character)) for character, _ in new[len(new) - rest :])
    return same, max(columns) - behind


def _characters(cells: Sequence[Cell]) -> list[tuple[str, Role]]:
    return [(character, cell.role) for cell in cells for character in cell.text]
