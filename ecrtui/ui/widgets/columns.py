"""Columns of a table: how wide each is, and which leave when the window is narrow."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from ecrtui.domain.text import Align, Shown

GAP = 1
"""Blank cells between two columns."""


class Column(NamedTuple):
    """One column; widths are terminal cells.

    Room goes to the minima, then to the ideal widths, then to the maxima, columns of low `priority` first; a
    `maximum` of None takes all that is left. A column leaves when the window is too narrow for every minimum,
    the one of the highest `priority` first; 0 never leaves.
    """

    key: str
    title: Shown
    minimum: int = 4
    ideal: int = 10
    maximum: int | None = 0
    align: Align = "left"
    priority: int = 0
    middle: bool = False
    """Shortened in the middle rather than at the end: for names."""
    sortable: bool = True

    @property
    def most(self) -> int | None:
        """The greatest width: at least the ideal one, None for any."""
        return None if self.maximum is None else max(self.ideal, self.maximum)


class Place(NamedTuple):
    """Where a column stands: its number in the declaration, its first cell, its width."""

    column: int
    start: int
    width: int


def lay_out(columns: Sequence[Column], start: int, end: int) -> tuple[Place, ...]:
    """Places for the columns that fit between two cells, in the order of their declaration."""
    kept = _staying(columns, end - start)
    by_priority = sorted(kept, key=lambda index: columns[index].priority)
    room = end - start - GAP * (len(kept) - 1)
    widths = {index: columns[index].minimum for index in kept}
    room -= sum(widths.values())
    if room < 0 and kept:  # even what never leaves does not fit: the widest gives way
        widest = max(kept, key=lambda index: widths[index])
        widths[widest] = max(1, widths[widest] + room)
    room = _grow(widths, room, {index: columns[index].ideal for index in by_priority})
    _grow(widths, room, {index: columns[index].most for index in by_priority})
    places, position = [], start
    for index in kept:
        places.append(Place(index, position, widths[index]))
        position += widths[index] + GAP
    return tuple(places)


def _staying(columns: Sequence[Column], room: int) -> list[int]:
    kept = list(range(len(columns)))
    while sum(columns[index].minimum + GAP for index in kept) - GAP > room:
        leaving = max(reversed(kept), key=lambda index: columns[index].priority, default=None)
        if leaving is None or columns[leaving].priority == 0:
            break
        kept.remove(leaving)
    return kept


def _grow(widths: dict[int, int], room: int, goals: dict[int, int | None]) -> int:
    """Widen column after column to its goal (None: to all there is); the room that is left over."""
    for index, goal in goals.items():
        extra = max(0, room if goal is None else min(room, goal - widths[index]))
        widths[index] += extra
        room -= extra
    return room
