"""The desks of the app: what can be done on every screen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ecrtui.ui.desks.about import AboutDesk
from ecrtui.ui.desks.command_line import CommandLineDesk
from ecrtui.ui.desks.modes import ModesDesk
from ecrtui.ui.desks.row import RowDesk
from ecrtui.ui.desks.workplace import WorkplaceDesk

if TYPE_CHECKING:
    from ecrtui.ui.app import EcrtuiApp


def app_desks(app: EcrtuiApp) -> tuple[object, ...]:
    """One of each."""
    return (ModesDesk(app), AboutDesk(app), WorkplaceDesk(app), RowDesk(app), CommandLineDesk(app))
