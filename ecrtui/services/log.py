"""Following a build's log: every line once, from the first to the last."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from typing import Literal

from ecrtui.domain.build import Build
from ecrtui.domain.errors import AppError, ErrorKind
from ecrtui.services.polling import Backoff
from ecrtui.services.ports import Account, Clock, LogPage, Sleep

LogState = Literal["waiting", "streaming", "ended", "expired", "disabled", "denied"]

_QUIET_POLLS = 3
"""Polls without news after a build's end before its log counts as complete (ingestion lag)."""
_MOST_BARREN_PAGES = 100
"""Pages in a row without news, each with a new token, after which the log counts as complete."""
_MOST_FAILURES = 8
_SETTLED = 120.0
"""Seconds after a build's end from which on its log gets no more events."""
_FOREIGN = 600.0
"""Events this many seconds after a build's end are not of the build."""


@dataclass(frozen=True, slots=True)
class LogLine:
    """One line; `at` is when its event was written, in epoch seconds."""

    at: float
    text: str
    """As it came, escape sequences included; without its line end."""


@dataclass(frozen=True, slots=True)
class LogChunk:
    """The lines that came since the last chunk, and how the log stands.

    `waiting`: not written yet; `streaming`: more may come; `ended`: complete, unless there is an `error`;
    `expired`: the log is gone; `disabled`: CodeBuild does not write it to CloudWatch; `denied`: not allowed.
    The last four are final. An `error` with the others is passing: it is tried again.
    """

    lines: tuple[LogLine, ...]
    state: LogState
    error: AppError | None = None

    @property
    def final(self) -> bool:
        """Whether no chunk comes after this one."""
        return self.state not in ("waiting", "streaming")


async def follow_log(
    account: Account,
    build_of: Callable[[], Build],
    *,
    interval: float = 1.5,
    clock: Clock = time.time,
    sleep: Sleep | None = None,
) -> AsyncIterator[LogChunk]:
    """The log of a build from its head on, until it is complete.

    `build_of` gives the build as it is known now. Tokens as the domain reference, section 3, says: never
    null, the same one back means nothing more for now, empty pages are not the end. Pauses end early when the
    network comes back, unless there is a `sleep`.
    """
    pause = sleep or account.network.pause
    follower = _Follower(account, build_of, interval, clock)
    while True:
        chunk, seconds = await follower.next()
        if chunk is not None:
            yield chunk
            if chunk.final:
                return
        if seconds:
            await pause(seconds)


class _Follower:
    """Where one log is read, and how often nothing came."""

    def __init__(self, account: Account, build_of: Callable[[], Build], interval: float, clock: Clock) -> None:
        self._account = account
        self._build_of = build_of
        self._interval = interval
        self._clock = clock
        self._backoff = Backoff(interval)
        self._token: str | None = None
        self._last: LogPage | None = None
        self._state: LogState | None = None
        self._quiet = 0
        self._barren = 0
        self._failures = 0

    async def next(self) -> tuple[LogChunk | None, float]:
        """The next chunk if there is news, and the seconds to wait before the next call."""
        build = self._build_of()
        if not build.cloudwatch_logs:
            return LogChunk((), "disabled"), 0.0
        if not build.log_group or not build.log_stream:
            return self._absent(build, "ended")
        try:
            page = await self._account.logs(build.region).events(build.log_group, build.log_stream, self._token)
        except AppError as error:
            return self._failed(build, error)
        self._failures = 0
        self._backoff.succeeded()
        return self._read(build, page)

    def _read(self, build: Build, page: LogPage) -> tuple[LogChunk | None, float]:
        moved = page.token != self._token
        repeated = self._last is not None and page.events == self._last.events
        self._token, self._last = page.token, page
        if page.events and not repeated and not _all_foreign(build, page):
            self._quiet = self._barren = 0
            self._state = "streaming"
            lines = tuple(line for at, message in page.events for line in _lines(at, message))
            return LogChunk(lines, "streaming"), 0.0 if moved else self._interval
        if not build.complete:
            return self._news("streaming"), self._interval
        self._barren += 1
        if moved and self._barren <= _MOST_BARREN_PAGES:
            return None, 0.0
        return self._quiet_poll(build, "ended")

    def _absent(self, build: Build, end: LogState) -> tuple[LogChunk | None, float]:
        """There is no stream: not yet, or no longer."""
        if not build.complete:
            return self._news("waiting"), self._interval
        return self._quiet_poll(build, end)

    def _quiet_poll(self, build: Build, end: LogState) -> tuple[LogChunk | None, float]:
        """One more poll without news after the build's end; some such polls are the end of the log."""
        self._quiet += 1
        settled = build.ended_at is not None and self._clock() - build.ended_at > _SETTLED
        if settled or self._quiet >= _QUIET_POLLS:
            return LogChunk((), end), 0.0
        return None, self._interval

    def _failed(self, build: Build, error: AppError) -> tuple[LogChunk | None, float]:
        if error.kind is ErrorKind.NOT_FOUND:
            return self._absent(build, "expired")
        if error.kind is ErrorKind.DENIED:
            return LogChunk((), "denied", error), 0.0
        self._failures += 1
        if build.complete and self._failures >= _MOST_FAILURES:
            return LogChunk((), "ended", error), 0.0
        state: LogState = "waiting" if self._token is None else "streaming"
        self._state = None
        return LogChunk((), state, error), self._backoff.failed()

    def _news(self, state: LogState) -> LogChunk | None:
        """A chunk without lines when the state is another one than before."""
        if state == self._state:
            return None
        self._state = state
        return LogChunk((), state)


def _all_foreign(build: Build, page: LogPage) -> bool:
    """Whether every event is of long after the build: somebody else writes into the stream."""
    if not build.complete or build.ended_at is None:
        return False
    return all(at > build.ended_at + _FOREIGN for at, _ in page.events)


def _lines(at: float, message: str) -> Iterator[LogLine]:
    for text in message.removesuffix("\n").split("\n"):
        yield LogLine(at, text.removesuffix("\r"))
