"""Creating repositories: judged, planned, made step by step; and what exists after a half failure."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from ecrtui.domain.change import ApiCall, Change, ChangeResult, Outcome
from ecrtui.domain.errors import AppError, ErrorKind
from ecrtui.domain.lifecycle import validate
from ecrtui.domain.mutability import Mutability
from ecrtui.domain.names import NamingRule, aws_tag_faults, can_name_project, exclusion_faults, judge
from ecrtui.domain.repository import Repository
from ecrtui.services.changes import (
    Absent,
    Already,
    Differs,
    Go,
    Precondition,
    Step,
    Verification,
    Verified,
)
from ecrtui.services.policies import put_step, same_text, stored_text
from ecrtui.services.polling import ACCEPTED, VISIBLE_AFTER, visible
from ecrtui.services.ports import Account, Receipt, Sleep

Verdict = Literal["create", "exists-same", "exists-differs", "refused"]

DEFAULT_EXCLUSIONS = ("latest", "production", "staging", "development", "test")
"""Tags that move by their nature: `latest` and the environments (ECR allows five filters)."""
ENCRYPTIONS = ("AES256", "KMS", "KMS_DSSE")
_SUCCEEDED = (Outcome.DONE, Outcome.ALREADY)
_WITH_EXCLUSION = (Mutability.IMMUTABLE_WITH_EXCLUSION, Mutability.MUTABLE_WITH_EXCLUSION)


@dataclass(frozen=True, slots=True)
class RepositorySettings:
    """A repository as it is wanted."""

    name: str
    region: str
    mutability: str = Mutability.IMMUTABLE_WITH_EXCLUSION
    exclusions: tuple[str, ...] = DEFAULT_EXCLUSIONS
    """Sent with the `…_WITH_EXCLUSION` mutabilities only."""
    scan_on_push: bool = True
    encryption: str = "AES256"
    """AES256, KMS or KMS_DSSE; it can never be changed."""
    kms_key: str | None = None
    """Key id, ARN or alias; None for AWS's own key."""
    policy_text: str | None = None
    """The lifecycle policy to put; None for none."""
    tags: Mapping[str, str] = field(default_factory=dict)

    @property
    def filters(self) -> tuple[str, ...]:
        """The exclusion filters that take effect."""
        return self.exclusions if self.mutability in _WITH_EXCLUSION else ()


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
    missing, repository = await asyncio.gather(_why_no_project(account, settings), _existing(account, settings))
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


def settings_faults(settings: RepositorySettings) -> tuple[str, ...]:
    """Why ECR would refuse these settings, as sentences; empty when it would not."""
    verdict = judge(settings.name)
    faults = [fault.sentence for fault in verdict.faults]
    if faults and verdict.suggestion:
        faults.append(f"{verdict.suggestion} would be allowed")
    if settings.mutability not in set(Mutability):
        faults.append(f"{settings.mutability} is no tag mutability: use one of {', '.join(Mutability)}")
    if settings.mutability in _WITH_EXCLUSION and not settings.exclusions:
        faults.append(f"{settings.mutability} needs at least one exclusion filter")
    faults += exclusion_faults(settings.filters)
    if settings.encryption not in ENCRYPTIONS:
        faults.append(f"{settings.encryption} is no encryption: use one of {', '.join(ENCRYPTIONS)}")
    if settings.kms_key and settings.encryption == "AES256":
        faults.append("a KMS key needs the encryption KMS or KMS_DSSE")
    faults += aws_tag_faults(tuple(settings.tags.items()))
    if settings.policy_text is not None:
        faults += [f"lifecycle policy: {problem}" for problem in validate(settings.policy_text)]
    return tuple(faults)


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


async def _existing(account: Account, settings: RepositorySettings) -> Repository | AppError | None:
    try:
        return await account.registry(settings.region).repository(settings.name)
    except AppError as error:
        return None if error.kind is ErrorKind.NOT_FOUND else error


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


def _refusal(error: AppError) -> str:
    return f"{error.action} is not allowed" if error.action else error.why or str(error)


