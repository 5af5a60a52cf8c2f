"""How many cells of the terminal characters take, as Rich and wcwidth measure them."""

from __future__ import annotations

import unicodedata
from functools import lru_cache


@lru_cache(8192)
def cells_of(character: str) -> int:
    """Terminal cells of one character: 2 for wide ones, 0 for what joins the one before."""
    code = ord(character)
    if unicodedata.category(character)[0] == "M" or 0x1160 <= code <= 0x11FF or 0xD7B0 <= code <= 0xD7FF:
        return 0  # marks, and the vowels and finals that join a Hangul syllable
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def clusters_of(text: str) -> list[str]:
    """Characters with the marks that stand on them."""
    clusters: list[str] = []
    for character in text:
        if clusters and cells_of(character) == 0:
            clusters[-1] += character
        else:
            clusters.append(character)
    return clusters


def cells_of_all(text: str) -> int:
    """Terminal cells of some characters."""
    return len(text) if text.isascii() else sum(map(cells_of, text))


def take(clusters: list[str], cells: int) -> list[str]:
    """The first of `clusters` that together fit into `cells`."""
    taken = 0
    for index, cluster in enumerate(clusters):
        taken += cells_of_all(cluster)
        if taken > cells:
            return clusters[:index]
    return clusters
