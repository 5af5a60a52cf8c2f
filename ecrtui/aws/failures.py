"""What failed: the place of a call, and one attempt of it that went wrong."""

from __future__ import annotations

from dataclasses import dataclass

from ecrtui.domain.errors import AppError, Executed


class MalformedError(ValueError):
    """An answer that is not what the operation answers; the text says in what."""


@dataclass(frozen=True, slots=True)
class Place:
    """What a call was, for the sentences about its failure."""

    what: str
    """The clause of `AppError.what`."""
    service: str
    operation: str
    region: str
    profile: str
    change: bool = False
    """Whether the call alters something, so that its effect matters when the answer is lost."""


@dataclass(frozen=True, slots=True)
class Failure:
    """One failed attempt."""

    error: AppError
    transient: bool
    """Whether another attempt may succeed."""


def executed(place: Place, *, sent: bool) -> Executed:
    """Whether a call took effect whose answer never came."""
    return Executed.UNKNOWN if place.change and sent else Executed.NO
