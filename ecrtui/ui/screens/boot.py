"""The frame of the first screen, painted while everything else is still being imported."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.screen import Screen

from ecrtui.domain.text import Shown
from ecrtui.ui.modes import MODES
from ecrtui.ui.theme import glyphs
from ecrtui.ui.widgets.cell_line import CellLine
from ecrtui.ui.widgets.key_footer import FooterKey, KeyFooter
from ecrtui.ui.widgets.rows import Cell
from ecrtui.ui.widgets.status_header import HeaderState, StatusHeader

_NARROW, _WIDE = 100, 180
_TITLES = ("REGIONS", "REPOSITORIES", "IMAGES")


class BootScreen(Screen[None]):
    """Header, headings and footer where Explore will have them."""

    def compose(self) -> ComposeResult:
        yield StatusHeader()
        yield CellLine(id="headings")
        yield KeyFooter()

    def on_mount(self) -> None:
        modes = tuple(Shown(mode.capitalize()) for mode in MODES)
        self.query_one(StatusHeader).show(HeaderState(profile=Shown("starting…"), modes=modes))
        self.query_one("#headings", CellLine).show_cells(_headings(self.app.size.width))
        self.query_one(KeyFooter).show([FooterKey(Shown("q"), Shown("quit"))])


def _headings(room: int) -> list[Cell]:
    """The headings of Explore's panes, as wide as the panes will be."""
    cells: list[Cell] = []
    for number, (title, width) in enumerate(_panes(room)):
        edge = "▕" if number < len(_TITLES) - 1 and room >= _NARROW else ""
        line = glyphs().line * max(0, width - len(title) - 2 - len(edge))
        cells += [Cell(Shown(f" {title} "), "strong"), Cell(Shown(line + edge), "line")]
    return cells


def _panes(room: int) -> list[tuple[str, int]]:
    """The panes that are seen, with their widths (styles/explore.tcss)."""
    if room < _NARROW:
        return [("REPOSITORIES", room)]
    regions = 27 if room < _WIDE else 33
    lists = room if room < _WIDE else room - max(50, room * 2 // 9)
    repositories = (lists - regions) * 2 // 5
    return list(zip(_TITLES, (regions, repositories, lists - regions - repositories), strict=True))
