"""What the header says: whose account, which regions, read-only, endpoint, age, and the modes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ecrtui.domain.text import Shown, shown
from ecrtui.domain.units import age
from ecrtui.services.ports import Account, Identity
from ecrtui.services.state import Failed, Loadable, Loading, Partial, Ready, value_of
from ecrtui.ui.present.problems import state_word
from ecrtui.ui.widgets.status_header import HeaderState

_FRESH = 60.0
"""Seconds for which data count as fresh and no age is shown."""


def header_of(
    account: Account | None,
    profile: str,
    identity: Loadable[Identity],
    scope: Sequence[str],
    modes: Sequence[str],
    mode: str,
    oldest: Loadable[Any],
    now: float,
    *,
    demo: bool,
    retry: Shown,
    crumbs: Sequence[str] = (),
) -> HeaderState:
    """The header of a session; before the account is open, what is known without it."""
    return HeaderState(
        profile=shown(profile),
        account=_account(identity, account is None),
        regions=tuple(shown(region) for region in scope),
        read_only=account is not None and account.read_only,
        endpoint=shown(account.endpoint) if account is not None and not demo else Shown(""),
        age=retry or _age(oldest, now),
        stale=bool(retry) or (isinstance(oldest, Partial) and oldest.error is not None),
        modes=tuple(Shown(one.capitalize()) for one in modes),
        mode=modes.index(mode),
        crumbs=tuple(shown(crumb) for crumb in crumbs),
    )


def _account(identity: Loadable[Identity], opening: bool) -> Shown:
    known = value_of(identity)
    if known is not None:
        return shown(known.account)
    if isinstance(identity, Failed):
        return state_word(identity.error)
    return Shown("connecting…") if opening or isinstance(identity, Loading) else Shown("")


def _age(slice_: Loadable[Any], now: float) -> Shown:
    if not isinstance(slice_, Ready | Partial) or now - slice_.at < _FRESH:
        return Shown("")
    return shown(f"{age(now - slice_.at)} ago")
