"""The tail of a log: it draws lines, follows, pauses, searches, wraps, and repaints a few times a second.

Lines are kept raw and understood only when they are on the screen, so that a thousand lines a second cost
little more than the frames that are seen of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from time import monotonic
from typing import ClassVar, NamedTuple

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.strip import Strip

from ecrtui.domain.text import Shown, fit, shown
from ecrtui.domain.text.loglines import LogSpan
from ecrtui.ui.theme import Role, role_styles
from ecrtui.ui.widgets.log_buffer import CAPACITY, LogBuffer
from ecrtui.ui.widgets.log_paint import highlight, span_style
from ecrtui.ui.widgets.log_window import LogWindow, Position
from ecrtui.ui.widgets.painted_lines import PaintedLines

FRAME = 1 / 12
"""Seconds between two repaints while lines stream in."""
_WHEEL_LINES = 3


class _Row(NamedTuple):
    """Everything that decides how one screen line looks."""

    spans: tuple[LogSpan, ...] = ()
    role: Role = "plain"
    found: bool = False


class LogView(PaintedLines[_Row], can_focus=True):
    """A log that grows. Scrolling up pauses it; G follows again. The last line says how things stand."""

    DEFAULT_CSS = "LogView { height: 1fr; width: 1fr; }"

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down,j", "scroll_by(1)", "Down", show=False, id="log.down"),
        Binding("up,k", "scroll_by(-1)", "Up", show=False, id="log.up"),
        Binding("g,home", "first", "First line", show=False, id="log.first"),
        Binding("G,end", "follow", "Follow", show=False, id="log.follow"),
        Binding("ctrl+d", "scroll_pages(0.5)", "Half a page down", show=False, id="log.half-page-down"),
        Binding("ctrl+u", "scroll_pages(-0.5)", "Half a page up", show=False, id="log.half-page-up"),
        Binding("pagedown", "scroll_pages(1)", "Page down", show=False, id="log.page-down"),
        Binding("pageup", "scroll_pages(-1)", "Page up", show=False, id="log.page-up"),
        Binding("space", "toggle_follow", "Pause", show=False, id="log.pause"),
        Binding("n", "next_match", "Next match", show=False, id="log.next-match"),
        Binding("N", "previous_match", "Previous match", show=False, id="log.previous-match"),
        Binding("z", "toggle_wrap", "Wrap", show=False, id="log.wrap"),
    ]

    class FollowChanged(Message):
        """The view follows the end now, or has been paused."""

        def __init__(self, log: LogView, following: bool) -> None:
            super().__init__()
            self.log_view = log
            self.following = following

        @property
        def control(self) -> LogView:
            return self.log_view

    def __init__(
        self,
        *,
        capacity: int = CAPACITY,
        wrap: bool = False,
        status: bool = True,
        id: str | None = None,  # noqa: A002
        classes: str | None = None,
    ) -> None:
        super().__init__(id=id, classes=classes)
        self._capacity = capacity
        self._window = LogWindow(LogBuffer(capacity), wrap=wrap)
        self._status = int(status)
        self._following = True
        self._ended = False
        self._seen = 0
        self._needle: re.Pattern[str] | None = None
        self._found: int | None = None
        self._search_note = ""
        self.painted = []
        self._painted_at = 0.0
        self._pending = False

    # What it holds

    @property
    def lines(self) -> Sequence[str]:
        """The lines held, raw as they came: to be saved."""
        return self._window.buffer.lines

    @property
    def dropped(self) -> int:
        """How many of the oldest lines were dropped for want of room."""
        return self._window.buffer.dropped

    @property
    def following(self) -> bool:
        """Whether new lines push the old ones up."""
        return self._following

    @property
    def wrapped(self) -> bool:
        """Whether long lines go on in the next one."""
        return self._window.wrap

    def write_lines(self, lines: Iterable[str]) -> None:
        """Append raw lines; they are painted with the next frame."""
        if self._window.buffer.add(lines):
            self._paint_soon()

    def end(self, ended: bool) -> None:
        """Say whether more lines can come."""
        if ended != self._ended:
            self._ended = ended
            self.repaint()

    def lines_came(self) -> None:
        """Lines were added to the buffer that is shown; they are painted with the next frame."""
        self._paint_soon()

    def clear(self) -> None:
        """Forget all lines and follow what comes."""
        self.show(LogBuffer(self._capacity))

    def show(self, buffer: LogBuffer) -> None:
        """Show the lines of a buffer that is kept elsewhere, and follow what comes."""
        self._window.buffer, self._window.top = buffer, Position(0)
        self._found, self._search_note = None, ""
        self._set_following(True)
        self.repaint()

    # Search

    def search(self, text: str) -> bool:
        """Point out `text` (in any case) and go to the last line that has it; False when none has."""
        self._needle = re.compile(re.escape(text), re.IGNORECASE) if text else None
        self._found, self._search_note = None, ""
        found = self._needle is not None and self._find(self._window.buffer.end - 1, -1)
        self.repaint()
        return found

    def action_next_match(self) -> None:
        self._find(self._window.buffer.dropped if self._found is None else self._found + 1, 1)
        self.repaint()

    def action_previous_match(self) -> None:
        self._find(self._window.buffer.end - 1 if self._found is None else self._found - 1, -1)
        self.repaint()

    def _find(self, start: int, step: int) -> bool:
        """Go to the nearest match from line `start` on."""
        if self._needle is None:
            return False
        number = (
            self._window.buffer.find(self._needle, max(start, self._window.buffer.dropped), step)
            if start >= 0
            else None
        )
        self._search_note = "" if number is not None else "no match" if self._found is None else "no more matches"
        if number is None:
            return False
        self._found = number
        if not self._window.is_seen(number):
            self._go(self._window.moved(Position(number), -(self._window.height // 2)))
        elif self._following:
            self._set_following(False)
        return True

    # Movement

    def action_follow(self) -> None:
        self._set_following(True)
        self.repaint()

    def action_toggle_follow(self) -> None:
        self._set_following(not self._following)
        self.repaint()

    def action_first(self) -> None:
        self._go(self._window.first)
        self.repaint()

    def action_scroll_by(self, lines: int) -> None:
        top = self._window.moved(self._window.top, lines)
        if lines > 0 and top >= self._window.last_top:
            self._set_following(True)
        else:
            self._go(top)
        self.repaint()

    def action_scroll_pages(self, pages: float) -> None:
        self.action_scroll_by(round(self._window.height * pages))

    def action_toggle_wrap(self) -> None:
        self._window.wrap = not self._window.wrap
        self._window.top = Position(self._window.top.line)
        self.repaint()

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        event.stop()
        self.action_scroll_by(_WHEEL_LINES)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        event.stop()
        self.action_scroll_by(-_WHEEL_LINES)

    def _go(self, top: Position) -> None:
        self._window.top = min(top, self._window.last_top)
        self._set_following(False)

    def _set_following(self, following: bool) -> None:
        if following != self._following:
            self._following = following
            self._seen = self._window.buffer.end
            self.post_message(self.FollowChanged(self, following))

    # Painting

    def on_resize(self) -> None:
        self.painted = []
        self.repaint()

    def _paint_soon(self) -> None:
        """Have the screen brought up to date with the next frame."""
        if not self._pending and self.is_mounted:
            self._pending = True
            self.set_timer(max(0.001, self._painted_at + FRAME - monotonic()), self._frame)

    def _frame(self) -> None:
        self._pending = False
        self.repaint()

    def repaint(self) -> None:
        """Paint what differs; while the end is followed, the end."""
        self._painted_at = monotonic()
        self._window.width, self._window.height = self.size.width, max(1, self.size.height - self._status)
        if self._following and self.size:
            self._window.top = self._window.last_top
        super().repaint()

    def describe(self) -> list[_Row]:
        window = self._window
        dropped_here = self.dropped and not self._following and max(window.top, window.first) == window.first
        rows = [self._dropped_row()] if dropped_here else []
        rows += [_Row(window.spans(at), found=at.line == self._found) for at in window.seen(window.height - len(rows))]
        rows += [_Row()] * (window.height - len(rows))
        if self._status:
            rows.append(_Row((LogSpan(fit(self._status_text(), self.size.width, "right")),), "muted"))
        return rows

    def _dropped_row(self) -> _Row:
        return _Row((LogSpan(Shown(f"… {self.dropped:,} earlier lines dropped")),), "warn")

    def _status_text(self) -> Shown:
        parts = []
        if self._needle is not None:
            place = "" if self._found is None else f" line {self._found + 1:,}"
            parts.append(f"“{self._needle_shown()}”{place}")
        if self._search_note:
            parts.append(self._search_note)
        if self.dropped:
            parts.append(f"{self.dropped:,} earlier lines dropped")
        unseen = self._window.buffer.end - self._seen
        follows = "end" if self._ended else "following ▾"
        parts.append(follows if self._following else f"paused, {unseen:,} new" if unseen else "paused")
        return Shown("  ".join(parts))

    def _needle_shown(self) -> Shown:
        return shown(re.sub(r"\\(.)", r"\1", self._needle.pattern), 40) if self._needle else Shown("")

    def render_line(self, y: int) -> Strip:
        if y >= len(self.painted):
            return Strip.blank(self.size.width, self.rich_style)
        row = self.painted[y]
        base = self.rich_style + role_styles(self.app)[row.role]
        segments = [Segment(span.text, base + self._style_of(span)) for span in row.spans if span.text]
        if self._needle is not None and row.role == "plain":
            segments = highlight(segments, self._needle, row.found)
        strip = Strip(segments)
        if strip.cell_length > self.size.width:
            strip = Strip([*strip.crop(0, self.size.width - 1), Segment("…", base)])
        return strip.adjust_cell_length(self.size.width, self.rich_style)

    def _style_of(self, span: LogSpan) -> Style:
        native, background = self.app.native_ansi_color, self.background_colors[1]
        return span_style(span, None if native else self.app.ansi_theme, background)
