"""The one door for changes: journal, check again, send once, verify by reading, journal."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar
from uuid import uuid4

from ecrtui.domain.change import ApiCall, Change, ChangeResult, Outcome
from ecrtui.domain.errors import AppError, ErrorKind, Executed
from ecrtui.services.ports import Account, Clock, Identity, Journal, JournalEntry, Receipt

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Go:
    """Precondition: nothing stands in the way."""


@dataclass(frozen=True, slots=True)
class Already:
    """Precondition: what is planned is so already."""

    detail: str


@dataclass(frozen=True, slots=True)
class Stale:
    """Precondition: the world is no longer as it was when this was planned, or confirmed."""

    detail: str
    remedy: str = "Plan it again."


@dataclass(frozen=True, slots=True)
class Verified:
    """Verification: it is as planned. `response` is what was found, when the service's answer was lost."""

    detail: str
    response: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Differs:
    """Verification (or precondition): it is there, but not as planned."""

    detail: str


@dataclass(frozen=True, slots=True)
class Absent:
    """Verification: no effect can be seen."""

    detail: str


Precondition = Go | Already | Differs | Stale
Verification = Verified | Differs | Absent


@dataclass(frozen=True, slots=True)
class Step:
    """One change, with how to see that it may be sent, and how to see that it took effect.

    Both only read, and may raise AppError. `verify` gets the receipt, or None when the answer was lost.
    """

    change: Change
    check: Callable[[], Awaitable[Precondition]]
    verify: Callable[[Receipt | None], Awaitable[Verification]]
    after: int | None = None
    """The index, in the sequence that is applied, of the step that must have succeeded before."""


class Gateway:
    """Applies steps to one account, and writes each to the journal."""

    def __init__(self, account: Account, journal: Journal, *, clock: Clock = time.time) -> None:
        self._account = account
        self._journal = journal
        self._clock = clock

    async def apply(self, step: Step, identity: Identity) -> ChangeResult:
        """Apply one step as the identity that was confirmed. Never raises AppError: it is in the result.

        Once the intent is journalled, cancelling waits for the outcome to be journalled too.
        """
        if self._account.read_only:
            return _refused(step, "read-only: nothing can be changed", _read_only(step))
        return await _to_the_end(self._journalled(step, identity))

    async def apply_all(self, steps: Sequence[Step], identity: Identity) -> AsyncIterator[ChangeResult]:
        """Apply steps in order; one whose predecessor did not succeed is refused."""
        outcomes: list[Outcome] = []
        for step in steps:
            if step.after is not None and outcomes[step.after] not in (Outcome.DONE, Outcome.ALREADY):
                before = steps[step.after].change.title
                result = _refused(step, f"not tried, since this did not succeed: {before}")
            else:
                result = await self.apply(step, identity)
            outcomes.append(result.outcome)
            yield result

    async def _journalled(self, step: Step, identity: Identity) -> ChangeResult:
        intent = _intent(step.change, identity, self._account.endpoint, self._clock())
        try:
            await self._journal.append(intent)
        except AppError as error:
            return _refused(step, f"not sent, since it cannot be journalled: {error.why or error}", error)
        result = await self._send(step, identity)
        end = replace(
            intent,
            at=self._clock(),
            outcome=result.outcome.value,
            request_id=result.request_id,
            detail=result.detail,
            before="",
        )
        try:
            await self._journal.append(end)
        except AppError as error:
            return replace(result, detail=f"{result.detail} (the journal could not be written: {error.why})")
        return result

    async def _send(self, step: Step, identity: Identity) -> ChangeResult:
        now = await self._cleared(step, identity)
        if isinstance(now, ChangeResult):
            return now
        change = step.change
        try:
            receipt = await self._account.sender.send(change.region, change.call, now)
        except AppError as error:
            result = await _after_error(step, error)
        else:
            result = await _after_receipt(step, receipt)
        return await self._seen_by(identity, result)

    async def _seen_by(self, identity: Identity, result: ChangeResult) -> ChangeResult:
        """The result, unless what was read back may be of another account than the one that was changed."""
        if result.outcome in (Outcome.REFUSED, Outcome.FAILED):
            return result
        try:
            now = await self._account.identity()
            why = "" if _same(identity, now) else _other_identity(identity, now)
        except AppError as error:
            why = f"who we are by now cannot be seen: {error.why or error}"
        return replace(result, outcome=Outcome.UNKNOWN, detail=f"sent, but not read back: {why}") if why else result

    async def _cleared(self, step: Step, identity: Identity) -> Identity | ChangeResult:
        """Who is to send the step now, or why it is not to be sent."""
        try:
            now = await self._account.identity(fresh=True)
            if _same(identity, now):
                seen = await step.check()
                now = await self._account.identity()  # that costs nothing unless the credentials were replaced
            if not _same(identity, now):
                return _refused(step, f"{_other_identity(identity, now)}. Look at it again, and confirm again.")
            match seen:
                case Go():
                    return now
                case Already(detail):
                    return ChangeResult(step.change, Outcome.ALREADY, detail)
                case Differs(detail):
                    return ChangeResult(step.change, Outcome.DIFFERS, detail)
                case Stale(detail, remedy):
                    return _refused(step, f"{detail}. {remedy}".strip())
        except AppError as error:
            return _refused(step, f"not sent, since it could not be checked: {error.why or error}", error)


