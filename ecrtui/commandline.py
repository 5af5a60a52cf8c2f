"""The command line: options, commands, completion.

It is read in only when there is anything on it: the app without options starts without it (a tenth of the time
to its first frame).
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from importlib import import_module

import click

from ecrtui import __version__
from ecrtui.composition import Headless, start_app
from ecrtui.headless.invocation import Group, begin
from ecrtui.streams import all_terminals, can_draw, output_gone

_COMMANDS = {
    "audit": "audit",
    "build": "builds",
    "compare": "compare",
    "cost": "cost",
    "create": "create",
    "diagnose": "diagnose",
    "findings": "findings",
    "images": "images",
    "journal": "journal",
    "lifecycle": "lifecycle",
    "path": "path",
    "permissions": "permissions",
    "policy": "policy",
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
            return output_gone()
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
    if not all_terminals():
        raise click.UsageError("The app needs a terminal; for scripts use a command ('ecrtui --help' lists them).")
    if not can_draw(os.environ):
        raise click.UsageError("This terminal (TERM=dumb) cannot draw the app; use a command instead.")
    return start_app(invocation.settings, invocation.demo)


def run(arguments: Sequence[str] | None) -> int:
    """Do what the command line says; the exit code. KeyboardInterrupt when it was broken off."""
    try:
        code = ecrtui.main(arguments, prog_name="ecrtui", standalone_mode=False)
    except click.Abort:
        raise KeyboardInterrupt from None
    except click.ClickException as error:
        error.show()
        return error.exit_code
    return code if isinstance(code, int) else 0
