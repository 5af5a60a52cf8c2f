"""Builds: every active build of the regions in scope, and the one under the cursor in full."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.containers import Horizontal

from ecrtui.domain.text import shown
from ecrtui.resources import style_paths
from ecrtui.services.slices import HistoryKey
from ecrtui.services.state import State, value_of
from ecrtui.ui.actions.builds import retry_build, stop_build
from ecrtui.ui.following import FollowedBuild, save_log
from ecrtui.ui.panes.build_detail import BuildDetailPane
from ecrtui.ui.panes.builds import BuildsPane
from ecrtui.ui.screens.mode import ModeScreen
from ecrtui.ui.subject import Subject
from ecrtui.ui.widgets.resource_table import ResourceTable


class BuildsScreen(ModeScreen):
    """The third screen."""

    CSS_PATH = style_paths("widgets", "builds")
    MODE: ClassVar[str] = "builds"
    FOOTER: ClassVar[tuple[str, ...]] = ("filter", "build", "stop", "retry", "logs", "save", "watch", "help")

    def __init__(self) -> None:
        super().__init__()
        self.builds = BuildsPane()
        self.detail = BuildDetailPane()
        self._wanted: str | None = None
        """The build to go to as soon as the feed knows it."""

    def body(self) -> ComposeResult:
        with Horizontal(id="builds-body"):
            yield self.builds
            yield self.detail

    def on_mount(self) -> None:
        self.builds.table.focus()
        self.set_interval(1.0, self._second)

    def session_opened(self) -> None:
        self.detail.follow(None)

    def show_state(self, state: State) -> None:
        super().show_state(state)
        self.ecrtui.feed_builds()
        self.builds.show_state(state)
        if self._wanted is not None and self.builds.table.move_to_key(self._wanted):
            self._wanted = None
        self._show_detail()

    def _second(self) -> None:
        """Durations pass while a build runs."""
        current = self.builds.current
        if self.is_current and current is not None and current.active:
            self._show_detail()
            self.builds.table.refresh_rows()

    def _show_detail(self) -> None:
        build, session = self.builds.current, self.ecrtui.session
        if build is None or session is None:
            self.detail.follow(None)
            self.detail.show_build(None, ())
            return
        session.following.news = self._news
        followed = session.following.follow(build)
        self.detail.follow(followed)
        key = HistoryKey(build.region, build.project)
        past = value_of(self.ecrtui.state.get(key))
        if past is None:
            session.load_history(build.region, build.project)
        self.detail.show_build(build, past or ())

    def _news(self, followed: FollowedBuild, lines: Sequence[str]) -> None:
        self.detail.news(followed, lines)
        if not lines or followed.pushes or self.detail.is_outdated(followed):
            self.ecrtui.show_soon()

    @property
    def subject(self) -> Subject:
        """What a command is about: the build under the cursor."""
        build = self.builds.current
        return Subject() if build is None else Subject(build.region, build.project, build_id=build.id)

    def on_resource_table_highlighted(self, event: ResourceTable.Highlighted) -> None:
        """Follow the cursor."""
        self._show_detail()
        self._show_footer()

    def on_resource_table_selected(self, event: ResourceTable.Selected) -> None:
        """Enter: into the log."""
        self.command_logs()

    def reveal(self, subject: Subject) -> None:
        self._wanted = subject.build_id
        self.ecrtui.show_soon()

    @property
    def crumbs(self) -> Sequence[str]:
        """The build whose log is seen."""
        build = self.builds.current
        if build is None or not self.has_class("inside"):
            return ()
        return (build.region, build.project, f"#{build.number}")

    def command_stop(self) -> None:
        """Stop the build under the cursor."""
        if (build := self.builds.current) is not None:
            stop_build(self.ecrtui, build)

    def refusal_stop(self) -> str:
        """Only a build that runs can be stopped."""
        build = self.builds.current
        return "no build is selected" if build is None else "" if build.active else "this build has ended"

    def command_retry(self) -> None:
        """Run the build under the cursor again."""
        if (build := self.builds.current) is not None:
            retry_build(self.ecrtui, build)

    def refusal_retry(self) -> str:
        """Only a build that has ended can be retried."""
        build = self.builds.current
        return "no build is selected" if build is None else "this build still runs" if build.active else ""

    def command_watch(self) -> None:
        """Tell when the build ends, wherever the person is then."""
        session, build = self.ecrtui.session, self.builds.current
        if session is not None and build is not None:
            session.following.watch(build)
            self.ecrtui.tell(shown(f"{build.project} #{build.number}: its end will be told"))

    def refusal_watch(self) -> str:
        """A build that has ended needs no watching."""
        build = self.builds.current
        return "no build is selected" if build is None else "" if build.active else "this build has ended"

    def command_save(self) -> None:
        """Save the log under the present directory."""
        followed = self.detail.followed
        if followed is not None:
            path = save_log(followed)
            self.ecrtui.tell(shown(f"saved {len(followed.lines):,} lines to {path}"))

    def refusal_save(self) -> str:
        """There must be a log."""
        return "" if self.detail.followed and self.detail.followed.lines else "there is no log yet"

    def command_next_pane(self) -> None:
        """From the list to the log, and back."""
        if self.detail.log_view.has_focus:
            self.go_up()
        else:
            self.command_logs()

    def command_previous_pane(self) -> None:
        """The same: there are two."""
        self.command_next_pane()

    def command_logs(self) -> None:
        """Into the log of the build."""
        self.add_class("inside")
        self.detail.log_view.focus()

    def go_up(self) -> None:
        self.remove_class("inside")
        self.builds.table.focus()

    def command_refresh(self) -> None:
        """Poll at once."""
        self.ecrtui.feed_builds(poke=True)
