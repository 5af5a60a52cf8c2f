"""The text boundary: what a stranger wrote becomes something that can be drawn.

A string from AWS (a name, a tag, a log line, an error) may hold escape sequences, bidirectional overrides,
invisible characters and thousands of combining marks, and no widget of Textual's takes them out. `shown` and
`log_line` are the only two ways to a `Shown`, which is what our widgets accept. The raw string goes back to
AWS.

Of a `Shown`, `str.isprintable` holds, each character takes the cells that `width` says (as Rich and wcwidth
do), and nothing of the raw string is left out without a visible sign.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from typing import Literal, NamedTuple, NewType

Shown = NewType("Shown", str)
"""A string that is safe to draw: one line, printable, without anything that acts."""

LIMIT = 4096
"""How many characters of one string are shown; more is cut, and the cut says how much."""
ELLIPSIS = Shown("…")
NOTHING = Shown("")

Align = Literal["left", "right"]
Colour = int | tuple[int, int, int] | None
"""A palette number (0 to 255), red, green and blue (0 to 255 each), or the default colour."""

_MARKS_PER_BASE = 2
_TAB_STOP = 8
_NO_BASE = "◌"
_SELECTORS = frozenset("\ufe0e\ufe0f")


class LogSpan(NamedTuple):
    """A run of characters of one log line in one style."""

    text: Shown
    colour: Colour = None
    bold: bool = False


def shown(raw: str, limit: int = LIMIT) -> Shown:
    """`raw` on one line with everything that could act, hide or overlap made visible.

    Control characters become pictures (a tab one space), other characters that cannot be drawn safely their
    code point (`<U+202E>`), lone surrogates U+FFFD. After `limit` characters the rest is counted (`…+N`).
    """
    if len(raw) <= limit and raw.isascii() and raw.isprintable():
        return Shown(raw)
    text, used = _visible(raw, limit)
    rest = len(raw) - used
    return Shown(f"{text}{ELLIPSIS}+{rest}" if rest else text)


def log_line(raw: str, limit: int = LIMIT) -> tuple[LogSpan, ...]:
    """One line of a log: foreground colours and bold kept as styles, other escape sequences dropped whole.

    A sequence without its end takes at most the rest of its line. Carriage returns and backspaces overwrite
    nothing: they are shown. At most `limit` characters are kept; the last span then counts the others. There is
    one span at least.
    """
    line = raw.rstrip("\r\n")
    if len(line) <= limit and line.isascii() and line.isprintable():
        return (LogSpan(Shown(line)),)
    return tuple(_LogParser(limit).parse(line)) or (LogSpan(NOTHING),)


def width(text: Shown) -> int:
    """Terminal cells that `text` takes: 2 for wide characters, 0 for combining marks."""
    return len(text) if text.isascii() else sum(map(_cells, text))


def fit(text: Shown, cells: int, align: Align = "left") -> Shown:
    """Exactly `cells` wide: padded, or cut at the end with `…`."""
    return _pad(text if width(text) <= cells else _cut_end(text, cells), cells, align)


def fit_middle(text: Shown, cells: int, align: Align = "left") -> Shown:
    """Exactly `cells` wide: padded, or shortened in the middle with `…`."""
    return _pad(shorten_middle(text, cells), cells, align)


def shorten_middle(text: Shown, cells: int) -> Shown:
    """At most `cells` wide, the beginning and the end kept: names differ at both."""
    if width(text) <= cells:
        return text
    if cells <= 1:
        return Shown(ELLIPSIS[: max(0, cells)])
    clusters = _clusters(text)
    tail = _take(clusters[::-1], (cells - 1) // 2)[::-1]
    head = _take(clusters, cells - 1 - sum(_cluster_width(cluster) for cluster in tail))
    return Shown("".join(head) + ELLIPSIS + "".join(tail))


def wrap(text: Shown, cells: int) -> list[Shown]:
    """Lines of at most `cells`, broken at spaces where there are any; at least one line."""
    lines: list[Shown] = []
    line, used = "", 0
    for word in _WORD.findall(text):
        for piece in _chop(word, max(2, cells)):
            taken = width(Shown(piece.rstrip(" ")))
            if line and used + taken > cells:
                lines.append(Shown(line.rstrip(" ")))
                line, used = "", 0
            line += piece
            used += width(Shown(piece))
    return [*lines, Shown(line.rstrip(" "))]


def wrap_spans(spans: Iterable[LogSpan], cells: int) -> list[tuple[LogSpan, ...]]:
    """A log line as lines of at most `cells`, broken anywhere; at least one line."""
    lines: list[tuple[LogSpan, ...]] = []
    line: list[LogSpan] = []
    room = cells
    for span in spans:
        clusters = _clusters(span.text)
        while clusters:
            taken = _take(clusters, room)
            if taken:
                line.append(span._replace(text=Shown("".join(taken))))
                clusters = clusters[len(taken) :]
                room -= sum(map(_cluster_width, taken))
            if clusters:
                lines.append(tuple(line))
                line, room = [], max(2, cells)
    return [*lines, tuple(line)]


def flagged(raw: str) -> bool:
    """Whether an identifier may not be what it looks like.

    True for invisible and control characters, for forms that Unicode holds equivalent to others (full-width
    and mathematical letters), for alphabets mixed in one name, and for names that only imitate Latin ones.
    """
    if raw.isascii():
        return not raw.isprintable()
    if shown(raw, len(raw)) != raw or unicodedata.normalize("NFKC", raw) != raw:
        return True
    scripts = {_script(character) for character in raw if character.isalpha()} & _ALPHABETS
    foreign = [character for character in raw if character.isalpha() and not character.isascii()]
    return len(scripts) > 1 or (bool(foreign) and _LATIN_LOOKALIKES.issuperset(foreign))


# Making characters visible

_NEVER_SHOWN = re.compile(
    "["
    "\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\uffa0"  # invisible
    "\ufe00-\ufe0f\U000e0100-\U000e01ef"  # variation selectors
    "\u2630-\u2637\u268a-\u268f\u302e\u302f\u4dc0-\u4dff\U0001d300-\U0001d37f"  # Unicode 16 widened these
    "\U00016ff0\U00016ff1\U0001f1e6-\U0001f1ff\U0001f3fb-\U0001f3ff"  # terminals, Rich and wcwidth disagree
    "]"
)
_CONTROL_PICTURES = {**{code: chr(0x2400 + code) for code in range(0x20)}, 0x09: " ", 0x7F: "␡"}


def _visible(raw: str, limit: int, column: int | None = None) -> tuple[str, int]:
    """The text shown for `raw`, at most about `limit` characters, and how many raw characters it stands for.

    With a `column` (of the first cell), tabs go to the next tab stop.
    """
    pieces: list[str] = []
    length, marks, previous = 0, 0, ""
    for used, character in enumerate(raw):
        if max(used, length) >= limit:
            break
        piece = _piece(character)
        if piece == character and _cells(character) == 0:
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
                here = column + sum(map(_cells, "".join(pieces)))
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


# Measuring


@lru_cache(8192)
def _cells(character: str) -> int:
    code = ord(character)
    if unicodedata.category(character)[0] == "M" or 0x1160 <= code <= 0x11FF or 0xD7B0 <= code <= 0xD7FF:
        return 0  # marks, and the vowels and finals that join a Hangul syllable
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def _clusters(text: str) -> list[str]:
    """Characters with the marks that stand on them."""
    clusters: list[str] = []
    for character in text:
        if clusters and _cells(character) == 0:
            clusters[-1] += character
        else:
            clusters.append(character)
    return clusters


def _cluster_width(cluster: str) -> int:
    return sum(map(_cells, cluster))


def _take(clusters: list[str], cells: int) -> list[str]:
    """The first of `clusters` that together fit into `cells`."""
    taken = 0
    for index, cluster in enumerate(clusters):
        taken += _cluster_width(cluster)
        if taken > cells:
            return clusters[:index]
    return clusters


_WORD = re.compile(r" *[^ ]+ *|^ +$")


def _chop(word: str, cells: int) -> list[str]:
    """A word in pieces of at most `cells`."""
    pieces, clusters = [], _clusters(word)
    while len(clusters) > cells // 2 and _cluster_width("".join(clusters).rstrip(" ")) > cells:
        taken = _take(clusters, cells)
        pieces.append("".join(taken))
        clusters = clusters[len(taken) :]
    return [*pieces, "".join(clusters)]


def _cut_end(text: Shown, cells: int) -> Shown:
    if cells <= 1:
        return Shown(ELLIPSIS[: max(0, cells)])
    return Shown("".join(_take(_clusters(text[: cells * 4]), cells - 1)) + ELLIPSIS)


def _pad(text: Shown, cells: int, align: Align) -> Shown:
    space = " " * (cells - width(text))
    return Shown(space + text if align == "right" else text + space)


# Log lines

_SEQUENCE = re.compile(
    r"(?:\x1b\[|\x9b)(?P<parameters>[0-?]*)[ -/]*(?P<final>[@-~])?"  # CSI
    r"|(?:\x1b[\]PX^_]|[\x90\x98\x9d-\x9f])[^\x07\x1b\x9c\n]*(?:\x07|\x1b\\|\x9c)?"  # OSC, DCS, SOS, PM, APC
    r"|\x1b[ -/]+[0-~]"  # character sets and the like
    r"|\x1b[0-~]"  # two-character sequences
)

_READ_PER_SHOWN = 16
"""Characters read for each one shown, so that a line of nothing but sequences ends too."""


class _LogParser:
    """Cuts one line into spans; the style carries over from one to the next."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._room = limit
        self._column = 0
        self._colour: Colour = None
        self._bold = False
        self._spans: list[LogSpan] = []

    def parse(self, line: str) -> list[LogSpan]:
        read = line[: self._limit * _READ_PER_SHOWN]
        hidden = len(line) - len(read)
        position = 0
        for sequence in _SEQUENCE.finditer(read):
            hidden += self._add(read[position : sequence.start()])
            position = sequence.end()
            if self._room <= 0:
                break
            if sequence["final"] == "m":
                self._style(sequence["parameters"])
        hidden += self._add(read[position:])
        return [*self._spans, LogSpan(Shown(f"{ELLIPSIS}+{hidden}"))] if hidden else self._spans

    def _add(self, raw: str) -> int:
        """Append a span; how many characters found no room."""
        if not raw:
            return 0
        text, used = _visible(raw, self._room, self._column)
        self._room -= used
        self._column += sum(map(_cells, text))
        if text:
            self._spans.append(LogSpan(Shown(text), self._colour, self._bold))
        return len(raw) - used

    def _style(self, parameters: str) -> None:
        """Apply one SGR sequence; what is neither foreground nor bold changes nothing."""
        if not re.fullmatch(r"[0-9:;]*", parameters):
            return
        codes = iter(parameters.split(";"))
        for code in codes:
            number = int(code[:4]) if code.isdigit() else 0
            if code.startswith(("38:", "48:")):
                self._extended(code[:2], [part for part in code.split(":")[1:] if part])
            elif number in (38, 48):
                mode = next(codes, "")
                count = {"5": 1, "2": 3}.get(mode, 0)
                self._extended(code, [mode, *(next(codes, "") or "0" for _ in range(count))])
            elif ":" not in code:
                self._simple(number)

    def _simple(self, number: int) -> None:
        if number == 0:
            self._colour, self._bold = None, False
        elif number in (1, 22):
            self._bold = number == 1
        elif number == 39:
            self._colour = None
        elif 30 <= number <= 37:
            self._colour = number - 30
        elif 90 <= number <= 97:
            self._colour = number - 90 + 8

    def _extended(self, code: str, parts: list[str]) -> None:
        """A palette (`5, n`) or direct (`2, r, g, b`) colour; backgrounds (48) are read past."""
        if code != "38":
            return
        values = [min(255, int(part[:4])) for part in parts if part.isdigit()]
        if values[:1] == [5] and len(values) >= 2:
            self._colour = values[1]
        elif values[:1] == [2] and len(values) >= 4:
            self._colour = (values[-3], values[-2], values[-1])


# Imitations

_ALPHABETS = frozenset({"LATIN", "CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE", "COPTIC", "LISU"})
_LATIN_LOOKALIKES = frozenset("аеорсухіјѕһԁԛԝҽкмтвнАВЕКМНОРСТУХІЈЅαοινυρκτχΑΒΕΖΗΙΚΜΝΟΡΤΥΧօսոհցյԁıȷ")


@lru_cache(4096)
def _script(letter: str) -> str:
    return unicodedata.name(letter, "").partition(" ")[0]
