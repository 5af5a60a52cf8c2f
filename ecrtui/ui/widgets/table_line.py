"""One line of a table: everything that decides how it looks, and how it is drawn."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple

from ecrtui.domain.text import Shown, fit, fit_middle, width
from ecrtui.ui.theme import Role, glyphs
from ecrtui.ui.widgets.columns import GAP, Column, Place
from ecrtui.ui.widgets.rows import BLANK, Cell

GUTTER = 3
"""Cells before the first column: cursor, mark, blank."""
THUMB = 1
"""Cells at the right edge for the sign of where the window stands."""

Mark = Literal["", "marked", "new"]
CursorLook = Literal["", "focused", "blurred"]
Piece = tuple[str, Role]


class Sort(NamedTuple):
    """The column by which the rows are ordered, shown by an arrow in its heading."""

    column: str
    descending: bool = False


class Line(NamedTuple):
    """Everything that decides how one screen line looks; equal lines look alike."""

    cursor: CursorLook = ""
    mark: Mark = ""
    cells: tuple[Cell, ...] = ()
    thumb: bool = False
    note: Cell = BLANK
    """What stands here instead of a row."""


_MARKS: dict[Mark, tuple[Shown, Role]] = {
    "": (Shown(" "), "plain"),
    "marked": (glyphs().marked, "strong"),
    "new": (glyphs().new, "good"),
}
_CURSORS: dict[CursorLook, tuple[Shown, Role]] = {
    "": (Shown(" "), "plain"),
    "focused": (glyphs().cursor, "accent"),
    "blurred": (glyphs().resting, "muted"),
}


def changed_width(columns: Sequence[Column], places: Sequence[Place], old: Line, new: Line, whole: int) -> int:
    """Cells from the left edge to the end of the last difference; `whole` when all may differ."""
    if old.thumb != new.thumb or old.note != new.note or len(old.cells) != len(new.cells) or not places:
        return whole
    for place, before, now in reversed(list(zip(places, old.cells, new.cells, strict=True))):
        if before != now:
            return place.start + place.width
    if old.cursor == new.cursor:
        return GUTTER
    first = places[0]
    if columns[first.column].align == "right":
        return first.start + first.width
    return first.start + min(first.width, width(new.cells[0].text))


def paint_heading(columns: Sequence[Column], places: Sequence[Place], sort: Sort | None) -> list[Piece]:
    """The titles of the columns, with an arrow at the one that orders the rows."""
    pieces: list[Piece] = [(" " * GUTTER, "muted")]
    for place in places:
        column = columns[place.column]
        title = column.title
        if sort is not None and sort.column == column.key:
            arrow = glyphs().descending if sort.descending else glyphs().ascending
            kept = fit(title, max(0, min(width(title), place.width - 2)))
            title = Shown(f"{kept} {arrow}".strip())
        pieces.append((fit(title, place.width, column.align) + " " * GAP, "muted"))
    return pieces


def paint_row(columns: Sequence[Column], places: Sequence[Place], line: Line, whole: int) -> list[Piece]:
    """A row (or what stands instead of one) as pieces of text, `whole` cells at most."""
    if line.note.text:
        return [(" " * GUTTER + line.note.text, line.note.role)]
    if not line.cells:
        return []
    cursor, cursor_role = _CURSORS[line.cursor]
    mark, mark_role = _MARKS[line.mark]
    pieces: list[Piece] = [
        (cursor, cursor_role if line.cursor else mark_role),
        (mark + " ", mark_role if line.mark else cursor_role),
    ]
    for number, (place, cell) in enumerate(zip(places, line.cells, strict=True)):
        column = columns[place.column]
        shape = fit_middle if column.middle else fit
        under_cursor = number == 0 and line.cursor and cell.role in ("plain", "name")
        role: Role = "strong" if under_cursor else cell.role
        pieces.append((shape(cell.text, place.width, column.align) + " " * GAP, role))
    if line.thumb:
        end = places[-1].start + places[-1].width + GAP
        pieces.append((" " * (whole - THUMB - end) + glyphs().thumb, "muted"))
    return pieces
