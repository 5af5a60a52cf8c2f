"""What is known of the app itself: its keys, what was done with it, who one is in it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from textual.binding import Binding, BindingType

from ecrtui.domain.text import Shown, shown
from ecrtui.services.slices import IdentityKey
from ecrtui.services.state import value_of
from ecrtui.ui import commands
from ecrtui.ui.dialogs.activity import ActivityDialog
from ecrtui.ui.dialogs.help import HelpDialog, HelpKey
from ecrtui.ui.dialogs.identity import IdentityDialog
from ecrtui.ui.present.identity import identity_lines
from ecrtui.ui.widgets.log_view import LogView
from ecrtui.ui.widgets.resource_table import ResourceTable
from ecrtui.ui.widgets.text_view import Line, TextView

if TYPE_CHECKING:
    from ecrtui.ui.app import EcrtuiApp

_WIDGETS: tuple[tuple[str, Sequence[BindingType]], ...] = (
    ("In a list", ResourceTable.BINDINGS),
    ("In a text", TextView.BINDINGS),
    ("In a log", LogView.BINDINGS),
)
"""The parts of the screen that have keys of their own."""


class AboutDesk:
    """Commands that show a dialog about the app."""

    def __init__(self, app: EcrtuiApp) -> None:
        self._app = app

    def command_help(self) -> None:
        """All keys, and which of them work here."""
        self._app.push_screen(HelpDialog(self._help_keys()))

    def _help_keys(self) -> list[HelpKey]:
        app = self._app
        chain = app.command_chain
        keys = []
        for command in commands.COMMANDS:
            names = app.settings.keys.get(command.id, ",".join(command.keys))
            refusal = commands.refusal(chain, command, app.read_only)
            keys.append(HelpKey(_written(names), Shown(command.help), command.group, refusal))
        for group, bindings in _WIDGETS:
            keys += [
                HelpKey(_written(binding.key), Shown(binding.description), group)
                for binding in bindings
                if isinstance(binding, Binding)
            ]
        return keys

    def command_activity(self) -> None:
        """Every change and error of this session."""
        activity = self._app.activity
        self._app.push_screen(ActivityDialog(activity.entries, activity.dropped))

    def command_identity(self) -> None:
        """Who you are here."""
        app = self._app
        identity = value_of(app.state.get(IdentityKey()))
        arn = "" if identity is None else identity.arn
        app.push_screen(IdentityDialog(self._identity_lines(), arn))

    def _identity_lines(self) -> Sequence[Line]:
        app, account = self._app, None if self._app.session is None else self._app.session.account
        return identity_lines(
            app.state.get(IdentityKey()),
            profile=app.profile_name,
            endpoint="" if account is None else account.endpoint,
            regions=app.scope,
            read_only=app.read_only,
            demo=app.backend.demo,
        )


def _written(keys: str) -> Shown:
    return shown(" ".join(commands.written(key) for key in keys.split(",")))
