"""A list in a pane: a heading over a table, with filter, sort, marks and the state of the load.

Every list of the app is one of these. The order of the rows is worked out in slices, so that a million rows
never hold the keys up.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Hashable, Mapping, Sequence
from typing import TYPE_CHECKING, cast

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.message import Message

from ecrtui.domain.query import Field, Query, QueryProblem, parse
from ecrtui.domain.text import Shown, shown
from ecrtui.domain.units import count
from ecrtui.ui.panes.arrange import Arrangement, Arranging, exhaust
from ecrtui.ui.present.source import Source
from ecrtui.ui.present.status import Status
from ecrtui.ui.searchable import ask_for_filter
from ecrtui.ui.widgets.columns import Column
from ecrtui.ui.widgets.heading import Heading
from ecrtui.ui.widgets.resource_table import ResourceTable, Sort
from ecrtui.ui.widgets.rows import Cell

if TYPE_CHECKING:
    from ecrtui.ui.app import EcrtuiApp

_AT_ONCE = 5_000
"""Rows that are ordered within one message; more are ordered in slices."""


class ListPane(Vertical):
    """One list. Subclasses fix title, columns and fields, and give the source from the state."""

    DEFAULT_CSS = "ListPane { height: 1fr; width: 1fr; }"

    class Arranged(Message):
        """The rows are in their new order on the screen."""

        def __init__(self, pane: ListPane) -> None:
            super().__init__()
            self.pane = pane

    def __init__(
        self,
        title: Shown,
        columns: Sequence[Column],
        *,
        sort: Sort | None = None,
        fields: Mapping[str, Field] | None = None,
        id: str | None = None,  # noqa: A002
    ) -> None:
        super().__init__(id=id)
        self.title = title
        self.fields = fields or {}
        self.filter_text = ""
        self.problem: QueryProblem | None = None
        self._query: Query | None = None
        self._sort = sort
        self._columns = tuple(columns)
        self._source: Source | None = None
        self._status = Status()
        self._note = Shown("")
        self._arranging: asyncio.Task[None] | None = None
        self._waiting: frozenset[Hashable] | None = None
        """The new rows of a list that has grown while it was arranged: it is arranged again when that is done."""
        self._arrangement = Arrangement()
        self.heading = Heading(title)
        self.table = ResourceTable(columns, sort=sort)

    def compose(self) -> ComposeResult:
        yield self.heading
        yield self.table

    # What is shown

    @property
    def source(self) -> Source | None:
        """The rows as they were shown last."""
        return self._source

    @property
    def key(self) -> Hashable | None:
        """The key of the row under the cursor."""
        return self.table.key

    def show_list(
        self, source: Source, status: Status, *, note: Shown = Shown(""), new: Collection[Hashable] = ()
    ) -> None:
        """Show these rows; `note` stands in the heading behind the count, `new` rows are pointed out."""
        same = self._source is not None and self._source.stamp == source.stamp
        self._source, self._status, self._note = source, status, note
        self.table.show_placeholder(*self._placeholder())
        if same and self._arranging is not None:
            self._waiting = frozenset(new)
        else:
            self._arrange(frozenset(new))
        self._show_heading()

    def show_columns(self, columns: Sequence[Column]) -> None:
        """Have other columns from now on."""
        if tuple(columns) != self._columns:
            self._columns = tuple(columns)
            self.table.show_columns(columns)

    def set_title(self, title: Shown) -> None:
        """Name the list anew."""
        self.title = title
        self._show_heading()

    # Filter and sort

    def set_filter(self, text: str) -> None:
        """Show the rows that match; text that cannot be read keeps the last good filter and says why."""
        self.filter_text = text
        parsed = parse(text, tuple(self.fields.values())) if text.strip() else None
        if isinstance(parsed, QueryProblem):
            self.problem = parsed
        else:
            self.problem, self._query = None, parsed
            self.table.show_placeholder(*self._placeholder())
            self._arrange()
        self._show_heading()

    def command_filter(self) -> None:
        """Open the filter line for this list."""
        ask_for_filter(self, self.screen)

    def command_sort(self) -> None:
        """Sort by the next shown column."""
        shown_keys = [key for key in self.table.shown_columns if self._sortable(key)]
        if not shown_keys:
            return
        now = self._sort.column if self._sort else ""
        at = (shown_keys.index(now) + 1) % len(shown_keys) if now in shown_keys else 0
        self._sort_by(Sort(shown_keys[at], _falls(self._columns, shown_keys[at])))

    def command_reverse(self) -> None:
        """Turn the order."""
        if self._sort is not None:
            self._sort_by(Sort(self._sort.column, not self._sort.descending))

    def on_resource_table_sort_requested(self, event: ResourceTable.SortRequested) -> None:
        """A heading was clicked: sort by it; again turns the order."""
        event.stop()
        if self._sort is not None and self._sort.column == event.column:
            self.command_reverse()
        else:
            self._sort_by(Sort(event.column, _falls(self._columns, event.column)))

    def _sort_by(self, sort: Sort) -> None:
        self._sort = sort
        self.table.show_sort(sort)
        self._arrange()

    def _sortable(self, key: str) -> bool:
        return any(column.key == key and column.sortable for column in self._columns)

    def take_focus(self) -> None:
        """Have the keys go to the table."""
        self.table.focus()

    # Arranging

    @property
    def is_arranging(self) -> bool:
        """Whether the rows are still to be put in the order of the present filter and sort."""
        return self._arranging is not None

    async def arranged(self) -> None:
        """Wait for the order that is being worked out, or for the one that has taken its place."""
        while (task := self._arranging) is not None:
            await asyncio.wait([task])
            if not task.cancelled():
                return

    def _arrange(self, new: frozenset[Hashable] | None = None) -> None:
        source, query = self._source, self._query
        if source is None:
            return
        if self._arranging is not None:
            self._arranging.cancel()
            self._arranging = None
        self._waiting = None
        arranging = self._arrangement.order(source, query, self._sort)
        if len(source) <= _AT_ONCE:
            self._arranged(source, exhaust(arranging), new)
        else:
            self._arranging = asyncio.create_task(self._arrange_in_slices(source, arranging, new))
            self._arranging.add_done_callback(self._told_of)

    async def _arrange_in_slices(self, source: Source, arranging: Arranging, new: frozenset[Hashable] | None) -> None:
        while True:
            try:
                next(arranging)
            except StopIteration as done:
                order = done.value
                break
            await asyncio.sleep(0)
        self._arranging = None
        self._arranged(source, order, new)
        if self._waiting is not None:
            self._arrange(self._waiting)

    def _told_of(self, task: asyncio.Task[None]) -> None:
        if not task.cancelled() and isinstance(error := task.exception(), Exception):
            self.ecrtui.failed("arranging", error)

    def _arranged(self, source: Source, order: list[int], new: frozenset[Hashable] | None) -> None:
        self.table.update(source, order, new=new)
        self._show_heading()
        self.post_message(self.Arranged(self))

    # Words around the rows

    def _placeholder(self) -> tuple[Cell, ...]:
        if self._query is not None and self._source is not None and len(self._source):
            return (Cell(shown(f"nothing matches “{self.filter_text.strip()}”: Esc clears the filter"), "muted"),)
        return self._status.empty

    def _show_heading(self) -> None:
        total = 0 if self._source is None else len(self._source)
        self.heading.show(
            title=self.title,
            count=self._count(total),
            note=self._note,
            state=self._status.word,
            role=self._status.role,
            fraction=self._status.fraction,
        )

    def _count(self, total: int) -> Shown:
        if not total and not self._query:
            return Shown("")
        if self._query is not None:
            return shown(f"{count(self.table.row_count)} of {count(total)}")
        return shown(count(total))

    @property
    def ecrtui(self) -> EcrtuiApp:
        """The app, with its type."""
        return cast("EcrtuiApp", self.app)


def _falls(columns: Sequence[Column], key: str) -> bool:
    """Whether a column is sorted with its greatest value first: numbers and times are, names are not."""
    return any(column.key == key and column.align == "right" for column in columns)
