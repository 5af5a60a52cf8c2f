"""The panes of Audit: groups of findings, and the findings of the group under the cursor."""

from __future__ import annotations

import re

from textual import events

from ecrtui.domain.audit.report import Report
from ecrtui.domain.audit.rule import Severity
from ecrtui.domain.text import Shown, shown
from ecrtui.services.state import Loadable, Loading
from ecrtui.ui.panes.list_pane import ListPane
from ecrtui.ui.present.audit import (
    FIELDS,
    GROUP_COLUMNS,
    GroupKey,
    Item,
    columns,
    group_rows,
    groups_of,
    item_rows,
    items_of,
)
from ecrtui.ui.present.source import ValueRows
from ecrtui.ui.present.status import Status, status_of
from ecrtui.ui.widgets.resource_table import Sort
from ecrtui.ui.widgets.rows import Cell

_NOTHING = (Cell(Shown("nothing that breaks a rule"), "good"),)
_NOTHING_CHECKED = (Cell(Shown("nothing that breaks a rule, of what could be checked"), "warn"),)
_TERM = re.compile(r'(?<!\S)[-!]?severity:(?:"[^"]*"|\S*)\s*')


class GroupsPane(ListPane):
    """Rules or repositories with findings, the worst first."""

    def __init__(self) -> None:
        super().__init__(Shown("RULES"), GROUP_COLUMNS, id="groups")
        self.by_repository = False

    @property
    def group(self) -> GroupKey | None:
        """The group under the cursor."""
        return self.key if isinstance(self.key, GroupKey) else None

    def show_report(self, report: Report | None) -> None:
        """Show the groups of what is known now."""
        groups = [] if report is None else groups_of(report, self.by_repository)
        self.set_title(Shown("REPOSITORIES" if self.by_repository else "RULES"))
        self.show_list(group_rows(groups), Status())

    def _count(self, total: int) -> Shown:
        """How many rules or repositories: the other rows are no groups of findings."""
        rows = self.source.values if isinstance(self.source, ValueRows) else ()
        number = sum(1 for group in rows if group.key.kind in ("rule", "name"))
        return Shown(f"{number}") if number else Shown("")

    def command_group(self) -> None:
        """By rule, or by repository."""
        self.by_repository = not self.by_repository
        self.table.move_to(0)
        self.ecrtui.show_soon()


class FindingsPane(ListPane):
    """The findings of one group."""

    def __init__(self) -> None:
        super().__init__(
            Shown("FINDINGS"), columns(None, False), sort=Sort("severity"), fields=FIELDS, id="audit-findings"
        )
        self._touched = False

    # The cursor stays on the worst until somebody moves it

    def on_key(self, event: events.Key) -> None:
        """From the first key on the cursor belongs to the person."""
        self._touched = True

    def on_click(self, event: events.Click) -> None:
        """So it does from the first click on."""
        self._touched = True

    def on_list_pane_arranged(self, event: ListPane.Arranged) -> None:
        """Worse findings come in above; the cursor waits at the top meanwhile."""
        if not self._touched:
            self.table.move_to(0)

    def start_over(self) -> None:
        """Other findings are shown: from the top."""
        self._touched = False
        self.table.move_to(0)

    @property
    def current(self) -> Item | None:
        """The row under the cursor."""
        source, key = self.source, self.key
        index = None if source is None or key is None else source.find(key)
        return source.values[index] if isinstance(source, ValueRows) and index is not None else None

    def show_report(self, slice_: Loadable[Report], report: Report | None, group: GroupKey | None) -> None:
        """Show the findings of a group."""
        chosen = columns(group, report is not None and len(report.regions) > 1)
        items = () if report is None else items_of(report, group)
        self.show_columns(chosen)
        self.set_title(_title(group))
        unchecked = report is not None and bool(report.not_checked)
        status = status_of(slice_, "findings", _NOTHING_CHECKED if unchecked else _NOTHING)
        self.show_list(item_rows(items, chosen), _progress(slice_, status))

    # One severity only

    @property
    def chosen(self) -> Severity | None:
        """The severity that the list is filtered by."""
        words = self.filter_text.split()
        return next((severity for severity in Severity if f"severity:{severity}" in words), None)

    def choose(self, severity: Severity | None) -> None:
        """Show one severity only, or all; the rest of the filter stays."""
        rest = _TERM.sub("", self.filter_text).strip()
        self.set_filter(rest if severity is None else f"{rest} severity:{severity}".strip())
        self.ecrtui.show_soon()

    def command_verdict(self) -> None:
        """The next severity that some finding has, and after the last all of them."""
        rows = self.source.values if isinstance(self.source, ValueRows) else ()
        there = {getattr(item, "severity", None) for item in rows}
        choices: list[Severity | None] = [None, *(severity for severity in Severity if severity in there)]
        now = choices.index(self.chosen) if self.chosen in choices else 0
        self.choose(choices[(now + 1) % len(choices)])


def _title(group: GroupKey | None) -> Shown:
    match group:
        case GroupKey(kind="not checked"):
            return Shown("NOT CHECKED")
        case GroupKey(kind="suppressed"):
            return Shown("SUPPRESSED")
        case GroupKey(kind="rule" | "name", id=name):
            return shown(f"FINDINGS  {name}")
    return Shown("FINDINGS")


def _progress(slice_: Loadable[Report], status: Status) -> Status:
    """While it runs: how many names were looked at."""
    if not isinstance(slice_, Loading) or slice_.value is None or not slice_.value.names:
        return status
    report = slice_.value
    word = shown(f"{report.looked_at} of {report.names} names")
    nothing = (Cell(Shown("nothing yet that breaks a rule"), "muted"),)
    return Status(word, "muted", nothing, True, report.looked_at / report.names)
