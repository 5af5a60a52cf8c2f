"""Labelled lines: what every detail is made of."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from ecrtui.domain.text import Shown, shown, wrap
from ecrtui.domain.units import age, time
from ecrtui.ui.theme import Role
from ecrtui.ui.widgets.rows import Cell
from ecrtui.ui.widgets.text_view import Line

_LABEL = 11


def fact(label: str, value: str, role: Role = "plain") -> Line:
    """One labelled line."""
    return (_label(label), Cell(shown(value), role))


def wrapped(label: str, text: str, room: int, role: Role = "plain") -> list[Line]:
    """A labelled sentence within `room` cells, wrapped under itself."""
    pieces = wrap(shown(text), max(16, room - _LABEL))
    return [(_label(label if number == 0 else ""), Cell(piece, role)) for number, piece in enumerate(pieces)]


def keys_line(helps: Sequence[tuple[Shown, str]]) -> Line:
    """The keys that help, each with what it does."""
    words = [(Cell(key, "strong"), Cell(shown(f" {does}   "))) for key, does in helps]
    return (_label("keys"), *(cell for pair in words for cell in pair))


def instant(at: float | None, now: float) -> str:
    """An instant as exact local time and age, or a dash."""
    zone = datetime.now().astimezone().tzinfo or UTC
    return "–" if at is None else f"{time(at, zone)}, {age(now - at)} ago"


def _label(text: str) -> Cell:
    return Cell(Shown(f"{text:<{_LABEL}}"), "muted")
