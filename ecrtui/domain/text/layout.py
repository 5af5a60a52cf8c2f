"""Text in a given number of cells: padded, cut, shortened in the middle, wrapped."""

from __future__ import annotations

import re
from typing import Literal

from ecrtui.domain.text.cells import cells_of_all, clusters_of, take
from ecrtui.domain.text.visible import ELLIPSIS, Shown

Align = Literal["left", "right"]

_WORD = re.compile(r" *[^ ]+ *|^ +$")


def width(text: Shown) -> int:
    """Terminal cells that `text` takes: 2 for wide characters, 0 for combining marks."""
    return cells_of_all(text)


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
    clusters = clusters_of(text)
    tail = take(clusters[::-1], (cells - 1) // 2)[::-1]
    head = take(clusters, cells - 1 - sum(cells_of_all(cluster) for cluster in tail))
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


def _chop(word: str, cells: int) -> list[str]:
    """A word in pieces of at most `cells`."""
    pieces, clusters = [], clusters_of(word)
    while len(clusters) > cells // 2 and cells_of_all("".join(clusters).rstrip(" ")) > cells:
        taken = take(clusters, cells)
        pieces.append("".join(taken))
        clusters = clusters[len(taken) :]
    return [*pieces, "".join(clusters)]


def _cut_end(text: Shown, cells: int) -> Shown:
    if cells <= 1:
        return Shown(ELLIPSIS[: max(0, cells)])
    return Shown("".join(take(clusters_of(text[: cells * 4]), cells - 1)) + ELLIPSIS)


def _pad(text: Shown, cells: int, align: Align) -> Shown:
    space = " " * (cells - width(text))
    return Shown(space + text if align == "right" else text + space)
