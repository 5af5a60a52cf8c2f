"""The app: it owns the state and the session, and hands both to the screens.

The first frame needs Textual and the frame's own widgets only. Screens, use cases and AWS are imported after it is
painted, in a thread: nothing that this module imports at its top may pull them in.
"""

from __future__ import annotations

import asyncio
import gc
import logging
import time
from collections.abc import Callable, Coroutine, Sequence
from pathlib import PurePath
from typing import TYPE_CHECKING, Any, ClassVar, cast

from textual.binding import BindingType
from textual.dom import DOMNode
from textual.screen import Screen
from textual.worker import Worker

from ecrtui.domain.errors import AppError, ErrorKind
from ecrtui.domain.text import Shown, shown
from ecrtui.resources import style_paths
from ecrtui.ui import commands, modes
from ecrtui.ui.activity import Activity, ActivityEntry
from ecrtui.ui.defects import unexpected
from ecrtui.ui.dispatch import dispatch
from ecrtui.ui.opening import open_session
from ecrtui.ui.present.problems import headline, notice
from ecrtui.ui.retries import Retries
from ecrtui.ui.screens.boot import BootScreen
from ecrtui.ui.showing import Showing
from ecrtui.ui.terminal_app import TerminalApp

if TYPE_CHECKING:
    from textual.command import Provider

    from ecrtui.domain.change import ChangeResult
    from ecrtui.services.state import State
    from ecrtui.settings import Settings
    from ecrtui.ui.backend import Backend
    from ecrtui.ui.logins import Logins
    from ecrtui.ui.screens.mode import ModeScreen
    from ecrtui.ui.session import Session


_LOG = logging.getLogger(__name__)

Work = Callable[[], Coroutine[Any, Any, None]]
"""Something to be done beside the app; called when it begins."""


def _command_provider() -> type[Provider]:
    from ecrtui.ui.palette import CommandProvider

    return CommandProvider


def _load_the_rest() -> None:
    """Import what the frame did without (some 300 ms)."""
    modes.load()
    import ecrtui.ui.desks.app
    import ecrtui.ui.logins
    import ecrtui.ui.session  # noqa: F401


class EcrtuiApp(TerminalApp):
    """ecrtui on a terminal."""

    TITLE = "ecrtui"
    CSS_PATH: ClassVar[list[str | PurePath]] = style_paths("app")
    BINDINGS: ClassVar[list[BindingType]] = [*commands.bindings()]
    COMMANDS = {_command_provider}
    MODES = modes.SCREENS

    def __init__(self, settings: Settings, backend: Backend, environ: dict[str, str] | None = None) -> None:
        super().__init__(settings.theme, environ or {})
        self.settings = settings
        self.backend = backend
        self.state: State
        """What is known; there from the moment everything is imported."""
        self.session: Session | None = None
        self.scope: tuple[str, ...] = ()
        """The marked regions, in their order; lists span them."""
        self.profile: str | None = settings.profile
        variables = environ or {}
        self._default_profile = variables.get("AWS_DEFAULT_PROFILE") or variables.get("AWS_PROFILE") or "default"
        self.activity = Activity()
        self.desks: Sequence[object] = ()
        """What carries out the commands that need no particular screen; none until everything is imported."""
        self.logins: Logins | None = None
        """What is done about credentials; None until everything is imported."""
        self._first_mode = "explore"
        self.retries = Retries(self)
        self._showing = Showing(self)
        self.set_keymap(commands.keymap(settings.keys))

    def get_default_screen(self) -> Screen[Any]:
        """What is seen until everything is imported. As a mode of its own it would have all styles parsed twice."""
        return BootScreen()

    def on_mount(self) -> None:
        """Paint first; import the rest and open the account after."""
        self.call_after_refresh(self.spawn, self._boot, "boot")
        if self.settings.refresh > 0:
            self.set_interval(self.settings.refresh, self._refresh)

    async def _boot(self) -> None:
        await asyncio.to_thread(_load_the_rest)
        gc.freeze()
        gc.set_threshold(5_000, 10, 100)  # a collection of all that a great listing holds takes a tenth of a second
        gc.enable()
        from ecrtui.services.state import State
        from ecrtui.ui.desks.app import app_desks
        from ecrtui.ui.logins import Logins

        self.logins = Logins(self)
        self.state = State()
        self.desks = app_desks(self)
        self.open_session(self.profile)
        await self.switch_mode(self._first_mode)

    def _refresh(self) -> None:
        """Load again what is shown, as if r had been pressed; never over a load that still runs."""
        screen = self.mode_screen
        if self.session is not None and screen is not None and not screen.loading_now(self.state):
            screen.command_refresh()

    def crashed(self, error: BaseException) -> str:
        return self.backend.crashed(error)

    # The session

    def open_session(self, profile: str | None) -> None:
        """Leave the account in use, if any, and open the one of `profile`."""
        open_session(self, profile)

    @property
    def profile_name(self) -> str:
        """The profile as it is shown: `demo` for the embedded account."""
        if self.backend.demo:
            return "demo"
        return (self.profile or self._default_profile) if self.session is None else self.session.account.profile

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
            self._showing.in_time()
        else:
            self._showing.soon()

    def show_soon(self) -> None:
        """Have the visible screen show the state, once, when the messages at hand are done."""
        self._showing.soon()

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
                _LOG.info("%s ended: %s %s", group, error.kind, error.code)
                self.report(error)
            except Exception as error:  # noqa: BLE001  the last resort of a worker: shown, not raised into the app
                self.failed(group, error)

        _: Worker[None] = self.run_worker(reporting, group=group, exclusive=exclusive, exit_on_error=False)

    def failed(self, group: str, error: Exception) -> None:
        """Tell of a defect that ended something in the background."""
        _LOG.error("%s failed", group, exc_info=error)
        self.report(unexpected(error))

    def report(self, error: AppError) -> None:
        """Tell of an error: a toast now, and an entry in the activity."""
        if self.note(error):
            self.notify(notice(error), severity="error", markup=False, timeout=10)

    def note(self, error: AppError) -> bool:
        """Enter an error in the activity; False where it is the one that the banner tells of already."""
        if error.kind is ErrorKind.CREDENTIALS and self.logins is not None and self.logins.problem is not None:
            return False
        self.activity.add(ActivityEntry(time.time(), headline(error), error=error))
        return True

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
            # never beginning with a digit: that would be another sequence to some terminals
            self._driver.write(f"\x1b]9;ecrtui: {self.exit_filter.written(text)}\x07")

    # Commands

    def key_of(self, command: commands.Command) -> Shown:
        """The first key of a command, as it is written: the configured one, else its own."""
        keys = self.settings.keys.get(command.id)
        return Shown(commands.written(keys.split(",")[0] if keys else command.keys[0]))

    def action_run(self, id_: str) -> None:
        """Carry out a command of the table where the focus is, or say why not."""
        if not self.desks and id_ != "quit":
            self._first_mode = id_ if id_ in self.MODES else self._first_mode
            return
        dispatch(self, commands.BY_ID[id_])

    @property
    def command_chain(self) -> Sequence[object]:
        """Where commands look for their handler now."""
        return self.chain_from(self.focused or self.screen)

    def chain_from(self, node: DOMNode) -> Sequence[object]:
        """From a widget up to the app, each before its desks."""
        return [one for here in node.ancestors_with_self for one in (here, *getattr(here, "desks", ()))]


def run(settings: Settings, backend: Backend, environ: dict[str, str]) -> int:
    """Run the app on this terminal; the exit code."""
    app = EcrtuiApp(settings, backend, environ)
    app.run(mouse=settings.mouse)
    return app.return_code or 0
