"""The pushes of one log while it is being read: one place for bounds, versions and instants."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from ecrtui.domain.push import Layer, LayerState, Push, PushState

PUSH_LIMIT = 1_000
LAYER_LIMIT = 1_000
"""Bounds on what a hostile log can make us hold (`PushLedger.overflowed` says when one was met)."""

type_key = tuple[object, ...]


@dataclass(eq=False, slots=True)
class PushRecord:
    """One push while it is being read; `push.layers` is filled from `layers` by `snapshot` only."""

    push: Push
    layers: dict[str, Layer] = field(default_factory=dict)

    def snapshot(self) -> Push:
        """The push as a value."""
        return replace(self.push, layers=tuple(self.layers.values()))

    @property
    def unfinished(self) -> bool:
        """Whether a layer is still on its way."""
        return any(not layer.state.finished for layer in self.layers.values())


class PushLedger:
    """Pushes by a key that a second reading of the same lines finds again."""

    def __init__(self) -> None:
        self.version = 0
        """Grows with every change."""
        self.overflowed = False
        """Whether more pushes or layers came than are held."""
        self.now: float | None = None
        """The last instant that a line told."""
        self._records: dict[type_key, PushRecord] = {}
        self._untimed: list[PushRecord] = []

    def __iter__(self) -> Iterator[PushRecord]:
        return iter(self._records.values())

    def find(self, key: type_key) -> PushRecord | None:
        """The push of that key."""
        return self._records.get(key)

    def open(self, key: type_key, push: Push, layers: dict[str, Layer] | None = None) -> PushRecord | None:
        """The push of that key, begun now when it is not known; None when no more are held."""
        known = self._records.get(key)
        if known is not None:
            return known
        if len(self._records) >= PUSH_LIMIT:
            self.overflowed = True
            return None
        self.version += 1
        return self._records.setdefault(key, PushRecord(replace(push, started=self.now), layers or {}))

    def drop(self, key: type_key) -> None:
        """Forget a push that turned out to be another, read again."""
        del self._records[key]
        self.version += 1

    def layer(self, record: PushRecord, layer: Layer) -> None:
        """One line about a layer; one that moves shows that a push, given up with its command, goes on."""
        known = record.layers.get(layer.id)
        if known is None and len(record.layers) >= LAYER_LIMIT:
            self.overflowed = True
            return
        later = (known or Layer(layer.id, LayerState.PREPARING)).advanced(layer)
        if later == known:
            return
        record.layers[layer.id] = later
        self.version += 1
        if record.push.state is PushState.FAILED and record.push.finished is None:
            self.change(record, state=PushState.RUNNING)

    def change(self, record: PushRecord, **members: object) -> None:
        """Set members of the push."""
        record.push = replace(record.push, **members)  # type: ignore[arg-type]
        self.version += 1

    def finish(self, record: PushRecord, tag: str | None, digest: str | None) -> None:
        """The push is done: the registry has answered with its digest (docker's own driver names none)."""
        self.change(record, tag=tag, digest=digest, state=PushState.DONE, finished=self.now)
        self._untimed.append(record)

    def give_up(self, record: PushRecord) -> None:
        """The push's command has ended without a digest."""
        if record.push.state is PushState.RUNNING:
            self.change(record, state=PushState.FAILED)

    def fail(self, record: PushRecord) -> None:
        """The push was refused, with an error line."""
        if record.push.digest is None and record.push.finished is None:
            self.change(record, state=PushState.FAILED, finished=self.now)

    def tick(self, instant: float) -> None:
        """A line told the time. Docker's own lines do not: a push ended no later than the next that does."""
        for record in self._untimed:
            self.change(record, finished=instant)
        self._untimed.clear()
        self.now = instant
