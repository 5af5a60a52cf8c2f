"""The line over a pane: title, count, state of the load, and the thin line that parts it from others."""

from __future__ import annotations

from ecrtui.domain.text import NOTHING, Shown, fit, shorten_middle, width
from ecrtui.ui.theme import Role, glyphs
from ecrtui.ui.widgets.bar import progress_bar
from ecrtui.ui.widgets.cell_line import CellLine
from ecrtui.ui.widgets.rows import Cell

_BAR = 8
_LEAST_STATE = 7
"""Cells of the state that are left when it is shortened: `denied…`."""


class Heading(CellLine):
    """A pane's heading; `styles/widgets.tcss` gives it the accent while the focus is in its pane."""

    def __init__(self, title: Shown, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id, classes=classes)
        self._title = title
        self._count = NOTHING
        self._note = NOTHING
        self._state = Cell(NOTHING)
        self._fraction: float | None = None

    def show(
        self,
        *,
        title: Shown | None = None,
        count: Shown = NOTHING,
        note: Shown = NOTHING,
        state: Shown = NOTHING,
        role: Role = "muted",
        fraction: float | None = None,
    ) -> None:
        """Say what the pane holds.

        `count` and `note` stand behind the title, `state` (loading, partial, denied …, in its `role`) at the
        right edge, behind a bar when `fraction` (0 to 1) is known.
        """
        self._title = self._title if title is None else title
        self._count, self._note, self._state, self._fraction = count, note, Cell(state, role), fraction
        self._arrange()

    def on_resize(self) -> None:
        self._arrange()

    def _arrange(self) -> None:
        self.show_cells(self._cells_for(self.size.width))

    def _cells_for(self, room: int) -> list[Cell]:
        """As much as fits: the note goes first, then the bar; then the state is shortened, then the title."""
        right = [Cell(Shown(f" {self._state.text}"), self._state.role)] if self._state.text else []
        if self._fraction is not None:
            right.insert(0, Cell(Shown(f" {progress_bar(self._fraction, _BAR)}"), "muted"))
        left = [Cell(Shown(f" {self._title}"))]
        if self._count:
            left.append(Cell(Shown(f"  {self._count}")))
        note = [Cell(Shown(f"  {self._note}"), "muted")] if self._note else []
        if _total(left + note + right) < room:
            left += note
        elif len(right) > 1 and _total(left + right) >= room:
            del right[0]
        spare = room - _total(left + right)
        if spare < 0 and right:
            text = right[-1].text
            least = min(width(text), 1 + _LEAST_STATE)
            right[-1] = Cell(fit(text, max(least, width(text) + spare)), self._state.role)
            spare = room - _total(left + right)
        if spare < 0:
            left[0] = Cell(shorten_middle(left[0].text, max(4, width(left[0].text) + spare)))
            spare = room - _total(left + right)
        line = Shown(f" {glyphs().line * (spare - 1)}") if spare > 1 else fit(NOTHING, max(0, spare))
        return [*left, Cell(line, "line"), *right]


def _total(cells: list[Cell]) -> int:
    return sum(width(cell.text) for cell in cells)
