"""AWS's own lifecycle preview, and where it differs from ours."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from ecrtui.domain.change import ApiCall, Change, ChangeResult, Outcome
from ecrtui.domain.errors import AppError, ErrorKind
from ecrtui.domain.lifecycle import Evaluation
from ecrtui.services.changes import Absent, Gateway, Go, Precondition, Step, Verification, Verified
from ecrtui.services.polling import visible
from ecrtui.services.ports import Account, Identity, PreviewReport, Receipt, Registry, Sleep

_POLLS = (1.0, 1.0, 2.0, 3.0, 5.0, 5.0, 5.0, 5.0, 5.0, 5.0, 5.0, 5.0, 5.0, 5.0)
"""Seconds between the looks at a preview that runs: about a minute in all."""
_BUSY_PAUSES = (5.0, 10.0, 15.0)
"""Seconds to wait for another preview of the same repository to end."""


@dataclass(frozen=True, slots=True)
class AwsPreview:
    """AWS's preview, or why there is none. `differences` to ours are sentences."""

    report: PreviewReport | None
    reason: str = ""
    differences: tuple[str, ...] = ()


async def aws_preview(
    gateway: Gateway,
    account: Account,
    identity: Identity,
    region: str,
    repository: str,
    policy_text: str,
    *,
    ours: Evaluation | None = None,
    sleep: Sleep = asyncio.sleep,
) -> AwsPreview:
    """Start AWS's preview of a policy, and wait for it up to a minute. Never raises AppError.

    Starting is a change by AWS's count (one preview a repository), so it goes through the gateway.
    """
    registry = account.registry(region)
    step = _start_step(registry, region, repository, policy_text, sleep)
    result = await gateway.apply(step, identity)
    for seconds in _BUSY_PAUSES:
        if not _is_busy(result):
            break
        await sleep(seconds)
        result = await gateway.apply(step, identity)
    if result.outcome is not Outcome.DONE:
        return AwsPreview(None, result.detail)
    return await _ended(registry, repository, ours, sleep)


def _start_step(registry: Registry, region: str, repository: str, text: str, sleep: Sleep) -> Step:
    parameters = {"repositoryName": repository, "lifecyclePolicyText": text}
    call = ApiCall("ecr", "StartLifecyclePolicyPreview", parameters)
    change = Change(f"preview a lifecycle policy of {repository}", region, repository, call)

    async def check() -> Precondition:
        return Go()

    async def look() -> PreviewReport | None:
        try:
            return await registry.lifecycle_preview(repository)
        except AppError as error:
            if error.kind is ErrorKind.NOT_FOUND:
                return None
            raise

    async def verify(receipt: Receipt | None) -> Verification:
        # Without a receipt a report may be of another policy: it says nothing about this one.
        report = await visible(look, sleep) if receipt else None
        return Verified("the preview runs") if report else Absent("no preview was started")

    return Step(change, check, verify)


def _is_busy(result: ChangeResult) -> bool:
    return isinstance(result.error, AppError) and result.error.kind is ErrorKind.CONFLICT


async def _ended(registry: Registry, repository: str, ours: Evaluation | None, sleep: Sleep) -> AwsPreview:
    try:
        report = await registry.lifecycle_preview(repository)
        for seconds in _POLLS:
            if report.status != "IN_PROGRESS":
                break
            await sleep(seconds)
            report = await registry.lifecycle_preview(repository)
    except AppError as error:
        return AwsPreview(None, error.why or str(error))
    if report.status != "COMPLETE":
        return AwsPreview(None, f"AWS's preview is {report.status}")
    return AwsPreview(report, "", preview_differences(ours, report) if ours else ())


def preview_differences(ours: Evaluation, report: PreviewReport) -> tuple[str, ...]:
    """Where AWS's preview and ours do not agree, one sentence an image."""
    theirs = {mark.digest: mark for mark in report.marks}
    found = []
    for mark in ours.marks:
        other = theirs.pop(mark.digest, None)
        name = _name(mark.tags, mark.digest)
        if other is None:
            found.append(f"{name}: ours {mark.action}s it (rule {mark.rule_priority}), AWS keeps it")
        elif (other.action.lower(), other.rule) != (str(mark.action), mark.rule_priority):
            found.append(
                f"{name}: ours {mark.action}s it (rule {mark.rule_priority}), "
                f"AWS {other.action.lower()}s it (rule {other.rule})"
            )
    found += [
        f"{_name(mark.tags, mark.digest)}: AWS {mark.action.lower()}s it (rule {mark.rule}), ours keeps it"
        for mark in theirs.values()
    ]
    return tuple(found)


def _name(tags: tuple[str, ...], digest: str) -> str:
    return tags[0] if tags else digest[:19]
