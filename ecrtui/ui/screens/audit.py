"""Audit: every rule over everything in scope, by rule or by repository, with what mends it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any, ClassVar

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical

from ecrtui.domain.audit.report import NotChecked, Report
from ecrtui.domain.audit.rules import BY_ID
from ecrtui.domain.errors import AppError
from ecrtui.domain.names import NamingRule
from ecrtui.domain.text import Shown, shown
from ecrtui.resources import style_paths
from ecrtui.services.audit import audit
from ecrtui.services.slices import AuditKey, RepositoriesKey, repository_of
from ecrtui.services.state import IDLE, Key, Loadable, Loading, State, value_of
from ecrtui.ui.actions.audit import save_report
from ecrtui.ui.dialogs.copy import CopyDialog
from ecrtui.ui.going import go_to
from ecrtui.ui.panes.audit import FindingsPane, GroupsPane
from ecrtui.ui.panes.list_pane import ListPane
from ecrtui.ui.present.audit import finding_of, region_of, severity_line
from ecrtui.ui.present.audit_detail import item_copies, item_lines
from ecrtui.ui.present.copying import copies_of
from ecrtui.ui.screens.lifecycle import show_lifecycle
from ecrtui.ui.screens.panes import PanesScreen
from ecrtui.ui.subject import Subject
from ecrtui.ui.widgets.cell_line import CellLine
from ecrtui.ui.widgets.resource_table import ResourceTable
from ecrtui.ui.widgets.text_view import TextView

_PLACES = {
    "explore": "the repository in Explore",
    "compare": "the project in Compare",
    "lifecycle": "the policy",
    "path": "its path",
}


class AuditScreen(PanesScreen):
    """The fifth screen."""

    CSS_PATH = style_paths("widgets", "audit")
    MODE: ClassVar[str] = "audit"
    FOOTER: ClassVar[tuple[str, ...]] = ("filter", "group", "verdict", "open-path", "copy", "save", "refresh", "help")
    VERTICAL_BREAKPOINTS = [(0, "-low"), (18, "-tall")]

    def __init__(self) -> None:
        super().__init__()
        self.severities = CellLine(id="severities")
        self.groups = GroupsPane()
        self.findings = FindingsPane()
        self.detail = TextView(id="finding")
        self._shown: tuple[object, ...] = ()

    def body(self) -> ComposeResult:
        yield self.severities
        with Vertical(id="audit"):
            with Horizontal(id="audit-lists"):
                yield self.groups
                yield self.findings
            yield self.detail

    def on_mount(self) -> None:
        self.enter(self.findings)

    def session_opened(self) -> None:
        self._shown = ()
        self.findings.start_over()

    # From the state

    @property
    def _key(self) -> AuditKey:
        return AuditKey(self.ecrtui.scope)

    @property
    def report(self) -> Report | None:
        """What is known of the audit."""
        return value_of(self.ecrtui.state.get(self._key))

    def show_state(self, state: State) -> None:
        super().show_state(state)
        session = self.ecrtui.session
        if session is not None and self.ecrtui.scope and not session.asked(self._key):
            self._run()
        slice_ = state.get(self._key)
        made_of = (slice_, self.groups.by_repository, self.groups.group)
        if made_of != self._shown:
            self.groups.show_report(value_of(slice_))
            self._shown = (slice_, self.groups.by_repository, self.groups.group)
            self._show_findings()
        self.severities.show_cells(severity_line(value_of(slice_), self.findings.chosen))

    def _run(self) -> None:
        """Audit the regions in scope."""
        session, settings = self.ecrtui.session, self.ecrtui.settings
        if session is None:
            return
        try:
            settings.check_rules(BY_ID)
        except AppError as error:
            self.ecrtui.report(error)
        naming = settings.naming_rule
        loads = partial(
            audit,
            session.account,
            self.ecrtui.scope,
            naming=NamingRule.of(naming) if naming else None,
            suppressions=settings.audit.suppress,
        )
        session.fill(self._key, loads)

    def _show_findings(self) -> None:
        slice_ = self.ecrtui.state.get(self._key)
        self.findings.show_report(slice_, value_of(slice_), self.groups.group)
        self._show_detail()

    def shown_slice(self, state: State) -> Loadable[object]:
        key: Key[Any] = self._key
        return state.get(key) if self.ecrtui.scope else IDLE

    def loading_now(self, state: State) -> bool:
        """Always: an audit asks too much to be repeated by the clock; `r` does it."""
        return True

    # What is under the cursor

    def on_resource_table_highlighted(self, event: ResourceTable.Highlighted) -> None:
        """Follow the cursor: of the groups to their findings, of the findings to the detail."""
        if event.table is self.groups.table:
            if self.groups.group != self._shown[2:3]:
                self.findings.start_over()
                self._show_findings()
        else:
            self.detail.scroll_home(animate=False)
            self._show_detail()
        self._show_footer()

    def on_list_pane_arranged(self, event: ListPane.Arranged) -> None:
        """Rows may be others now."""
        self._show_detail()
        self._show_footer()

    def on_resize(self) -> None:
        """Wrap the sentences anew."""
        self.call_after_refresh(self._show_detail)

    def _show_detail(self) -> None:
        item = self.findings.current
        if item is None:
            self.detail.show(())
            return
        helps = []
        finding = finding_of(item)
        if finding is not None and finding.name:
            helps.append((Shown("Enter"), _PLACES[finding.rule.opens]))
        self.detail.show(item_lines(item, helps, self.detail.size.width - 2))

    @property
    def subject(self) -> Subject:
        """What a command is about: the name that the finding is about."""
        item = self.findings.current
        if item is None:
            return Subject()
        if isinstance(item, NotChecked):
            return Subject(item.region, item.names[0] if item.names else "")
        finding = finding_of(item)
        return Subject() if finding is None else Subject(finding.region, finding.name, finding.digest or None)

    # Where it is mended

    def on_resource_table_selected(self, event: ResourceTable.Selected) -> None:
        """Enter: from a group to its findings, from a finding to the row that it is about."""
        if event.table is self.groups.table:
            self.command_next_pane()
            return
        item, subject = self.findings.current, self.subject
        finding = None if item is None else finding_of(item)
        if not subject.name:
            self.ecrtui.tell(shown(f"{subject.region}: this is about the region as a whole"), good=False)
        elif finding is not None and finding.rule.opens == "lifecycle" and self._repository(subject):
            show_lifecycle(self.ecrtui, [subject])
        elif finding is not None and finding.rule.opens == "path":
            go_to(self.ecrtui, "path", subject)
        elif (finding is not None and finding.rule.opens == "compare") or not self._repository(subject):
            go_to(self.ecrtui, "compare", subject)
        else:
            go_to(self.ecrtui, "explore", subject)

    def _repository(self, subject: Subject) -> bool:
        """Whether there may be such a repository: one whose region was not listed yet may be there."""
        known = value_of(self.ecrtui.state.get(RepositoriesKey(subject.region)))
        return known is None or repository_of(self.ecrtui.state, subject.region, subject.name) is not None

    # Commands

    def command_copy(self) -> None:
        """Choose what to copy: the command that mends it first."""
        item = self.findings.current
        if item is None:
            return
        copies = [*item_copies(item)]
        subject = self.subject
        copies += copies_of(subject, self.ecrtui.state) if subject.name else ()
        title = f"{subject.name or region_of(item)} in {subject.region}"
        self.ecrtui.push_screen(CopyDialog(shown(title), copies))

    def refusal_copy(self) -> str:
        """Why there is nothing to copy."""
        return "" if self.findings.current is not None else "nothing is selected"

    def command_group(self) -> None:
        """By rule, or by repository."""
        self.groups.command_group()

    def command_filter(self) -> None:
        """Whichever list has the focus: findings are filtered."""
        self.findings.command_filter()

    def command_verdict(self) -> None:
        """One severity after the other."""
        self.findings.command_verdict()

    def command_save(self) -> None:
        """Write the audit to a file."""
        if (report := self.report) is not None:
            save_report(self.ecrtui, report)

    def refusal_save(self) -> str:
        """There must be something to save, and all of it."""
        if self.report is None:
            return "there is no audit yet"
        still = isinstance(self.ecrtui.state.get(self._key), Loading)
        return "the audit is still running; Esc stops it" if still else ""

    @property
    def panes(self) -> Sequence[GroupsPane | FindingsPane | TextView]:
        return (self.groups, self.findings, self.detail)

    def stop_load(self) -> bool:
        session = self.ecrtui.session
        return session is not None and session.stop(self._key)

    def command_refresh(self) -> None:
        """Audit again."""
        if self.ecrtui.session is None:
            self.ecrtui.open_session(self.ecrtui.profile)
        elif self.ecrtui.scope:
            self._run()
