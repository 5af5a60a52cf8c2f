"""A widget of lines that are described before they are drawn: only those that look otherwise are painted anew."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Generic, TypeVar

from rich.segment import Segment
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from ecrtui.ui.theme import Role, role_styles

L = TypeVar("L")
"""Everything that decides how one line looks; equal ones look alike."""


class PaintedLines(Widget, Generic[L]):
    """Subclasses describe the lines that are seen, and draw them in `render_line` from `painted`."""

    ALLOW_SELECT = False
    first: int = 0
    """The line of the widget on which the first of them stands."""

    painted: list[L]
    """The lines as they were painted last."""

    def describe(self) -> list[L]:
        """The lines as they look now, from the top of the widget down."""
        raise NotImplementedError

    def changed_width(self, old: L, new: L) -> int:
        """Cells from the left edge to the end of the last difference."""
        return self.size.width

    def repaint(self) -> None:
        """Paint the lines that look otherwise than when they were painted last."""
        if not self.size:
            return
        before, self.painted = self.painted, self.describe()
        if len(before) != len(self.painted):
            self.refresh()
            return
        lines = enumerate(zip(before, self.painted, strict=True), self.first)
        regions = [Region(0, y, self.changed_width(old, now), 1) for y, (old, now) in lines if old != now]
        if regions:
            self.refresh(*regions)

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self.refresh()

    def strip_of(self, pieces: Iterable[tuple[str, Role]]) -> Strip:
        """One line over the whole width; neighbours of one look become one segment."""
        styles, base = role_styles(self.app), self.rich_style
        segments: list[Segment] = []
        for text, role in pieces:
            style = base + styles[role]
            if segments and segments[-1].style == style:
                segments[-1] = Segment(segments[-1].text + text, style)
            elif text:
                segments.append(Segment(text, style))
        return Strip(segments).adjust_cell_length(self.size.width, base)
