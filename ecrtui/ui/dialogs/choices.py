"""The line of what can be chosen at the foot of a dialog: Cancel, Apply."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Size
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from ecrtui.domain.text import Shown, fit, width
from ecrtui.ui.dialogs.dialog import unheard
from ecrtui.ui.theme import role_styles

_GAP = 2


@dataclass(frozen=True, slots=True)
class Choice:
    """One thing that can be chosen."""

    id: str
    label: Shown
    enabled: bool = True


class Choices(Widget, can_focus=True):
    """Choices side by side, on as many lines as they need; one of them is current."""

    DEFAULT_CSS = "Choices { height: auto; width: 1fr; }"
    ALLOW_SELECT = False
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "move(-1)", "Before", show=False),
        Binding("right", "move(1)", "Next", show=False),
        Binding("tab", "leave(1)", "Next", show=False),
        Binding("shift+tab", "leave(-1)", "Before", show=False),
        Binding("enter", "choose", "Choose", show=False),
    ]

    class Chosen(Message):
        """A choice was made."""

        def __init__(self, choice: Choice) -> None:
            super().__init__()
            self.choice = choice

    def __init__(self, *choices: Choice) -> None:
        super().__init__()
        self.choices: tuple[Choice, ...] = choices
        self._current = 0

    @property
    def current(self) -> Choice:
        """The choice that Enter makes."""
        return self.choices[self._current]

    def show(self, choices: Sequence[Choice], current: str | None = None) -> None:
        """Offer these; `current` is the id of the current one, else it stays, else it is the first."""
        wanted = self.current.id if current is None else current
        self.choices = tuple(choices)
        self._current = next((at for at, choice in enumerate(choices) if choice.id == wanted), 0)
        self.refresh(layout=True)

    async def on_event(self, event: events.Event) -> None:
        if unheard(self, event):
            event.stop()
        else:
            await super().on_event(event)

    def action_move(self, by: int) -> bool:
        """To the next choice that is enabled in that direction; False when there is none."""
        at = self._current + by
        while 0 <= at < len(self.choices):
            if self.choices[at].enabled:
                self._current = at
                self.refresh()
                return True
            at += by
        return False

    def action_leave(self, by: int) -> None:
        """To the next choice, and behind the last one to the next field of the dialog."""
        if self.action_move(by):
            return
        if by > 0:
            self.screen.focus_next()
        else:
            self.screen.focus_previous()
        if self.has_focus:
            self._current = 0 if by > 0 else len(self.choices) - 1
            self.refresh()

    def action_choose(self) -> None:
        if self.current.enabled:
            self.post_message(self.Chosen(self.current))

    def on_click(self, event: events.Click) -> None:
        for at, y, start in self._places(self.size.width):
            if event.y == y and start <= event.x < start + self._width(at) and self.choices[at].enabled:
                self._current = at
                self.refresh()
                self.action_choose()

    # Drawing

    def on_focus(self) -> None:
        self.refresh()

    def on_blur(self) -> None:
        self.refresh()

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self.refresh()

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        return max((y for _, y, _ in self._places(width)), default=0) + 1

    def _width(self, at: int) -> int:
        return width(self.choices[at].label) + 2

    def _places(self, room: int) -> list[tuple[int, int, int]]:
        """Number, line and first cell of every choice."""
        places, x, y = [], 0, 0
        for at in range(len(self.choices)):
            if x and x + self._width(at) > room:
                x, y = 0, y + 1
            places.append((at, y, x))
            x += self._width(at) + _GAP
        return places

    def render_line(self, y: int) -> Strip:
        base = self.rich_style
        segments: list[Segment] = []
        for at, line, _start in self._places(self.size.width):
            if line == y:
                label = fit(self.choices[at].label, min(self._width(at), self.size.width) - 2)
                segments += [Segment(f" {label} ", base + self._style(at)), Segment(" " * _GAP, base)]
        return Strip(segments).adjust_cell_length(self.size.width, base)

    def _style(self, at: int) -> Style:
        styles = role_styles(self.app)
        if not self.choices[at].enabled:
            return styles["muted"]
        if at != self._current:
            return styles["plain"]
        return styles["accent"] + Style(reverse=True, bold=True) if self.has_focus else Style(underline=True)
