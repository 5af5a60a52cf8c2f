"""The targets pane: the repositories whose lifecycle policies are looked at together."""

from __future__ import annotations

import time
from collections.abc import Sequence

from ecrtui.domain.text import Shown, shown
from ecrtui.services.slices import PolicyKey
from ecrtui.services.state import State
from ecrtui.ui.panes.list_pane import ListPane
from ecrtui.ui.present.fates import PreviewKey
from ecrtui.ui.present.lifecycle import COLUMNS, FIELDS, Target, target_rows
from ecrtui.ui.present.repositories import RepositoryKey
from ecrtui.ui.present.status import Status


class TargetsPane(ListPane):
    """Repositories; what is marked is what a policy is applied to."""

    def __init__(self, keys: Sequence[RepositoryKey]) -> None:
        super().__init__(Shown("REPOSITORIES"), COLUMNS, fields=FIELDS, id="targets")
        self.keys = tuple(keys)
        self.table.styles.max_height = len(keys) + 1

    @property
    def current(self) -> RepositoryKey | None:
        """The repository under the cursor."""
        key = self.key
        return key if isinstance(key, RepositoryKey) else self.keys[0] if self.keys else None

    @property
    def chosen(self) -> tuple[RepositoryKey, ...]:
        """The marked repositories, else the one under the cursor."""
        marked = self.table.marks
        if len(self.keys) > 1 and marked:
            return tuple(key for key in self.keys if key in marked)
        return () if self.current is None else (self.current,)

    def show_state(self, state: State, draft: str) -> None:
        """Show what is known of each now."""
        targets = [Target(key, state.get(PolicyKey(*key)), state.get(PreviewKey(*key))) for key in self.keys]
        marked = len(self.table.marks)
        note = shown(f"{marked} marked: they get the draft" if marked else "Space marks")
        self.show_list(target_rows(targets, draft, time.time()), Status(), note=note)
