"""The order of a list's rows: filtered, sorted, in slices that never hold the loop for long."""

from __future__ import annotations

import time
from collections.abc import Generator, Iterator, Sequence
from heapq import merge
from itertools import islice

from ecrtui.domain.filtering import filter_slices, predicate
from ecrtui.domain.query import Query
from ecrtui.ui.present.source import SortValue, Source
from ecrtui.ui.widgets.resource_table import Sort

_SLICE = 10_000
"""Rows sorted between two chances for other messages: some 5 ms."""

Arranging = Generator[None, None, list[int]]
"""Yields while it works; returns the rows in their order."""


def arrange(source: Source, query: Query | None, sort: Sort | None, within: Sequence[int] | None) -> Arranging:
    """Work out the order of `source`; with `within`, only those rows can match the query."""
    if query is None:
        rows: Sequence[int] = source.top_level()
    else:
        rows = yield from _matching(source, query, within)
    value = source.sort_value(sort.column) if sort else None
    if value is not None and sort is not None:
        rows = yield from _sorted(rows, value, sort.descending)
    return source.arranged(list(rows)) if query is None else list(rows)


def _matching(source: Source, query: Query, within: Sequence[int] | None) -> Arranging:
    found: list[int] = []
    test = predicate(query, source.terms(), time.time())
    for hits in filter_slices(query, source.folded(), within, test):
        found += hits
        yield
    return found


def _sorted(rows: Sequence[int], value: SortValue, descending: bool) -> Arranging:
    """The rows sorted, a slice at a time; rows of equal value keep their order."""
    runs: list[list[int]] = []
    for start in range(0, len(rows), _SLICE):
        runs.append(sorted(rows[start : start + _SLICE], key=value, reverse=descending))
        yield
    if len(runs) <= 1:
        return runs[0] if runs else []
    merged: list[int] = []
    for piece in _pieces(merge(*runs, key=value, reverse=descending)):
        merged += piece
        yield
    return merged


def _pieces(rows: Iterator[int]) -> Iterator[list[int]]:
    while piece := list(islice(rows, _SLICE)):
        yield piece
