"""Pushes: an image on its way to a repository, and the state of each of its layers."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Literal


class LayerState(StrEnum):
    """The state of one layer in a push."""

    PREPARING = "preparing"
    WAITING = "waiting"
    PUSHING = "pushing"
    PUSHED = "pushed"
    THERE = "already-there"
    MOUNTED = "mounted"
    RETRYING = "retrying"
    UNAVAILABLE = "unavailable"
    SKIPPED = "skipped"

    @property
    def finished(self) -> bool:
        """Whether nothing more happens to the layer."""
        return self in _FINISHED


_FINISHED = frozenset({LayerState.PUSHED, LayerState.THERE, LayerState.MOUNTED, LayerState.SKIPPED})
_ORDER = {LayerState.PREPARING: 0, LayerState.WAITING: 1, LayerState.PUSHING: 2}


class PushState(StrEnum):
    """How far a push is; `failed` also when its command ended and no digest was printed."""

    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Layer:
    """One layer; `id` as docker prints it (12 hex digits), or a BuildKit step (`layers`, `manifest`)."""

    id: str
    state: LayerState
    retries: int = 0
    retry_seconds: int | None = None
    """Seconds until the next try, as last announced; None when none is awaited."""
    mounted_from: str = ""
    """The repository that the layer was mounted from."""

    def advanced(self, later: Layer) -> Layer:
        """This layer after one more line about it: never back, except to try again."""
        if self.state.finished:
            return self
        if later.state is LayerState.RETRYING:
            seconds = later.retry_seconds or 0
            counting = self.state is LayerState.RETRYING and seconds <= (self.retry_seconds or 0)
            retries = self.retries if counting else self.retries + 1
            return replace(self, state=later.state, retries=retries, retry_seconds=seconds)
        if _ORDER.get(later.state, 9) < _ORDER.get(self.state, -1):
            return self
        return replace(self, state=later.state, retry_seconds=None, mounted_from=later.mounted_from)


@dataclass(frozen=True, slots=True)
class Push:
    """One image pushed, or being pushed, to one repository. Instants are epoch seconds."""

    repository: str
    """As the log names it, registry included; empty while BuildKit has not said it yet."""
    kind: Literal["classic", "buildx"]
    state: PushState = PushState.RUNNING
    tag: str | None = None
    """None until it is known, or for a push by digest."""
    digest: str | None = None
    layers: tuple[Layer, ...] = ()
    started: float | None = None
    finished: float | None = None

    @property
    def name(self) -> str:
        """The repository's name without its registry: `team/pet-web`."""
        head, slash, rest = self.repository.partition("/")
        return rest if slash and ("." in head or ":" in head or head == "localhost") else self.repository

    @property
    def total(self) -> int:
        """Layers (or BuildKit's steps) known so far."""
        return len(self.layers)

    @property
    def done(self) -> int:
        """How many of them are finished."""
        return sum(layer.state.finished for layer in self.layers)


def split_image(reference: str) -> tuple[str, str | None]:
    """Repository (with registry) and tag of an image reference; a digest is left out."""
    name = reference.partition("@")[0]
    head, colon, tag = name.rpartition(":")
    return (head, tag) if colon and "/" not in tag else (name, None)
