"""Small pictures of numbers, in characters."""

from __future__ import annotations

from collections.abc import Sequence

from ecrtui.domain.text import Shown
from ecrtui.ui.theme import Glyphs, glyphs


def progress_bar(fraction: float, cells: int, signs: Glyphs | None = None) -> Shown:
    """`fraction` (0 to 1) of `cells` full. Full only when it is done, empty only when nothing is."""
    signs = signs or glyphs()
    full = round(max(0.0, min(1.0, fraction)) * cells)
    if 0 < fraction < 1 and cells > 1:
        full = max(1, min(cells - 1, full))
    return Shown(signs.full * full + signs.empty * (cells - full))


def sparkline(values: Sequence[float], cells: int, signs: Glyphs | None = None) -> Shown:
    """The last `cells` values, the greatest of them full height; nothing for no values."""
    levels = (signs or glyphs()).spark
    last = [max(0.0, value) for value in values[-cells:]] if cells > 0 else []
    top = max(last, default=0.0) or 1.0
    return Shown("".join(levels[round(value / top * (len(levels) - 1))] for value in last))
