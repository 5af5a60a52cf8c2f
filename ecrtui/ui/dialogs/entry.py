"""A field of a dialog for one line of text."""

from __future__ import annotations

from collections.abc import Collection

from textual.events import Event

from ecrtui.domain.text import NOTHING, Shown
from ecrtui.ui.dialogs.dialog import unheard
from ecrtui.ui.widgets.line_input import LineInput


class Entry(LineInput):
    """A field that is deaf while its dialog is, and leaves keys alone that the dialog wants (by priority)."""

    ALLOW_SELECT = False

    def __init__(
        self,
        value: Shown = NOTHING,
        *,
        hint: Shown = NOTHING,
        leaves: Collection[str] = (),
        id: str | None = None,  # noqa: A002
        classes: str | None = None,
    ) -> None:
        super().__init__(value, id=id, classes=classes)
        self.placeholder = hint
        self._leaves = leaves

    def check_consume_key(self, key: str, character: str | None) -> bool:
        return key not in self._leaves and super().check_consume_key(key, character)

    async def on_event(self, event: Event) -> None:
        if unheard(self, event):
            event.stop()
        else:
            await super().on_event(event)
