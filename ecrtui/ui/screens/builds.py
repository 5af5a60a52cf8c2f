"""Builds: every active build of the regions in scope, and the one under the cursor in full."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.containers import Horizontal

from ecrtui.domain.build import Build

from ecrtui.services.slices import HistoryKey
from ecrtui.services.state import State, value_of
from ecrtui.ui.following import FollowedBuild
from ecrtui.ui.panes.build_detail import BuildDetailPane
from ecrtui.ui.panes.builds import BuildsPane
from ecrtui.ui.screens.mode import ModeScreen
from ecrtui.ui.subject import Subject
from ecrtui.ui.widgets.resource_table import ResourceTable

_KEPT_FOLLOWED = 8
"""Builds whose logs stay in memory; the one looked at longest ago goes first."""


class BuildsScreen(ModeScreen):
    """The third screen."""

    MODE: ClassVar[str] = "builds"
    FOOTER: ClassVar[tuple[str, ...]] = (
        "filter",
        "build",
        "stop",
        "retry",
        "logs",
        "save",
        "watch",
        "copy",
        "help",
    )

    def __init__(self) -> None:
        super().__init__()
        self.builds = BuildsPane()
        self.detail = BuildDetailPane()
        self._followed: OrderedDict[str, FollowedBuild] = OrderedDict()

    def body(self) -> ComposeResult:
        with Horizontal(id="builds-body"):
            yield self.builds
            yield self.detail

    def on_mount(self) -> None:
        super().on_mount()
        self.builds.table.focus()
        self.set_interval(1.0, self._second)

    def session_opened(self) -> None:
        self._followed.clear()
        self.detail.follow(None)

    def show_state(self, state: State) -> None:
        super().show_state(state)
        self.ecrtui.feed_builds()
        self.builds.show_state(state)
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
        followed = self.follow(build)
        followed.build = build
        self.detail.follow(followed)
        key = HistoryKey(build.region, build.project)
        past = value_of(self.ecrtui.state.get(key))
        if past is None:
            session.load_history(build.region, build.project)
        self.detail.show_build(build, past or ())

    def follow(self, build: Build) -> FollowedBuild:
        """Follow a build's log, or go on with the one that is followed already."""
        followed = self._followed.get(build.id)
        if followed is None:
            session = self.ecrtui.session
            assert session is not None
            followed = self._followed[build.id] = FollowedBuild(session.account, build, self._news)
            self.ecrtui.spawn(followed.run(), f"log {build.id}", exclusive=True)
        self._followed.move_to_end(build.id)
        while len(self._followed) > _KEPT_FOLLOWED:
            gone, _ = self._followed.popitem(last=False)
            self.ecrtui.workers.cancel_group(self.ecrtui, f"log {gone}")
        return followed

    def _news(self, followed: FollowedBuild, lines: Sequence[str]) -> None:
        self.detail.news(followed, lines)
        if not lines or followed.pushes:
            self.ecrtui.show_soon()

    @property
    def subject(self) -> Subject:
        """What a command is about: the build under the cursor."""
        build = self.builds.current
        return Subject() if build is None else Subject(build.region, build.project, build_id=build.id)

    def on_resource_table_highlighted(self, event: ResourceTable.Highlighted) -> None:
        """Follow the cursor."""
        self._show_detail()

    def on_resource_table_selected(self, event: ResourceTable.Selected) -> None:
        """Enter: into the log."""
        self.command_logs()

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
