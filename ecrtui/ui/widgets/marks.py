"""The marked rows of a list, by their keys: also those that a filter hides."""

from __future__ import annotations

from collections.abc import Collection, Hashable

from ecrtui.ui.widgets.rows import Rows


class Marks:
    """Each change answers whether these are others now."""

    def __init__(self) -> None:
        self.keys: set[Hashable] = set()

    def put(self, keys: Collection[Hashable]) -> bool:
        """Mark these rows and no others."""
        same = self.keys == set(keys)
        self.keys = set(keys)
        return not same

    def toggle(self, key: Hashable) -> None:
        """Mark a row, or unmark it."""
        self.keys ^= {key}

    def toggle_all(self, shown: Collection[Hashable]) -> None:
        """Mark all of these rows; when they all are, unmark them."""
        keys = set(shown)
        self.keys = self.keys - keys if keys <= self.keys else self.keys | keys

    def drop_gone(self, rows: Rows) -> bool:
        """Unmark what exists no more."""
        gone = {key for key in self.keys if rows.find(key) is None}
        self.keys -= gone
        return bool(gone)

    def in_order(self, rows: Rows) -> list[Hashable]:
        """The keys of the marked rows in the order of `rows`."""
        numbers = {key: rows.find(key) for key in self.keys}
        return sorted(self.keys, key=lambda key: -1 if (number := numbers[key]) is None else number)
