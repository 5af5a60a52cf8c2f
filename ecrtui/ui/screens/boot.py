"""The frame of the first screen, painted while everything else is still being imported."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.screen import Screen

from ecrtui.domain.text import Shown
from ecrtui.ui.widgets.heading import Heading
from ecrtui.ui.widgets.key_footer import FooterKey, KeyFooter
from ecrtui.ui.widgets.status_header import HeaderState, StatusHeader

MODES = ("explore", "compare", "builds")
"""The modes in the order of their number keys."""


class BootScreen(Screen[None]):
    """Header, headings and footer where Explore will have them."""

    def compose(self) -> ComposeResult:
        yield StatusHeader()
        with Vertical(id="explore"), Horizontal(id="lists"):
            with Vertical(id="regions"):
                yield Heading(Shown("REGIONS"))
            with Vertical(id="repositories", classes="current"):
                yield Heading(Shown("REPOSITORIES"))
            with Vertical(id="images"):
                yield Heading(Shown("IMAGES"))
        yield KeyFooter()

    def on_mount(self) -> None:
        modes = tuple(Shown(mode.capitalize()) for mode in MODES)
        self.query_one(StatusHeader).show(HeaderState(profile=Shown("starting…"), modes=modes))
        self.query_one(KeyFooter).show([FooterKey(Shown("q"), Shown("quit"))])
