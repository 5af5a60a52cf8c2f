"""The repositories pane: the repositories of all regions in scope."""

from __future__ import annotations

import time

from ecrtui.domain.text import Shown, shown
from ecrtui.domain.units import size
from ecrtui.services.slices import ProjectsKey, RepositoriesKey, SummariesKey
from ecrtui.services.state import Loading, Ready, State, value_of
from ecrtui.ui.panes.list_pane import ListPane
from ecrtui.ui.present.repositories import FIELDS, RepositoryKey, RepositoryRows, columns
from ecrtui.ui.present.status import status_of_all
from ecrtui.ui.widgets.resource_table import Sort
from ecrtui.ui.widgets.rows import Cell

_EMPTY = (
    Cell(Shown("no repositories here"), "muted"),
    Cell(Shown("n creates one for a CodeBuild project, 2 compares projects and repositories"), "muted"),
)


class RepositoriesPane(ListPane):
    """Repositories, by name at first."""

    def __init__(self) -> None:
        super().__init__(Shown("REPOSITORIES"), columns(False), sort=Sort("name"), fields=FIELDS, id="repositories")

    @property
    def current(self) -> RepositoryKey | None:
        """The repository under the cursor."""
        return self.key if isinstance(self.key, RepositoryKey) else None

    def show_state(self, state: State) -> None:
        """Show the repositories as they are known now."""
        scope = self.ecrtui.scope
        slices = [state.get(RepositoriesKey(region)) for region in scope]
        listings = [listing for one in slices if (listing := value_of(one)) is not None]
        summaries = {region: value_of(state.get(SummariesKey(region))) or {} for region in scope}
        projects = {region: self._project_names(state, region) for region in scope}
        many = len(scope) > 1
        self.show_columns(columns(many))
        watched = () if self.ecrtui.session is None else self.ecrtui.session.watched
        rows = RepositoryRows(listings, summaries, projects, time.time(), many, watched)
        self.show_list(rows, status_of_all(slices, "repositories", _EMPTY), note=self._note_of(state))

    def _note_of(self, state: State) -> Shown:
        """The bytes counted so far, and how many repositories are still to be counted."""
        bytes_, counted, counting = 0, 0, False
        for region in self.ecrtui.scope:
            slice_ = state.get(SummariesKey(region))
            known = value_of(slice_) or {}
            bytes_ += sum(summary.bytes or 0 for summary in known.values())
            counted += len(known)
            counting |= isinstance(slice_, Loading)
        if not counted:
            return Shown("")
        return shown(f"{size(bytes_)}, counted {counted}" if counting else size(bytes_))

    @staticmethod
    def _project_names(state: State, region: str) -> frozenset[str] | None:
        projects = state.get(ProjectsKey(region))
        return frozenset(project.name for project in projects.value) if isinstance(projects, Ready) else None

    def count_in_sight(self) -> None:
        """Count what is on the screen before the rest, and beyond what is counted unasked."""
        session = self.ecrtui.session
        if session is None:
            return
        in_sight = [key for key in self.table.keys_in_sight if isinstance(key, RepositoryKey)]
        for region in self.ecrtui.scope:
            session.count_uncounted(region, [key.name for key in in_sight if key.region == region])
