"""What a list shows and how it is searched and sorted: one protocol, and the plain case of a list of values."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Any, Generic, Protocol, TypeVar

from ecrtui.domain.query import Field
from ecrtui.ui.widgets.rows import Cell, Rows

V = TypeVar("V")

SortValue = Callable[[int], Any]
"""The value of a row by which a column is sorted; all values of one column compare with each other."""


class Source(Rows, Protocol):
    """Rows that can be filtered and sorted by number, without a value being made for each."""

    def folded(self) -> Sequence[str]:
        """The case-folded text of every row that bare words are looked for in."""

    def terms(self) -> Mapping[str, Callable[[int], Any]]:
        """The value of a row for each field term of the filter (`tag`, `age`)."""

    def sort_value(self, column: str, /) -> SortValue | None:
        """How rows are sorted by `column`; None where the source's own order stands."""

    def top_level(self) -> Sequence[int]:
        """The rows shown while no filter is set (children of another row are not)."""

    def arranged(self, order: list[int], /) -> list[int]:
        """The sorted top-level rows with the children of expanded rows put under them."""


class ValueRows(Generic[V]):
    """A source over a list of values."""

    def __init__(
        self,
        values: Sequence[V],
        *,
        key: Callable[[V], Hashable],
        cells: Callable[[V], Sequence[Cell]],
        words: Callable[[V], str],
        sorts: Mapping[str, Callable[[V], Any]],
        terms: Mapping[str, Callable[[V], Any]] | None = None,
    ) -> None:
        self.values = values
        self._key = key
        self._cells = cells
        self._words = words
        self._sorts = sorts
        self._terms = terms or {}
        self._folded: list[str] | None = None
        self._numbers: dict[Hashable, int] | None = None

    def __len__(self) -> int:
        return len(self.values)

    def key(self, index: int, /) -> Hashable:
        return self._key(self.values[index])

    def cells(self, index: int, /) -> Sequence[Cell]:
        return self._cells(self.values[index])

    def find(self, key: Hashable, /) -> int | None:
        if self._numbers is None:
            self._numbers = {self._key(value): number for number, value in enumerate(self.values)}
        return self._numbers.get(key)

    def folded(self) -> Sequence[str]:
        if self._folded is None:
            self._folded = [self._words(value).casefold() for value in self.values]
        return self._folded

    def terms(self) -> Mapping[str, Callable[[int], Any]]:
        return {name: self._by_number(get) for name, get in self._terms.items()}

    def sort_value(self, column: str, /) -> SortValue | None:
        get = self._sorts.get(column)
        return None if get is None else self._by_number(get)

    def top_level(self) -> Sequence[int]:
        return range(len(self.values))

    def arranged(self, order: list[int], /) -> list[int]:
        return order

    def _by_number(self, get: Callable[[V], Any]) -> Callable[[int], Any]:
        values = self.values
        return lambda index: get(values[index])


Terms = Mapping[str, Field]
