"""Copying: the menu of what can be copied, and the word about it."""

from __future__ import annotations

from typing import Any

from textual.app import App

from ecrtui.domain.text import Shown, shown
from ecrtui.ui.present.copying import clipboard_text

_SHOWN = 300
"""Characters of the copied text that the word about it shows."""


def copy_text(app: App[Any], raw: str, label: Shown) -> None:
    """Send `raw` to the terminal's clipboard (OSC 52), say so, and show it for terminals that refuse."""
    text = clipboard_text(raw)
    app.copy_to_clipboard(text)
    words = f"{label} copied, if your terminal allows it:\n{shown(text, _SHOWN)}"
    app.notify(words, markup=False, timeout=8)
