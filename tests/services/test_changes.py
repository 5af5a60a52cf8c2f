"""The one door: what is sent, what is refused, what the journal says, and what a lost answer leaves."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from memory import ACCOUNT, REGION, MemoryAccount, MemoryJournal, a_repository

from ecrtui.domain.change import ApiCall, Change, Outcome
from ecrtui.domain.errors import AppError, ErrorKind
from ecrtui.services.changes import (
    Absent,
    Already,
    Differs,
    Gateway,
    Go,
    Precondition,
    Stale,
    Step,
    Verification,
    Verified,
)
from ecrtui.services.ports import Identity

CALL = ApiCall("ecr", "CreateRepository", {"repositoryName": "pet-web"})
CREATE = Change("create the repository pet-web", REGION, "pet-web", CALL)


def answering(value: object) -> Callable[..., Awaitable]:
    async def answer(*_: object) -> object:
        if isinstance(value, AppError):
            raise value
        return value

    return answer


def step(
    check: Precondition | AppError = Go(),  # noqa: B008
    verify: Verification | AppError = Verified("there"),  # noqa: B008
    change: Change = CREATE,
    after: int | None = None,
) -> Step:
    return Step(change, answering(check), answering(verify), after)


def unread() -> AppError:
    return AppError(ErrorKind.DENIED, "look", why="not allowed", action="ecr:DescribeRepositories")


async def applied(account: MemoryAccount, chosen: Step, journal: MemoryJournal | None = None):
    return await Gateway(account, journal or MemoryJournal()).apply(chosen, account.who)


@pytest.mark.fault("E83")
async def test_a_change_is_journalled_before_and_after_it_is_sent_once():
    account, journal = MemoryAccount(), MemoryJournal()
    result = await applied(account, step(), journal)
    assert (result.outcome, result.detail) == (Outcome.DONE, "there")
    intent, end = journal.written
    assert (intent.outcome, end.outcome) == ("intent", "done")
    assert intent.id == end.id
    assert (intent.account, intent.operation, intent.target) == (ACCOUNT, "CreateRepository", "pet-web")
    assert end.request_id == result.request_id != ""
    assert len(account.sent) == 1


@pytest.mark.fault("E85")
async def test_read_only_sends_nothing_and_asks_nothing():
    account = MemoryAccount(read_only=True)
    result = await applied(account, step())
    assert result.outcome is Outcome.REFUSED
    assert isinstance(result.error, AppError)
    assert result.error.kind is ErrorKind.READ_ONLY
    assert account.calls == []


@pytest.mark.parametrize(
    ("check", "outcome"),
    [
        (Already("is so"), Outcome.ALREADY),
        (Differs("scan is off"), Outcome.DIFFERS),
        (Stale("it moved"), Outcome.REFUSED),
        (unread(), Outcome.REFUSED),
    ],
)
async def test_a_precondition_that_does_not_hold_sends_nothing(check, outcome):
    account, journal = MemoryAccount(), MemoryJournal()
    result = await applied(account, step(check=check), journal)
    assert result.outcome is outcome
    assert account.sent == []
    assert journal.written[-1].outcome == outcome.value


@pytest.mark.fault("B35")
async def test_another_account_than_the_confirmed_one_gets_nothing():
    account = MemoryAccount()
    confirmed = Identity("999999999999", "arn:aws:iam::999999999999:user/me")
    result = await Gateway(account, MemoryJournal()).apply(step(), confirmed)
    assert result.outcome is Outcome.REFUSED
    assert "999999999999" in result.detail
    assert ACCOUNT in result.detail
    assert account.sent == []


async def test_a_role_assumed_anew_is_the_same_identity():
    arn = f"arn:aws:sts::{ACCOUNT}:assumed-role/Ops/"
    account = MemoryAccount(identity=Identity(ACCOUNT, arn + "session-2"))
    confirmed = Identity(ACCOUNT, arn + "session-1")
    assert (await Gateway(account, MemoryJournal()).apply(step(), confirmed)).outcome is Outcome.DONE


@pytest.mark.fault("F89")
async def test_without_a_journal_nothing_is_sent():
    account, journal = MemoryAccount(), MemoryJournal()
    journal.failing = True
    result = await applied(account, step(), journal)
    assert result.outcome is Outcome.REFUSED
    assert "the disk is full" in result.detail
    assert account.sent == []


@pytest.mark.parametrize(
    ("seen", "outcome"),
    [
        (Verified("there"), Outcome.DONE),
        (Differs("other"), Outcome.DIFFERS),
        (Absent("it is not there"), Outcome.UNKNOWN),
        (unread(), Outcome.UNKNOWN),
    ],
)
@pytest.mark.parametrize("lost", [True, False])
async def test_the_outcome_is_what_reading_shows_whether_or_not_the_answer_came(seen, outcome, lost):
    account = MemoryAccount()
    if lost:
        account.faults.lose_reply("ecr:CreateRepository")
    result = await applied(account, step(verify=seen))
    assert result.outcome is outcome
    assert len(account.sent) == 1


@pytest.mark.parametrize(
    ("seen", "outcome"),
    [
        (Verified("there"), Outcome.ALREADY),
        (Differs("other"), Outcome.DIFFERS),
        (Absent("not there"), Outcome.FAILED),
        (unread(), Outcome.FAILED),
    ],
)
async def test_a_race_that_is_lost_is_compared_and_no_error(seen, outcome):
    account = MemoryAccount(repositories=[a_repository("pet-web")])
    result = await applied(account, step(verify=seen))
    assert result.outcome is outcome


async def test_a_denied_change_failed_without_effect():
    account = MemoryAccount()
    account.faults.deny("ecr:CreateRepository")
    result = await applied(account, step())
    assert result.outcome is Outcome.FAILED
    assert result.error.action == "ecr:CreateRepository"
    assert result.request_id == "request-of-error"


async def test_a_step_whose_predecessor_failed_is_refused_and_the_others_go_on():
    account = MemoryAccount()
    account.faults.fail("ecr:CreateRepository", ErrorKind.LIMIT, times=1)
    policy = Change("put", REGION, "pet-web", ApiCall("ecr", "PutLifecyclePolicy", {}))
    other = Change("c", REGION, "b", ApiCall("ecr", "CreateRepository", {"repositoryName": "b"}))
    steps = [step(), step(change=policy, after=0), step(change=other)]
    outcomes = [result.outcome async for result in Gateway(account, MemoryJournal()).apply_all(steps, account.who)]
    assert outcomes == [Outcome.FAILED, Outcome.REFUSED, Outcome.DONE]


@pytest.mark.fault("E83")
async def test_cancelling_while_it_is_sent_waits_for_the_journal():
    account, journal = MemoryAccount(), MemoryJournal()
    gate = account.faults.hold("ecr:CreateRepository")
    task = asyncio.create_task(applied(account, step(), journal))
    await gate.reached.wait()
    task.cancel()
    await asyncio.sleep(0)
    task.cancel()
    assert not task.done()
    gate.set()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert [entry.outcome for entry in journal.written] == ["intent", "done"]


@pytest.mark.fault("F90")
async def test_values_of_plaintext_variables_are_not_written_down():
    variables = [
        {"name": "TOKEN", "value": "s3cret", "type": "PLAINTEXT"},
        {"name": "KEY", "value": "/path", "type": "PARAMETER_STORE"},
    ]
    call = ApiCall("ecr", "CreateRepository", {"repositoryName": "a", "environmentVariablesOverride": variables})
    journal = MemoryJournal()
    account = MemoryAccount()
    await applied(account, step(change=Change("start", REGION, "a", call)), journal)
    assert "s3cret" not in repr(journal.written)
    assert "/path" in repr(journal.written)
    assert account.sent[0][1] is call
