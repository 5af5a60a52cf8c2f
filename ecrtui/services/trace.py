"""What reading shows of a change whose end nobody saw, and the little that all such looks share."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from ecrtui.domain.errors import AppError, ErrorKind
from ecrtui.services.ports import JournalEntry

SKEW = 60.0
"""Seconds that our clock may be ahead of AWS's."""
SENT_WITHIN = 240.0
"""Seconds from the intent to the end of sending: what is looked at before, and the deadline of each call."""


class Resolution(StrEnum):
    """What became of a change that was cut off."""

    DONE = "done"
    NOT_DONE = "not done"
    IN_PART = "done in part"
    UNKNOWN = "unknown"
    """It cannot be told by reading."""
    OPEN = "still open"
    """It could not be read now; nothing is written, and the next start looks again."""


@dataclass(frozen=True, slots=True)
class Trace:
    """What was seen of a change, and the sentence about it."""

    resolution: Resolution
    detail: str


def done(detail: str) -> Trace:
    """It took effect."""
    return Trace(Resolution.DONE, detail)


def not_done(detail: str) -> Trace:
    """It had no effect."""
    return Trace(Resolution.NOT_DONE, detail)


def unclear(detail: str) -> Trace:
    """It cannot be told."""
    return Trace(Resolution.UNKNOWN, detail)


def given(entry: JournalEntry, name: str) -> str:
    """A parameter that must be there."""
    value = entry.parameters.get(name)
    if isinstance(value, str) and value:
        return value
    why = f"the journal does not say its {name}"
    raise AppError(ErrorKind.INVALID, f"see what became of {entry.operation}", entry.region, why)
