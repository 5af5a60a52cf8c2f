"""One line made of cells: what headings, header, footer and notes are drawn with."""

from __future__ import annotations

from collections.abc import Iterable

from rich.segment import Segment
from textual.strip import Strip
from textual.widget import Widget

from ecrtui.ui.theme import role_styles
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
        wanted = tuple(cells)
        if wanted != self._cells:
            self._cells = wanted
            self.refresh()

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self.refresh()

    def render_line(self, y: int) -> Strip:
        base, styles = self.rich_style, role_styles(self.app)
        segments = [Segment(cell.text, base + styles[cell.role]) for cell in self._cells if cell.text]
        return Strip(segments if y == 0 else ()).adjust_cell_length(self.size.width, base)
