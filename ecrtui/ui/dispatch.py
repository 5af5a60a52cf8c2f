"""Carrying out a command of the table: where the focus is, on the row that is meant, or saying why not."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from ecrtui.domain.errors import AppError
from ecrtui.domain.text import Shown, shown
from ecrtui.ui import commands
from ecrtui.ui.commands import Command

if TYPE_CHECKING:
    from ecrtui.ui.app import EcrtuiApp
    from ecrtui.ui.panes.list_pane import ListPane

_OF_THE_ROW = ("Row", "Changes", "Live")
"""The groups of the commands that are about the row under the cursor."""


def dispatch(app: EcrtuiApp, command: Command) -> None:
    """Carry out `command` now, or as soon as the rows are in the order of the filter that was just typed."""
    pane = None if app.mode_screen is None else app.mode_screen.focused_pane
    if command.group in _OF_THE_ROW and pane is not None and pane.is_arranging:
        app.spawn(partial(_once_arranged, app, pane, command), "command of the row", exclusive=True)
    else:
        _carry_out(app, command)


async def _once_arranged(app: EcrtuiApp, pane: ListPane, command: Command) -> None:
    await pane.arranged()
    _carry_out(app, command)


def _carry_out(app: EcrtuiApp, command: Command) -> None:
    if command.id == "refresh" and app.logins is not None:
        app.logins.look_again()
    reason = commands.refusal(app.command_chain, command, app.read_only)
    if reason is None:
        app.tell(Shown(f"{command.label}: nothing here to do that with"), good=False)
    elif reason:
        app.tell(shown(f"{command.label}: {reason}"), good=False)
    else:
        try:
            commands.carry_out(app.command_chain, command)
        except AppError as error:
            app.report(error)
