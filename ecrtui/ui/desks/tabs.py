"""Explore: the tabs of the detail, opened from whatever pane has the focus."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ecrtui.ui.panes.tabs.cost import CostTab
from ecrtui.ui.panes.tabs.findings import FindingsTab
from ecrtui.ui.panes.tabs.json import JsonTab
from ecrtui.ui.panes.tabs.permissions import PermissionsTab
from ecrtui.ui.panes.tabs.used_by import UsedByTab

if TYPE_CHECKING:
    from ecrtui.ui.screens.explore import ExploreScreen


class TabsDesk:
    """Commands that show a tab of the detail."""

    def __init__(self, screen: ExploreScreen) -> None:
        self._screen = screen
        self._selection = screen.selection

    def command_used_by(self) -> None:
        """What runs the image, or the images of the repository."""
        self._screen.open_tab(UsedByTab.title)

    def refusal_used_by(self) -> str:
        """Images are run, and repositories hold them."""
        return self._selection.no_repository

    def command_permissions(self) -> None:
        """Who may push to the repository and pull from it."""
        self._screen.open_tab(PermissionsTab.title)

    def refusal_permissions(self) -> str:
        """Why there are none to show."""
        return self._selection.no_repository

    def command_findings(self) -> None:
        """What the scan of the image found."""
        self._screen.open_tab(FindingsTab.title)

    def refusal_findings(self) -> str:
        """Only images are scanned."""
        return self._selection.no_image

    def command_raw(self) -> None:
        """All that AWS says of the row."""
        self._screen.open_tab(JsonTab.title)

    def refusal_raw(self) -> str:
        """Why there is no JSON here."""
        return self._selection.no_repository

    def command_measure(self) -> None:
        """Read all manifests of the repository, or of the region, for exact sizes."""
        screen, session, measured = self._screen, self._screen.ecrtui.session, self._selection.measured
        if self._selection.on_region:
            screen.enter(screen.detail)
        else:
            screen.enter(screen.repositories)
            screen.open_tab(CostTab.title)
        if session is not None:
            session.stored.measure(*measured)

    def refusal_measure(self) -> str:
        """A region or a repository is measured."""
        return "" if self._selection.measured[0] else self._selection.no_repository

    def command_next_tab(self) -> None:
        """The next tab."""
        self._screen.detail.command_next_tab()

    def command_previous_tab(self) -> None:
        """The tab before."""
        self._screen.detail.command_previous_tab()
