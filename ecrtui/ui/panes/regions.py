"""The regions pane of Explore: space puts a region in scope, Enter goes to it alone."""

from __future__ import annotations

from ecrtui.domain.text import Shown, shown
from ecrtui.services.slices import RegionsKey, RepositoriesKey, SummariesKey
from ecrtui.services.state import State, value_of
from ecrtui.ui.panes.list_pane import ListPane
from ecrtui.ui.present.regions import COLUMNS, region_rows
from ecrtui.ui.present.source import ValueRows
from ecrtui.ui.present.status import status_of
from ecrtui.ui.widgets.resource_table import ResourceTable


class RegionsPane(ListPane):
    """Every region of the account."""

    def __init__(self) -> None:
        super().__init__(Shown("REGIONS"), COLUMNS, id="regions")
        self._leading: tuple[str, ...] = ()
        """The scope at the beginning: rows that moved with their marks would leave the mouse."""
        self._generation = -1

    def show_state(self, state: State) -> None:
        """Show the regions as they are known now."""
        regions = state.get(RegionsKey())
        known = value_of(regions) or ()
        names = {*(region.name for region in known), *self.ecrtui.scope}
        if self._generation != state.generation and self.ecrtui.scope:
            self._generation, self._leading = state.generation, self.ecrtui.scope
        rows = region_rows(
            known,
            {name: state.get(RepositoriesKey(name)) for name in names},
            {name: value_of(state.get(SummariesKey(name))) or {} for name in names},
            self.ecrtui.scope,
            self._leading,
        )
        scope = len(self.ecrtui.scope)
        self.show_list(rows, status_of(regions, "regions"), note=shown(f"{scope} in scope") if scope else Shown(""))
        self.table.set_marks(self.ecrtui.scope)

    def on_resource_table_marks_changed(self, event: ResourceTable.MarksChanged) -> None:
        """The marked regions are the scope; the last one cannot be unmarked."""
        event.stop()
        scope = self.ecrtui.scope
        rows = self.source.values if isinstance(self.source, ValueRows) else ()
        wanted = [row.name for row in rows if row.name in event.marks and (not row.refusal or row.name in scope)]
        if not wanted:
            self.table.set_marks(scope)
        elif set(wanted) != set(scope):
            self.ecrtui.set_scope(wanted)