def _steps(account: Account, settings: RepositorySettings, sleep: Sleep) -> tuple[Step, ...]:
    create = _create_step(account, settings, sleep)
    if settings.policy_text is None:
        return (create,)
    put = put_step(account, settings.region, settings.name, settings.policy_text, before=None, after=0, sleep=sleep)
    return (create, put)


def _create_step(account: Account, settings: RepositorySettings, sleep: Sleep) -> Step:
    change = Change(
        f"create the repository {settings.name}",
        settings.region,
        settings.name,
        ApiCall("ecr", "CreateRepository", _parameters(settings)),
    )

    async def check() -> Precondition:
        repository = await _existing(account, settings)
        if isinstance(repository, AppError):
            raise repository
        if repository is None:
            return Go()
        found = await differences(account, settings, repository)
        return Differs("; ".join(found)) if found else Already("it exists already, with these settings")

    async def verify(receipt: Receipt | None) -> Verification:
        async def look() -> Repository | None:
            repository = await _existing(account, settings)
            if isinstance(repository, AppError):
                raise repository
            return repository

        repository = await visible(look, sleep, ACCEPTED if receipt else VISIBLE_AFTER)
        if repository is None:
            return Absent(f"the repository {settings.name} cannot be seen in {settings.region}")
        found = await differences(account, settings, repository)
        return Differs("; ".join(found)) if found else Verified("it exists, with all settings as planned")

    return Step(change, check, verify)


def _parameters(settings: RepositorySettings) -> dict[str, Any]:
    """The parameters of CreateRepository."""
    parameters: dict[str, Any] = {
        "repositoryName": settings.name,
        "imageTagMutability": str(settings.mutability),
        "imageScanningConfiguration": {"scanOnPush": settings.scan_on_push},
        "encryptionConfiguration": {"encryptionType": settings.encryption},
    }
    if settings.filters:
        parameters["imageTagMutabilityExclusionFilters"] = [
            {"filterType": "WILDCARD", "filter": text} for text in settings.filters
        ]
    if settings.kms_key:
        parameters["encryptionConfiguration"]["kmsKey"] = settings.kms_key
    if settings.tags:
        parameters["tags"] = [{"Key": key, "Value": value} for key, value in settings.tags.items()]
    return parameters


async def differences(account: Account, settings: RepositorySettings, repository: Repository) -> tuple[str, ...]:
    """In what a repository differs from the settings, the lifecycle policy aside."""
    compared = [
        ("tag mutability", settings.mutability, repository.mutability),
        ("exclusion filters", _listed(settings.filters), _listed(repository.exclusions)),
        ("scan on push", _switch(settings.scan_on_push), _switch(repository.scan_on_push)),
        ("encryption", settings.encryption, repository.encryption),
    ]
    if settings.kms_key and not _same_key(settings.kms_key, repository.kms_key or ""):
        compared.append(("KMS key", settings.kms_key, repository.kms_key or "none"))
    if settings.tags:
        tags = await account.registry(settings.region).tags(repository.arn)
        compared += [(f"tag {key}", value, tags.get(key, "none")) for key, value in settings.tags.items()]
    return tuple(f"{what} is {found}, not {wanted}" for what, wanted, found in compared if wanted != found)


def _listed(filters: Sequence[str]) -> str:
    return ", ".join(sorted(filters)) or "none"


def _switch(on: bool | None) -> str:
    return "not known" if on is None else "on" if on else "off"


def _same_key(wanted: str, found: str) -> bool:
    """Whether ECR's key (always an ARN) is the wanted one. An alias cannot be compared: AWS resolves it."""
    if "alias/" in wanted:
        return bool(found)
    return found == wanted or found.endswith(f":key/{wanted}")


async def _policy_differences(account: Account, settings: RepositorySettings) -> tuple[str, ...]:
    if settings.policy_text is None:
        return ()
    text = await stored_text(account, settings.region, settings.name)
    if text is None:
        return ("no lifecycle policy is set",)
    return () if same_text(text, settings.policy_text) else ("the lifecycle policy is another one",)
