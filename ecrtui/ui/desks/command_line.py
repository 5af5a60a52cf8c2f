"""What is typed after the colon: every command by its name, and some with words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ecrtui.domain.text import shown
from ecrtui.services.slices import RegionsKey, RepositoriesKey
from ecrtui.services.state import value_of
from ecrtui.ui import commands
from ecrtui.ui.actions.path import known_names, place_of
from ecrtui.ui.dialogs.command_line import CommandLine
from ecrtui.ui.going import go_to
from ecrtui.ui.present.commandline import Invocation, Verb
from ecrtui.ui.subject import Subject
from ecrtui.ui.theme import THEMES
from ecrtui.ui.widgets.resource_table import ResourceTable

if TYPE_CHECKING:
    from ecrtui.ui.app import EcrtuiApp


class CommandLineDesk:
    """The command line."""

    def __init__(self, app: EcrtuiApp) -> None:
        self._app = app
        self._history: list[str] = []
        """What was typed in this session, oldest first."""

    def command_command(self) -> None:
        """Type a command."""
        self._app.push_screen(CommandLine(self._verbs(), self._history), self._invoked)

    def _verbs(self) -> list[Verb]:
        app = self._app
        regions = [region.name for region in value_of(app.state.get(RegionsKey())) or () if not region.refusal]
        special = [
            Verb("repo", "Go to a repository", "repository", self._repository_names()),
            Verb("path", "The path of a name", "name", self._path_names(), optional=True, free=True),
            Verb("region", "Work in these regions", "region", regions, several=True),
            Verb("profile", "Change the AWS profile", "profile", optional=True),
            Verb("sort", "Sort the list by a column", "column", self._columns(), optional=True),
            Verb("filter", "Filter the list", "text", optional=True),
            Verb("theme", "Wear a theme", "theme", [theme.name for theme in THEMES], optional=True),
            Verb("q", "Leave ecrtui"),
        ]
        taken = {verb.name for verb in special}
        plain = [Verb(one.id, one.help) for one in commands.COMMANDS if one.id not in taken]
        return sorted([*special, *plain], key=lambda verb: verb.name)

    def _repository_names(self) -> list[str]:
        listings = [value_of(self._app.state.get(RepositoriesKey(region))) for region in self._app.scope]
        return sorted({name for listing in listings if listing is not None for name in listing.names})

    def _path_names(self) -> list[str]:
        return sorted({name for name, _ in known_names(self._app)})

    def _columns(self) -> tuple[str, ...]:
        screen = self._app.mode_screen
        pane = None if screen is None else screen.focused_pane
        return () if pane is None else pane.table.shown_columns

    def _invoked(self, invocation: Invocation | None) -> None:
        match invocation:
            case None:
                return
            case Invocation("repo", (name,)):
                self._go_to_repository(name)
            case Invocation("path", (name,)):
                name, _, region = name.partition(" ")
                go_to(self._app, "path", Subject(region, name) if region else place_of(self._app, name))
            case Invocation("region", regions):
                self._app.set_scope(regions)
            case Invocation("profile", (profile,)):
                self._app.open_session(profile)
            case Invocation("sort", (column,)):
                self._sort_by(column)
            case Invocation("filter", (text,)):
                self._filter_by(text)
            case Invocation("theme", (theme,)):
                self._app.theme = theme
            case Invocation("q"):
                self._app.command_quit()
            case Invocation(name):
                self._app.action_run(name)

    def _go_to_repository(self, name: str) -> None:
        app = self._app
        for region in app.scope:
            listing = value_of(app.state.get(RepositoriesKey(region)))
            if listing is not None and listing.find(name) is not None:
                go_to(app, "explore", Subject(region, name))
                return
        app.tell(shown(f"there is no repository {name} in the marked regions"), good=False)

    def _sort_by(self, column: str) -> None:
        screen = self._app.mode_screen
        pane = None if screen is None else screen.focused_pane
        if pane is not None:
            pane.table.post_message(ResourceTable.SortRequested(pane.table, column))

    def _filter_by(self, text: str) -> None:
        screen = self._app.mode_screen
        pane = None if screen is None else screen.focused_searchable
        if pane is not None:
            pane.set_filter(text)
