"""A build that is followed: its log, its pushes, why it failed, and whether its images are in ECR."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import aclosing
from typing import TYPE_CHECKING

from ecrtui.domain.build import Build
from ecrtui.domain.diagnosis import Diagnosis, Examination
from ecrtui.domain.push import Push
from ecrtui.services.log import LogChunk, LogState, follow_log
from ecrtui.services.verify import ImageVerdict, verify

if TYPE_CHECKING:
    from ecrtui.services.ports import Account

KEPT_LINES = 100_000


class FollowedBuild:
    """What is known of one build from its log. `news` is called after each chunk, with the new lines."""

    def __init__(self, account: Account, build: Build, news: Callable[[FollowedBuild, tuple[str, ...]], None]) -> None:
        self.account = account
        self.build = build
        self.lines: list[str] = []
        self.dropped = 0
        self.log_state: LogState = "waiting"
        self.log_error: Exception | None = None
        self.diagnosis: Diagnosis | None = None
        self.verdict: ImageVerdict | None = None
        self.finished = False
        self._news = news
        self._examination = Examination()

    @property
    def pushes(self) -> tuple[Push, ...]:
        """The pushes so far."""
        return self._examination.pushlog.pushes

    async def run(self) -> None:
        """Follow the log to its end; then say why it failed, or look the images up."""
        async with aclosing(follow_log(self.account, lambda: self.build)) as chunks:  # type: ignore[type-var]
            async for chunk in chunks:
                self._take(chunk)
        self.diagnosis = self._examination.conclude(self.build)
        self._news(self, ())
        if self.build.status == "SUCCEEDED":
            self.verdict = await verify(self.account, self.build.region, self.pushes)
        self.finished = True
        self._news(self, ())

    def _take(self, chunk: LogChunk) -> None:
        self.log_state, self.log_error = chunk.state, chunk.error
        lines = tuple(line.text for line in chunk.lines)
        for line in chunk.lines:
            self._examination.feed(line.text, line.at)
        self.lines += lines
        if (extra := len(self.lines) - KEPT_LINES) > 0:
            del self.lines[:extra]
            self.dropped += extra
        self._news(self, lines)