async def _after_receipt(step: Step, receipt: Receipt) -> ChangeResult:
    """What became of a change that AWS accepted, seen by reading."""
    result = ChangeResult(step.change, Outcome.UNKNOWN, request_id=receipt.request_id, response=receipt.response)
    try:
        return _judged(result, await step.verify(receipt))
    except AppError as error:
        detail = f"AWS accepted it, but it could not be read back: {error.why or error}"
        return replace(result, detail=detail, error=error)


async def _after_error(step: Step, error: AppError) -> ChangeResult:
    """What became of a change whose sending failed: seen by reading, where it may have had an effect."""
    result = ChangeResult(step.change, Outcome.FAILED, error.why or str(error), error, request_id=error.request_id)
    if error.kind is ErrorKind.READ_ONLY:
        return replace(result, outcome=Outcome.REFUSED)
    if error.executed is Executed.NO and error.kind is not ErrorKind.CONFLICT:
        return result
    raced = error.executed is Executed.NO
    try:
        seen = await step.verify(None)
    except AppError as unread:
        if raced:
            return result
        why = f"the answer was lost, and reading failed: {unread.why or unread}"
        return replace(result, outcome=Outcome.UNKNOWN, detail=why)
    if isinstance(seen, Absent):
        if raced:
            return result
        return replace(result, outcome=Outcome.UNKNOWN, detail=f"the answer was lost, and {seen.detail}")
    if raced and isinstance(seen, Verified):
        return replace(result, outcome=Outcome.ALREADY, detail=seen.detail, error=None)
    return _judged(replace(result, error=None), seen)


def _judged(result: ChangeResult, seen: Verification) -> ChangeResult:
    """The result of a change that was sent, with what reading back has shown."""
    match seen:
        case Verified(detail, found):
            response = result.response if found is None else found
            return replace(result, outcome=Outcome.DONE, detail=detail, response=response)
        case Differs(detail):
            return replace(result, outcome=Outcome.DIFFERS, detail=detail)
        case Absent(detail):
            return replace(result, outcome=Outcome.UNKNOWN, detail=f"AWS accepted it, but {detail}", error=None)


def _refused(step: Step, detail: str, error: AppError | None = None) -> ChangeResult:
    return ChangeResult(step.change, Outcome.REFUSED, detail, error)


def _read_only(step: Step) -> AppError:
    return AppError(
        ErrorKind.READ_ONLY,
        step.change.title,
        step.change.region,
        "ecrtui is read-only",
        "Start it without --read-only (and ECRTUI_READ_ONLY) to change anything.",
    )


def _other_identity(confirmed: Identity, now: Identity) -> str:
    return (
        f"confirmed as {confirmed.arn} in account {confirmed.account}, but the credentials are now "
        f"{now.arn} in account {now.account}"
    )


def _same(one: Identity, other: Identity) -> bool:
    return (one.account, _principal(one.arn)) == (other.account, _principal(other.arn))


def _principal(arn: str) -> str:
    """The ARN without the session's name: a role that is assumed anew (hourly) gets another one."""
    return arn.rpartition("/")[0] if ":assumed-role/" in arn else arn


def _intent(change: Change, identity: Identity, endpoint: str, at: float) -> JournalEntry:
    return JournalEntry(
        id=uuid4().hex,
        at=at,
        account=identity.account,
        arn=identity.arn,
        region=change.region,
        service=change.call.service,
        operation=change.call.operation,
        target=change.target,
        parameters=masked_parameters(change.call),
        outcome="intent",
        before=change.before,
        endpoint=endpoint,
    )


def masked_parameters(call: ApiCall) -> Mapping[str, Any]:
    """The parameters as they may be shown and written down: values of plaintext variables are left out."""
    overrides = call.parameters.get("environmentVariablesOverride")
    if not overrides:
        return call.parameters
    masked = [
        {**variable, "value": "***"} if variable.get("type", "PLAINTEXT") == "PLAINTEXT" else variable
        for variable in overrides
    ]
    return {**call.parameters, "environmentVariablesOverride": masked}


async def _to_the_end(work: Coroutine[Any, Any, T]) -> T:
    """The result of `work`, which cancelling the caller does not stop: the cancellation comes afterwards."""
    task = asyncio.ensure_future(work)
    cancelled: asyncio.CancelledError | None = None
    while not task.done():
        try:
            await asyncio.shield(task)
        except asyncio.CancelledError as error:
            cancelled = error
    if cancelled:
        raise cancelled
    return task.result()
