"""Explore: what is done to the repositories and images that are marked, or else to the one under the cursor."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ecrtui.ui.actions.findings import start_scans
from ecrtui.ui.actions.images import delete_images, image_of, tag_image
from ecrtui.ui.actions.policies import compare_policies
from ecrtui.ui.actions.protect import protect
from ecrtui.ui.actions.repositories import delete_repositories
from ecrtui.ui.panes.findings import FindingsPane
from ecrtui.ui.panes.tabs.findings import FindingsTab

if TYPE_CHECKING:
    from ecrtui.ui.screens.explore import ExploreScreen


class MarkedDesk:
    """Commands on rows of Explore."""

    def __init__(self, screen: ExploreScreen) -> None:
        self._screen = screen
        self._selection = screen.selection

    # Images

    def command_children(self) -> None:
        """Show or hide what stands under the image, also from its detail."""
        self._screen.images.command_children()

    def refusal_children(self) -> str:
        """Only images have platforms."""
        return self._selection.no_image or self._screen.images.refusal_children()

    def command_compare_findings(self) -> None:
        """The findings of the newer of two marked images beside those of the older; or two repositories' policies."""
        if not self._selection.on_image:
            two = sorted(self._selection.repositories, key=lambda one: (one.name, one.region))
            compare_policies(self._screen.ecrtui, two)
            return
        screen, listing = self._screen, self._screen.images.listing
        if listing is None:
            return
        rows = {digest: row for digest in self._selection.marked_images if (row := listing.find(digest)) is not None}
        older, newer = sorted(rows, key=lambda digest: listing.pushed[rows[digest]])
        if screen.images.table.move_to_key(newer):
            screen.enter(screen.images)
            screen.open_tab(FindingsTab.title)
            if isinstance(pane := screen.detail.pane, FindingsPane):
                pane.compare_with(older)

    def refusal_compare_findings(self) -> str:
        """It takes two."""
        if self._selection.on_image:
            return "" if len(self._selection.marked_images) == 2 else "mark two images with Space"
        return "" if len(self._selection.repositories) == 2 else "mark two images or repositories with Space"

    def command_scan(self) -> None:
        """Scan the marked images, or the one under the cursor."""
        start_scans(self._screen.ecrtui, self._selection.subject, self._selection.images)

    def refusal_scan(self) -> str:
        """Only images are scanned."""
        return self._selection.no_image

    def command_tag(self) -> None:
        """Put another tag on the image."""
        tag_image(self._screen.ecrtui, self._selection.subject)

    def refusal_tag(self) -> str:
        """Only images have tags."""
        known = image_of(self._screen.ecrtui.state, self._selection.subject)
        return self._selection.no_image if known is None else ""

    # Repositories, and both

    def command_protect(self) -> None:
        """Propose what protects the tags and images of the marked repositories."""
        protect(self._screen.ecrtui, self._selection.repositories)

    def refusal_protect(self) -> str:
        """Repositories are protected."""
        return "" if self._selection.repositories else self._selection.no_repository

    def command_delete(self) -> None:
        """Delete the marked images, or the repositories: what the pane with the focus shows."""
        if self._selection.on_image:
            delete_images(self._screen.ecrtui, self._selection.subject, self._selection.images)
        else:
            delete_repositories(self._screen.ecrtui, self._selection.repositories)

    def refusal_delete(self) -> str:
        """Regions cannot be deleted."""
        if self._selection.on_region:
            return "a region cannot be deleted"
        if self._selection.on_image:
            return "" if self._selection.images else self._selection.no_image
        return "" if self._selection.repositories else self._selection.no_repository
