"""What the terminal shows, cell by cell: frames go in, only what differs from the last one comes out.

Textual sends whole regions, each piece with its full colours and a reset after it; over a slow link that is what
one waits for. `Frames` takes its output and keeps the newest picture; `Painter` knows what the terminal shows.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import NamedTuple

from rich.cells import get_character_cell_size

Row = tuple[list[str], list[str]]
"""The characters and the pens of a line. A wide character is followed by an empty one."""

_FRAME = re.compile(r"\x1b\[\d+;\d+H")
_TOKEN = re.compile(
    r"\x1b\[(?P<y>\d+);(?P<x>\d+)H"
    r"|\x1b\[(?P<sgr>[\d;]*)m"
    r"|\x1b\]8;(?P<link>[^\x07\x1b]*)(?:\x1b\\|\x07)"
    r"|(?P<text>[^\x00-\x1f\x7f-\x9f]+)"
)
_LINK = "\n"
"""Stands between the link and the colours of a pen that has a link."""
_SHORTEST_GAP = 4
"""Unchanged cells that it pays to jump over."""
_RESET = "\x1b[m"


def is_frame(data: str) -> bool:
    """Whether this is (a part of) a picture, and no order to the terminal."""
    return _FRAME.match(data) is not None


class Picture(NamedTuple):
    """What is to be seen: the lines that changed since the last picture was taken, and the cursor's place."""

    rows: Mapping[int, Row]
    """By line, from 0. They are not altered any more."""
    cursor: tuple[int, int]
    """Line and column, from 0."""


class Frames:
    """The picture as Textual wants it."""

    def __init__(self) -> None:
        self._rows: dict[int, Row] = {}
        self._changed: set[int] = set()
        """Lines that were altered since the last picture was taken: nobody else holds them."""
        self._y = self._x = 0

    def feed(self, data: str) -> None:
        """Draw a frame. What is neither a move, colours, a link nor text is left out."""
        sgr = link = ""
        for token in _TOKEN.finditer(data):
            match token.lastgroup:
                case "x":
                    self._y, self._x = int(token["y"]) - 1, int(token["x"]) - 1
                case "sgr":
                    sgr = token["sgr"].removeprefix("0;")
                    sgr = "" if sgr == "0" else sgr
                case "link":
                    link = token["link"].rstrip(";")
                case "text":
                    self._put(token["text"], f"{link}{_LINK}{sgr}" if link else sgr)

    def take(self) -> Picture:
        """What changed since the last time."""
        rows = {y: self._rows[y] for y in self._changed if y in self._rows}
        self._changed = set()
        return Picture(rows, (self._y, self._x))

    def resize(self, columns: int, lines: int) -> None:
        """The terminal has another size and may show anything: what is left of the picture counts as changed."""
        self._rows = {y: (row[0][:columns], row[1][:columns]) for y, row in self._rows.items() if y < lines}
        self._changed = set(self._rows)

    def _put(self, text: str, pen: str) -> None:
        cells = list(text) if text.isascii() else _cells(text)
        start, end = self._x, self._x + len(cells)
        characters, pens = self._row(self._y)
        if len(characters) < end:
            missing = end - len(characters)
            characters += [" "] * missing
            pens += [""] * missing
        if end < len(characters) and not characters[end]:  # the second half of a wide one that is overwritten
            characters[end] = " "
        if start and not characters[start]:
            characters[start - 1] = " "
        characters[start:end] = cells
        pens[start:end] = [_ground(pen) if text.isspace() else pen] * len(cells)
        self._x = end

    def _row(self, y: int) -> Row:
        row = self._rows.get(y, ([], []))
        if y not in self._changed:
            row = self._rows[y] = (row[0].copy(), row[1].copy())
            self._changed.add(y)
        return row


class Painter:
    """Turns pictures into the bytes that change what the terminal shows."""

    def __init__(self) -> None:
        self._shown: dict[int, Row] = {}
        self._cursor: tuple[int, int] | None = None
        self._pen: str | None = None
        """The pen in the terminal's hand; None when it is not known."""

    def forget(self) -> None:
        """The terminal may show anything now."""
        self._shown.clear()
        self._cursor = self._pen = None

    def rest(self) -> str:
        """What puts the pen down, so that others may write."""
        put_down = "" if self._pen is None else _RESET
        self._pen = None
        return put_down

    def paint(self, picture: Picture) -> str:
        """What to send; empty when the terminal shows the picture already."""
        parts = [part for y in sorted(picture.rows) for part in self._painted(y, picture.rows[y])]
        if parts or picture.cursor != self._cursor:
            parts.append(_move(*picture.cursor))
        self._cursor = picture.cursor
        return "".join(parts)

    def _painted(self, y: int, row: Row) -> Iterator[str]:
        before = self._shown.get(y)
        self._shown[y] = row
        for start, end in _runs(before, row):
            yield _move(y, start)
            for character, pen in zip(row[0][start:end], row[1][start:end], strict=True):
                if pen != self._pen:
                    yield _turn(self._pen, pen)
                    self._pen = pen
                yield character
            if self._pen is not None and _LINK in self._pen:
                yield _turn(self._pen, "")
                self._pen = ""


