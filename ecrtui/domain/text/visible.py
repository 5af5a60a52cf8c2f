"""Making everything visible that could act, hide or overlap."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import NewType

from ecrtui.domain.text.cells import cells_of, cells_of_all

Shown = NewType("Shown", str)
"""A string that is safe to draw: one line, printable, without anything that acts."""

LIMIT = 4096
"""How many characters of one string are shown; more is cut, and the cut says how much."""
ELLIPSIS = Shown("…")
NOTHING = Shown("")

_MARKS_PER_BASE = 2
_TAB_STOP = 8
_NO_BASE = "◌"
_SELECTORS = frozenset("\ufe0e\ufe0f")
_NEVER_SHOWN = re.compile(
    "["
    "\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\uffa0"  # invisible
    "\ufe00-\ufe0f\U000e0100-\U000e01ef"  # variation selectors
    "\u2630-\u2637\u268a-\u268f\u302e\u302f\u4dc0-\u4dff\U0001d300-\U0001d37f"  # Unicode 16 widened these
    "\U00016ff0\U00016ff1\U0001f1e6-\U0001f1ff\U0001f3fb-\U0001f3ff"  # terminals, Rich and wcwidth disagree
    "]"
)
_CONTROL_PICTURES = {**{code: chr(0x2400 + code) for code in range(0x20)}, 0x09: " ", 0x7F: "␡"}


def shown(raw: str, limit: int = LIMIT) -> Shown:
    """`raw` on one line with everything that could act, hide or overlap made visible.

    Control characters become pictures (a tab one space), other characters that cannot be drawn safely their
    code point (`<U+202E>`), lone surrogates U+FFFD. After `limit` characters the rest is counted (`…+N`).
    """
    if len(raw) <= limit and raw.isascii() and raw.isprintable():
        return Shown(raw)
    text, used = visible(raw, limit)
    rest = len(raw) - used
    return Shown(f"{text}{ELLIPSIS}+{rest}" if rest else text)


def visible(raw: str, limit: int, column: int | None = None) -> tuple[str, int]:
    """The text shown for `raw`, at most about `limit` characters, and how many raw characters it stands for.

    With a `column` (of the first cell), tabs go to the next tab stop.
    """
    pieces: list[str] = []
    length, marks, previous = 0, 0, ""
    for used, character in enumerate(raw):
        if max(used, length) >= limit:
            break
        piece = _piece(character)
        if piece == character and cells_of(character) == 0:
            marks += 1
            if marks > _MARKS_PER_BASE:
                continue
            piece = character if previous else _NO_BASE + character
        else:
            if marks > _MARKS_PER_BASE:
                pieces.append(f"<+{marks - _MARKS_PER_BASE} marks>")
            marks = 0
            if character in _SELECTORS and _is_symbol(previous):
                continue
            if character == "\t" and column is not None:
                here = column + cells_of_all("".join(pieces))
                piece = " " * (_TAB_STOP - here % _TAB_STOP)
        pieces.append(piece)
        length += len(piece)
        previous = character
    else:
        used = len(raw)
    if marks > _MARKS_PER_BASE:
        pieces.append(f"<+{marks - _MARKS_PER_BASE} marks>")
    return "".join(pieces), used


@lru_cache(8192)
def _piece(character: str) -> str:
    """What one character is shown as: itself if it is harmless."""
    code = ord(character)
    if picture := _CONTROL_PICTURES.get(code):
        return picture
    if 0xD800 <= code <= 0xDFFF:
        return "\N{REPLACEMENT CHARACTER}"
    if not character.isprintable() or _NEVER_SHOWN.match(character):
        return f"<U+{code:04X}>"
    return character


def _is_symbol(character: str) -> bool:
    """Whether an emoji or text selector after this character only repeats how it is drawn anyway."""
    return not character.isascii() and unicodedata.category(character)[0] == "S"
