"""Opening the account of a profile: what was known of the one before is gone, and only its regions may stay."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from ecrtui.domain.errors import AppError

if TYPE_CHECKING:
    from ecrtui.ui.app import EcrtuiApp


def open_session(app: EcrtuiApp, profile: str | None) -> None:
    """Leave the account in use, if any, and open the one of `profile`."""
    if app.session is not None:
        app.session.end()
    marked, same = app.scope, profile == app.profile
    app.session = None
    app.profile = profile
    app.scope = ()
    app.state = app.state.renewed()
    if app.logins is not None:
        app.logins.opening()
    app.show_soon()
    app.spawn(partial(_open, app, app.state.generation, marked, same), "session", exclusive=True)


async def _open(app: EcrtuiApp, generation: int, marked: Sequence[str], same: bool) -> None:
    from ecrtui.ui.session import Session

    assert app.logins is not None
    try:
        account = await app.backend.open_account(app.profile, app.retries.tell)
    except AppError as error:
        app.logins.not_opened(error)
        return
    if generation != app.state.generation:
        await account.close()
        return
    session = app.session = Session(app, account, app.backend.open_journal(), generation)
    app.logins.opened(session)
    session.load_identity()
    session.load_regions()
    session.look_back()
    own = app.settings.regions or ((account.default_region,) if account.default_region else ())
    app.set_scope((marked or own) if same else (own or marked))
    for screen in app.mode_screens:
        screen.session_opened()
