"""The detail pane: what is known of the row under the cursor, in tabs that load when they are opened."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, cast

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widget import Widget

from ecrtui.domain.query import Field, QueryProblem
from ecrtui.domain.text import Shown, shown
from ecrtui.services.slices import PricesKey, RegionsKey, RepositoriesKey, SpendingKey, SummariesKey, UsageKey
from ecrtui.services.state import State, value_of
from ecrtui.ui.panes.tabs.builds import BuildsTab
from ecrtui.ui.panes.tabs.cost import CostTab
from ecrtui.ui.panes.tabs.findings import FindingsTab
from ecrtui.ui.panes.tabs.json import JsonTab
from ecrtui.ui.panes.tabs.layers import LayersTab
from ecrtui.ui.panes.tabs.overview import OverviewTab
from ecrtui.ui.panes.tabs.permissions import PermissionsTab
from ecrtui.ui.panes.tabs.regions import RegionsTab
from ecrtui.ui.panes.tabs.tab import PaneTab, Tab, TabPane, View
from ecrtui.ui.panes.tabs.used_by import UsedByTab
from ecrtui.ui.present.cost import region_cost_lines
from ecrtui.ui.present.regions import region_lines
from ecrtui.ui.present.repositories import RepositoryKey
from ecrtui.ui.present.used_by import region_use_lines
from ecrtui.ui.searchable import ask_for_filter
from ecrtui.ui.widgets.tab_line import TabLine
from ecrtui.ui.widgets.text_view import Line, TextView

if TYPE_CHECKING:
    from ecrtui.ui.app import EcrtuiApp

TABS: tuple[Tab, ...] = (
    OverviewTab(),
    LayersTab(),
    FindingsTab(),
    UsedByTab(),
    BuildsTab(),
    PermissionsTab(),
    CostTab(),
    RegionsTab(),
    JsonTab(),
)
"""In the order in which they stand."""


class DetailPane(Vertical):
    """The detail of one repository, or of one of its images."""

    def __init__(self) -> None:
        super().__init__(id="detail")
        self.repository: RepositoryKey | None = None
        self.digest: str | None = None
        self.region_name: str | None = None
        """The region shown instead of a repository, while the focus is on the regions."""
        self._wanted = TABS[0].title
        """The tab that was opened last; the first one stands in where a subject has no such tab."""
        self.tab_line = TabLine([tab.title for tab in self._tabs])
        self.view = TextView()
        self._panes = {tab.title: tab.pane() for tab in TABS if isinstance(tab, PaneTab)}

        self.filter_text = ""
        self.fields: Mapping[str, Field] = {}
        self.problem: QueryProblem | None = None

    def compose(self) -> ComposeResult:
        yield self.tab_line
        yield self.view
        for pane in self._panes.values():
            pane.display = False
            yield pane

    # Search: `/` looks for text instead of filtering

    def command_filter(self) -> None:
        """Open the search line."""
        ask_for_filter(self, self.screen)

    def set_filter(self, text: str) -> None:
        """Point out every line with this text."""
        self.filter_text = text
        self.view.search(text)

    def take_focus(self) -> None:
        """Have the keys go to the text, or to what the open tab shows in its place."""
        if (pane := self.pane) is not None:
            cast("TabPane", pane).take_focus()
        else:
            self.view.focus()

    @property
    def ecrtui(self) -> EcrtuiApp:
        """The app, with its type."""
        return cast("EcrtuiApp", self.app)

    # Tabs

    @property
    def _tabs(self) -> Sequence[Tab]:
        """The tabs that the subject has."""
        return [tab for tab in TABS if tab.offered(self.digest)]

    @property
    def tab(self) -> Tab:
        """The tab that is open."""
        return next((tab for tab in self._tabs if tab.title == self._wanted), TABS[0])

    @property
    def pane(self) -> Widget | None:
        """What the open tab shows instead of text; None where it shows text."""
        return None if self.region_name is not None else self._panes.get(self.tab.title)

    def open_tab(self, title: Shown) -> None:
        """Open a tab by its title."""
        if title != self._wanted:
            self._wanted = title
            self.view.scroll_home(animate=False)
            self.load()
            self.show_state(self.ecrtui.state)

    def command_next_tab(self) -> None:
        """The tab on the right."""
        self._step(1)

    def command_previous_tab(self) -> None:
        """The tab on the left."""
        self._step(-1)

    def _step(self, by: int) -> None:
        tabs = self._tabs
        self.open_tab(tabs[(tabs.index(self.tab) + by) % len(tabs)].title)

    def on_tab_line_tab_chosen(self, event: TabLine.TabChosen) -> None:
        """A tab was clicked."""
        event.stop()
        self.open_tab(event.title)

    # What is shown

    def show_subject(self, repository: RepositoryKey | None, digest: str | None) -> None:
        """Show another repository or image, in the tab that is open."""
        if (repository, digest) != (self.repository, self.digest):
            self.repository, self.digest = repository, digest
            self.view.scroll_home(animate=False)
            self.load()

    def load(self) -> None:
        """Ask for what the open tab shows, unless it is there."""
        view = self._view(self.ecrtui.state)
        if view is not None:
            self.tab.load(view)

    def show_state(self, state: State) -> None:
        """Show what is known of the subject now."""
        view = self._view(state)
        self.tab_line.show(self._subject(view), [tab.title for tab in self._tabs], self.tab.title)
        self._show_pane()
        if view is not None and self.pane is not None:
            cast("TabPane", self.pane).show_view(view)
        elif self.region_name is not None:
            self.view.show(self._region(state, self.region_name))
        elif view is not None:
            self.view.show(self.tab.lines(view))
        else:
            self.view.show(())

    def _region(self, state: State, region: str) -> Sequence[Line]:
        summaries = value_of(state.get(SummariesKey(region))) or {}
        spending, prices = state.get(SpendingKey(region, None)), state.get(PricesKey(region))
        regions = value_of(state.get(RegionsKey())) or ()
        return (
            *region_lines(region, regions, state.get(RepositoriesKey(region))),
            *region_use_lines(state.get(UsageKey(region))),
            *region_cost_lines(summaries, spending, prices, time.time()),
        )

    def _show_pane(self) -> None:
        """Put the text or the open tab's own pane in the place; the focus stays in the detail."""
        chosen = self.pane or self.view
        if chosen.display:
            return
        focused = self.has_focus_within
        for one in (self.view, *self._panes.values()):
            one.display = one is chosen
        if focused:
            self.take_focus()

    def _view(self, state: State) -> View | None:
        session = self.ecrtui.session
        if session is None or self.repository is None:
            return None
        return View(self.repository, self.digest, state, self.ecrtui.scope, session, time.time())

    def _subject(self, view: View | None) -> Shown:
        if self.region_name is not None:
            return shown(self.region_name)
        if view is None:
            return Shown("")
        image = view.image
        if image is None:
            return shown(view.key.name)
        name = image.tags[0] if image.tags else image.digest[:19]
        return shown(f"{view.key.name}:{name}" if image.tags else f"{view.key.name}@{name}")
