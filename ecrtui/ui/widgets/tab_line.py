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


class TabLine(Widget):
    """Tabs by number; the current one is underlined and strong."""

    DEFAULT_CSS = "TabLine { height: 1; width: 1fr; }"
    ALLOW_SELECT = False

    class TabChanged(Message):
        """Another tab is open."""

        def __init__(self, tab: int) -> None:
            super().__init__()
            self.tab = tab

    def __init__(self, tabs: Sequence[Shown]) -> None:
        super().__init__()
        self._tabs = tuple(tabs)
        self._subject = Shown("")
        self.current = 0

    def show_subject(self, subject: Shown) -> None:
        """Name what the tabs are about."""
        if subject != self._subject:
            before = self._end
            self._subject = subject
            self.refresh(Region(0, 0, max(before, self._end), 1))

    def step(self, by: int) -> None:
        """Open the tab that is `by` places to the right."""
        self.open((self.current + by) % len(self._tabs))

    def open(self, tab: int) -> None:
        """Open a tab."""
        if tab != self.current:
            self.current = tab
            self.refresh()
            self.post_message(self.TabChanged(tab))

    def on_click(self, event: events.Click) -> None:
        for tab, start, end in self._places():
            if start <= event.x < end:
                self.open(tab)

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self.refresh()

    def _label(self) -> Shown:
        tabs = sum(width(tab) + _GAP for tab in self._tabs)
        return shorten_middle(self._subject, max(8, self.size.width - tabs - _GAP - 1))

    @property
    def _end(self) -> int:
        """The column behind the last tab."""
        return self._places()[-1][2]

    def _places(self) -> list[tuple[int, int, int]]:
        position = 1 + width(self._label()) + _GAP
        places = []
        for number, tab in enumerate(self._tabs):
            places.append((number, position, position + width(tab)))
            position += width(tab) + _GAP
        return places

    def render_line(self, y: int) -> Strip:
        base, styles = self.rich_style, role_styles(self.app)
        segments = [Segment(" " + self._label() + " " * _GAP, base + styles["strong"])]
        for number, tab in enumerate(self._tabs):
            style = styles["strong"] + Style(underline=True) if number == self.current else styles["muted"]
            segments += [Segment(tab, base + style), Segment(" " * _GAP, base + styles["muted"])]
        return Strip(segments).simplify().adjust_cell_length(self.size.width, base)
