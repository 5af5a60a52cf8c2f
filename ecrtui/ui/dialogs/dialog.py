"""What all dialogs share: one panel over the screen; and deafness to keys typed before it could be read."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar, TypeVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.events import Click, Event, Key, Paste
from textual.screen import ModalScreen
from textual.widget import Widget

from ecrtui.resources import style_paths
from ecrtui.ui.dialogs.sentence import Sentence
from ecrtui.ui.widgets.rows import Cell

T = TypeVar("T")

_NEVER = float("inf")


class Dialog(ModalScreen[T]):
    """A question or an answer above the screen. Subclasses give `body`; Esc closes it with None."""

    CSS_PATH = style_paths("widgets", "dialogs")
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (60, "-normal")]
    VERTICAL_BREAKPOINTS = [(0, "-short"), (16, "-tall")]
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "cancel", "Close", show=False)]
    SETTLE: ClassVar[float] = 0.25
    """Seconds after the first paint in which keys are taken for what was typed before (type-ahead)."""

    def __init__(self, *title: Cell) -> None:
        super().__init__()
        self._heard_from = 0.0
        self.title_line = Sentence(*title, classes="title")

    def compose(self) -> ComposeResult:
        with Vertical(id="panel"):
            yield self.title_line
            yield from self.body()

    def body(self) -> Iterable[Widget]:
        """The widgets under the title."""
        raise NotImplementedError

    def hold(self) -> None:
        """Be deaf until what stands here now was painted and could be read."""
        self._heard_from = _NEVER
        self.call_after_refresh(self._listen)

    def _listen(self) -> None:
        self._heard_from = Event().time + self.SETTLE

    def hurried(self, event: Event) -> bool:
        """Whether `event` was made before the person could read what stands here."""
        return event.time < self._heard_from

    async def on_event(self, event: Event) -> None:
        """Drop hurried keys before they reach a binding: those are looked up after the key has come by here."""
        if isinstance(event, Key | Paste) and self.hurried(event):
            event.stop()
            return
        await super().on_event(event)

    def action_cancel(self) -> None:
        """Close without a result."""
        self.dismiss(None)


def unheard(widget: Widget, event: Event) -> bool:
    """Whether `widget`, which has keys or clicks of its own, has to drop this one as hurried."""
    dialog = widget.screen
    return isinstance(event, Key | Paste | Click) and isinstance(dialog, Dialog) and dialog.hurried(event)
