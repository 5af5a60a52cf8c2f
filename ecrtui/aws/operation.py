"""One operation while it runs, with all its attempts: what the caller and the hook of the requests know of it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from ecrtui.aws.failures import Failure
from ecrtui.aws.network import Way
from ecrtui.domain.errors import AppError, Executed


@dataclass(slots=True)
class Operation:
    """Of one task: a request that leaves belongs to the operation of its task."""

    sent: bool = False
    """Whether the request of this attempt has left."""
    last: AppError | None = None
    unknown: bool = False
    """Whether an earlier attempt of a change may have taken effect."""
    way: Way | None = None
    """The way that the request takes, once that is known."""
    deadline: asyncio.Timeout | None = None

    @contextmanager
    def running(self) -> Iterator[None]:
        """Be the operation of this task."""
        token = _running.set(self)
        try:
            yield
        finally:
            _running.reset(token)

    def begin_anew(self, limit: float) -> None:
        """The network is back: there are so many seconds again."""
        if self.deadline is not None:
            self.deadline.reschedule(asyncio.get_running_loop().time() + limit)

    def remember(self, error: AppError) -> None:
        """An attempt failed; what an earlier one may have done is not known any better for it."""
        self.last = error
        self.unknown = self.unknown or error.executed is Executed.UNKNOWN
        if self.unknown:
            error.executed = Executed.UNKNOWN

    def given_up(self, late: Failure, limit: float) -> AppError:
        """The error of an operation whose time is over: the last known cause says more than the clock."""
        error = self.last or late.error
        if self.last:
            error.why = f"{error.why}; gave up after {limit:g} s"
        if late.error.executed is Executed.UNKNOWN:
            error.executed = Executed.UNKNOWN
        return error


_running: ContextVar[Operation | None] = ContextVar("_running", default=None)


def note_sent(**_: Any) -> None:
    """Note that a request leaves now (`before-send`)."""
    if operation := _running.get():
        operation.sent = True
