"""A repository's lifecycle policy as it is stored: compared by meaning, put, and deleted."""

from __future__ import annotations

import asyncio
import json

from ecrtui.domain.change import ApiCall, Change
from ecrtui.domain.errors import AppError
from ecrtui.domain.lifecycle import parse, same
from ecrtui.services.changes import (
    Absent,
    Already,
    Differs,
    Go,
    Precondition,
    Stale,
    Step,
    Verification,
    Verified,
)
from ecrtui.services.polling import visible
from ecrtui.services.ports import Account, Receipt, Sleep


def same_text(one: str | None, other: str | None) -> bool:
    """Whether two policy texts mean the same; None is no policy. What cannot be read is compared as JSON."""
    if one is None or other is None:
        return one is other
    try:
        return one == other or same(parse(one), parse(other))
    except AppError:
        return _same_json(one, other)


def _same_json(one: str, other: str) -> bool:
    try:
        return bool(json.loads(one) == json.loads(other))
    except (ValueError, RecursionError):
        return False


async def stored_text(account: Account, region: str, repository: str) -> str | None:
    """The stored policy's text; None when none is set."""
    stored = await account.registry(region).lifecycle_policy(repository)
    return None if stored is None else stored.text


def put_step(
    account: Account,
    region: str,
    repository: str,
    text: str,
    *,
    before: str | None,
    title: str = "",
    after: int | None = None,
    sleep: Sleep = asyncio.sleep,
) -> Step:
    """Put a policy where `before` (None: no policy) is the one that was looked at; else it is stale."""
    change = Change(
        title or f"put the lifecycle policy of {repository}",
        region,
        repository,
        ApiCall("ecr", "PutLifecyclePolicy", {"repositoryName": repository, "lifecyclePolicyText": text}),
        before=before or "",
    )
    return _step(account, change, before, text, after, sleep)


def delete_step(
    account: Account, region: str, repository: str, *, before: str | None, sleep: Sleep = asyncio.sleep
) -> Step:
    """Delete the policy `before` that was looked at; another one is stale."""
    change = Change(
        f"delete the lifecycle policy of {repository}",
        region,
        repository,
        ApiCall("ecr", "DeleteLifecyclePolicy", {"repositoryName": repository}),
        before=before or "",
    )
    return _step(account, change, before, None, None, sleep)


def _step(
    account: Account, change: Change, before: str | None, wanted: str | None, after: int | None, sleep: Sleep
) -> Step:
    async def stored() -> str | None:
        return await stored_text(account, change.region, change.target)

    async def check() -> Precondition:
        now = await stored()
        if same_text(now, wanted):
            return Already("no lifecycle policy is set" if wanted is None else "this policy is set already")
        if not same_text(now, before):
            return Stale("the lifecycle policy was changed by somebody else meanwhile", "Preview it again.")
        return Go()

    async def verify(_receipt: Receipt | None) -> Verification:
        async def as_wanted() -> Verified | None:
            if not same_text(await stored(), wanted):
                return None
            return Verified("the policy is deleted" if wanted is None else "the policy is set")

        if seen := await visible(as_wanted, sleep):
            return seen
        now = await stored()
        if same_text(now, before):
            return Absent("the former policy is still set" if before else "no lifecycle policy is set")
        return Differs("no lifecycle policy is set" if now is None else "another lifecycle policy is set")

    return Step(change, check, verify, after)
