"""What is known, and how well: loadable slices, one frozen state, and the pure function that moves it on.

Empty, loading, partial, denied and unknown are different types, so that they can never look alike.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any, Generic, TypeVar, cast

from ecrtui.domain.errors import AppError

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Idle:
    """Not asked for."""


@dataclass(frozen=True, slots=True)
class Loading(Generic[T]):
    """On its way; `value` is what has come so far and can be used already."""

    value: T | None = None
    pages: int = 0
    rows: int = 0
    resume: str | None = None
    """Where to go on if it is stopped now."""


@dataclass(frozen=True, slots=True)
class Ready(Generic[T]):
    """Complete, as of `at` (epoch seconds)."""

    value: T
    at: float


@dataclass(frozen=True, slots=True)
class Partial(Generic[T]):
    """Incomplete: stopped by the user (`error` is None) or by an error; `resume` goes on from here."""

    value: T
    error: AppError | None
    at: float
    resume: str | None = None
    stale: bool = False
    """Complete as of `at`, but no load since then succeeded."""


@dataclass(frozen=True, slots=True)
class Failed:
    """Nothing came."""

    error: AppError
    at: float


Loadable = Idle | Loading[T] | Ready[T] | Partial[T] | Failed
IDLE = Idle()


def value_of(slice_: Loadable[T]) -> T | None:
    """What can be shown of a slice now, however well it is known."""
    return None if isinstance(slice_, Idle | Failed) else slice_.value


def error_of(slice_: Loadable[T]) -> AppError | None:
    """What went wrong with a slice, if anything did."""
    return slice_.error if isinstance(slice_, Partial | Failed) else None


def stopped(slice_: Loadable[T], at: float) -> Loadable[T]:
    """What remains of a slice whose loading the user stopped: what came is kept, and can be gone on with."""
    if not isinstance(slice_, Loading):
        return slice_
    return IDLE if slice_.value is None else Partial(slice_.value, None, at, slice_.resume)


@dataclass(frozen=True)
class Key(Generic[T]):
    """The address of a slice: what it is of. Subclasses fix the type of the value."""


@dataclass(frozen=True, slots=True)
class Changed:
    """A slice moved on. `generation` is the account session it was loaded in."""

    generation: int
    key: Key[Any]
    value: Loadable[Any]


@dataclass(frozen=True, slots=True)
class State:
    """Everything that is known of one account session."""

    generation: int = 0
    slices: Mapping[Key[Any], Loadable[Any]] = field(default_factory=lambda: MappingProxyType({}))

    def get(self, key: Key[T]) -> Loadable[T]:
        """The slice at `key`; Idle when it was never asked for."""
        return cast("Loadable[T]", self.slices.get(key, IDLE))

    def renewed(self) -> State:
        """A state for another account or profile: nothing of this one is kept."""
        return State(generation=self.generation + 1)


def reduce(state: State, event: Changed) -> State:
    """The next state; the same one when the event is of another generation (another account)."""
    if event.generation != state.generation or state.slices.get(event.key) == event.value:
        return state
    return replace(state, slices=MappingProxyType({**state.slices, event.key: event.value}))
