"""One call of the program: the options that every command takes, and what they come to.

The options can stand before the command as well as after it; the later one wins.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, AbstractContextManager
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

import click

from ecrtui.domain.errors import AppError, ErrorKind
from ecrtui.settings.values import THEMES

if TYPE_CHECKING:
    from ecrtui.headless.printers import Progress
    from ecrtui.services.ports import Account, Journal
    from ecrtui.settings import Settings

LIST_FORMATS = ("table", "json", "jsonl", "csv")
STREAM_FORMATS = ("table", "jsonl", "json")
_FLAGS = "ecrtui.flags"


class Composition(Protocol):
    """What the composition root gives to the commands."""

    def open(
        self, settings: Settings, demo: bool, progress: Callable[[str], None]
    ) -> AbstractAsyncContextManager[tuple[Account, Journal]]:
        """The account that the settings name, or the embedded one, and the record of its changes."""
        ...

    def journal(self, settings: Settings) -> AbstractContextManager[Journal]:
        """The record of changes alone: no account is opened."""
        ...

    @property
    def demo_regions(self) -> tuple[str, ...]:
        """The regions of the embedded account that hold anything."""
        ...


class Opened(NamedTuple):
    """What a command works with while the account is open."""

    account: Account
    journal: Journal
    progress: Progress


class Invocation(NamedTuple):
    """What was asked for, apart from the command's own options."""

    settings: Settings
    demo: bool
    all_regions: bool
    form: str
    """The output format."""
    filter: str
    composition: Composition

    def run(self, command: Callable[[Opened], Awaitable[int]]) -> int:
        """Open the account, run `command` with it, and return its exit code (128 + n for a signal n)."""
        import asyncio

        return asyncio.run(self._until_signalled(command))

    async def _until_signalled(self, command: Callable[[Opened], Awaitable[int]]) -> int:
        import asyncio

        signals: list[int] = []
        loop, task = asyncio.get_running_loop(), asyncio.current_task()
        assert task is not None

        def stop(number: int) -> None:
            signals.append(number)
            task.cancel()

        for number in (signal.SIGTERM, signal.SIGHUP):
            loop.add_signal_handler(number, stop, number)
        try:
            return await self._opened(command)
        except asyncio.CancelledError:
            if not signals:
                raise
            return 128 + signals[0]

    async def _opened(self, command: Callable[[Opened], Awaitable[int]]) -> int:
        from ecrtui.headless.printers import Progress

        progress = Progress()
        try:
            async with self.composition.open(self.settings, self.demo, progress) as (account, journal):
                return await command(Opened(account, journal, progress))
        finally:
            progress.clear()

    async def regions(self, account: Account, wide: bool = False) -> tuple[str, ...]:
        """The regions to look at: the given ones, all, or the default one.

        A `wide` command spans the whole embedded account by default.
        """
        if self.all_regions:
            return await _usable_regions(account)
        if self.settings.regions:
            return self.settings.regions
        if wide and self.demo:
            return self.composition.demo_regions
        return (_default_region(account),)

    def region(self, account: Account) -> str:
        """The one region of a command that acts in one."""
        if self.all_regions or len(self.settings.regions) > 1:
            raise AppError(
                ErrorKind.USAGE,
                "choose a region",
                why="this command works in one region, and several are given",
                remedy="Name one with --region.",
            )
        return self.settings.regions[0] if self.settings.regions else _default_region(account)


def begin(
    formats: Sequence[str] = LIST_FORMATS, default: str = "table", filtered: bool = False, demo: bool = False
) -> Invocation:
    """The invocation of the running command; `formats` are those that it can write (none: the app)."""
    context = click.get_current_context()
    flags: dict[str, Any] = context.meta.get(_FLAGS, {})
    form = flags.get("format", default)
    if not formats:
        _refuse_output_options(flags)
    elif form not in formats:
        raise click.UsageError(f"'{context.command_path}' can write {', '.join(formats)}, not {form}.", context)
    if flags.get("filter") and not filtered:
        raise click.UsageError(f"'{context.command_path}' takes no --filter.", context)
    demo = demo or bool(flags.get("demo"))
    return Invocation(
        settings=_settings(flags, demo),
        demo=demo,
        all_regions=bool(flags.get("all_regions")),
        form=form,
        filter=flags.get("filter", ""),
        composition=context.obj,
    )


