"""Builds that are followed: their logs, their pushes, why they failed, and whether their images are in ECR."""

from __future__ import annotations

import asyncio
import re
from collections import OrderedDict
from collections.abc import Callable, Sequence
from contextlib import aclosing
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

from ecrtui.domain.build import Build
from ecrtui.domain.diagnosis import Diagnosis, Examination
from ecrtui.domain.errors import AppError, ErrorKind
from ecrtui.domain.push import Push
from ecrtui.services.log import LogChunk, LogState, follow_log
from ecrtui.services.verify import ImageVerdict, verify
from ecrtui.ui.actions.saving import write_new
from ecrtui.ui.defects import unexpected
from ecrtui.ui.present.build_verdict import ending
from ecrtui.ui.widgets.log_buffer import LogBuffer

if TYPE_CHECKING:
    from ecrtui.services.ports import Account
    from ecrtui.ui.app import EcrtuiApp

_AT_ONCE = 500
"""Lines that are read for pushes and causes between two chances for other messages: some 5 ms."""
_KEPT_BUILDS = 8
"""Builds whose logs stay in memory; the one looked at longest ago goes first."""

News = Callable[["FollowedBuild", tuple[str, ...]], None]


class FollowedBuild:
    """What is known of one build from its log. `news` is called after each chunk, with the new lines."""

    def __init__(self, account: Account, build: Build, news: Callable[[FollowedBuild, tuple[str, ...]], None]) -> None:
        self.account = account
        self.build = build
        self.log = LogBuffer()
        self.log_state: LogState = "waiting"
        self.log_error: AppError | None = None
        self.diagnosis: Diagnosis | None = None
        self.verdict: ImageVerdict | None = None
        self.finished = False
        self.live = build.active
        """Whether the build still ran when it was followed first: what it pushes is news."""
        self._news = news
        self._examination = Examination()

    @property
    def pushes(self) -> tuple[Push, ...]:
        """The pushes so far."""
        return self._examination.pushlog.pushes

    @property
    def lines(self) -> Sequence[str]:
        """The lines that are held, raw as they came."""
        return self.log.lines

    async def run(self) -> None:
        """Follow the log to its end; then say why it failed, or look the images up."""
        try:
            await self._run()
        except Exception as error:
            self.log_state, self.log_error = "ended", unexpected(error, "read the log")
            self._news(self, ())
            raise

    async def _run(self) -> None:
        async with aclosing(follow_log(self.account, lambda: self.build)) as chunks:  # type: ignore[type-var]
            async for chunk in chunks:
                await self._take(chunk)
        self.diagnosis = self._examination.conclude(self.build)
        self._news(self, ())
        if self.build.status == "SUCCEEDED":
            self.verdict = await verify(self.account, self.build.region, self.pushes)
        self.finished = True
        self._news(self, ())

    async def _take(self, chunk: LogChunk) -> None:
        self.log_state, self.log_error = chunk.state, chunk.error
        lines = tuple(line.text for line in chunk.lines)
        self.log.add(lines)
        for number, line in enumerate(chunk.lines, 1):
            self._examination.feed(line.text, line.at)
            if number % _AT_ONCE == 0:
                await asyncio.sleep(0)
        if self.build.complete:
            self.diagnosis = self._examination.conclude(self.build)
        self._news(self, lines)


class Following:
    """The followed builds of one session. Watched ones are followed to their end, and announced then."""

    def __init__(self, app: EcrtuiApp, account: Account) -> None:
        self._app = app
        self._account = account
        self._builds: OrderedDict[str, FollowedBuild] = OrderedDict()
        self.watched: set[str] = set()
        """The ids of the builds whose end is announced."""
        self.news: News = lambda followed, lines: None
        """Told of every chunk: the screen that shows a log sets it."""

    def follow(self, build: Build) -> FollowedBuild:
        """Follow a build's log, or go on with the one that is followed already."""
        followed = self._builds.get(build.id)
        if followed is None:
            followed = self._builds[build.id] = FollowedBuild(self._account, build, self._told)
            self._app.spawn(followed.run, _group(build.id), exclusive=True)
        followed.build = build
        self._builds.move_to_end(build.id)
        self._forget()
        return followed

    def watch(self, build: Build) -> None:
        """Follow a build to its end and announce it."""
        self.watched.add(build.id)
        self.follow(build)

    def update(self, build: Build) -> None:
        """The feed saw a build: where it is followed or watched, that goes on with what is known now."""
        if build.id in self.watched or build.id in self._builds:
            self.follow(build)

    def end(self) -> None:
        """Stop following."""
        for build_id in self._builds:
            self._app.workers.cancel_group(self._app, _group(build_id))

    def _told(self, followed: FollowedBuild, lines: tuple[str, ...]) -> None:
        self.news(followed, lines)
        if followed.finished and followed.live and self._app.session is not None:
            for name in {push.name for push in followed.pushes}:
                self._app.session.look_again(followed.build.region, name)
        if followed.finished and followed.build.id in self.watched:
            self.watched.discard(followed.build.id)
            text, good = ending(followed.build, followed.diagnosis, followed.verdict)
            self._app.announce(text, good=good)

    def _forget(self) -> None:
        for build_id, followed in list(self._builds.items()):
            if len(self._builds) <= _KEPT_BUILDS:
                return
            if build_id not in self.watched:
                del self._builds[build_id]
                if not followed.finished:
                    self._app.workers.cancel_group(self._app, _group(build_id))


def _group(build_id: str) -> str:
    return f"log {build_id}"


def save_log(followed: FollowedBuild) -> Path:
    """Write a log, raw as it came, to a new file of the present directory; AppError when that cannot be done."""
    name = re.sub(r"[^A-Za-z0-9_-]+", "-", f"{followed.build.project}-{followed.build.number or 'build'}")
    dropped = followed.log.dropped
    head = [f"[ecrtui: {dropped} earlier lines were dropped]"] if dropped else []
    for number in count(0):
        path = Path(f"{name}{f'.{number}' if number else ''}.log").absolute()
        try:
            write_new(path, "".join(f"{line}\n" for line in [*head, *followed.lines]))
        except FileExistsError:
            continue
        except OSError as error:
            raise AppError(
                ErrorKind.LOCAL,
                f"save the log to {path}",
                why=error.strerror or str(error),
                remedy="Start ecrtui in a directory that you may write to and that has room.",
            ) from error
        break
    return path
