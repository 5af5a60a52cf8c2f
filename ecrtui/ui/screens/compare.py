"""Compare: every project beside the repository of its name, with the verdict, the evidence and what mends it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from textual.app import ComposeResult
from textual.containers import Vertical

from ecrtui.domain.pairing import Pairing, Verdict
from ecrtui.domain.text import Shown
from ecrtui.resources import style_paths
from ecrtui.services.slices import (
    LastBuildsKey,
    ProjectsKey,
    RegionsKey,
    RegistryKey,
    RepositoriesKey,
    SummariesKey,
)
from ecrtui.services.state import Key, Loadable, Partial, Ready, State
from ecrtui.ui import commands
from ecrtui.ui.actions.create import create_repositories
from ecrtui.ui.actions.protect import protect
from ecrtui.ui.going import go_to
from ecrtui.ui.panes.list_pane import ListPane
from ecrtui.ui.panes.pairings import PairingsPane
from ecrtui.ui.present.pairing_detail import pairing_lines
from ecrtui.ui.present.repositories import RepositoryKey
from ecrtui.ui.screens.lifecycle import show_lifecycle
from ecrtui.ui.screens.panes import PanesScreen
from ecrtui.ui.subject import Subject
from ecrtui.ui.widgets.resource_table import ResourceTable
from ecrtui.ui.widgets.text_view import TextView

_HELPS = {
    Verdict.MISSING_REPOSITORY: (("create", "create it"),),
    Verdict.NEVER_PUSHED: (("build", "start a build"),),
    Verdict.CREATED_ON_PUSH: (("build", "start a build"), ("create", "create it")),
    Verdict.UNKNOWN: (("refresh", "load it again"),),
    Verdict.PAIRED: (("build", "start a build"), ("lifecycle", "its lifecycle policy")),
    Verdict.NO_PROJECT: (("lifecycle", "its lifecycle policy"),),
    Verdict.REPLICA: (("lifecycle", "its lifecycle policy"),),
    Verdict.CACHE: (("lifecycle", "its lifecycle policy"),),
}
"""The commands that help with a verdict."""


class CompareScreen(PanesScreen):
    """The second screen."""

    CSS_PATH = style_paths("widgets", "compare")
    MODE: ClassVar[str] = "compare"
    FOOTER: ClassVar[tuple[str, ...]] = (
        "filter",
        "verdict",
        "create",
        "build",
        "lifecycle",
        "open-path",
        "copy",
        "help",
    )
    VERTICAL_BREAKPOINTS = [(0, "-low"), (18, "-tall")]

    def __init__(self) -> None:
        super().__init__()
        self.pairings = PairingsPane()
        self.detail = TextView(id="pairing")
        self._asked: dict[str, object] = {}
        """The projects of each region whose last builds were asked for."""

    def body(self) -> ComposeResult:
        with Vertical(id="compare"):
            yield self.pairings
            yield self.detail

    def on_mount(self) -> None:
        self.enter(self.pairings)

    def session_opened(self) -> None:
        self._asked.clear()
        self.pairings.forget()

    def show_state(self, state: State) -> None:
        super().show_state(state)
        self._ask(state)
        self.pairings.show_state(state)
        self._show_detail()

    def shown_slice(self, state: State) -> Loadable[object]:
        scope = self.ecrtui.scope
        key: Key[Any] = RepositoriesKey(scope[0]) if scope else RegionsKey()
        return state.get(key)

    def _ask(self, state: State) -> None:
        """Load what is compared, unless it is there: both sides, then what is in them and the last builds."""
        session = self.ecrtui.session
        if session is None:
            return
        for region in self.ecrtui.scope:
            if not session.asked(RepositoriesKey(region)):
                session.load_repositories(region)
            if not session.asked(ProjectsKey(region)):
                session.load_projects(region)
            if not session.asked(RegistryKey(region)):
                session.load_registry(region)
            repositories = state.get(RepositoriesKey(region))
            if isinstance(repositories, Ready | Partial) and not session.asked(SummariesKey(region)):
                session.load_summaries(region, repositories.value.names)
            elif isinstance(repositories, Ready) and isinstance(state.get(SummariesKey(region)), Ready):
                session.count_uncounted(region, repositories.value.names)
            projects = state.get(ProjectsKey(region))
            if isinstance(projects, Ready | Partial) and self._asked.get(region) is not projects.value:
                self._asked[region] = projects.value
                session.load_last_builds(region, [project.name for project in projects.value])

    # The pairing under the cursor

    def on_resource_table_highlighted(self, event: ResourceTable.Highlighted) -> None:
        """Follow the cursor."""
        self.detail.scroll_home(animate=False)
        self._show_detail()
        self._show_footer()

    def on_list_pane_arranged(self, event: ListPane.Arranged) -> None:
        """Verdicts may be others now."""
        self._show_detail()
        self._show_footer()

    def on_resize(self) -> None:
        """Wrap the evidence anew."""
        self.call_after_refresh(self._show_detail)

    def _show_detail(self) -> None:
        pairing = self.pairings.current
        if pairing is None:
            self.detail.show(())
            return
        helps = [
            (self.ecrtui.key_of(commands.BY_ID[id_]), words)
            for id_, words in _HELPS.get(pairing.verdict, ())
            if commands.refusal(self.ecrtui.command_chain, commands.BY_ID[id_], self.ecrtui.read_only) == ""
        ]
        if pairing.name:
            helps.append((Shown("Enter"), "its path"))
        self.detail.show(pairing_lines(pairing, self.pairings.beside, helps, self.detail.size.width - 2))

    @property
    def subject(self) -> Subject:
        """What a command is about: the name under the cursor."""
        pairing = self.pairings.current
        return Subject() if pairing is None else Subject(pairing.region, pairing.name)

    @property
    def subjects(self) -> Sequence[Subject]:
        """What a command on many is about: the marked names, else the one under the cursor."""
        return [Subject(pairing.region, pairing.name) for pairing in self.pairings.targets]

    def on_resource_table_selected(self, event: ResourceTable.Selected) -> None:
        """Enter: the whole path of the name."""
        if self.subject.name:
            go_to(self.ecrtui, "path", self.subject)

    # Creating what is missing

    def command_create(self) -> None:
        """Create the repositories that are missing, of the marked names or of the one under the cursor."""
        create_repositories(self.ecrtui, [Subject(one.region, one.name) for one in self._creatable])

    def refusal_create(self) -> str:
        """Why there is nothing to create."""
        targets = self.pairings.targets
        if not targets:
            return self.no_subject
        if self._creatable:
            return ""
        if len(targets) > 1:
            return "none of the marked names lacks a repository"
        return "it has a repository" if targets[0].repository is not None else "there is no project to create it for"

    @property
    def _creatable(self) -> list[Pairing]:
        """Projects without a repository; of several marked ones only those that push images."""
        lacking = [one for one in self.pairings.targets if one.project is not None and one.repository is None]
        if len(lacking) > 1:
            lacking = [one for one in lacking if one.verdict is not Verdict.NOT_A_CONTAINER_BUILD]
        return lacking

    def command_lifecycle(self) -> None:
        """The lifecycle policies of the repositories among what is marked."""
        show_lifecycle(self.ecrtui, self._existing)

    def refusal_lifecycle(self) -> str:
        """A policy needs a repository."""
        return "" if self._existing else "there is no repository yet"

    def command_protect(self) -> None:
        """Propose what protects the repositories among what is marked."""
        protect(self.ecrtui, self._existing)

    def refusal_protect(self) -> str:
        """There must be something to protect."""
        return "" if self._existing else "there is no repository yet"

    @property
    def _existing(self) -> list[Subject]:
        return [Subject(one.region, one.name) for one in self.pairings.targets if one.repository is not None]

    # Moving about

    def reveal(self, subject: Subject) -> None:
        self.pairings.reveal(RepositoryKey(subject.region, subject.name))

    @property
    def panes(self) -> Sequence[PairingsPane | TextView]:
        return (self.pairings, self.detail)

    def stop_load(self) -> bool:
        session = self.ecrtui.session
        if session is None:
            return False
        keys = [key(region) for region in self.ecrtui.scope for key in (ProjectsKey, LastBuildsKey)]
        stopped = [session.stop(key) for key in keys]
        stopped += [session.stop_region(region) for region in self.ecrtui.scope]
        return any(stopped)

    def command_refresh(self) -> None:
        """Load both sides again."""
        if self.ecrtui.session is None:
            self.ecrtui.open_session(self.ecrtui.profile)
        for region in self.ecrtui.scope:
            self.ecrtui.load_region(region, again=True)
            if self.ecrtui.session is not None:
                self.ecrtui.session.load_registry(region)
