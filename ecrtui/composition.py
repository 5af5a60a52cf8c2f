"""Which adapters the two faces work with: the account, real or embedded, and the journal of its changes.

Everything heavy is imported when it is used: the app paints its first frame before botocore comes in.
"""

from __future__ import annotations

import logging
import os
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager, closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from ecrtui import __version__

if TYPE_CHECKING:
    from ecrtui.aws.session import AccountOptions, Attempt
    from ecrtui.demo.process import DemoServer
    from ecrtui.services.ports import Account, CodeQuestion, Journal
    from ecrtui.settings import Settings
    from ecrtui.ui.backend import Backend


_LOG = logging.getLogger("ecrtui")


class Headless:
    """What the commands work with (`headless.invocation.Composition`)."""

    demo_regions = ("ap-northeast-2", "ap-northeast-1", "us-east-1", "eu-central-1")

    @asynccontextmanager
    async def open(
        self, settings: Settings, demo: bool, progress: Callable[[str], None]
    ) -> AsyncIterator[tuple[Account, Journal]]:
        """The account that the settings name, or the embedded one, and its journal; closed at the end."""
        from ecrtui.aws.session import open_account
        from ecrtui.headless.code_entry import ask_code

        async def asked(question: CodeQuestion) -> str:
            progress("")
            return await ask_code(question)

        def on_attempt(attempt: Attempt) -> None:
            progress(f"{attempt.error}; attempt {attempt.number} of {attempt.of}")

        async with AsyncExitStack() as stack:
            stack.enter_context(_debugging(settings))
            journal = stack.enter_context(_journal(demo))
            options = _options(settings, settings.profile)
            if demo:
                progress("starting the embedded account")
                server = await _start_demo()
                stack.push_async_callback(server.close)
                options = _embedded(settings, server)
            account = await open_account(replace(options, on_attempt=on_attempt))
            stack.push_async_callback(account.close)
            login = account.login
            login.asks(asked)
            login.on_change(lambda: progress(f"trying {login.waiting_for}" if login.waiting_for else ""))
            yield account, journal

    @contextmanager
    def journal(self, settings: Settings) -> Iterator[Journal]:
        """The record of changes alone: no account is opened."""
        with _debugging(settings), _journal(demo=False) as journal:
            yield journal


def start_app(settings: Settings, demo: bool) -> int:
    """Run the app on the terminal, supervised; its exit code."""
    from ecrtui.supervisor import supervised

    return supervised(lambda: _app(settings, demo))


def _app(settings: Settings, demo: bool) -> int:
    if settings.theme == "no-colour":
        os.environ["NO_COLOR"] = "1"
    from ecrtui.ui.app import run
    from ecrtui.ui.commands import COMMANDS

    settings.check_commands([command.id for command in COMMANDS])
    with _debugging(settings), backend(settings, demo) as world:
        return run(settings, world, dict(os.environ))


@contextmanager
def backend(settings: Settings, demo: bool) -> Iterator[Backend]:
    """What the app works with. The embedded account starts when it is opened first, after the first frame."""
    from ecrtui.ui.backend import Backend

    servers: list[DemoServer] = []

    async def open_profile(profile: str | None, retrying: Callable[[str], None]) -> Account:
        from ecrtui.aws.session import open_account

        def on_attempt(attempt: Attempt) -> None:
            place = f"{attempt.service} in {attempt.region}"
            retrying(f"{place}: {attempt.error.kind}, attempt {attempt.number} of {attempt.of}")

        if demo and not servers:
            servers.append(await _start_demo())
        options = _embedded(settings, servers[0]) if demo else _options(settings, profile)
        return await open_account(replace(options, on_attempt=on_attempt))

    with ExitStack() as stack:
        yield Backend(
            open_profile,
            (lambda: ()) if demo else _profiles,
            lambda: stack.enter_context(_journal(demo)),
            demo,
            _crashed,
        )


@contextmanager
def _debugging(settings: Settings) -> Iterator[None]:
    """The debug log, where it is wanted; where it is, is told at the end."""
    if not settings.debug:
        yield
        return
    import platform

    from ecrtui.headless.printers import note
    from ecrtui.store.debuglog import debug_log
    from ecrtui.store.paths import debug_log_path

    path = debug_log_path()
    with ExitStack() as stack:
        try:
            broken = stack.enter_context(debug_log(path))
            stack.callback(lambda: note(f"the debug log is {path}; {_of_log(broken())}"))
        except OSError as error:
            note(f"no debug log can be written to {path}: {error.strerror}")
        _LOG.info("ecrtui %s on Python %s, %s", __version__, platform.python_version(), platform.system())
        try:
            yield
        except Exception as error:
            _LOG.info("ended", exc_info=error)
            raise


def _of_log(broken: str) -> str:
    return f"it ended early: {broken}" if broken else "it names what was asked of AWS, and holds no answers"


def _crashed(error: BaseException) -> str:
    from ecrtui.crash import told

    _LOG.error("crashed", exc_info=error)
    from ecrtui.store.paths import state_dir

    return told(error, state_dir(), dict(os.environ))


def _profiles() -> tuple[str, ...]:
    from ecrtui.aws.session import profiles

    return profiles()


@contextmanager
def _journal(demo: bool) -> Iterator[Journal]:
    """The record of changes; that of the embedded account is gone with it."""
    from tempfile import TemporaryDirectory

    from ecrtui.store.journal import FileJournal
    from ecrtui.store.paths import journal_path

    if not demo:
        with closing(FileJournal(journal_path())) as journal:
            yield journal
        return
    with (
        TemporaryDirectory(prefix="ecrtui-") as directory,
        closing(FileJournal(Path(directory) / "journal.jsonl")) as journal,
    ):
        yield journal


async def _start_demo() -> DemoServer:
    from ecrtui.demo.process import start

    return await start()


def _options(settings: Settings, profile: str | None) -> AccountOptions:
    """The options of a real account. botocore itself knows AWS_DEFAULT_REGION, but not AWS_REGION."""
    from ecrtui.aws.session import AccountOptions

    return AccountOptions(
        profile=profile,
        region=settings.regions[0] if settings.regions else os.environ.get("AWS_REGION") or None,
        endpoint_url=settings.endpoint_url,
        read_only=settings.read_only,
        connect_timeout=settings.timeouts.connect,
        read_timeout=settings.timeouts.read,
        operation_timeout=settings.timeouts.operation,
    )


def _embedded(settings: Settings, server: DemoServer) -> AccountOptions:
    """The options with which the embedded account is reached: nothing of the user's AWS files is read."""
    from ecrtui.aws.session import StaticCredentials
    from ecrtui.demo import process

    return replace(
        _options(settings, None),
        name="demo",
        region=settings.regions[0] if settings.regions else process.DEFAULT_REGION,
        endpoint_url=server.url,
        credentials=StaticCredentials(process.ACCESS_KEY, process.SECRET_KEY),
    )
