"""The app: it owns the state and the session, and hands both to the screens.

Nothing of AWS is imported before the first frame is painted; the account is opened in a worker after it.
"""

from __future__ import annotations

import sys
import time
import traceback
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any, ClassVar

from rich.text import Text
from textual.app import App
from textual.binding import BindingType
from textual.dom import DOMNode
from textual.filter import LineFilter

from ecrtui.domain.change import ChangeResult, Outcome
from ecrtui.domain.errors import AppError, ErrorKind
from ecrtui.domain.text import Shown, shown
from ecrtui.resources import styles_dir
from ecrtui.services.ports import Account, Journal, RegionStatus
from ecrtui.services.slices import RegionsKey, RepositoriesKey
from ecrtui.services.state import Changed, Ready, State, reduce, renewed, value_of
from ecrtui.settings import Settings
from ecrtui.ui import commands
from ecrtui.ui.actions.builds import refusal_to_build, show_latest_build, start_build
from ecrtui.ui.actions.create import choose_and_create, refusal_to_create
from ecrtui.ui.actions.watch import toggle_watch
from ecrtui.ui.activity import Activity, ActivityEntry
from ecrtui.ui.feed import Feed
from ecrtui.ui.palette import CommandProvider
from ecrtui.ui.present.problems import headline, notice
from ecrtui.ui.screens.builds import BuildsScreen
from ecrtui.ui.screens.compare import CompareScreen
from ecrtui.ui.screens.explore import ExploreScreen
from ecrtui.ui.screens.mode import ModeScreen
from ecrtui.ui.session import Session
from ecrtui.ui.subject import Subject
from ecrtui.ui.terminal import ExitFilter, speaks_unicode
from ecrtui.ui.theme import THEMES, VARIABLES, choose_theme, register_themes

_STYLES = ("app.tcss", "widgets.tcss", "panes.tcss", "compare.tcss", "dialogs.tcss")
_SUMMARIES_AT_ONCE = 1_000
"""Repositories of a region whose images are counted unasked; beyond that only those on the screen are."""


@dataclass(frozen=True, slots=True)
class Backend:
    """The world outside, as the composition root gives it."""

    open_account: Callable[[str | None], Awaitable[Account]]
    """Open the account of a profile (None: as configured). No request is sent by opening."""
    profiles: Callable[[], Sequence[str]]
    journal: Journal
    demo: bool = False


