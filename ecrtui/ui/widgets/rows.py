"""Rows of a table: a source that makes what it shows only when it is drawn."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from typing import NamedTuple, Protocol

from ecrtui.domain.text import NOTHING, Shown
from ecrtui.ui.theme import Role


class Cell(NamedTuple):
    """What one column of one row shows."""

    text: Shown
    role: Role = "plain"


BLANK = Cell(NOTHING)


class Rows(Protocol):
    """Rows by number, in the order of the source; values are made only for rows that are drawn."""

    def __len__(self) -> int: ...

    def key(self, index: int, /) -> Hashable:
        """What identifies the row over changes of the data."""

    def cells(self, index: int, /) -> Sequence[Cell]:
        """One cell for each declared column."""

    def find(self, key: Hashable, /) -> int | None:
        """The number of the row with this key."""


class ListRows:
    """Rows from a list of keys and a function that makes the cells of one row when it is drawn."""

    def __init__(self, keys: Sequence[Hashable], cells: Callable[[int], Sequence[Cell]]) -> None:
        self._keys = keys
        self._cells = cells
        self._numbers: dict[Hashable, int] | None = None

    def __len__(self) -> int:
        return len(self._keys)

    def key(self, index: int, /) -> Hashable:
        return self._keys[index]

    def cells(self, index: int, /) -> Sequence[Cell]:
        return self._cells(index)

    def find(self, key: Hashable, /) -> int | None:
        if self._numbers is None or len(self._numbers) != len(self._keys):
            self._numbers = {key: number for number, key in enumerate(self._keys)}
        return self._numbers.get(key)


NO_ROWS = ListRows((), lambda _: ())
