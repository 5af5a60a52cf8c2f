"""Changes on the command line: the plan shown, confirmed, applied, and its outcomes."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterable, Sequence, Set
from dataclasses import replace

import click

from ecrtui.domain.change import Change, ChangeResult, Outcome
from ecrtui.domain.errors import AppError, ErrorKind
from ecrtui.domain.instants import iso
from ecrtui.domain.text import shown
from ecrtui.headless.invocation import Opened
from ecrtui.headless.printers import Record, note, report
from ecrtui.services.changes import Gateway, Step, masked_parameters
from ecrtui.services.changes_made import UNKNOWN, changes_made
from ecrtui.services.ports import Identity

_SUCCEEDED = (Outcome.DONE, Outcome.ALREADY)


def require_consent(yes: bool, dry_run: bool) -> None:
    """Refuse early what could not be confirmed later: no --yes, and nobody to ask."""
    if not (yes or dry_run or (sys.stdin.isatty() and sys.stderr.isatty())):
        raise click.UsageError(
            "There is no terminal to confirm this on: give --yes to apply it, or --dry-run to see the plan."
        )


def require_writable(opened: Opened, what: str) -> None:
    """Refuse when read-only, before anything is asked or planned."""
    if opened.account.read_only:
        raise AppError(
            ErrorKind.READ_ONLY,
            what,
            why="ecrtui is read-only",
            remedy="Leave out --read-only, ECRTUI_READ_ONLY or read_only in config.toml.",
        )


async def apply(opened: Opened, steps: Sequence[Step], yes: bool) -> tuple[ChangeResult, ...] | None:
    """Confirm the steps and apply them in order; None when they were declined. Progress goes to stderr."""
    if not steps:
        return ()
    identity = await opened.account.identity(fresh=True)
    opened.progress.clear()
    await _tell_of_unknown(opened, identity, {step.change.target for step in steps})
    if not yes and not await _confirmed(opened, identity, [step.change for step in steps]):
        note("nothing was changed")
        return None
    results: list[ChangeResult] = []
    async for result in Gateway(opened.account, opened.journal).apply_all(steps, identity):
        results.append(result)
        opened.progress(f"{len(results)} of {len(steps)}: {result.change.title}: {result.outcome}")
    opened.progress.clear()
    return tuple(results)


async def _tell_of_unknown(opened: Opened, identity: Identity, targets: Set[str]) -> None:
    """Tell of earlier changes of the same targets of which nobody knows whether they were carried out."""
    place = identity.account, opened.account.endpoint
    for made in await changes_made(opened.journal):
        intent = made.intent
        if made.outcome == UNKNOWN and intent.target in targets and (intent.account, intent.endpoint) == place:
            note(f"{iso(intent.at)}: {made.title}: its outcome is unknown; 'ecrtui journal --reconcile' looks it up")


async def _confirmed(opened: Opened, identity: Identity, changes: Sequence[Change]) -> bool:
    """Whether the person at the terminal wants these changes; a change may ask for a word to be typed."""
    endpoint = f" at {opened.account.endpoint}" if opened.account.endpoint else ""
    _say(f"Account {identity.account}{endpoint}, as {identity.arn}:")
    for change in changes:
        _say(f"  {change.region}: {change.title}")
        _say(f"    {change.command}")
    count = f"this {len(changes)} change" if len(changes) == 1 else f"these {len(changes)} changes"
    words = {change.confirm_word for change in changes if change.confirm_word} or {"yes"}
    for word in sorted(words):
        _say(f"To apply {count.replace('this 1', 'this')}, type {word}: ", end="")
        if await _typed_line() != word:
            return False
    return True


async def _typed_line() -> str:
    """The next line from the terminal; waiting for it can be interrupted, which reading it cannot."""
    loop, typed = asyncio.get_running_loop(), asyncio.Event()
    loop.add_reader(sys.stdin.fileno(), typed.set)
    try:
        await typed.wait()
    finally:
        loop.remove_reader(sys.stdin.fileno())
    return sys.stdin.readline().strip()


def _say(text: str, end: str = "\n") -> None:
    sys.stderr.write(shown(text) + end)
    sys.stderr.flush()


def planned(change: Change) -> Record:
    """A change as it is shown before it is sent; values of variables are masked."""
    call = replace(change.call, parameters=dict(masked_parameters(change.call)))
    return {
        "title": change.title,
        "region": change.region,
        "target": change.target,
        "call": f"{call.service}:{call.operation}",
        "parameters": call.parameters,
        "action": call.action,
        "command": call.command(change.region),
    }


def ended(result: ChangeResult) -> Record:
    """A change and what became of it."""
    return {
        "title": result.change.title,
        "region": result.change.region,
        "target": result.change.target,
        "call": f"{result.change.call.service}:{result.change.call.operation}",
        "outcome": result.outcome.value,
        "detail": result.detail,
        "request_id": result.request_id or None,
    }


def exit_code(results: Iterable[ChangeResult]) -> int:
    """0 when all succeeded; else what the first failure is: its error's code, 5 when unknown, else 1.

    Errors are reported on stderr.
    """
    code = 0
    for result in results:
        if result.outcome in _SUCCEEDED:
            continue
        if isinstance(result.error, AppError):
            report(result.error)
            code = code or result.error.exit_code
        else:
            note(f"{result.change.region}: {result.change.title}: {result.outcome}: {result.detail}")
            code = code or (5 if result.outcome is Outcome.UNKNOWN else 1)
    return code