class EcrtuiApp(App[int]):
    """ecrtui on a terminal. Returns the exit code."""

    TITLE = "ecrtui"
    CSS_PATH: ClassVar[list[str | PurePath]] = [str(styles_dir() / name) for name in _STYLES]
    BINDINGS: ClassVar[list[BindingType]] = list(commands.bindings())
    COMMANDS = {CommandProvider}
    MODES = {"explore": ExploreScreen, "compare": CompareScreen, "builds": BuildsScreen}
    DEFAULT_MODE = "explore"
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (100, "-normal"), (180, "-wide")]

    def __init__(self, settings: Settings, backend: Backend, environ: dict[str, str] | None = None) -> None:
        theme = choose_theme(settings.theme, environ or {})  # before Textual takes NO_COLOR from the environment
        super().__init__()
        self.settings = settings
        self.backend = backend
        self.state = State()
        self.session: Session | None = None
        self.scope: tuple[str, ...] = ()
        """The marked regions, in their order; lists span them."""
        self.profile: str | None = settings.profile
        self.activity = Activity()
        self.exit_filter = ExitFilter(speaks_unicode(environ or {}), not self.no_color)
        self.feed: Feed | None = None
        self._showing = False
        register_themes(self, theme)
        self.set_keymap(commands.keymap(settings.keys))

    def get_line_filters(self) -> Sequence[LineFilter]:
        """The second wall: nothing that acts leaves for the terminal."""
        return [*super().get_line_filters(), self.exit_filter]

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """Our own variables, also under Textual's themes."""
        return dict(VARIABLES)

    def on_mount(self) -> None:
        """Paint first; open the account after."""
        self.call_after_refresh(self.open_session, self.profile)
        if self.settings.refresh > 0:
            self.set_interval(self.settings.refresh, self._refresh)

    def _refresh(self) -> None:
        """Load again what is shown, as if r had been pressed; never over a load that still runs."""
        screen = self.mode_screen
        if self.session is not None and screen is not None and not screen.loading_now(self.state):
            screen.command_refresh()

    # The session

    def open_session(self, profile: str | None) -> None:
        """Leave the account in use, if any, and open the one of `profile`."""
        if self.session is not None:
            self.session.end()
        self.session = None
        self.profile = profile
        self.scope = ()
        self.state = renewed(self.state)
        self.show_soon()
        self.spawn(self._open(profile, self.state.generation), "session", exclusive=True)

    async def _open(self, profile: str | None, generation: int) -> None:
        account = await self.backend.open_account(profile)
        if generation != self.state.generation:
            await account.close()
            return
        session = self.session = Session(self, account, self.backend.journal, generation)
        session.load_identity()
        session.load_regions()
        self.set_scope(self.settings.regions or ((account.default_region,) if account.default_region else ()))
        for screen in self.mode_screens:
            screen.session_opened()

    @property
    def read_only(self) -> bool:
        """Whether this session sends no changes."""
        return self.settings.read_only if self.session is None else self.session.account.read_only

    def set_scope(self, regions: Sequence[str]) -> None:
        """Mark these regions: lists span them from now on."""
        self.scope = tuple(dict.fromkeys(regions))
        if self.session is not None:
            for region in self.scope:
                self.load_region(region)
            if self.feed is not None:
                self.feed_builds()
        self.show_soon()

    def load_region(self, region: str, again: bool = False) -> None:
        """Load what Explore shows of a region, unless it is there already."""
        session = self.session
        if session is None:
            return
        if again or value_of(self.state.get(RepositoriesKey(region))) is None:
            session.load_repositories(region)
            session.load_projects(region)
            session.load_usage(region)

    def feed_builds(self, *, poke: bool = False) -> None:
        """Keep the builds of the regions in scope moving from now on; with `poke`, look at once."""
        session = self.session
        if session is None or not self.scope:
            return
        if self.feed is not None and self.feed.session is session and self.feed.regions == self.scope:
            if poke:
                self.feed.poke()
            return
        self.feed = Feed(session, self.scope)
        self.spawn(self.feed.run(), "builds feed", exclusive=True)

    def show_build(self, region: str, build_id: str) -> None:
        """Go to Builds, to this build."""
        self.switch_mode("builds")
        self.call_later(self._go_to_build, build_id)

    def _go_to_build(self, build_id: str) -> None:
        if isinstance(self.mode_screen, BuildsScreen):
            self.mode_screen.go_to(build_id)

    # The state

    def apply(self, event: Changed) -> None:
        """Move the state on, and let the screens show it."""
        state = reduce(self.state, event)
        if state is self.state:
            return
        self.state = state
        self._follow(event)
        self.show_soon()

    def _follow(self, event: Changed) -> None:
        """What is loaded next, now that this is known."""
        session = self.session
        if session is None or not isinstance(event.value, Ready):
            return
        if isinstance(event.key, RepositoriesKey) and event.key.region in self.scope:
            names = event.value.value.names[:_SUMMARIES_AT_ONCE]
            session.load_summaries(event.key.region, names)
        if isinstance(event.key, RegionsKey):
            self._survey(event.value.value)

    def _survey(self, regions: Sequence[RegionStatus]) -> None:
        """Count the repositories of the other regions; start in the first usable one if none is configured."""
        usable = [region.name for region in regions if not region.refusal]
        if not self.scope and usable:
            self.set_scope(usable[:1])
        assert self.session is not None
        for region in usable:
            if region not in self.scope:
                self.session.load_repositories(region)

    def show_soon(self) -> None:
        """Have the visible screen show the state, once, when the messages at hand are done."""
        if not self._showing:
            self._showing = True
            self.call_later(self._show)

    def _show(self) -> None:
        self._showing = False
        if self.is_running and (screen := self.mode_screen) is not None:
            screen.show_state(self.state)

    @property
    def mode_screen(self) -> ModeScreen | None:
        """The screen of the current mode, below any dialog."""
        return next((screen for screen in self.screen_stack if isinstance(screen, ModeScreen)), None)

    @property
    def mode_screens(self) -> Sequence[ModeScreen]:
        """The mode screens that exist by now."""
        stacks = self._screen_stacks.values()
        return [screen for stack in stacks for screen in stack if isinstance(screen, ModeScreen)]

    # Work, and what comes of it

    def spawn(self, work: Coroutine[Any, Any, None], group: str, *, exclusive: bool = False) -> None:
        """Run `work` beside the app; what goes wrong in it is reported, never lost and never fatal."""
        self.run_worker(self._reporting(work), group=group, exclusive=exclusive, exit_on_error=False)

    async def _reporting(self, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        except AppError as error:
            self.report(error)
        except Exception as error:  # noqa: BLE001  the last resort of a worker: shown, not raised into the app
            self.log.error(error)
            self.report(_unexpected(error))

    def report(self, error: AppError) -> None:
        """Tell of an error: a toast now, and an entry in the activity."""
        self.activity.add(ActivityEntry(time.time(), headline(error), error=error))
        self.notify(notice(error), severity="error", markup=False, timeout=10)

    def record(self, result: ChangeResult) -> None:
        """Enter the outcome of a change in the activity."""
        title = shown(f"{result.outcome}: {result.change.title}")
        error = result.error if isinstance(result.error, AppError) else None
        self.activity.add(ActivityEntry(time.time(), title, error=error, result=result))

    def tell(self, text: Shown, *, good: bool = True) -> None:
        """A short word about what was done."""
        self.notify(text, severity="information" if good else "warning", markup=False)

    def announce(self, text: Shown, *, good: bool = True) -> None:
        """News that the person may be waiting for: toast, activity, bell and desktop notification as configured."""
        self.activity.add(ActivityEntry(time.time(), text))
        self.tell(text, good=good)
        if self.settings.bell:
            self.bell()
        if self.settings.notify and self._driver is not None:
            self._driver.write(f"\x1b]9;{text}\x07")

    def _fatal_error(self) -> None:
        """A crash ends in one line and where it happened: never the values at hand, which may be secrets."""
        error = sys.exc_info()[1]
        places = "".join(traceback.format_tb(error.__traceback__)) if error is not None else ""
        self._exit_renderables.append(
            Text(f"ecrtui stopped because of a defect of its own: {type(error).__name__}\n{places}")
        )
        self._close_messages_no_wait()

    # Commands

    def key_of(self, command: commands.Command) -> Shown:
        """The first key of a command, as it is written: the configured one, else its own."""
        keys = self.settings.keys.get(command.id)
        return Shown(commands.written(keys.split(",")[0] if keys else command.keys[0]))

    def action_run(self, id_: str) -> None:
        """Carry out a command of the table where the focus is, or say why not."""
        command = commands.BY_ID[id_]
        reason = commands.refusal(self.command_chain, command, self.read_only)
        if reason is None:
            self.tell(Shown(f"{command.label}: nothing here to do that with"), good=False)
        elif reason:
            self.tell(shown(f"{command.label}: {reason}"), good=False)
        else:
            try:
                commands.carry_out(self.command_chain, command)
            except AppError as error:
                self.report(error)

    @property
    def command_chain(self) -> Sequence[DOMNode]:
        """From the focused widget up to the app: where commands look for their handler."""
        return (self.focused or self.screen).ancestors_with_self

    def command_explore(self) -> None:
        """To Explore."""
        self.switch_mode("explore")

    def command_compare(self) -> None:
        """To Compare."""
        self.switch_mode("compare")

    def command_builds(self) -> None:
        """To Builds."""
        self.switch_mode("builds")

    @property
    def subject(self) -> Subject:
        """What a command is about where the person is now."""
        screen = self.mode_screen
        return Subject() if screen is None else screen.subject

    def command_build(self) -> None:
        """Start a build of the project."""
        start_build(self, self.subject)

    def refusal_build(self) -> str:
        """Why no build can be started."""
        return refusal_to_build(self, self.subject)

    def command_create(self) -> None:
        """Create repositories for projects that have none."""
        choose_and_create(self)

    def refusal_create(self) -> str:
        """Why no repository can be created."""
        return refusal_to_create(self)

    def command_watch(self) -> None:
        """Watch the repository, or stop watching it."""
        toggle_watch(self, self.subject)

    def refusal_watch(self) -> str:
        """Why nothing can be watched."""
        return "" if self.subject.name else "nothing is selected"

    def command_logs(self) -> None:
        """The log of the project's latest build."""
        show_latest_build(self, self.subject)

    def refusal_logs(self) -> str:
        """Why there is no log."""
        return refusal_to_build(self, self.subject)

    def command_theme(self) -> None:
        """The next theme."""
        names = [theme.name for theme in THEMES]
        self.theme = names[(names.index(self.theme) + 1) % len(names)] if self.theme in names else names[0]

    def command_quit(self) -> None:
        """Leave."""
        self.exit(0)


def _unexpected(error: Exception) -> AppError:
    return AppError(
        ErrorKind.LOCAL,
        "go on with a task in the background",
        why=f"{type(error).__name__}: {error}",
        remedy="This is a defect of ecrtui; r tries again.",
    )


def failed(result: ChangeResult) -> bool:
    """Whether a change did not end as wanted."""
    return result.outcome not in (Outcome.DONE, Outcome.ALREADY)


def run(settings: Settings, backend: Backend, environ: dict[str, str]) -> int:
    """Run the app on this terminal; the exit code."""
    app = EcrtuiApp(settings, backend, environ)
    app.run(mouse=settings.mouse)
    return app.return_code or 0
