"""The embedded account's clock: the machine's until it is set, then the one that tests move."""

from __future__ import annotations

import time


class Clock:
    """Epoch seconds. It runs with the machine's clock; `set` stops it at an instant, `advance` moves it."""

    def __init__(self, at: float | None = None) -> None:
        self._standing = at
        self._ahead = 0.0

    def __call__(self) -> float:
        """The instant now."""
        return time.time() + self._ahead if self._standing is None else self._standing

    def set(self, at: float) -> None:
        """Stop at this instant."""
        self._standing = at

    def advance(self, seconds: float) -> None:
        """Move by these seconds; a running clock goes on running."""
        if self._standing is None:
            self._ahead += seconds
        else:
            self._standing += seconds

    def run(self) -> None:
        """Run with the machine's clock again, from where it stands."""
        if self._standing is not None:
            self._ahead = self._standing - time.time()
            self._standing = None
