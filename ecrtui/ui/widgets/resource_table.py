"""The table that every list uses: it draws lines, so a million rows cost what the visible ones cost.

Nothing is measured, copied or kept for rows out of sight. Lines that differ are painted from the left edge up to
their last changed column; a cursor step therefore sends two gutters and two names.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Sequence
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Region
from textual.message import Message
from textual.strip import Strip

from ecrtui.domain.text import wrap
from ecrtui.ui.widgets.columns import GAP, Column, Place, lay_out
from ecrtui.ui.widgets.marks import Marks
from ecrtui.ui.widgets.painted_lines import PaintedLines
from ecrtui.ui.widgets.rows import BLANK, Cell, Rows
from ecrtui.ui.widgets.table_line import (
    GUTTER,
    THUMB,
    CursorLook,
    Line,
    Mark,
    Sort,
    changed_width,
    paint_heading,
    paint_row,
)
from ecrtui.ui.widgets.table_window import Window

__all__ = ["ResourceTable", "Sort"]


_WHEEL_LINES = 3


class ResourceTable(PaintedLines[Line], can_focus=True):
    """A list with a cursor, marks and sortable headings over `Rows` in a given order."""

    DEFAULT_CSS = "ResourceTable { height: 1fr; width: 1fr; }"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down,j", "cursor_down", "Down", show=False, id="table.down"),
        Binding("up,k", "cursor_up", "Up", show=False, id="table.up"),
        Binding("g,home", "first", "First", show=False, id="table.first"),
        Binding("G,end", "last", "Last", show=False, id="table.last"),
        Binding("ctrl+d", "half_page_down", "Half a page down", show=False, id="table.half-page-down"),
        Binding("ctrl+u", "half_page_up", "Half a page up", show=False, id="table.half-page-up"),
        Binding("pagedown", "page_down", "Page down", show=False, id="table.page-down"),
        Binding("pageup", "page_up", "Page up", show=False, id="table.page-up"),
        Binding("enter", "select", "Open", show=False, id="table.select"),
        Binding("space", "toggle_mark", "Mark", show=False, id="mark"),
        Binding("asterisk", "toggle_all", "Mark all shown", show=False, id="mark-all"),
    ]

    class TableMessage(Message):
        """Something that happened in a table."""

        def __init__(self, table: ResourceTable) -> None:
            super().__init__()
            self.table = table

        @property
        def control(self) -> ResourceTable:
            return self.table

    class Highlighted(TableMessage):
        """The cursor is on another row, or (key None, index -1) on none."""

        def __init__(self, table: ResourceTable, key: Hashable | None, index: int) -> None:
            super().__init__(table)
            self.key = key
            self.index = index

    class Selected(TableMessage):
        """A row was opened: Enter or a double click."""

        def __init__(self, table: ResourceTable, key: Hashable, index: int) -> None:
            super().__init__(table)
            self.key = key
            self.index = index

    class MarksChanged(TableMessage):
        """Rows were marked or unmarked."""

        def __init__(self, table: ResourceTable, marks: frozenset[Hashable]) -> None:
            super().__init__(table)
            self.marks = marks

    class SortRequested(TableMessage):
        """A heading was clicked."""

        def __init__(self, table: ResourceTable, column: str) -> None:
            super().__init__(table)
            self.column = column

    def __init__(
        self,
        columns: Sequence[Column],
        *,
        sort: Sort | None = None,
        header: bool = True,
        name: str | None = None,
        id: str | None = None,  # noqa: A002
        classes: str | None = None,
    ) -> None:
        super().__init__(name=name, id=id, classes=classes)
        self._columns = tuple(columns)
        self._sort = sort
        self._window = Window()
        self._told: Hashable | None = None
        """The key that was highlighted last."""
        self.first = int(header)
        self._new: Collection[Hashable] = frozenset()
        self._marks = Marks()
        self._placeholder: tuple[Cell, ...] = ()
        self._places: tuple[Place, ...] = ()
        self.painted = []

    # What is shown

    @property
    def row_count(self) -> int:
        """How many rows are shown (after the filter that made the order)."""
        return len(self._window.order)

    @property
    def cursor(self) -> int:
        """The position of the cursor among the rows shown."""
        return self._window.cursor

    @property
    def top(self) -> int:
        """The position of the first row on the screen."""
        return self._window.top

    @property
    def index(self) -> int | None:
        """The number in `Rows` of the row under the cursor."""
        return self._window.index

    @property
    def key(self) -> Hashable | None:
        """The key of the row under the cursor."""
        return self._window.key

    @property
    def marks(self) -> frozenset[Hashable]:
        """The keys of the marked rows, also of those that the filter hides."""
        return frozenset(self._marks.keys)

    @property
    def targets(self) -> list[Hashable]:
        """What an action applies to: the marked rows in the order of `Rows`, else that of the cursor."""
        if not self._marks.keys:
            return [] if self.key is None else [self.key]
        return self._marks.in_order(self._window.rows)

    @property
    def keys_in_sight(self) -> list[Hashable]:
        """The keys of the rows on the screen."""
        return [self._window.rows.key(index) for index in self._window.in_sight]

    @property
    def shown_columns(self) -> tuple[str, ...]:
        """The keys of the columns that the present width leaves."""
        return tuple(self._columns[place.column].key for place in self._places)

    # Changes of the data

    def update(
        self, rows: Rows, order: Sequence[int] | None = None, *, new: Collection[Hashable] | None = None
    ) -> None:
        """Show `rows` in `order` (numbers of rows; None: all, as they are).

        The cursor stays on its key, and its row on its screen line; when the row is gone, the cursor stays at
        its position. Marks of rows that exist no more are dropped. `new` are the keys of rows to point out.
        """
        changed = rows is not self._window.rows
        self._window.show(rows, range(len(rows)) if order is None else order)
        if new is not None:
            self._new = new
        if changed and self._marks.drop_gone(rows):
            self.post_message(self.MarksChanged(self, self.marks))
        self._moved()

    def refresh_rows(self) -> None:
        """Describe the visible rows anew (ages pass) and paint what differs."""
        self.repaint()

    def show_sort(self, sort: Sort | None) -> None:
        """Point out the column by which the rows are ordered now."""
        if sort != self._sort:
            self._sort = sort
            self.refresh(Region(0, 0, self.size.width, self.first))

    def show_placeholder(self, *lines: Cell) -> None:
        """What stands here while there are no rows: why, and the key that helps."""
        if lines != self._placeholder:
            self._placeholder = lines
            self.repaint()

    def show_columns(self, columns: Sequence[Column]) -> None:
        """Have other columns; the rows must have the cells for them."""
        self._columns = tuple(columns)
        self._lay_out()

    def set_marks(self, keys: Collection[Hashable]) -> None:
        """Mark these rows and no others; tells only when that is another set."""
        if self._marks.put(keys):
            self._marks_changed()

    def clear_marks(self) -> None:
        """Unmark every row."""
        self.set_marks(())

    # Movement

    def move_to(self, position: int) -> None:
        """Put the cursor on the row at `position`, or the nearest there is."""
        self._window.move_to(position)
        self._moved()

    def move_to_key(self, key: Hashable) -> bool:
        """Put the cursor on the row with this key; False when it is not shown."""
        position = self._window.find(key)
        if position is not None:
            self.move_to(position)
        return position is not None

    def action_cursor_down(self) -> None:
        self.move_to(self.cursor + 1)

    def action_cursor_up(self) -> None:
        self.move_to(self.cursor - 1)

    def action_first(self) -> None:
        self.move_to(0)

    def action_last(self) -> None:
        self.move_to(self.row_count - 1)

    def action_half_page_down(self) -> None:
        self._page(self._window.height // 2)

    def action_half_page_up(self) -> None:
        self._page(-(self._window.height // 2))

    def action_page_down(self) -> None:
        self._page(self._window.height)

    def action_page_up(self) -> None:
        self._page(-self._window.height)

    def action_select(self) -> None:
        if self.key is not None and self.index is not None:
            self.post_message(self.Selected(self, self.key, self.index))

    def action_toggle_mark(self) -> None:
        """Mark the row under the cursor, or unmark it, and go on to the next."""
        if self.key is not None:
            self._marks.toggle(self.key)
            self.move_to(self.cursor + 1)
            self._marks_changed()

    def action_toggle_all(self) -> None:
        """Mark all rows shown; when they all are, unmark them."""
        self._marks.toggle_all([self._window.rows.key(index) for index in self._window.order])
        self._marks_changed()

    # Mouse

    def on_click(self, event: events.Click) -> None:
        position = event.get_content_offset(self)
        if position is None:
            return
        if position.y < self.first:
            self._click_heading(position.x)
            return
        row = self.top + position.y - self.first
        if row >= self.row_count:
            return
        self.move_to(row)
        if position.x < GUTTER:
            self._marks.toggle(self.key)
            self._marks_changed()
        elif event.chain == 2:
            self.action_select()

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        event.stop()
        self._scroll(_WHEEL_LINES)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        event.stop()
        self._scroll(-_WHEEL_LINES)

    def _click_heading(self, x: int) -> None:
        for place in self._places:
            column = self._columns[place.column]
            if place.start <= x < place.start + place.width + GAP and column.sortable:
                self.post_message(self.SortRequested(self, column.key))

    # What follows from changes

    def _page(self, lines: int) -> None:
        self._window.page(lines)
        self._moved()

    def _scroll(self, lines: int) -> None:
        self._window.scroll(lines)
        self._moved()

    def _moved(self) -> None:
        """Tell what is highlighted now, and paint what differs."""
        if self.key != self._told:
            self._told = self.key
            self.post_message(self.Highlighted(self, self.key, -1 if self.index is None else self.index))
        self.repaint()

    def _marks_changed(self) -> None:
        self.post_message(self.MarksChanged(self, self.marks))
        self.repaint()

    # Painting

    def on_resize(self) -> None:
        self._lay_out()

    def watch_has_focus(self, _has_focus: bool) -> None:
        super().watch_has_focus(_has_focus)
        self.repaint()

    def _lay_out(self) -> None:
        self._places = lay_out(self._columns, GUTTER, self.size.width - GAP - THUMB)
        self.painted = []
        self._window.fit(max(1, self.size.height - self.first))
        self._moved()
        self.refresh()

    def describe(self) -> list[Line]:
        window = self._window
        if window.order:
            return [self._line(number) for number in range(window.height)]
        room = self.size.width - GUTTER - GAP
        notes = [Cell(text, cell.role) for cell in self._placeholder for text in wrap(cell.text, room)]
        notes += [BLANK] * (window.height - len(notes))
        return [Line(note=note) for note in notes[: window.height]]

    def _line(self, number: int) -> Line:
        window, position = self._window, self.top + number
        if position >= self.row_count:
            return Line()
        index = window.order[position]
        key, cells = window.rows.key(index), window.rows.cells(index)
        look: CursorLook = ""
        if position == window.cursor:
            look = "focused" if self.has_focus else "blurred"
        mark: Mark = "marked" if key in self._marks.keys else "new" if key in self._new else ""
        chosen = tuple(cells[place.column] if place.column < len(cells) else BLANK for place in self._places)
        return Line(look, mark, chosen, window.has_thumb(number))

    def changed_width(self, old: Line, new: Line) -> int:
        return changed_width(self._columns, self._places, old, new, self.size.width)

    def render_line(self, y: int) -> Strip:
        if y < self.first:
            return self.strip_of(paint_heading(self._columns, self._places, self._sort))
        line = y - self.first
        if line >= len(self.painted):
            return self.strip_of([])
        return self.strip_of(paint_row(self._columns, self._places, self.painted[line], self.size.width))
