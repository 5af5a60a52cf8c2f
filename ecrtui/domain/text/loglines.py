"""Lines of a log: their colours are kept as styles, what else they bring is made visible or dropped."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

from ecrtui.domain.text.cells import cells_of_all, clusters_of, take
from ecrtui.domain.text.visible import ELLIPSIS, LIMIT, NOTHING, Shown, visible

Colour = int | tuple[int, int, int] | None
"""A palette number (0 to 255), red, green and blue (0 to 255 each), or the default colour."""

_SEQUENCE = re.compile(
    r"(?:\x1b\[|\x9b)(?P<parameters>[0-?]*)[ -/]*(?P<final>[@-~])?"  # CSI
    r"|(?:\x1b[\]PX^_]|[\x90\x98\x9d-\x9f])[^\x07\x1b\x9c\n]*(?:\x07|\x1b\\|\x9c)?"  # OSC, DCS, SOS, PM, APC
    r"|\x1b[ -/]+[0-~]"  # character sets and the like
    r"|\x1b[0-~]"  # two-character sequences
)

_READ_PER_SHOWN = 16
"""Characters read for each one shown, so that a line of nothing but sequences ends too."""


class LogSpan(NamedTuple):
    """A run of characters of one log line in one style."""

    text: Shown
    colour: Colour = None
    bold: bool = False


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


def wrap_spans(spans: Iterable[LogSpan], cells: int) -> list[tuple[LogSpan, ...]]:
    """A log line as lines of at most `cells`, broken anywhere; at least one line."""
    lines: list[tuple[LogSpan, ...]] = []
    line: list[LogSpan] = []
    room = cells
    for span in spans:
        clusters = clusters_of(span.text)
        while clusters:
            taken = take(clusters, room)
            if taken:
                line.append(span._replace(text=Shown("".join(taken))))
                clusters = clusters[len(taken) :]
                room -= sum(map(cells_of_all, taken))
            if clusters:
                lines.append(tuple(line))
                line, room = [], max(2, cells)
    return [*lines, tuple(line)]


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
        text, used = visible(raw, self._room, self._column)
        self._room -= used
        self._column += cells_of_all(text)
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
