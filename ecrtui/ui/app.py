"""The app: it owns the state and the session, and hands both to the screens.

The first frame needs Textual and the frame's own widgets only. Screens, use cases and AWS are imported after it is
painted, in a thread: nothing that this module imports at its top may pull them in.
"""

from __future__ import annotations

import asyncio
import gc
import sys
import time
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from functools import partial
from pathlib import PurePath
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple, cast

from rich.text import Text
from textual.app import App
from textual.binding import Binding, BindingType
from textual.dom import DOMNode
from textual.driver import Driver
from textual.events import Event, Resize
from textual.filter import LineFilter
from textual.screen import Screen
from textual.timer import Timer
from textual.worker import Worker

from ecrtui.domain.errors import AppError, ErrorKind
from ecrtui.domain.text import NOTHING, Shown, shown
from ecrtui.resources import style_paths
from ecrtui.ui import commands
from ecrtui.ui.activity import Activity, ActivityEntry
from ecrtui.ui.leaving import exit_by_force, exit_on_signals
from ecrtui.ui.present.problems import headline, notice
from ecrtui.ui.screens.boot import BootScreen
from ecrtui.ui.terminal import ExitFilter, speaks_unicode
from ecrtui.ui.theme import THEMES, VARIABLES, choose_theme, register_themes
from ecrtui.ui.typed_ahead import TypedAhead

if TYPE_CHECKING:
    from textual.command import Provider

    from ecrtui.domain.change import ChangeResult
    from ecrtui.services.ports import Account, Journal
    from ecrtui.services.state import State
    from ecrtui.settings import Settings
    from ecrtui.ui.app_commands import AppCommands
    from ecrtui.ui.logins import Logins
    from ecrtui.ui.panes.list_pane import ListPane
    from ecrtui.ui.screens.mode import ModeScreen
    from ecrtui.ui.session import Session


_RETRY_SHOWN = 5.0
"""Seconds for which the header tells of a read that is tried again."""

_OF_THE_ROW = ("Row", "Changes", "Live")
"""The groups of the commands that are about the row under the cursor."""

_FRAME = 0.1
"""Seconds between two showings of what is loading."""

Work = Callable[[], Coroutine[Any, Any, None]]
"""Something to be done beside the app; called when it begins."""


def _only_said(error: BaseException) -> str:
    from ecrtui.crash import sentence

    return f"ecrtui stopped because of a defect of its own: {sentence(error)}."


class Backend(NamedTuple):
    """The world outside, as the composition root gives it."""

    open_account: Callable[[str | None, Callable[[str], None]], Awaitable[Account]]
    """Open the account of a profile (None: as configured); the callback is told of every read that is tried again.

    No request is sent by opening.
    """
    profiles: Callable[[], Sequence[str]]
    open_journal: Callable[[], Journal]
    """The record of changes; asked for once for each account that is opened."""
    demo: bool = False
    crashed: Callable[[BaseException], str] = _only_said
    """Keep a report of a defect that ends the app; what to say of it."""


def _explore() -> Screen[None]:
    from ecrtui.ui.screens.explore import ExploreScreen

    return ExploreScreen()


def _compare() -> Screen[None]:
    from ecrtui.ui.screens.compare import CompareScreen

    return CompareScreen()


def _builds() -> Screen[None]:
    from ecrtui.ui.screens.builds import BuildsScreen

    return BuildsScreen()


def _path() -> Screen[None]:
    from ecrtui.ui.screens.path import PathScreen

    return PathScreen()


def _audit() -> Screen[None]:
    from ecrtui.ui.screens.audit import AuditScreen

    return AuditScreen()


def _command_provider() -> type[Provider]:
    from ecrtui.ui.palette import CommandProvider

    return CommandProvider


