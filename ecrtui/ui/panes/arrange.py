"""The order of a list's rows: sorted and filtered, in slices that never hold the loop for long.

All rows are sorted once, and those that come later put among them; a filter then goes through them in that order, and
a filter that narrows the last one goes through its hits. So a keystroke costs about one look at each row that can
still match.
"""

from __future__ import annotations

import time
from collections.abc import Generator, Hashable, Iterator, Sequence
from heapq import merge
from itertools import islice
from typing import Any

from ecrtui.domain.filtering import filter_slices, narrows, predicate
from ecrtui.domain.query import Query
from ecrtui.ui.present.source import SortValue, Source
from ecrtui.ui.widgets.resource_table import Sort

_SLICE = 4_000
"""Rows sorted or folded between two chances for other messages: some 2 ms."""
_INSERTED = 1_000
"""Rows that are put among sorted ones between two such chances."""

Arranging = Generator[None, None, list[int]]
"""Yields while it works; returns the numbers of the rows in their order."""


class Arrangement:
    """Works out the order of one list's rows, and remembers what serves again while the rows are the same."""

    def __init__(self) -> None:
        self._stamp: Hashable = None
        self._sort: Sort | None = None
        self._sorted: list[int] = []
        self._texts: list[str] = []
        self._hits: tuple[Query, list[int]] | None = None

    def order(self, source: Source, query: Query | None, sort: Sort | None) -> Arranging:
        """The order of the rows of `source` that match, by `sort`."""
        self._forget_others(source, sort)
        yield from self._sort_all(source, sort)
        if query is None:
            return source.arranged(_top_level(source, self._sorted))
        within = self._sorted
        if self._hits is not None and narrows(self._hits[0], query):
            within = self._hits[1]
        yield from self._fold(source)
        found: list[int] = []
        test = predicate(query, source.terms(), time.time())
        for hits in filter_slices(query, self._texts, within, test):
            found += hits
            yield
        self._hits = query, found
        return found

    def _forget_others(self, source: Source, sort: Sort | None) -> None:
        if source.stamp != self._stamp:
            self._stamp, self._texts = source.stamp, []
            self._sorted, self._hits = [], None
        if sort != self._sort:
            self._sort, self._sorted, self._hits = sort, [], None

    def _sort_all(self, source: Source, sort: Sort | None) -> Generator[None, None, None]:
        """Sort what is not sorted yet: all rows, or, of a list that has grown, those that came."""
        total = len(source)
        value = source.sort_value(sort.column) if sort else None
        if len(self._sorted) == total:
            return
        self._hits = None
        if value is None or sort is None:
            self._sorted = list(range(total))
            return
        if len(self._sorted) < total // 2:
            self._sorted = yield from _sorted_rows(total, value, sort)
        while (start := len(self._sorted)) < total:
            more = _run(range(start, min(start + _INSERTED, total)), value, sort)
            self._sorted = _inserted(self._sorted, more, value, sort.descending)
            yield

    def _fold(self, source: Source) -> Generator[None, None, None]:
        """The texts that words are looked for in; what was folded before a new keystroke is not folded again."""
        while (start := len(self._texts)) < len(source):
            self._texts += source.folded(start, min(start + _SLICE, len(source)))
            yield


def exhaust(arranging: Arranging) -> list[int]:
    """The order, worked out at once."""
    while True:
        try:
            next(arranging)
        except StopIteration as done:
            return list(done.value)


def _top_level(source: Source, rows: list[int]) -> list[int]:
    nested = source.nested()
    return [row for row in rows if row not in nested] if nested else rows


def _sorted_rows(total: int, value: SortValue, sort: Sort) -> Arranging:
    """The first `total` rows, a slice at a time; rows of equal value keep the order of the source."""
    runs: list[list[int]] = []
    for start in range(0, total, _SLICE):
        runs.append(_run(range(start, min(start + _SLICE, total)), value, sort))
        yield
    if len(runs) <= 1:
        return runs[0] if runs else []
    merged: list[int] = []
    for piece in _pieces(merge(*runs, key=value, reverse=sort.descending)):
        merged += piece
        yield
    return merged


def _inserted(rows: list[int], more: list[int], value: SortValue, descending: bool) -> list[int]:
    """Sorted rows with later ones, sorted too, in their places: behind those of equal value."""
    merged: list[int] = []
    start = 0
    for row in more:
        place = _place(rows, start, value, value(row), descending)
        merged += rows[start:place]
        merged.append(row)
        start = place
    return merged + rows[start:]


def _place(rows: list[int], low: int, value: SortValue, wanted: Any, descending: bool) -> int:
    """The position, from `low` on, of the first row that stands behind the value `wanted`."""
    high = len(rows)
    while low < high:
        middle = (low + high) // 2
        there = value(rows[middle])
        if there < wanted if descending else wanted < there:
            high = middle
        else:
            low = middle + 1
    return low


def _run(rows: range, value: SortValue, sort: Sort) -> list[int]:
    return sorted(rows, key=value, reverse=sort.descending)


def _pieces(rows: Iterator[int]) -> Iterator[Sequence[int]]:
    while piece := list(islice(rows, _SLICE)):
        yield piece
