"""What the scan of an image found: a list of its own, with filter, sort and export."""

from __future__ import annotations

from collections.abc import Sequence

from ecrtui.domain.text import Shown
from ecrtui.services.slices import FindingsKey
from ecrtui.services.state import Failed, Idle, Ready
from ecrtui.ui.panes.findings import FindingsPane
from ecrtui.ui.panes.tabs.tab import View
from ecrtui.ui.widgets.text_view import Line


class FindingsTab:
    """The findings of an image."""

    title = Shown("Findings")

    def offered(self, digest: str | None) -> bool:
        """Only images are scanned."""
        return digest is not None

    def load(self, view: View) -> None:
        """All findings; again where the scan did not answer before."""
        if view.digest is None or view.image is None:
            return
        slice_ = view.state.get(FindingsKey(*view.place, view.digest))
        if isinstance(slice_, Idle | Failed) or (isinstance(slice_, Ready) and not slice_.value.answers):
            view.session.scans.load_findings(*view.place, view.image)

    def lines(self, view: View) -> Sequence[Line]:
        """None: they are rows."""
        return ()

    def pane(self) -> FindingsPane:
        """The list."""
        return FindingsPane()
