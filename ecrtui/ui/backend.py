"""What the app needs of the world outside, as the composition root gives it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from ecrtui.services.ports import Account, Journal


def _only_said(error: BaseException) -> str:
    from ecrtui.crash import sentence

    return f"ecrtui stopped because of a defect of its own: {sentence(error)}."


class Backend(NamedTuple):
    """The world outside."""

    open_account: Callable[[str | None, Callable[[str], None]], Awaitable[Account]]
    """Open the account of a profile (None: as configured); the callback is told of every read that is tried again.

    No request is sent by opening.
    """
    profiles: Callable[[], Sequence[str]]
    open_journal: Callable[[], Journal]
    """The record of changes; asked for once for each account that is opened."""
    demo: bool = False
    crashed: Callable[[BaseException], str] = _only_said
    """Keep a report of a defect that ends the app; what to say of it."""
