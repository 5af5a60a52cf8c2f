"""Which rows of a list are seen, and which of them the cursor is on. Values only: no terminal, no messages."""

from __future__ import annotations

from collections.abc import Hashable, Sequence

from ecrtui.ui.widgets.rows import NO_ROWS, Rows


class Window:
    """As many lines as `height`, over rows in an order; the cursor is always within them."""

    def __init__(self) -> None:
        self.rows: Rows = NO_ROWS
        self.order: Sequence[int] = range(0)
        """The numbers of the rows that are shown, one behind the other."""
        self.height = 1
        self.cursor = 0
        """The position of the cursor among the rows shown."""
        self.top = 0
        """The position of the first row on the screen."""
        self.key: Hashable | None = None
        """The key of the row under the cursor."""

    @property
    def index(self) -> int | None:
        """The number in `rows` of the row under the cursor."""
        return self.order[self.cursor] if self.order else None

    @property
    def in_sight(self) -> Sequence[int]:
        """The numbers of the rows on the screen."""
        return self.order[self.top : self.top + self.height]

    def show(self, rows: Rows, order: Sequence[int]) -> None:
        """Have other rows: the cursor stays on its key, and that row on its line; else it stays at its position."""
        position = self._position_of(self.key, rows, order)
        self.rows, self.order = rows, order
        if position is not None:
            self.top += position - self.cursor
            self.cursor = position
        self._settle()

    def fit(self, height: int) -> None:
        """Have room for other many lines."""
        self.height = height
        self._settle()

    def move_to(self, position: int) -> None:
        """Put the cursor on the row at `position`, or the nearest there is."""
        self.cursor = position
        self._settle()

    def find(self, key: Hashable) -> int | None:
        """The position of the row with this key; None when it is not shown."""
        return self._position_of(key, self.rows, self.order)

    def page(self, lines: int) -> None:
        """Move cursor and window together."""
        self.top += lines
        self.move_to(self.cursor + lines)

    def scroll(self, lines: int) -> None:
        """Move the window; the cursor goes along only where it would be out of sight."""
        self.top = max(0, min(self.top + lines, len(self.order) - self.height))
        self.move_to(max(self.top, min(self.cursor, self.top + self.height - 1)))

    def has_thumb(self, line: int) -> bool:
        """Whether the sign of where the window stands is on this line of it."""
        count = len(self.order)
        if count <= self.height:
            return False
        size = max(1, self.height * self.height // count)
        start = (self.height - size) * self.top // (count - self.height)
        return start <= line < start + size

    def _settle(self) -> None:
        """Bring cursor and window within the rows."""
        count = len(self.order)
        self.cursor = max(0, min(self.cursor, count - 1))
        self.top = max(self.cursor - self.height + 1, min(self.top, self.cursor, max(0, count - self.height)))
        self.top = max(0, self.top)
        self.key = self.rows.key(self.order[self.cursor]) if count else None

    def _position_of(self, key: Hashable | None, rows: Rows, order: Sequence[int]) -> int | None:
        """Where the row with this key stands in `order`."""
        index = None if key is None else rows.find(key)
        if index is None:
            return None
        if self.cursor < len(order) and order[self.cursor] == index:
            return self.cursor
        try:
            return order.index(index)
        except ValueError:
            return None
