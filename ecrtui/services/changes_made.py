"""What the journal holds: every change of this machine with its end, as far as anybody saw one."""

from __future__ import annotations

from dataclasses import dataclass

from ecrtui.domain.errors import AppError
from ecrtui.services.ports import Journal, JournalEntry
from ecrtui.services.traces import phrase

UNKNOWN = "unknown"
ON_ITS_WAY = "on-its-way"
"""Outcomes of changes that have no other: cut off or not to be seen, and those that somebody is about now."""


@dataclass(frozen=True, slots=True)
class ChangeMade:
    """A change that was sent, or was about to be."""

    intent: JournalEntry
    end: JournalEntry | None
    """The last that was written of its end; None when nothing was."""
    outcome: str
    """In one word: `done`, `refused`, `not-done`, `unknown`, …"""
    request_id: str

    @property
    def title(self) -> str:
        """What was to be done, as a clause."""
        return phrase(self.intent)

    @property
    def detail(self) -> str:
        """How it ended, as a sentence; empty where nothing is known of that."""
        if self.end is not None:
            return self.end.detail
        return "" if self.outcome == ON_ITS_WAY else "it was cut off"


async def changes_made(journal: Journal) -> tuple[ChangeMade, ...]:
    """All changes, newest first. Raises AppError when the journal cannot be read."""
    open_ones = await _open_ones(journal)
    written: dict[str, list[JournalEntry]] = {}
    for entry in await journal.everything():
        written.setdefault(entry.id, []).append(entry)
    made = [_made(entries, open_ones) for entries in written.values()]
    return tuple(sorted(made, key=lambda change: change.intent.at, reverse=True))


async def _open_ones(journal: Journal) -> frozenset[str] | None:
    """The ids of changes that nobody is about, and whose end nobody saw; None when that cannot be told."""
    try:
        async with journal.abandoned(again=True) as intents:
            return frozenset(intent.id for intent in intents)
    except AppError:  # a directory that cannot be written
        return None


def _made(entries: list[JournalEntry], open_ones: frozenset[str] | None) -> ChangeMade:
    ends = [entry for entry in entries if entry.outcome != "intent"]
    request_id = next((entry.request_id for entry in ends if entry.request_id), "")
    if ends:
        outcome = ends[-1].outcome.replace(" ", "-")
    else:
        outcome = UNKNOWN if open_ones is None or entries[0].id in open_ones else ON_ITS_WAY
    return ChangeMade(entries[0], ends[-1] if ends else None, outcome, request_id)
