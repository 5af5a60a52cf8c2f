"""Names and tags as they stand in lists: one that may not be what it looks like is pointed out."""

from __future__ import annotations

from ecrtui.domain.text import shown
from ecrtui.domain.text.imitation import flagged
from ecrtui.ui.present.facts import fact
from ecrtui.ui.widgets.rows import Cell
from ecrtui.ui.widgets.text_view import Line

_SIGN = "⚠"


def name_cell(name: str, note: str = "") -> Cell:
    """A name, with what else is said of it."""
    text = f"{name} {note}" if note else name
    return Cell(shown(f"{_SIGN} {text}"), "warn") if flagged(name) else Cell(shown(text), "name")


def imitation_lines(*names: str) -> list[Line]:
    """What to know of those that are flagged: their characters by their numbers."""
    odd = [name for name in names if flagged(name)]
    return [fact("beware", f"{name} may not be what it looks like: {_numbers(name)}", "warn") for name in odd]


def _numbers(name: str) -> str:
    odd = dict.fromkeys(character for character in name if not character.isascii() or not character.isprintable())
    return ", ".join(f"U+{ord(character):04X}" for character in odd)
