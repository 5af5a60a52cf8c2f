"""A field of one line that a paste can neither flood nor send off."""

from __future__ import annotations

from textual import events
from textual.message import Message
from textual.widgets import Input

from ecrtui.domain.text import NOTHING, Shown, shown

LIMIT = 512
"""Characters that a field holds."""


class LineInput(Input):
    """Textual's field without frame and blinking; a paste becomes one visible line, cut to what fits."""

    class PasteCut(Message):
        """A paste was longer than the field; so many characters of it were left out."""

        def __init__(self, lost: int) -> None:
            super().__init__()
            self.lost = lost

    def __init__(
        self,
        value: Shown = NOTHING,
        *,
        limit: int = LIMIT,
        id: str | None = None,  # noqa: A002
        classes: str | None = None,
    ) -> None:
        super().__init__(value, max_length=limit, compact=True, select_on_focus=False, id=id, classes=classes)
        self.cursor_blink = False

    def _on_paste(self, event: events.Paste) -> None:
        event.stop()
        event.prevent_default()
        start, end = sorted(self.selection)
        room = (self.max_length or LIMIT) - len(self.value) + (end - start)
        pasted = event.text.rstrip("\r\n")
        line = " ".join(pasted[: room + 1].splitlines())
        visible = shown(line, 16 * (room + 1))
        self.replace(visible[:room], start, end)
        if (lost := max(len(pasted), len(visible)) - room) > 0:
            self.post_message(self.PasteCut(lost))
