"""Where one works: the regions in scope, the profile, and logging in."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING

from ecrtui.domain.text import Shown, shown
from ecrtui.services.slices import RegionsKey, RepositoriesKey
from ecrtui.services.state import Failed, value_of
from ecrtui.ui.dialogs.pick import Option, PickDialog
from ecrtui.ui.present.problems import headline

if TYPE_CHECKING:
    from ecrtui.ui.app import EcrtuiApp


class WorkplaceDesk:
    """Commands that change what is worked on."""

    def __init__(self, app: EcrtuiApp) -> None:
        self._app = app

    def command_regions(self) -> None:
        """Mark the regions that lists span."""
        choose_regions(self._app)

    def command_profile(self) -> None:
        """Change the profile; also while an account is being opened."""
        choose_profile(self._app)

    def command_login(self) -> None:
        """Log in anew: with the command for it, here or elsewhere."""
        if self._app.logins is not None:
            self._app.logins.choose()

    def refusal_login(self) -> str:
        """Why nothing can be logged in."""
        if self._app.backend.demo:
            return "the embedded account needs no login"
        return "" if self._app.session is not None else "no account is open"


def choose_regions(app: EcrtuiApp, *, unasked: bool = False) -> None:
    """Have the regions marked that lists span; `unasked`: since none is set, and unless something else is asked."""
    if unasked and app.screen.is_modal:
        return
    slice_ = app.state.get(RegionsKey())
    known = {region.name: region.refusal for region in value_of(slice_) or ()}
    names = dict.fromkeys([*known, *app.scope])
    options = [Option(name, shown(name), _count(app, name), shown(known.get(name, ""))) for name in names]
    options.sort(key=lambda option: (bool(option.refusal), option.value))
    empty = headline(slice_.error) if isinstance(slice_, Failed) else Shown("the regions are still loading")
    title = Shown("No region is set: which one?" if unasked else "Regions in scope")
    dialog = PickDialog(title, options, picked=app.scope, several=True, empty=empty)

    def chosen(regions: tuple[str, ...] | None) -> None:
        if regions:
            app.set_scope(regions)

    app.push_screen(dialog, chosen)


def _count(app: EcrtuiApp, region: str) -> Shown:
    listing = value_of(app.state.get(RepositoriesKey(region)))
    return Shown("") if listing is None else Shown(f"{len(listing):,} repositories")


def choose_profile(app: EcrtuiApp, *, unasked: bool = False) -> None:
    """Have a profile chosen; `unasked`: only where there is another than the one that cannot be used."""
    app.spawn(partial(_choose_profile, app, unasked), "profiles", exclusive=True)


async def _choose_profile(app: EcrtuiApp, unasked: bool) -> None:
    names = await asyncio.to_thread(app.backend.profiles)  # reads files
    if unasked and not set(names) - {app.profile_name}:
        return
    now = app.profile or (app.session.account.profile if app.session is not None else "")
    options = [Option(name, shown(name), Shown("in use") if name == now else Shown("")) for name in names]
    empty = "the embedded account has no profiles" if app.backend.demo else "no profile is configured"
    picked = [now] if now in names else []

    def chosen(profile: tuple[str, ...] | None) -> None:
        if profile:
            app.open_session(profile[0])

    app.push_screen(PickDialog(Shown("AWS profile"), options, picked=picked, empty=Shown(empty)), chosen)
