"""The latest builds of the project that bears the repository's name."""

from __future__ import annotations

from collections.abc import Sequence

from ecrtui.domain.text import Shown
from ecrtui.services.slices import HistoryKey
from ecrtui.services.state import Failed, Idle
from ecrtui.ui.panes.tabs.tab import View
from ecrtui.ui.present.builds import history_lines
from ecrtui.ui.widgets.text_view import Line


class BuildsTab:
    """A project's builds, newest first."""

    title = Shown("Builds")

    def offered(self, digest: str | None) -> bool:
        """Always."""
        return True

    def load(self, view: View) -> None:
        """The history."""
        if isinstance(view.state.get(HistoryKey(*view.place)), Idle | Failed):
            view.session.load_history(*view.place)

    def lines(self, view: View) -> Sequence[Line]:
        """A line each."""
        return history_lines(view.state.get(HistoryKey(*view.place)), view.key.name, view.now)
