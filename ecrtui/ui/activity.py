"""The activity of a session: every change and every error, newest last."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from ecrtui.domain.change import ChangeResult
    from ecrtui.domain.errors import AppError
    from ecrtui.domain.text import Shown

_KEPT = 5_000


class ActivityEntry(NamedTuple):
    """One thing that happened, at `at` (epoch seconds): an error, a change, or news."""

    at: float
    title: Shown
    error: AppError | None = None
    result: ChangeResult | None = None
    times: int = 1
    """How often the same came, one right after the other; `at` is of the last."""


class Activity:
    """The last 5,000 entries; `dropped` counts older ones that went."""

    def __init__(self) -> None:
        self._entries: deque[ActivityEntry] = deque(maxlen=_KEPT)
        self.dropped = 0

    def add(self, entry: ActivityEntry) -> None:
        """Append one entry, or count it where it is the error that came last."""
        last = self._entries[-1] if self._entries else None
        if last is not None and entry.error is not None and entry.result is None and last.title == entry.title:
            self._entries[-1] = entry._replace(times=last.times + 1)
            return
        if entry.error is not None:
            _let_go(entry.error)
        self.dropped += len(self._entries) == _KEPT
        self._entries.append(entry)

    @property
    def entries(self) -> Sequence[ActivityEntry]:
        """All entries kept, oldest first."""
        return tuple(self._entries)


def _let_go(error: BaseException) -> None:
    """Drop where it was raised and what it came of: they hold on to everything that was at hand there."""
    cause = error.__cause__ or error.__context__
    error.__traceback__ = error.__cause__ = error.__context__ = None
    if cause is not None:
        _let_go(cause)
