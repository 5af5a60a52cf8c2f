"""The footer: the few keys that matter here."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from ecrtui.domain.text import Shown, width
from ecrtui.ui.widgets.cell_line import CellLine
from ecrtui.ui.widgets.rows import Cell

_HELP = "?"


class FooterKey(NamedTuple):
    """A key, what it does, and whether it would do it now."""

    key: Shown
    label: Shown
    enabled: bool = True


class KeyFooter(CellLine):
    """Keys, the most telling first; where there is no room the last leave, but never the one for help."""

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id, classes=classes)
        self._keys: tuple[FooterKey, ...] = ()

    def show(self, keys: Sequence[FooterKey]) -> None:
        """Show these keys, as many as fit."""
        self._keys = tuple(keys)
        self._arrange()

    def on_resize(self) -> None:
        self._arrange()

    def _arrange(self) -> None:
        kept = list(self._keys)
        while kept and sum(map(_width, kept)) > self.size.width:
            leaving = next((key for key in reversed(kept) if key.key != _HELP), kept[-1])
            kept.remove(leaving)
        cells: list[Cell] = []
        for key in kept:
            cells.append(Cell(Shown(f" {key.key}"), "strong" if key.enabled else "muted"))
            cells.append(Cell(Shown(f" {key.label} "), "plain" if key.enabled else "muted"))
        self.show_cells(cells)


def _width(key: FooterKey) -> int:
    return width(key.key) + width(key.label) + 3
