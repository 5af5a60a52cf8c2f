"""Time."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Protocol


class Clock(Protocol):
    """Time, so that tests can set it."""

    def __call__(self) -> float:
        """Now, in epoch seconds."""
        ...


Sleep = Callable[[float], Awaitable[object]]
"""Waiting for some seconds, so that tests need not."""