def _refuse_output_options(flags: Mapping[str, Any]) -> None:
    for name in ("format", "filter", "all_regions"):
        if name in flags:
            raise click.UsageError(f"--{name.replace('_', '-')} belongs to a command; the app takes none.")


def _settings(flags: Mapping[str, Any], demo: bool) -> Settings:
    """The settings; profile, endpoint and regions of files and variables are not for the embedded account."""
    for name in ("profile", "endpoint_url"):
        if demo and name in flags:
            option = name.replace("_", "-")
            raise click.UsageError(f"--demo has an account of its own: leave --{option} out, or --demo.")
    from ecrtui.settings.layers import load

    loaded = load(flags, os.environ)
    if not demo:
        return loaded
    return loaded.without_account(loaded.regions if "regions" in flags else ())


async def _usable_regions(account: Account) -> tuple[str, ...]:
    statuses = await account.regions()
    refused: dict[str, list[str]] = {}
    for status in statuses:
        if status.refusal:
            refused.setdefault(status.refusal, []).append(status.name)
    for reason, names in refused.items():
        from ecrtui.headless.printers import note

        note(f"left out {', '.join(names)}: {reason}")
    return tuple(status.name for status in statuses if not status.refusal)


def _default_region(account: Account) -> str:
    if account.default_region:
        return account.default_region
    raise AppError(
        ErrorKind.USAGE,
        "choose a region",
        why=f"none is given, and the profile {account.profile} sets none",
        remedy="Give --region, set AWS_REGION, or write regions in config.toml.",
    )


# The options


def _remember(context: click.Context, parameter: click.Parameter, value: Any) -> None:
    if value not in (None, (), False) and parameter.name:
        context.meta.setdefault(_FLAGS, {})[parameter.name] = value


def _remember_regions(context: click.Context, parameter: click.Parameter, value: tuple[str, ...]) -> None:
    _remember(context, parameter, ",".join(value) if value else None)


def _remember_no_mouse(context: click.Context, parameter: click.Parameter, value: bool) -> None:
    if value:
        context.meta.setdefault(_FLAGS, {})["mouse"] = False


def _option(*names: str, callback: Any = _remember, **attributes: Any) -> click.Option:
    return click.Option(list(names), expose_value=False, callback=callback, **attributes)


COMMON_OPTIONS: tuple[click.Option, ...] = (
    _option("-p", "--profile", "profile", metavar="NAME", help="AWS profile."),
    _option(
        "-r",
        "--region",
        "regions",
        multiple=True,
        metavar="NAMES",
        callback=_remember_regions,
        help="Regions, separated by commas or given again; the first is the primary one.",
    ),
    _option("--all-regions", is_flag=True, help="Every region of the account."),
    _option("--endpoint-url", "endpoint_url", metavar="URL", help="Ask this endpoint instead of AWS's own."),
    _option("--demo", is_flag=True, help="Use an embedded account: no credentials, no network."),
    _option("--read-only", "--readonly", "read_only", is_flag=True, help="Refuse every change."),
    _option("--debug", is_flag=True, help="Write a log without secrets to the state directory."),
    _option("-c", "--config", "config", metavar="FILE", help="Configuration file."),
    _option(
        "--format",
        type=click.Choice(["table", "json", "jsonl", "csv", "sarif", "markdown"]),
        metavar="[table|json|jsonl|csv]",
        help="Output format; some commands have others.",
    ),
    _option("--filter", metavar="TERMS", help="Words and terms that rows must match, as in the app."),
    _option("--theme", type=click.Choice(THEMES), help="Colours of the app."),
    _option("--refresh", type=float, metavar="SECONDS", help="Refresh of the app; -1 turns it off."),
    _option("--no-mouse", is_flag=True, callback=_remember_no_mouse, help="Leave the mouse to the terminal."),
)


class Command(click.Command):
    """A command that takes the common options too."""

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        """Its own parameters, then the common ones."""
        *own, helping = super().get_params(ctx)
        return [*own, *COMMON_OPTIONS, helping]


class Group(click.Group):
    """A group whose commands, and which itself, take the common options."""

    command_class = Command
    group_class = type

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        """Its own parameters, then the common ones."""
        *own, helping = super().get_params(ctx)
        return [*own, *COMMON_OPTIONS, helping]
