"""The order of a list's rows: sorted and filtered, in slices that never hold the loop for long.

All rows are sorted once; a filter then goes through them in that order, and a filter that narrows the last one goes
through its hits. So a keystroke costs about one look at each row that can still match.
"""

from __future__ import annotations

import time
from collections.abc import Generator, Hashable, Iterator, Sequence
from heapq import merge
from itertools import islice

from ecrtui.domain.filtering import filter_slices, narrows, predicate
from ecrtui.domain.query import Query
from ecrtui.ui.present.source import SortValue, Source
from ecrtui.ui.widgets.resource_table import Sort

_SLICE = 10_000
"""Rows sorted or folded between two chances for other messages: some 5 ms."""

Arranging = Generator[None, None, list[int]]
"""Yields while it works; returns the numbers of the rows in their order."""


class Arrangement:
    """Works out the order of one list's rows, and remembers what serves again while the rows are the same."""

    def __init__(self) -> None:
        self._stamp: Hashable = None
        self._sort: Sort | None = None
        self._sorted: list[int] | None = None
        self._texts: list[str] = []
        self._hits: tuple[Query, list[int]] | None = None

    def order(self, source: Source, query: Query | None, sort: Sort | None) -> Arranging:
        """The order of the rows of `source` that match, by `sort`."""
        self._forget_others(source, sort)
        if self._sorted is None:
            self._sorted = yield from _sorted_rows(source, sort)
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
            self._sorted = self._hits = None
        if sort != self._sort:
            self._sort, self._sorted, self._hits = sort, None, None

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


def _sorted_rows(source: Source, sort: Sort | None) -> Arranging:
    """All rows, a slice at a time; rows of equal value keep the order of the source."""
    value = source.sort_value(sort.column) if sort else None
    if value is None or sort is None:
        return list(range(len(source)))
    runs: list[list[int]] = []
    for start in range(0, len(source), _SLICE):
        runs.append(_run(range(start, min(start + _SLICE, len(source))), value, sort))
        yield
    if len(runs) <= 1:
        return runs[0] if runs else []
    merged: list[int] = []
    for piece in _pieces(merge(*runs, key=value, reverse=sort.descending)):
        merged += piece
        yield
    return merged


def _run(rows: range, value: SortValue, sort: Sort) -> list[int]:
    return sorted(rows, key=value, reverse=sort.descending)


def _pieces(rows: Iterator[int]) -> Iterator[Sequence[int]]:
    while piece := list(islice(rows, _SLICE)):
        yield piece
