"""One line of tabs behind the name of what they are about."""

from __future__ import annotations

from collections.abc import Sequence

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.geometry import Region
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from ecrtui.domain.text import Shown, shorten_middle, width
from ecrtui.ui.theme import role_styles

_GAP = 2
_LEAST_SUBJECT = 8
"""Cells that the subject keeps while there is any room for it."""


class TabLine(Widget):
    """Tabs by title; the open one is underlined and strong.

    Where they need more room than there is, the subject is left out, and then tabs at the ends: the open one is
    always seen.
    """

    DEFAULT_CSS = "TabLine { height: 1; width: 1fr; }"
    ALLOW_SELECT = False

    class TabChosen(Message):
        """A tab was clicked."""

        def __init__(self, title: Shown) -> None:
            super().__init__()
            self.title = title

    def __init__(self, titles: Sequence[Shown]) -> None:
        super().__init__()
        self._titles = tuple(titles)
        self._subject = Shown("")
        self.current = self._titles[0]

    def show(self, subject: Shown, titles: Sequence[Shown], current: Shown) -> None:
        """Name what the tabs are about, which there are, and which is open."""
        wanted = (subject, tuple(titles), current)
        if wanted != (self._subject, self._titles, self.current):
            before = self._end
            self._subject, self._titles, self.current = wanted
            self.refresh(Region(0, 0, max(before, self._end), 1))

    def on_click(self, event: events.Click) -> None:
        for title, start, end in self._places():
            if start <= event.x < end:
                self.post_message(self.TabChosen(title))

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self.refresh()

    def _label(self) -> Shown:
        room = self.size.width - sum(width(title) + _GAP for title in self._titles) - _GAP - 1
        return shorten_middle(self._subject, room) if room >= _LEAST_SUBJECT else Shown("")

    @property
    def _end(self) -> int:
        """The column behind the last tab."""
        return self._places()[-1][2]

    def _places(self) -> list[tuple[Shown, int, int]]:
        label = self._label()
        position = 1 + (width(label) + _GAP if label else 0)
        titles = self._in_sight(self.size.width - position)
        places = []
        for title in titles:
            places.append((title, position, position + width(title)))
            position += width(title) + _GAP
        return places

    def _in_sight(self, room: int) -> Sequence[Shown]:
        """The tabs that fit, from the first one on, or from a later one when the open one would be out of sight."""
        first = 0
        open_one = self._titles.index(self.current)
        while first < open_one and _cells(self._titles[first : open_one + 1]) > room:
            first += 1
        last = open_one + 1
        while last < len(self._titles) and _cells(self._titles[first : last + 1]) <= room:
            last += 1
        return self._titles[first:last]

    def render_line(self, y: int) -> Strip:
        base, styles = self.rich_style, role_styles(self.app)
        places = self._places()
        label = self._label()
        segments = [Segment(" " + (label + " " * _GAP if label else ""), base + styles["strong"])]
        for title, _, _ in places:
            style = styles["strong"] + Style(underline=True) if title == self.current else styles["muted"]
            segments += [Segment(title, base + style), Segment(" " * _GAP, base + styles["muted"])]
        return Strip(segments).simplify().adjust_cell_length(self.size.width, base)


def _cells(titles: Sequence[Shown]) -> int:
    return sum(width(title) + _GAP for title in titles) - _GAP
