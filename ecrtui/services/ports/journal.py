"""The record of changes."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any, Protocol

from ecrtui.domain.errors import AppError


@dataclass(frozen=True, slots=True)
class JournalEntry:
    """One line of the journal: an intent (`outcome` is "intent") or the end of the change with that id."""

    id: str
    at: float
    account: str
    arn: str
    region: str
    service: str
    operation: str
    target: str
    parameters: Mapping[str, Any]
    outcome: str
    request_id: str = ""
    detail: str = ""
    before: str = ""
    endpoint: str = ""
    """The endpoint URL when it is not AWS's own: an emulator may have accounts of the same number."""
    looked_up: bool = False
    """Whether this end was read later, and not seen by who sent the change."""


class Journal(Protocol):
    """The append-only record of every change."""

    async def append(self, entry: JournalEntry) -> None:
        """Write one entry durably (fsync) before returning."""
        ...

    async def entries(self, account: str, region: str, target: str) -> tuple[JournalEntry, ...]:
        """The entries about one target, oldest first."""
        ...

    async def everything(self) -> tuple[JournalEntry, ...]:
        """All entries, oldest first."""
        ...

    def abandoned(self, again: bool = False) -> AbstractAsyncContextManager[tuple[JournalEntry, ...]]:
        """The intents whose end nobody has seen: cut off, or ended as unknown; `again`: also looked up in vain.

        Cut off are those without an end whose writers live no more; nobody else is given these meanwhile.
        """
        ...

    async def mend(self) -> AppError | None:
        """Set aside what cannot be read. Answers what there is to tell: that, or why no journal can be kept."""
        ...
