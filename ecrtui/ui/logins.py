"""Credentials in the app: the one banner of their loss, the code that is asked for, and logging in from inside."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from textual.app import SuspendNotSupported

from ecrtui.domain.errors import AppError, ErrorKind
from ecrtui.domain.text import Shown, shown
from ecrtui.services.ports import CodeQuestion
from ecrtui.services.slices import IdentityKey, RegionsKey
from ecrtui.services.state import Changed, Failed, error_of, reduce, value_of
from ecrtui.ui import commands, login_command
from ecrtui.ui.activity import ActivityEntry
from ecrtui.ui.desks.workplace import choose_profile
from ecrtui.ui.dialogs.code import CodeDialog
from ecrtui.ui.dialogs.login import Chosen, LoginDialog
from ecrtui.ui.present.login import banner, waiting_banner, written
from ecrtui.ui.present.problems import headline
from ecrtui.ui.widgets.rows import Cell

if TYPE_CHECKING:
    from ecrtui.ui.app import EcrtuiApp
    from ecrtui.ui.session import Session


class Logins:
    """What the app does about the credentials of the account in use."""

    def __init__(self, app: EcrtuiApp) -> None:
        self._app = app
        self.problem: AppError | None = None
        """Why nothing can be asked of AWS now; None while all is well."""
        self._declined = False
        """Whether the last code that was asked for was not given."""

    # Lost and found

    def opening(self) -> None:
        """Another account is opened: nothing is known of it yet."""
        self.problem = None
        self._declined = False

    def opened(self, session: Session) -> None:
        """Hear of the credentials of this account from now on."""
        login = session.account.login
        login.asks(self._ask)
        login.on_change(partial(self._changed, session))

    def not_opened(self, error: AppError) -> None:
        """The account could not be opened at all: offer the profiles that there are."""
        app = self._app
        app.state = reduce(app.state, Changed(app.state.generation, IdentityKey(), Failed(error, time.time())))
        self._lose(error)
        if error.kind is ErrorKind.CREDENTIALS:
            self._offer_profiles()

    def _changed(self, session: Session) -> None:
        app = self._app
        if app.session is not session:
            return
        login = session.account.login
        if login.problem is not None:
            if self._lose(login.problem) and self._may_want_another_profile(login.problem):
                self._offer_profiles()
        elif self.problem is not None:
            self.problem = None
            app.tell(Shown("the credentials are good again"))
            app.spawn(partial(self._resume, session), "resume", exclusive=True)
        app.show_soon()

    def _lose(self, problem: AppError) -> bool:
        """Take this for what is wrong now; whether that is news."""
        if self.problem is not None and self.problem.why == problem.why:
            return False
        self._app.activity.add(ActivityEntry(time.time(), headline(problem), error=problem))
        self.problem = problem
        self._app.show_soon()
        return True

    def _may_want_another_profile(self, problem: AppError) -> bool:
        """Whether this profile never worked here, and nothing is known to mend it."""
        nobody = value_of(self._app.state.get(IdentityKey())) is None
        return nobody and not problem.code and not self.command and not self._declined

    def _offer_profiles(self) -> None:
        if not self._app.screen.is_modal:
            choose_profile(self._app, unasked=True)

    async def _resume(self, session: Session) -> None:
        """Load what failed for the want of credentials; another account than before begins from nothing."""
        app, before = self._app, value_of(session.state.get(IdentityKey()))
        now = await session.account.identity(fresh=True)
        if before is not None and before.account != now.account:
            app.open_session(app.profile)
            return
        failed = {key for key, one in session.state.slices.items() if _lacked_credentials(error_of(one))}
        for key in failed:
            session.forget(key)
        session.load_identity()
        elsewhere = {getattr(key, "region", None) for key in failed} - {None, *app.scope}
        if before is None or elsewhere or RegionsKey() in failed:
            session.load_regions()  # and what they hold
        for region in app.scope:
            session.load_region(region, again=any(getattr(key, "region", "") == region for key in failed))
        if app.mode_screen is not None:
            app.mode_screen.command_refresh()

    def look_again(self) -> None:
        """The person wants it tried again, whatever failed before."""
        session = self._app.session
        if self.problem is None:
            return
        if session is None:
            self._app.open_session(self._app.profile)
        else:
            self._app.spawn(partial(_again, session), "look for credentials", exclusive=True)

    def stop(self) -> bool:
        """Wait no longer for who is asked for credentials; False where nobody is waited for."""
        session = self._app.session
        if session is None or not session.account.login.waiting_for:
            return False
        session.account.login.stop()
        return True

    # The banner

    @property
    def banner(self) -> tuple[Cell, ...]:
        """What the banner says; nothing while all is well."""
        session = self._app.session
        waiting = "" if session is None else session.account.login.waiting_for
        if waiting:
            return waiting_banner(waiting, self.problem)
        if self.problem is None:
            return ()
        keys = [(self._key("login"), "logs in from here")] if self.command else []
        keys += [(self._key("profile"), "takes another profile"), (self._key("refresh"), "looks again")]
        return banner(self.problem, keys)

    def _key(self, id_: str) -> Shown:
        return self._app.key_of(commands.BY_ID[id_])

    # The code

    async def _ask(self, question: CodeQuestion) -> str:
        answer: asyncio.Future[str | None] = asyncio.get_running_loop().create_future()
        dialog = CodeDialog(question)

        def answered(code: str | None) -> None:
            if not answer.done():
                answer.set_result(code)

        self._app.call_later(self._app.push_screen, dialog, answered)
        try:
            code = await answer
        finally:
            if dialog.is_current:
                dialog.dismiss(None)
        self._declined = code is None
        if code is None:
            raise _no_code(question, self._key("refresh"))
        return code

    # From inside

    @property
    def command(self) -> tuple[str, ...]:
        """The command that logs in; empty where none does."""
        session = self._app.session
        return () if session is None else session.account.login.command

    def choose(self) -> None:
        """Offer to log in."""

        def chosen(choice: Chosen | None) -> None:
            if choice == "run":
                self._app.spawn(partial(self._log_in, self.command), "login", exclusive=True)
            elif choice == "profile":
                choose_profile(self._app)

        self._app.push_screen(LoginDialog(self.problem, self.command), chosen)

    async def _log_in(self, command: Sequence[str]) -> None:
        """Leave the terminal to the command, and take it back when that has ended."""
        try:
            with self._app.suspend(), self._app.batch_update():
                failed = await login_command.run(command)  # raises nothing: the terminal would not be taken back
        except SuspendNotSupported:
            self._app.tell(shown(f"this terminal cannot be left: run {written(command)} elsewhere"), good=False)
            return
        if failed is not None:
            raise failed
        if self._app.session is not None:
            await self._app.session.account.login.again()


async def _again(session: Session) -> None:
    await session.account.login.again()


def _lacked_credentials(error: AppError | None) -> bool:
    return error is not None and error.kind is ErrorKind.CREDENTIALS


def _no_code(question: CodeQuestion, key: Shown) -> AppError:
    return AppError(
        ErrorKind.CREDENTIALS,
        "find usable credentials",
        why=f"no MFA code was given for the profile {question.profile}",
        remedy=f"Press {key} to be asked again.",
    )