def _load_the_rest() -> None:
    """Import what the frame did without (some 300 ms)."""
    import ecrtui.ui.app_commands
    import ecrtui.ui.logins
    import ecrtui.ui.screens.audit
    import ecrtui.ui.screens.builds
    import ecrtui.ui.screens.compare
    import ecrtui.ui.screens.explore
    import ecrtui.ui.screens.path
    import ecrtui.ui.session  # noqa: F401


class EcrtuiApp(App[int]):
    """ecrtui on a terminal. Returns the exit code."""

    TITLE = "ecrtui"
    CSS_PATH: ClassVar[list[str | PurePath]] = style_paths("app")
    BINDINGS: ClassVar[list[BindingType]] = [
        *commands.bindings(),
        Binding("ctrl+c", "quit", "Leave", show=False, priority=True),
        Binding("ctrl+z", "suspend_process", "To the shell", show=False),
    ]
    COMMANDS = {_command_provider}
    MODES = {
        "explore": _explore,
        "compare": _compare,
        "builds": _builds,
        "path": _path,
        "audit": _audit,
    }
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (100, "-normal"), (180, "-wide")]

    def __init__(self, settings: Settings, backend: Backend, environ: dict[str, str] | None = None) -> None:
        theme = choose_theme(settings.theme, environ or {})  # before Textual takes NO_COLOR from the environment
        super().__init__()
        self.settings = settings
        self.backend = backend
        self.state: State
        """What is known; there from the moment everything is imported."""
        self.session: Session | None = None
        self.scope: tuple[str, ...] = ()
        """The marked regions, in their order; lists span them."""
        self.profile: str | None = settings.profile
        self.activity = Activity()
        self.exit_filter = ExitFilter(speaks_unicode(environ or {}), not self.no_color)
        self.desks: Sequence[object] = ()
        self.desk: AppCommands | None = None
        """The commands that need no particular screen; None until everything is imported."""
        self.logins: Logins | None = None
        """What is done about credentials; None until everything is imported."""
        self._first_mode = "explore"
        self.retry_note = NOTHING
        """Which read is being tried again, for the header."""
        self._retry_timer: Timer | None = None
        self._showing = False
        self._show_timed = False
        self._shown_at = 0.0
        self._typed_ahead = TypedAhead(self, super().on_event)
        register_themes(self, theme)
        self.set_keymap(commands.keymap(settings.keys))

    def get_default_screen(self) -> Screen[Any]:
        """What is seen until everything is imported. As a mode of its own it would have all styles parsed twice."""
        return BootScreen()

    def get_driver_class(self) -> type[Driver]:
        """Ours where Textual would take its own for Unix."""
        chosen = super().get_driver_class()
        if chosen.__name__ != "LinuxDriver":
            return chosen
        from ecrtui.ui.driver import TerminalDriver

        return TerminalDriver

    def on_resize(self, event: Resize) -> None:
        """The terminal may show anything now: have the whole picture sent."""
        forget = getattr(self._driver, "forget", None)  # of ours; Textual's own keep no picture
        if forget is not None:
            forget(event.size.width, event.size.height)

    async def on_event(self, event: Event) -> None:
        """What comes from the keyboard waits for its turn."""
        if self._typed_ahead.concerns(event):
            self._typed_ahead.take(event)
        else:
            await super().on_event(event)

    def exit(self, result: int | None = None, return_code: int = 0, message: Any = None) -> None:
        """End the app; by force when that takes too long."""
        if not self.is_headless:
            exit_by_force(self, return_code)
        super().exit(result, return_code, message)

    def get_line_filters(self) -> Sequence[LineFilter]:
        """The second wall: nothing that acts leaves for the terminal."""
        return [*super().get_line_filters(), self.exit_filter]

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """Our own variables, also under Textual's themes."""
        return dict(VARIABLES)

    def on_mount(self) -> None:
        """Paint first; import the rest and open the account after."""
        if not self.is_headless:
            exit_on_signals(self)
        self.app_resume_signal.subscribe(self, self._repaint)
        self.call_after_refresh(self.spawn, self._boot, "boot")
        if self.settings.refresh > 0:
            self.set_interval(self.settings.refresh, self._refresh)

    def _repaint(self, _: object) -> None:
        """Back from the shell (ctrl+z, fg): the terminal has forgotten everything, Textual paints only what changes."""
        self.refresh(layout=True)

    async def _boot(self) -> None:
        await asyncio.to_thread(_load_the_rest)
        gc.freeze()
        gc.set_threshold(5_000, 10, 100)  # a collection of all that a great listing holds takes a tenth of a second
        gc.enable()
        from ecrtui.services.state import State
        from ecrtui.ui.app_commands import AppCommands
        from ecrtui.ui.logins import Logins

        self.logins = Logins(self)
        self.state = State()
        self.desk = AppCommands(self)
        self.desks = (self.desk,)
        self.open_session(self.profile)
        await self.switch_mode(self._first_mode)

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
        self.state = self.state.renewed()
        if self.logins is not None:
            self.logins.opening()
        self.show_soon()
        self.spawn(partial(self._open, profile, self.state.generation), "session", exclusive=True)

    async def _open(self, profile: str | None, generation: int) -> None:
        from ecrtui.ui.session import Session

        assert self.logins is not None
        try:
            account = await self.backend.open_account(profile, self.retrying)
        except AppError as error:
            if error.kind is not ErrorKind.CREDENTIALS:
                raise
            self.logins.not_opened(error)
            return
        if generation != self.state.generation:
            await account.close()
            return
        session = self.session = Session(self, account, self.backend.open_journal(), generation)
        self.logins.opened(session)
        session.load_identity()
        session.load_regions()
        session.look_back()
        self.set_scope(self.settings.regions or ((account.default_region,) if account.default_region else ()))
        for screen in self.mode_screens:
            screen.session_opened()

    @property
    def profile_name(self) -> str:
        """The profile as it is shown: `demo` for the embedded account."""
        if self.backend.demo:
            return "demo"
        return (self.profile or "default") if self.session is None else self.session.account.profile

    @property
    def read_only(self) -> bool:
        """Whether this session sends no changes."""
        return self.settings.read_only if self.session is None else self.session.account.read_only

    def set_scope(self, regions: Sequence[str]) -> None:
        """Mark these regions: lists span them from now on."""
        self.scope = tuple(dict.fromkeys(regions))
        if self.session is not None:
            self.session.scope_changed(self.scope)
        self.show_soon()

    def load_region(self, region: str, again: bool = False) -> None:
        """Load what Explore shows of a region, unless it is there already."""
        if self.session is not None:
            self.session.load_region(region, again)

    def feed_builds(self, *, poke: bool = False) -> None:
        """Keep the builds of the regions in scope moving from now on; with `poke`, look at once."""
        if self.session is not None:
            self.session.feed_builds(self.scope, poke=poke)

    # The state

    def show(self, state: State, *, loading: bool) -> None:
        """Have this shown from now on: at once, or, while something loads, some times a second."""
        self.state = state
        if loading:
            self._show_in_time()
        else:
            self.show_soon()

    def _show_in_time(self) -> None:
        """Have what is loading shown as far as it has come, some times a second."""
        if not self._show_timed:
            self._show_timed = True
            self.set_timer(max(0.001, self._shown_at + _FRAME - time.monotonic()), self.show_soon)

    def show_soon(self) -> None:
        """Have the visible screen show the state, once, when the messages at hand are done."""
        if not self._showing:
            self._showing = True
            self.call_later(self._show)

    def _show(self) -> None:
        self._showing = self._show_timed = False
        self._shown_at = time.monotonic()
        if self.is_running and (screen := self.mode_screen) is not None and screen.is_mounted:
            screen.show_state(self.state)

    @property
    def mode_screen(self) -> ModeScreen | None:
        """The uppermost screen below any dialog; None until everything is imported."""
        stack = self._screen_stacks.get(self.current_mode, []) if self.current_mode != self.DEFAULT_MODE else []
        return next((cast("ModeScreen", screen) for screen in reversed(stack) if not screen.is_modal), None)

    @property
    def mode_screens(self) -> Sequence[ModeScreen]:
        """The mode screens that exist by now."""
        stacks = [stack for mode, stack in self._screen_stacks.items() if mode != self.DEFAULT_MODE]
        return [cast("ModeScreen", screen) for stack in stacks for screen in stack if not screen.is_modal]

    # Work, and what comes of it

    def spawn(self, work: Work, group: str, *, exclusive: bool = False) -> None:
        """Run `work` beside the app; what goes wrong in it is reported, never lost and never fatal."""

        async def reporting() -> None:
            try:
                await work()
            except AppError as error:
                self.report(error)
            except Exception as error:  # noqa: BLE001  the last resort of a worker: shown, not raised into the app
                self.log.error(error)
                self.report(_unexpected(error))

        _: Worker[None] = self.run_worker(reporting, group=group, exclusive=exclusive, exit_on_error=False)

    def report(self, error: AppError) -> None:
        """Tell of an error: a toast now, and an entry in the activity."""
        self.activity.add(ActivityEntry(time.time(), headline(error), error=error))
        if error.kind is ErrorKind.CREDENTIALS and self.logins is not None and self.logins.problem is not None:
            return  # the banner says so already
        self.notify(notice(error), severity="error", markup=False, timeout=10)

    def retrying(self, text: str) -> None:
        """A read failed and is tried again: the header says so for a while."""
        self.retry_note = shown(text)
        if self._retry_timer is not None:
            self._retry_timer.stop()
        self._retry_timer = self.set_timer(_RETRY_SHOWN, self._retried)
        self.show_soon()

    def _retried(self) -> None:
        self.retry_note = NOTHING
        self.show_soon()

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
        """A crash ends in what the report of it is called: never in the values at hand, which may be secrets."""
        error = sys.exc_info()[1] or self._exception or RuntimeError()
        self._exit_renderables.append(Text(self.backend.crashed(error)))
        self._close_messages_no_wait()

    # Commands

    def key_of(self, command: commands.Command) -> Shown:
        """The first key of a command, as it is written: the configured one, else its own."""
        keys = self.settings.keys.get(command.id)
        return Shown(commands.written(keys.split(",")[0] if keys else command.keys[0]))

    def action_run(self, id_: str) -> None:
        """Carry out a command of the table where the focus is, or say why not."""
        command = commands.BY_ID[id_]
        if self.desk is None and id_ != "quit":
            self._first_mode = id_ if id_ in self.MODES else self._first_mode
            return
        pane = None if self.mode_screen is None else self.mode_screen.focused_pane
        if command.group in _OF_THE_ROW and pane is not None and pane.is_arranging:
            self.spawn(partial(self._run_arranged, pane, command), "command of the row", exclusive=True)
        else:
            self._run_command(command)

    async def _run_arranged(self, pane: ListPane, command: commands.Command) -> None:
        """The row that is meant is the one of the filter just typed."""
        await pane.arranged()
        self._run_command(command)

    def _run_command(self, command: commands.Command) -> None:
        if command.id == "refresh" and self.logins is not None:
            self.logins.look_again()
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
    def command_chain(self) -> Sequence[object]:
        """Where commands look for their handler now."""
        return self.chain_from(self.focused or self.screen)

    def chain_from(self, node: DOMNode) -> Sequence[object]:
        """From a widget up to the app, each before its desks."""
        return [one for here in node.ancestors_with_self for one in (here, *getattr(here, "desks", ()))]

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


def run(settings: Settings, backend: Backend, environ: dict[str, str]) -> int:
    """Run the app on this terminal; the exit code."""
    app = EcrtuiApp(settings, backend, environ)
    app.run(mouse=settings.mouse)
    return app.return_code or 0
