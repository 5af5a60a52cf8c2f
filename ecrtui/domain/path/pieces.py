"""What pictures of a path are put together from: pieces of text with a tone, and the words of its parts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from ecrtui.domain.path.chain import Check, Entry, Link, PartKind, Standing, Tone
from ecrtui.domain.text import Shown, fit, shorten_middle, shown, width, wrap
from ecrtui.domain.units import count

TITLES: dict[PartKind, str] = {
    "project": "PROJECT",
    "repository": "REPOSITORY",
    "images": "IMAGES",
    "runtime": "RUNS",
}
LINK_TITLES = {
    "push": "project ▸ repository",
    "hold": "repository ▸ images",
    "run": "images ▸ what runs",
}
LABEL = 12
"""Cells of the name of a part or a fact."""
GAP = 3
"""Cells between what stands side by side."""
IMAGE_TEXT = 40
"""Cells of an image's digest, age and origin."""
_OTHER_GLYPHS = {"drift": "⚠", "pushes elsewhere": "≠", "tag gone": "⚠"}
_GLYPHS = {Standing.OK: "✓", Standing.BROKEN: "✗", Standing.UNKNOWN: "?", Standing.NONE: "–"}
_TONES: dict[Standing, Tone] = {
    Standing.OK: "good",
    Standing.BROKEN: "bad",
    Standing.UNKNOWN: "warn",
    Standing.NONE: "muted",
}


class Piece(NamedTuple):
    """A piece of a line."""

    text: Shown
    tone: Tone = "plain"


PictureLine = tuple[Piece, ...]


def glyph(standing: Standing, word: str = "", loading: bool = False) -> Piece:
    """A standing as a sign and its tone; what drifted or goes elsewhere has a sign of its own."""
    if loading:
        return Piece(Shown("…"), "muted")
    if standing is Standing.BROKEN and word in _OTHER_GLYPHS:
        return Piece(Shown(_OTHER_GLYPHS[word]), "warn")
    return Piece(Shown(_GLYPHS[standing]), _TONES[standing])


def mark(pointed: bool, indent: int = 0) -> Piece:
    """What stands before a line: the cursor, or room for it."""
    return Piece(Shown(("▸ " if pointed else "  ") + " " * indent), "strong" if pointed else "plain")


def told(link: Link) -> list[Check]:
    """The checks in words: those of several runs as one."""
    runs = [check for check in link.checks if check.run is not None]
    rest = [check for check in link.checks if check.run is None]
    if not runs:
        return rest
    numbers = {check.run for check in runs}
    wrong = {check.run for check in runs if check.standing is not Standing.OK}
    if not wrong:
        said = f"{count(len(numbers))} as they should be" if len(numbers) > 1 else runs[0].word
        return [Check(Standing.OK, said), *rest]
    worst = [check for check in runs if check.standing is Standing.BROKEN] or runs
    words = dict.fromkeys(check.word for check in worst if check.standing is not Standing.OK)
    found = [next(check for check in worst if check.word == word) for word in words]
    of = f" ({len(wrong)} of {len(numbers)})" if len(numbers) > 1 else ""
    return [Check(check.standing, check.word + of * (number == 0)) for number, check in enumerate(found)] + rest


def worded(check: Check) -> Piece:
    """A check as its sign and word."""
    sign = glyph(check.standing, check.word.partition(" (")[0], check.loading)
    return Piece(shown(f"{sign.text} {check.word}"), sign.tone)


def reason_tone(check: Check) -> Tone:
    """The tone of why: what is well stands back."""
    return "muted" if check.standing in (Standing.OK, Standing.NONE) else "plain"


def flowed(title: Piece, pieces: Sequence[Piece], room: int) -> list[PictureLine]:
    """A title with pieces behind it, as many on a line as fit; the others stand under them."""
    indent = width(title.text)
    lines: list[PictureLine] = []
    line: list[Piece] = [title]
    used = indent
    for piece in pieces:
        text = shorten_middle(piece.text, room - indent)
        gap = 0 if len(line) == 1 else GAP
        if used + gap + width(text) > room and len(line) > 1:
            lines.append(tuple(line))
            line, used, gap = [Piece(Shown(" " * indent))], indent, 0
        if gap:
            line.append(Piece(Shown(" " * gap)))
        line.append(Piece(text, piece.tone))
        used += gap + width(text)
    return [*lines, tuple(line)]


def entry_column(kind: PartKind, entry: Entry, wide: int) -> list[PictureLine]:
    """An entry on several short lines."""
    if kind == "images":
        name, note = Piece(shorten_middle(shown(entry.name), wide)), shown(entry.note)
        head = flowed(name, [Piece(Shown(f"  {note}"), "muted")] if note else [], wide)
        if width(name.text) + 2 + width(note) > wide:
            head = [(name,), (Piece(fit(Shown(f"  {note}"), wide), "muted"),)]
        text = Shown(" ".join(shown(entry.text).split())) if wide < IMAGE_TEXT else shown(entry.text)
        return [*head, *((Piece(line, "muted"),) for line in wrap(text, wide))]
    sign = glyph(entry.standing, entry.word)
    tone: Tone = "plain" if entry.standing is Standing.OK else sign.tone
    word = Piece(Shown(f"{sign.text} {shown(entry.word)}  "), sign.tone)
    lines = flowed(word, [Piece(shown(entry.name))], wide)
    lines.append((Piece(Shown("  ")), Piece(shorten_middle(shown(entry.note), wide - 2), "muted")))
    lines += [(Piece(Shown("  ")), Piece(line, tone)) for line in wrap(shown(entry.text), wide - 2)]
    return lines
