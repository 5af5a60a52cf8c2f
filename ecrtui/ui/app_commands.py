"""The commands that the app itself carries out: screens, dialogs, and what is said after `:`."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from textual.binding import Binding, BindingType

from ecrtui.domain.text import Shown, shown
from ecrtui.services.ports import Identity
from ecrtui.services.slices import IdentityKey, RegionsKey, RepositoriesKey
from ecrtui.services.state import Failed, value_of
from ecrtui.ui import commands
from ecrtui.ui.actions.builds import refusal_to_build, show_latest_build, start_build
from ecrtui.ui.actions.create import choose_and_create, refusal_to_create
from ecrtui.ui.actions.watch import toggle_watch
from ecrtui.ui.dialogs.activity import ActivityDialog
from ecrtui.ui.dialogs.command_line import CommandLine
from ecrtui.ui.dialogs.copy import CopyDialog, copy_text
from ecrtui.ui.dialogs.help import HelpDialog, HelpKey
from ecrtui.ui.dialogs.identity import IdentityDialog
from ecrtui.ui.dialogs.pick import Option, PickDialog
from ecrtui.ui.present.commandline import Invocation, Verb
from ecrtui.ui.present.copying import console_link, copies_of
from ecrtui.ui.present.identity import identity_lines
from ecrtui.ui.present.problems import headline
from ecrtui.ui.present.repositories import RepositoryKey
from ecrtui.ui.screens.explore import ExploreScreen
from ecrtui.ui.screens.lifecycle import show_lifecycle
from ecrtui.ui.screens.path import known_names, open_path, place_of, show_path
from ecrtui.ui.subject import Subject
from ecrtui.ui.theme import THEMES
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


class AppCommands:
    """What the app's commands do that need no particular screen."""

    def __init__(self, app: EcrtuiApp) -> None:
        self._app = app
        self.command_history: list[str] = []
        """What was typed after `:` in this session, oldest first."""

    # Screens

    def command_explore(self) -> None:
        """To Explore."""
        self._app.switch_mode("explore")

    def command_compare(self) -> None:
        """To Compare."""
        self._app.switch_mode("compare")

    def command_builds(self) -> None:
        """To Builds."""
        self._app.switch_mode("builds")

    def command_path(self) -> None:
        """To Path, of the name under the cursor."""
        open_path(self._app, self.subject)

    def command_open_path(self) -> None:
        """The path of the name under the cursor."""
        show_path(self._app, self.subject)

    def refusal_open_path(self) -> str:
        """Why there is no path."""
        return "" if self.subject.name else "nothing is selected"

    def command_audit(self) -> None:
        """To Audit."""
        self._app.switch_mode("audit")

    # What is known

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

    # The row under the cursor

    @property
    def subject(self) -> Subject:
        """What a command is about now."""
        screen = self._app.mode_screen
        return Subject() if screen is None else screen.subject

    def command_build(self) -> None:
        """Start a build of the project."""
        start_build(self._app, self.subject)

    def refusal_build(self) -> str:
        """Why no build can be started."""
        return refusal_to_build(self._app, self.subject)

    def command_logs(self) -> None:
        """The log of the project's latest build."""
        show_latest_build(self._app, self.subject)

    def refusal_logs(self) -> str:
        """Why there is no log."""
        return refusal_to_build(self._app, self.subject)

    def command_create(self) -> None:
        """Create repositories for projects that have none."""
        choose_and_create(self._app)

    def refusal_create(self) -> str:
        """Why no repository can be created."""
        return refusal_to_create(self._app)

    def command_lifecycle(self) -> None:
        """The lifecycle policies of what is marked."""
        if (screen := self._app.mode_screen) is not None:
            show_lifecycle(self._app, screen.subjects)

    def refusal_lifecycle(self) -> str:
        """Why there is no policy to look at."""
        screen = self._app.mode_screen
        return "" if screen is not None and screen.subjects else "no repository is selected"

    def command_watch(self) -> None:
        """Watch the repository, or stop watching it."""
        toggle_watch(self._app, self.subject)

    def refusal_watch(self) -> str:
        """Why nothing can be watched."""
        return "" if self.subject.name else "nothing is selected"

    def command_copy(self) -> None:
        """Choose what to copy."""
        app, subject = self._app, self.subject
        copies = copies_of(subject, app.state)
        if copies:
            app.push_screen(CopyDialog(shown(f"{subject.name} in {subject.region}"), copies))
        else:
            app.tell(shown(f"{subject.name} is still loading"), good=False)

    def refusal_copy(self) -> str:
        """Why there is nothing to copy."""
        return "" if self.subject.name else "nothing is selected"

    def command_console(self) -> None:
        """The link to the AWS console: copied and shown, opened by nobody but the person."""
        app, identity = self._app, self._identity
        if identity is not None:
            in_compare = app.current_mode == "compare"
            link = console_link(self.subject, identity.account, project=in_compare)
            copy_text(app, link, Shown("Console link"))

    def refusal_console(self) -> str:
        """Why there is no link."""
        if self._identity is None:
            return "the account is not known yet"
        return "" if self.subject.name else "nothing is selected"

    @property
    def _identity(self) -> Identity | None:
        return value_of(self._app.state.get(IdentityKey()))

    # Where one works

    def command_regions(self) -> None:
        """Mark the regions that lists span."""
        app = self._app
        slice_ = app.state.get(RegionsKey())
        known = {region.name: region.refusal for region in value_of(slice_) or ()}
        names = dict.fromkeys([*known, *app.scope])
        options = [Option(name, shown(name), self._count(name), shown(known.get(name, ""))) for name in names]
        options.sort(key=lambda option: (bool(option.refusal), option.value))
        empty = headline(slice_.error) if isinstance(slice_, Failed) else Shown("the regions are still loading")
        dialog = PickDialog(Shown("Regions in scope"), options, picked=app.scope, several=True, empty=empty)

        def chosen(regions: tuple[str, ...] | None) -> None:
            if regions:
                app.set_scope(regions)

        app.push_screen(dialog, chosen)

    def _count(self, region: str) -> Shown:
        listing = value_of(self._app.state.get(RepositoriesKey(region)))
        return Shown("") if listing is None else Shown(f"{len(listing):,} repositories")

    def command_profile(self) -> None:
        """Change the profile; also while an account is being opened."""
        self._app.spawn(self._choose_profile, "profiles", exclusive=True)

    def offer_profiles(self) -> None:
        """Have a profile chosen where there is another than the one that cannot be used."""
        self._app.spawn(partial(self._choose_profile, unasked=True), "profiles", exclusive=True)

    def command_login(self) -> None:
        """Log in anew: with the command for it, here or elsewhere."""
        if self._app.logins is not None:
            self._app.logins.choose()

    def refusal_login(self) -> str:
        """Why nothing can be logged in."""
        if self._app.backend.demo:
            return "the embedded account needs no login"
        return "" if self._app.session is not None else "no account is open"

    async def _choose_profile(self, *, unasked: bool = False) -> None:
        app = self._app
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

    # After the colon

    def command_command(self) -> None:
        """Type a command."""
        self._app.push_screen(CommandLine(self._verbs(), self.command_history), self._invoked)

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
                show_path(self._app, Subject(region, name) if region else place_of(self._app, name))
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
                app.switch_mode("explore")
                if isinstance(app.mode_screen, ExploreScreen):
                    app.mode_screen.reveal(RepositoryKey(region, name))
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


def _written(keys: str) -> Shown:
    return shown(" ".join(commands.written(key) for key in keys.split(",")))
