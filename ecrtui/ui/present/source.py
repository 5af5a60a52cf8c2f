"""What a list shows and how it is searched and sorted: one protocol, and the plain case of a list of values."""

from __future__ import annotations

from collections.abc import Callable, Container, Hashable, Mapping, Sequence
from typing import Any, Generic, Protocol, TypeVar

from ecrtui.ui.widgets.rows import Cell, Rows

V = TypeVar("V")

SortValue = Callable[[int], Any]
"""The value of a row by which a column is sorted; all values of one column compare with each other."""


class Same:
    """Equal to another of the very same object only; holds it, so that no other can take its place in memory."""

    __slots__ = ("_value",)

    def __init__(self, value: object) -> None:
        self._value = value

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Same) and self._value is other._value

    def __hash__(self) -> int:
        return id(self._value)


class Source(Rows, Protocol):
    """Rows that can be filtered and sorted by number, without a value being made for each."""

    @property
    def stamp(self) -> Hashable:
        """Equal stamps: the same rows in the same order, with equal texts and sort values; more may come behind."""

    def folded(self, start: int, stop: int, /) -> list[str]:
        """The case-folded texts of the rows from `start` to `stop` that bare words are looked for in."""

    def terms(self) -> Mapping[str, Callable[[int], Any]]:
        """The value of a row for each field term of the filter (`tag`, `age`)."""

    def sort_value(self, column: str, /) -> SortValue | None:
        """How rows are sorted by `column`; None where the source's own order stands."""

    def nested(self) -> Container[int]:
        """The rows that stand under another one while no filter is set; falsy when there are none."""

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

    @property
    def stamp(self) -> Hashable:
        return object()

    def folded(self, start: int, stop: int, /) -> list[str]:
        return [self._words(value).casefold() for value in self.values[start:stop]]

    def terms(self) -> Mapping[str, Callable[[int], Any]]:
        return {name: self._by_number(get) for name, get in self._terms.items()}

    def sort_value(self, column: str, /) -> SortValue | None:
        get = self._sorts.get(column)
        return None if get is None else self._by_number(get)

    def nested(self) -> Container[int]:
        return ()

    def arranged(self, order: list[int], /) -> list[int]:
        return order

    def _by_number(self, get: Callable[[V], Any]) -> Callable[[int], Any]:
        values = self.values
        return lambda index: get(values[index])
