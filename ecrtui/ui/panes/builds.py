"""The builds pane: every active build of the regions in scope, and the newest that ended."""

from __future__ import annotations

import time
from collections.abc import Sequence

from ecrtui.domain.build import Build
from ecrtui.domain.text import Shown, shown
from ecrtui.services.slices import BuildsKey, HistoryKey
from ecrtui.services.state import State, value_of
from ecrtui.ui.panes.list_pane import ListPane
from ecrtui.ui.present.builds import FIELDS, build_rows, columns
from ecrtui.ui.present.source import ValueRows
from ecrtui.ui.present.status import status_of_all
from ecrtui.ui.widgets.rows import Cell

_EMPTY = (
    Cell(Shown("no builds in the regions in scope"), "muted"),
    Cell(Shown("b starts one, R chooses regions"), "muted"),
)


class BuildsPane(ListPane):
    """Builds, active ones first."""

    def __init__(self) -> None:
        super().__init__(Shown("BUILDS"), columns(False), fields=FIELDS, id="builds")

    @property
    def current(self) -> Build | None:
        """The build under the cursor, as it is known now."""
        index = self.table.index
        source = self.source
        return source.values[index] if isinstance(source, ValueRows) and index is not None else None

    def show_state(self, state: State) -> None:
        """Show the builds as they are known now."""
        scope = self.ecrtui.scope
        slices = [state.get(BuildsKey(region)) for region in scope]
        builds = [build for one in slices for build in value_of(one) or ()]
        many = len(scope) > 1
        self.show_columns(columns(many))
        active = sum(build.active for build in builds)
        note = shown(f"{active} running" if active else "none running")
        past = self._past(state, builds)
        self.show_list(build_rows(builds, past, time.time(), many), status_of_all(slices, "builds", _EMPTY), note=note)

    def _past(self, state: State, builds: Sequence[Build]) -> Sequence[Build]:
        """Earlier builds of the projects that are being built now; asked for where they are not known."""
        session = self.ecrtui.session
        past: list[Build] = []
        for region, project in {(build.region, build.project) for build in builds if build.active}:
            key = HistoryKey(region, project)
            known = value_of(state.get(key))
            past += known or ()
            if session is not None and not session.asked(key):
                session.load_history(region, project)
        return past
