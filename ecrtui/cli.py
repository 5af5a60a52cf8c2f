"""The composition root: reads the settings, opens an account, starts the app or one headless command.

Exit codes: 0 fine, 1 findings or a failed build, 2 usage, 3 credentials, 4 denied, 5 service, network or a
fault of our own, 130 interrupted, 141 the reader of our output went away.
"""

from __future__ import annotations

import os
import sys
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from traceback import extract_tb
from typing import TYPE_CHECKING

import click

from ecrtui import __version__
from ecrtui.domain.errors import AppError
from ecrtui.headless.invocation import Group, begin
from ecrtui.headless.printers import note, report

if TYPE_CHECKING:
    from ecrtui.aws.session import AccountOptions, Attempt
    from ecrtui.services.ports import Account, Journal
    from ecrtui.settings import Settings

INTERRUPTED, OUTPUT_GONE, OWN_FAULT = 130, 141, 5

_PACKAGE = Path(__file__).resolve().parent
_COMMANDS = {
    "build": "builds",
    "compare": "compare",
    "create": "create",
    "diagnose": "diagnose",
    "images": "images",
    "lifecycle": "lifecycle",
    "repositories": "repositories",
    "retry": "builds",
    "stop": "builds",
    "watch": "watch",
}
"""The module in `ecrtui.headless` that holds each command; it is imported when the command is used."""


class _Root:
    """The adapters that the commands work with."""

    demo_regions = ("ap-northeast-2", "ap-northeast-1", "us-east-1", "eu-central-1")

    @asynccontextmanager
    async def open(
        self, settings: Settings, demo: bool, progress: Callable[[str], None]
    ) -> AsyncIterator[tuple[Account, Journal]]:
        """The account and the record of its changes; the embedded account takes its record along."""
        from tempfile import TemporaryDirectory

        from ecrtui.aws.session import open_account
        from ecrtui.store.journal import FileJournal
        from ecrtui.store.paths import journal_path

        def on_attempt(attempt: Attempt) -> None:
            progress(f"{attempt.error}; attempt {attempt.number} of {attempt.of}")

        async with AsyncExitStack() as stack:
            options, journal = _account_options(settings), journal_path()
            if demo:
                progress("starting the embedded account")
                options = await stack.enter_async_context(_embedded(options))
                journal = Path(stack.enter_context(TemporaryDirectory(prefix="ecrtui-"))) / journal.name
            account = await open_account(replace(options, on_attempt=on_attempt))
            stack.push_async_callback(account.close)
            yield account, FileJournal(journal)


@asynccontextmanager
async def _embedded(options: AccountOptions) -> AsyncIterator[AccountOptions]:
    """The options with which the embedded account is reached, as long as it runs."""
    from ecrtui.aws.session import StaticCredentials
    from ecrtui.demo import process

    server = await process.start()
    try:
        yield replace(
            options,
            region=options.region or process.DEFAULT_REGION,
            endpoint_url=server.url,
            credentials=StaticCredentials(process.ACCESS_KEY, process.SECRET_KEY),
        )
    finally:
        await server.close()


def _account_options(settings: Settings) -> AccountOptions:
    from ecrtui.aws.session import AccountOptions

    return AccountOptions(
        profile=settings.profile,
        region=settings.regions[0] if settings.regions else None,
        endpoint_url=settings.endpoint_url,
        read_only=settings.read_only,
        connect_timeout=settings.timeouts.connect,
        read_timeout=settings.timeouts.read,
        operation_timeout=settings.timeouts.operation,
    )


class _Commands(Group):
    """The commands of this module, and those of `headless`, imported on demand."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted({*super().list_commands(ctx), *_COMMANDS})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return super().get_command(ctx, cmd_name)
        command = getattr(import_module(f"ecrtui.headless.{_COMMANDS[cmd_name]}"), cmd_name)
        assert isinstance(command, click.Command)
        return command

    def invoke(self, ctx: click.Context) -> object:
        try:
            result = super().invoke(ctx)
            sys.stdout.flush()
        except BrokenPipeError:
            return _output_gone()
        return result

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        try:
            return super().resolve_command(ctx, args)
        except click.exceptions.NoSuchCommand as error:
            names = self.list_commands(ctx)
            raise click.exceptions.NoSuchCommand(error.command_name, possibilities=names, ctx=ctx) from None


@click.group(
    cls=_Commands,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(__version__, message="%(prog)s %(version)s")
@click.pass_context
def ecrtui(context: click.Context) -> int:
    """The terminal home of a container delivery path on AWS.

    Without a command the app starts.
    """
    context.obj = _Root()
    return _start_app() if context.invoked_subcommand is None else 0


@ecrtui.command()
def demo() -> int:
    """Start the app on an embedded account: no credentials, no network."""
    return _start_app(demo=True)


@ecrtui.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def completion(shell: str) -> int:
    """Print the completion script of a shell.

    For bash: eval "$(ecrtui completion bash)"
    """
    from click.shell_completion import get_completion_class

    script = get_completion_class(shell)
    assert script is not None
    completer = script(ecrtui, {}, "ecrtui", "_ECRTUI_COMPLETE")
    sys.stdout.write(completer.source_template % completer.source_vars() + "\n")
    return 0


def _start_app(demo: bool = False) -> int:
    invocation = begin(formats=())
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise click.UsageError(
            "The app needs a terminal; for scripts use a command ('ecrtui --help' lists them)."
        )
    if os.environ.get("TERM", "") in ("", "dumb"):
        raise click.UsageError("This terminal (TERM=dumb) cannot draw the app; use a command instead.")
    settings = invocation.settings
    if settings.theme == "no-colour":
        os.environ["NO_COLOR"] = "1"
    from ecrtui.ui.app import run

    return run(settings, _account_options(settings), demo or invocation.demo)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the program with these arguments (default: the process's) and return its exit code."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    try:
        code = ecrtui.main(arguments, prog_name="ecrtui", standalone_mode=False)
    except (KeyboardInterrupt, click.Abort):
        return INTERRUPTED
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except AppError as error:
        report(error)
        return error.exit_code
    except Exception as error:  # noqa: BLE001 - the last door: a sentence instead of a traceback with its secrets
        note(f"this is a fault of ecrtui itself: {_without_secrets(error)}. Please report it.")
        return OWN_FAULT
    return code if isinstance(code, int) else 0


def _output_gone() -> int:
    """Quietly end; what is still buffered has no reader."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return OUTPUT_GONE


def _without_secrets(error: Exception) -> str:
    """The kind and the place of a failure, without its text and values, which may hold anything."""
    ours = [frame for frame in extract_tb(error.__traceback__) if str(_PACKAGE) in frame.filename]
    place = f" in {Path(ours[-1].filename).relative_to(_PACKAGE)}, line {ours[-1].lineno}" if ours else ""
    return type(error).__name__ + place
