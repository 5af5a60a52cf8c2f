"""Planning repositories: each judged by its name, its project and what exists; what remains after a half failure."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from ecrtui.domain.change import ChangeResult, Outcome
from ecrtui.domain.errors import AppError, ErrorKind
from ecrtui.domain.names import NamingRule, can_name_project, judge
from ecrtui.domain.repository import Repository
from ecrtui.services.changes import Step
from ecrtui.services.create import RepositorySettings, create_step, differences, existing, settings_faults
from ecrtui.services.policies import put_step, same_text, stored_text
from ecrtui.services.ports import Account, Sleep

Verdict = Literal["create", "exists-same", "exists-differs", "refused"]

_SUCCEEDED = (Outcome.DONE, Outcome.ALREADY)


@dataclass(frozen=True, slots=True)
class CreateItem:
    """What is to be done for one repository. `reasons` say why not, or what to know about it."""

    settings: RepositorySettings
    verdict: Verdict
    reasons: tuple[str, ...] = ()
    steps: tuple[Step, ...] = ()
    """In order; `after` counts within the item."""
    differences: tuple[str, ...] = ()
    """In what an existing repository differs from the settings."""
    error: AppError | None = None
    """Why it is refused, where it is."""


@dataclass(frozen=True, slots=True)
class CreatePlan:
    """What is to be done for each wanted repository."""

    items: tuple[CreateItem, ...]

    @property
    def steps(self) -> tuple[Step, ...]:
        """All steps in order, as `Gateway.apply_all` takes them."""
        steps: list[Step] = []
        for item in self.items:
            first = len(steps)
            steps += [step if step.after is None else replace(step, after=step.after + first) for step in item.steps]
        return tuple(steps)


async def plan(
    account: Account,
    wanted: Sequence[RepositorySettings],
    *,
    allow_without_project: bool = False,
    rule: NamingRule | None = None,
    sleep: Sleep = asyncio.sleep,
) -> CreatePlan:
    """Judge every wanted repository by name, settings, project and what exists. Never raises AppError."""
    items = await asyncio.gather(*(_item(account, settings, allow_without_project, rule, sleep) for settings in wanted))
    return CreatePlan(_without_repeats(items))


def remaining(done: CreatePlan, results: Sequence[ChangeResult]) -> CreatePlan:
    """The plan of what has not succeeded yet; `results` are of `done.steps` in order, perhaps fewer.

    What exists differently from the plan is not offered again: sending it again would change nothing.
    """
    outcomes = iter([result.outcome for result in results])
    items = []
    for item in done.items:
        ended = [next(outcomes, None) for _ in item.steps]
        if Outcome.DIFFERS in ended:
            continue
        rest = tuple(
            replace(step, after=None) if step.after is not None and ended[step.after] in _SUCCEEDED else step
            for step, outcome in zip(item.steps, ended, strict=True)
            if outcome not in _SUCCEEDED
        )
        if rest:
            items.append(replace(item, steps=rest))
    return CreatePlan(tuple(items))


def exists_now(results: Sequence[ChangeResult]) -> tuple[str, ...]:
    """What exists after a creation, one sentence a step, for a person to read when not all went well."""
    return tuple(_existence(result) for result in results)


def _existence(result: ChangeResult) -> str:
    change = result.change
    of_policy = change.call.operation == "PutLifecyclePolicy"
    thing = f"the lifecycle policy of {change.target}" if of_policy else f"the repository {change.target}"
    state = {
        Outcome.DONE: "exists as planned",
        Outcome.ALREADY: "existed already, as planned",
        Outcome.DIFFERS: f"exists, but not as planned: {result.detail}",
        Outcome.REFUSED: f"was not set: {result.detail}" if of_policy else f"was not created: {result.detail}",
        Outcome.FAILED: f"was not set: {result.detail}" if of_policy else f"was not created: {result.detail}",
        Outcome.UNKNOWN: f"may exist or not: {result.detail}",
    }[result.outcome]
    return f"{change.region}: {thing} {state}."


def _without_repeats(items: Sequence[CreateItem]) -> tuple[CreateItem, ...]:
    """The second of two items for the same repository is refused."""
    seen: set[tuple[str, str]] = set()
    kept = []
    for item in items:
        target = (item.settings.region, item.settings.name)
        if target in seen:
            item = _refused(item.settings, ("it is in this plan already",), "Name it once.")
        seen.add(target)
        kept.append(item)
    return tuple(kept)


async def _item(
    account: Account,
    settings: RepositorySettings,
    allow_without_project: bool,
    rule: NamingRule | None,
    sleep: Sleep,
) -> CreateItem:
    if faults := settings_faults(settings):
        return _refused(settings, faults, "Choose another name, or correct the settings.")
    notes = _departures(settings.name, rule)
    missing, repository = await asyncio.gather(_why_no_project(account, settings), existing(account, settings))
    if isinstance(repository, AppError):
        why = f"whether it exists could not be seen: {_refusal(repository)}"
        return _refused(settings, (why, *notes), repository.remedy, repository.kind)
    if repository is not None:
        return await _existing_item(account, settings, repository, notes)
    if missing and not allow_without_project:
        return _refused(settings, (missing.why, *notes), missing.remedy, missing.kind)
    reasons = (missing.why, *notes) if missing else notes
    return CreateItem(settings, "create", reasons, _steps(account, settings, sleep))


def _refused(
    settings: RepositorySettings, reasons: tuple[str, ...], remedy: str, kind: ErrorKind = ErrorKind.INVALID
) -> CreateItem:
    what = f"create the repository {settings.name}"
    error = AppError(kind, what, settings.region, "; ".join(reasons), remedy)
    return CreateItem(settings, "refused", reasons, error=error)


def _departures(name: str, rule: NamingRule | None) -> tuple[str, ...]:
    verdict = judge(name, rule)
    notes = [fault.sentence for fault in verdict.departures]
    if notes and verdict.suggestion:
        notes.append(f"{verdict.suggestion} would follow the rule")
    return tuple(notes)


async def _why_no_project(account: Account, settings: RepositorySettings) -> AppError | None:
    """Why it cannot be said that a project of this name exists; None when one does."""
    name, region = settings.name, settings.region
    what, allow = f"create the repository {name}", "Choose another name, or allow a repository without a project."
    if not can_name_project(name):
        return AppError(ErrorKind.INVALID, what, region, f"no CodeBuild project can bear the name {name}", allow)
    try:
        await account.builds(region).project(name)
    except AppError as error:
        if error.kind is ErrorKind.NOT_FOUND:
            why = f"there is no CodeBuild project {name} in {region}: create the project first"
            return AppError(ErrorKind.NOT_FOUND, what, region, why, allow)
        why = f"whether the CodeBuild project {name} exists could not be seen: {_refusal(error)}"
        return AppError(error.kind, what, region, why, error.remedy)
    return None


async def _existing_item(
    account: Account, settings: RepositorySettings, repository: Repository, notes: tuple[str, ...]
) -> CreateItem:
    try:
        found = await differences(account, settings, repository)
        found += await _policy_differences(account, settings)
    except AppError as error:
        found = (f"it exists, but could not be compared: {_refusal(error)}",)
    verdict: Verdict = "exists-differs" if found else "exists-same"
    return CreateItem(settings, verdict, notes, (), found)


def _steps(account: Account, settings: RepositorySettings, sleep: Sleep) -> tuple[Step, ...]:
    create = create_step(account, settings, sleep)
    if settings.policy_text is None:
        return (create,)
    put = put_step(account, settings.region, settings.name, settings.policy_text, before=None, after=0, sleep=sleep)
    return (create, put)


async def _policy_differences(account: Account, settings: RepositorySettings) -> tuple[str, ...]:
    if settings.policy_text is None:
        return ()
    text = await stored_text(account, settings.region, settings.name)
    if text is None:
        return ("no lifecycle policy is set",)
    return () if same_text(text, settings.policy_text) else ("the lifecycle policy is another one",)


def _refusal(error: AppError) -> str:
    return f"{error.action} is not allowed" if error.action else error.why or str(error)
