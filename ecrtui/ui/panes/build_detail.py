"""One build, live: where it stands, its phases, its pushes, its verdict, and its log."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, cast

from textual.app import ComposeResult
from textual.containers import Vertical

from ecrtui.domain.build import Build
from ecrtui.domain.query import Field, QueryProblem
from ecrtui.domain.text import shown
from ecrtui.services.log import LogState
from ecrtui.ui.following import FollowedBuild
from ecrtui.ui.present.build_progress import timeline, title_line
from ecrtui.ui.present.build_verdict import verdict_lines
from ecrtui.ui.present.problems import explanation
from ecrtui.ui.present.pushes import push_lines
from ecrtui.ui.searchable import ask_for_filter
from ecrtui.ui.widgets.log_buffer import LogBuffer
from ecrtui.ui.widgets.log_view import LogView
from ecrtui.ui.widgets.rows import Cell
from ecrtui.ui.widgets.text_view import Line, TextView, height_of

if TYPE_CHECKING:
    from ecrtui.ui.app import EcrtuiApp

_MOST_SUMMARY = 14
_LOG_WORDS = {
    "waiting": "the log is not written yet: it begins with PROVISIONING",
    "disabled": "this project writes no log to CloudWatch: phases only",
    "expired": "the log is gone: its retention has ended, or it was deleted",
    "denied": "the log may not be read",
}


class BuildDetailPane(Vertical):
    """The summary of a build over its log."""

    def __init__(self) -> None:
        super().__init__(id="build-detail")
        self.summary = TextView(id="build-summary")
        self.log_view = LogView(id="build-log")
        self.followed: FollowedBuild | None = None
        self._told: LogState = "waiting"
        """How the log stood when the summary was shown last."""
        self.filter_text = ""
        self.fields: Mapping[str, Field] = {}
        self.problem: QueryProblem | None = None

    def compose(self) -> ComposeResult:
        yield self.summary
        yield self.log_view

    # Search: `/` looks for text instead of filtering

    def command_filter(self) -> None:
        """Open the search line."""
        ask_for_filter(self, self.screen)

    def set_filter(self, text: str) -> None:
        """Point out every line with this text."""
        self.filter_text = text
        self.log_view.search(text)

    def take_focus(self) -> None:
        """Have the keys go to the text."""
        self.log_view.focus()

    @property
    def ecrtui(self) -> EcrtuiApp:
        """The app, with its type."""
        return cast("EcrtuiApp", self.app)

    def follow(self, followed: FollowedBuild | None) -> None:
        """Show another build: its lines so far, and those that come."""
        if followed is self.followed:
            return
        self.followed = followed
        self.log_view.show(LogBuffer() if followed is None else followed.log)

    def news(self, followed: FollowedBuild, lines: Sequence[str]) -> None:
        """New lines came for a build; they are shown when it is this one."""
        if followed is self.followed and lines:
            self.log_view.lines_came()

    def is_outdated(self, followed: FollowedBuild) -> bool:
        """Whether the summary tells of another state of the log than it has now."""
        return followed is self.followed and followed.log_state != self._told

    def show_build(self, build: Build | None, history: Sequence[Build]) -> None:
        """Show where the build stands now."""
        lines = () if build is None else self._summary(build, history)
        self.summary.styles.height = max(1, min(height_of(lines, self.size.width - 2), _MOST_SUMMARY))
        self.summary.show(lines)
        self._told = "waiting" if self.followed is None else self.followed.log_state
        self.log_view.end(self._told not in ("waiting", "streaming"))

    def _summary(self, build: Build, history: Sequence[Build]) -> tuple[Line, ...]:
        now, room = time.time(), max(20, self.size.width - 3)
        lines: list[Line] = [title_line(build, history, now), *timeline(build, now, room)]
        followed = self.followed
        if followed is None or followed.build.id != build.id:
            return tuple(lines)
        lines += verdict_lines(build, followed.diagnosis, followed.verdict)
        if build.active or not followed.finished:
            lines += push_lines(followed.pushes, room, max(3, self.size.height // 3 - len(lines)))
        if word := _LOG_WORDS.get(followed.log_state):
            lines.append((Cell(shown(word), "muted"),))
        if followed.log_error is not None:
            lines += [(cell,) for cell in explanation(followed.log_error)]
        return tuple(lines)
