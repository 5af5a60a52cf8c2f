"""Which lines of a log are seen: lines may be wrapped into several, and the oldest go. No terminal, no messages."""

from __future__ import annotations

from typing import NamedTuple

from ecrtui.domain.text.loglines import LogSpan, log_line, wrap_spans
from ecrtui.ui.widgets.log_buffer import LogBuffer


class Position(NamedTuple):
    """A screen line: the number of its log line, and which of the lines that this is wrapped into."""

    line: int
    part: int = 0


class LogWindow:
    """As many screen lines as `height`, of `width` cells, over the lines of a buffer."""

    def __init__(self, buffer: LogBuffer, *, wrap: bool) -> None:
        self.buffer = buffer
        self.wrap = wrap
        self.width = 2
        self.height = 1
        self.top = Position(0)

    @property
    def first(self) -> Position:
        """The first line that is still held."""
        return Position(self.buffer.dropped)

    @property
    def last_top(self) -> Position:
        """The top of the window when the last line is at its bottom."""
        if not self.buffer.lines:
            return self.first
        last = self.buffer.end - 1
        return self.moved(Position(last, self._parts(last) - 1), 1 - self.height)

    def moved(self, position: Position, lines: int) -> Position:
        """The position some screen lines further down, or up (negative); not beyond the lines held."""
        number, part = max(position, self.first)
        part += lines
        while part < 0 and number > self.buffer.dropped:
            number -= 1
            part += self._parts(number)
        while number < self.buffer.end - 1 and part >= self._parts(number):
            part -= self._parts(number)
            number += 1
        return Position(number, max(0, part))

    def seen(self, height: int | None = None) -> list[Position]:
        """The positions on the screen from the top down; of fewer lines when some other thing stands there."""
        room = self.height if height is None else height
        number, part = max(self.top, self.first)
        positions: list[Position] = []
        while len(positions) < room and number < self.buffer.end:
            positions += [Position(number, later) for later in range(part, self._parts(number))]
            number, part = number + 1, 0
        return positions[:room]

    def is_seen(self, number: int) -> bool:
        """Whether some of a log line is on the screen."""
        positions = self.seen()
        return bool(positions) and positions[0].line <= number <= positions[-1].line

    def spans(self, position: Position) -> tuple[LogSpan, ...]:
        """What stands on a screen line."""
        parts = self._wrapped(position.line)
        return parts[min(position.part, len(parts) - 1)]

    def _wrapped(self, number: int) -> list[tuple[LogSpan, ...]]:
        """One log line as the screen lines that it takes."""
        spans = log_line(self.buffer[number])
        return wrap_spans(spans, max(2, self.width)) if self.wrap else [spans]

    def _parts(self, number: int) -> int:
        return len(self._wrapped(number)) if self.wrap else 1
