"""`ecrtui lifecycle put`, `delete` and `restore`."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

import click

from ecrtui.domain.change import Outcome
from ecrtui.domain.errors import AppError
from ecrtui.headless.changes import apply, ended, exit_code, planned, require_consent, require_writable
from ecrtui.headless.inputs import policy_text
from ecrtui.headless.invocation import Command, Invocation, Opened, begin
from ecrtui.headless.previews import previews, summary
from ecrtui.headless.printers import Record, column, note, print_found, print_records, report_all
from ecrtui.services.changes import Step
from ecrtui.services.lifecycle import plan_delete, plan_put, plan_restore


@dataclass(frozen=True, slots=True)
class _Planned:
    """What is to be done for one repository; without a step, why not."""

    region: str
    repository: str
    step: Step | None
    detail: str = ""


Planner = Callable[[Opened], Awaitable[tuple[list[_Planned], list[AppError]]]]

_repositories = click.argument("repositories", nargs=-1, required=True, metavar="REPO…")
_allow = click.option("--allow-in-use", is_flag=True, help="Also where images go that are in use.")
_dry_run = click.option("--dry-run", is_flag=True, help="Show what would be sent, and send nothing.")
_yes = click.option("--yes", is_flag=True, help="Do not ask.")


@click.command(cls=Command)
@_repositories
@click.option("--policy", metavar="FILE", help="The policy's JSON text; - is stdin.")
@click.option("--template", metavar="NAME", help="A template's policy.")
@_allow
@_dry_run
@_yes
def put(
    repositories: tuple[str, ...],
    policy: str | None,
    template: str | None,
    allow_in_use: bool,
    dry_run: bool,
    yes: bool,
) -> int:
    """Put a policy on repositories, unless images in use would go."""
    call = begin()
    text = policy_text(policy, template)
    if text is None:
        raise click.UsageError("Give the policy with --policy or --template.")

    async def plan(opened: Opened) -> tuple[list[_Planned], list[AppError]]:
        found, errors = await previews(call, opened, repositories, text)
        steps: list[_Planned] = []
        for region, name, seen in found:
            blocked = seen.blocked and not allow_in_use
            step = plan_put(opened.account, region, name, text, seen, allow_in_use=allow_in_use)
            why = "; ".join((*seen.reasons, "--allow-in-use puts it all the same"))
            steps.append(_Planned(region, name, None if blocked else step, why if blocked else summary(seen)))
        return steps, errors

    return _change(call, "put lifecycle policies", plan, dry_run, yes)


@click.command(cls=Command)
@_repositories
@_dry_run
@_yes
def delete(repositories: tuple[str, ...], dry_run: bool, yes: bool) -> int:
    """Delete the policies of repositories; they can be restored."""
    call = begin()

    async def one(opened: Opened, region: str, name: str) -> Step:
        return await plan_delete(opened.account, region, name)

    return _change(call, "delete lifecycle policies", _each(call, repositories, one), dry_run, yes)


@click.command(cls=Command)
@_repositories
@_allow
@_dry_run
@_yes
def restore(repositories: tuple[str, ...], allow_in_use: bool, dry_run: bool, yes: bool) -> int:
    """Put back the policies before the last change from here."""
    call = begin()

    async def one(opened: Opened, region: str, name: str) -> Step:
        return await plan_restore(opened.account, opened.journal, region, name, allow_in_use=allow_in_use)

    return _change(call, "restore lifecycle policies", _each(call, repositories, one), dry_run, yes)


def _each(call: Invocation, repositories: Sequence[str], one: Callable[[Opened, str, str], Awaitable[Step]]) -> Planner:
    """A planner that plans each repository of each region by itself."""

    async def plan(opened: Opened) -> tuple[list[_Planned], list[AppError]]:
        steps: list[_Planned] = []
        errors: list[AppError] = []
        for region in await call.regions(opened.account):
            for name in dict.fromkeys(repositories):
                try:
                    steps.append(_Planned(region, name, await one(opened, region, name)))
                except AppError as error:
                    error.where = error.where or region
                    errors.append(error)
        return steps, errors

    return plan


def _change(call: Invocation, what: str, plan: Planner, dry_run: bool, yes: bool) -> int:
    require_consent(yes, dry_run)

    async def command(opened: Opened) -> int:
        if not dry_run:
            require_writable(opened, what)
        steps, errors = await plan(opened)
        opened.progress.clear()
        if dry_run:
            records = [_planned_record(step) for step in steps]
            code = print_found(call.form, records, _PLAN, _PLAN_MEMBERS, errors)
            return code or int(any(step.step is None for step in steps))
        code = await _apply(call, opened, steps, yes) if steps else 0
        return report_all(errors) or code

    return call.run(command)


async def _apply(call: Invocation, opened: Opened, steps: Sequence[_Planned], yes: bool) -> int:
    if not yes:
        for step in steps:
            note(f"{step.region}: {step.repository}: {step.detail}") if step.detail else None
    results = await apply(opened, [step.step for step in steps if step.step], yes)
    if results is None:
        return 1
    left = iter(results)
    records = [_refused(step) if step.step is None else _ended(step, ended(next(left))) for step in steps]
    print_records(call.form, records, _RESULT, _RESULT_MEMBERS)
    return exit_code(results) or int(any(step.step is None for step in steps))


def _planned_record(step: _Planned) -> Record:
    place = {"repository": step.repository, "region": step.region, "detail": step.detail}
    nothing = dict.fromkeys(("call", "action", "command", "parameters"))
    return {**place, **nothing} if step.step is None else {**planned(step.step.change), **place}


def _refused(step: _Planned) -> Record:
    return {
        "repository": step.repository,
        "region": step.region,
        "outcome": Outcome.REFUSED.value,
        "detail": step.detail,
        "request_id": None,
    }


def _ended(step: _Planned, result: Record) -> Record:
    return {**result, "repository": step.repository}


_PLAN_MEMBERS = ("repository", "region", "detail", "call", "action", "command", "parameters")
_PLAN = (
    column("repository", "repository"),
    column("region", "region"),
    column("needs", "action"),
    column("detail", "detail"),
    column("command", "command"),
)
_RESULT_MEMBERS = ("repository", "region", "outcome", "detail", "request_id")
_RESULT = tuple(column(member, member) for member in _RESULT_MEMBERS[:-1])
