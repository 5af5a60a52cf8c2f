"""The network was lost and is back: what failed for the want of it is loaded again, what is looked at first."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from ecrtui.domain.errors import AppError, ErrorKind
from ecrtui.services.slices import SummariesKey, UsageKey
from ecrtui.services.state import Key, Loading, error_of, value_of

if TYPE_CHECKING:
    from ecrtui.ui.session import Session


def recover(session: Session) -> None:
    """Load again what the network kept away; look for credentials again, which it may have kept away too."""
    app = session.app
    if app.session is not session:
        return
    if session.account.login.problem is not None and app.logins is not None:
        app.logins.look_again()
    failed = list(_unreached(session))
    for key in session.newest_first(failed):
        session.load_again(key)
    for region in app.scope:
        _count_again(session, region)
        usage = value_of(session.state.get(UsageKey(region)))
        if usage is not None and usage.unchecked:
            session.load_usage(region)
    session.scans.look_everywhere_again()
    screen = app.mode_screen
    if not failed and screen is not None and not screen.loading_now(session.state):
        screen.command_refresh()  # parts of what it shows may have failed


def _unreached(session: Session) -> Iterator[Key[Any]]:
    for key, slice_ in session.state.slices.items():
        if not isinstance(slice_, Loading) and _lacked_network(error_of(slice_)) and session.asked(key):
            yield key


def _count_again(session: Session, region: str) -> None:
    summaries = value_of(session.state.get(SummariesKey(region))) or {}
    if names := [name for name, summary in summaries.items() if _lacked_network(summary.error)]:
        session.count_first(region, names)


def _lacked_network(found: object) -> bool:
    return isinstance(found, AppError) and found.kind in (ErrorKind.NETWORK, ErrorKind.TIMEOUT)
