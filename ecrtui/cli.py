"""The composition root: reads the settings, opens an account, starts the app or one headless command.

Exit codes: 0 fine, 1 findings or a failed build, 2 usage, 3 credentials, 4 denied, 5 service, network or a
fault of our own, 130 interrupted, 141 the reader of our output went away.
"""

from __future__ import annotations

import errno
import logging
import os
import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from traceback import extract_tb

import click

from ecrtui import __version__
from ecrtui.composition import Headless, backend
from ecrtui.domain.errors import AppError
from ecrtui.headless.invocation import Group, begin

INTERRUPTED, OUTPUT_GONE, OWN_FAULT, OUTPUT_UNWRITABLE = 130, 141, 5, 5
_UNWRITABLE = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EBADF)

_PACKAGE = Path(__file__).resolve().parent
_COMMANDS = {
    "audit": "audit",
    "build": "builds",
    "compare": "compare",
    "cost": "cost",
    "create": "create",
    "diagnose": "diagnose",
    "findings": "findings",
    "images": "images",
    "lifecycle": "lifecycle",
    "path": "path",
    "permissions": "permissions",
    "repositories": "repositories",
    "retry": "builds",
    "stop": "builds",
    "usage": "usage",
    "watch": "watch",
}
"""The module in `ecrtui.headless` that holds each command; it is imported when the command is used."""


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
    context.obj = Headless()
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
    invocation = begin(formats=(), demo=demo)
    if not all(stream is not None and stream.isatty() for stream in (sys.stdin, sys.stdout, sys.stderr)):
        raise click.UsageError("The app needs a terminal; for scripts use a command ('ecrtui --help' lists them).")
    if os.environ.get("TERM", "") in ("", "dumb"):
        raise click.UsageError("This terminal (TERM=dumb) cannot draw the app; use a command instead.")
    settings = invocation.settings
    if settings.theme == "no-colour":
        os.environ["NO_COLOR"] = "1"
    from ecrtui.ui.app import run
    from ecrtui.ui.commands import COMMANDS

    settings.check_commands([command.id for command in COMMANDS])
    with backend(settings, invocation.demo) as world:
        return run(settings, world, dict(os.environ))


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the program with these arguments (default: the process's) and return its exit code."""
    # What libraries log they also raise; without a handler logging would print it, tracebacks and all.
    logging.getLogger().addHandler(logging.NullHandler())
    _open_closed_streams()
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
        from ecrtui.headless.printers import report

        report(error)
        return error.exit_code
    except OSError as error:
        if error.errno not in _UNWRITABLE or error.filename is not None:
            return _own_fault(error)
        _output_gone()
        from ecrtui.headless.printers import note

        note(f"cannot write the output: {error.strerror}. Make room there, or write it elsewhere.")
        return OUTPUT_UNWRITABLE
    except Exception as error:  # noqa: BLE001 - the last door: a sentence instead of a traceback with its secrets
        return _own_fault(error)
    return code if isinstance(code, int) else 0


def _open_closed_streams() -> None:
    """A stream that was closed (`>&-`) becomes the null device: no socket of ours takes its descriptor."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: SIM115 - for the process's life


def _own_fault(error: Exception) -> int:
    from ecrtui.headless.printers import note

    note(f"this is a fault of ecrtui itself: {_without_secrets(error)}. Please report it.")
    return OWN_FAULT


def _output_gone() -> int:
    """Quietly end; what is still buffered has no reader."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return OUTPUT_GONE


def _without_secrets(error: Exception) -> str:
    """The kind and the place of a failure, without its text and values, which may hold anything."""
    ours = [frame for frame in extract_tb(error.__traceback__) if str(_PACKAGE) in frame.filename]
    place = f" in {Path(ours[-1].filename).relative_to(_PACKAGE)}, line {ours[-1].lineno}" if ours else ""
    return type(error).__name__ + place