def _runs(before: Row | None, row: Row) -> Iterable[tuple[int, int]]:
    """The columns to be sent, as (start, end). A line with wide or combining characters is sent whole."""
    characters, pens = row
    if before is None:
        return [(0, len(characters))]
    if before == row:
        return []
    if not (_even(before[0]) and _even(characters)) or len(before[0]) != len(characters):
        return [(0, len(characters))]
    changed = [
        x
        for x, (old, new, old_pen, pen) in enumerate(zip(before[0], characters, before[1], pens, strict=True))
        if old != new or old_pen != pen
    ]
    runs: list[tuple[int, int]] = []
    for x in changed:
        if runs and x - runs[-1][1] < _SHORTEST_GAP:
            runs[-1] = (runs[-1][0], x + 1)
        else:
            runs.append((x, x + 1))
    return runs


def _even(characters: list[str]) -> bool:
    """Whether each cell has a character of its own."""
    return "" not in characters and len("".join(characters)) == len(characters)


def _cells(text: str) -> list[str]:
    cells: list[str] = []
    for character in text:
        size = get_character_cell_size(character)
        if size == 0 and cells:
            lead = len(cells) - 1 if cells[-1] else len(cells) - 2
            cells[lead] += character
        else:
            cells += [character, ""][: max(size, 1)]
    return cells


def _move(y: int, x: int) -> str:
    return f"\x1b[{y + 1};{x + 1}H"


# Pens: the parameters of an SGR sequence, with a link before them

_OFF = {"1": "22", "2": "22", "3": "23", "4": "24", "5": "25", "6": "25", "7": "27", "8": "28", "9": "29"}
_OFF |= {"21": "24", "51": "54", "52": "54", "53": "55"}
_SEEN_ON_BLANKS = frozenset({"4", "7", "9", "21", "51", "52", "53"})


class _Pen(NamedTuple):
    link: str
    attributes: tuple[str, ...]
    ink: str
    ground: str

    @property
    def sgr(self) -> str:
        return ";".join(part for part in (*self.attributes, self.ink, self.ground) if part)


@lru_cache(4096)
def _pen(text: str) -> _Pen:
    link, _, sgr = text.rpartition(_LINK)
    attributes: list[str] = []
    ink = ground = ""
    codes = iter(sgr.split(";")) if sgr else iter(())
    for code in codes:
        if code in ("38", "48"):
            mode = next(codes, "")
            colour = ";".join([code, mode, *(next(codes, "0") for _ in range(3 if mode == "2" else 1))])
            if code == "38":
                ink = colour
            else:
                ground = colour
        elif code in _OFF:
            attributes.append(code)
        elif code[:1] in ("3", "9"):
            ink = "" if code == "39" else code
        elif code[:1] in ("4", "1"):
            ground = "" if code == "49" else code
    return _Pen(link, tuple(attributes), ink, ground)


@lru_cache(4096)
def _ground(text: str) -> str:
    """The pen for blanks: letters' colour and weight do not show on them."""
    pen = _pen(text)
    if pen.link or not _SEEN_ON_BLANKS.isdisjoint(pen.attributes):
        return text
    return pen.ground


@lru_cache(16_384)
def _turn(before: str | None, after: str) -> str:
    """The sequences from one pen to another; None is an unknown one (without a link)."""
    new = _pen(after)
    if before is None:
        opened = f"\x1b]8;{new.link}\x1b\\" if new.link else ""
        return opened + (f"\x1b[0;{new.sgr}m" if new.sgr else _RESET)
    old = _pen(before)
    parts = [] if old.link == new.link else [f"\x1b]8;{new.link or ';'}\x1b\\"]
    if old.sgr != new.sgr:
        gone = {_OFF[one] for one in old.attributes if one not in new.attributes}
        codes = [*sorted(gone), *(one for one in new.attributes if one not in old.attributes or _OFF[one] in gone)]
        codes += ["39" if not new.ink else new.ink] * (new.ink != old.ink)
        codes += ["49" if not new.ground else new.ground] * (new.ground != old.ground)
        change, whole = ";".join(codes), f"0;{new.sgr}" if new.sgr else ""
        parts.append(f"\x1b[{min(change, whole, key=len)}m")
    return "".join(parts)
