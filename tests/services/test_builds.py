"""The feed of builds, and starting, stopping and retrying them."""

import asyncio
from contextlib import aclosing
from dataclasses import replace

import pytest
from memory import NOW, REGION, FakeTime, MemoryAccount, MemoryJournal, a_build, a_project

from ecrtui.domain.change import Outcome
from ecrtui.domain.errors import ErrorKind
from ecrtui.services.builds import (
    BuildFeed,
    FeedUpdate,
    history,
    plan_retry,
    plan_start,
    plan_stop,
    started_build,
)
from ecrtui.services.changes import Gateway, Step

ENDED = {"status": "SUCCEEDED", "started_at": NOW - 900, "ended_at": NOW - 800}


class Watched:
    """A feed whose updates are read one at a time."""

    def __init__(self, account: MemoryAccount, regions: tuple[str, ...] = (REGION,)) -> None:
        self.time = FakeTime()
        self.feed = BuildFeed(account, regions, clock=self.time, sleep=self.time.sleep)
        self.updates = self.feed.run()

    async def next(self) -> FeedUpdate:
        return await asyncio.wait_for(anext(self.updates), 5)


async def test_the_feed_shows_active_builds_first_of_all_and_the_newest():
    old = [a_build("old", number, **ENDED) for number in range(2, 40)]
    account = MemoryAccount(builds=[a_build("pet-web"), *old])
    watched = Watched(account)
    async with aclosing(watched.updates):
        update = await watched.next()
    assert update.builds[0].project == "pet-web"
    assert len(update.builds) == 20
    assert account.count("codebuild:BatchGetBuilds") == 1


async def test_a_build_that_ends_is_shown_with_its_end_and_nothing_is_told_twice():
    account = MemoryAccount(builds=[a_build("pet-web")])
    watched = Watched(account)
    async with aclosing(watched.updates):
        assert (await watched.next()).builds[0].active
        watched.time.at[len(watched.time.slept) + 3] = lambda: account.end_build("pet-web:00000001")
        update = await watched.next()
    assert update.builds[0].status == "SUCCEEDED"
    assert account.count("codebuild:BatchGetBuilds") >= 4


async def test_it_is_slower_when_nothing_runs_and_asks_for_no_known_build_again():
    account = MemoryAccount(builds=[a_build("pet-web", **ENDED)])
    watched = Watched(account)
    async with aclosing(watched.updates):
        await watched.next()
        watched.time.at[4] = lambda: account.set_build(a_build("pet-web", 2))
        assert len((await watched.next()).builds) == 2
    assert watched.time.slept[:4] == [15.0] * 4
    assert account.count("codebuild:BatchGetBuilds") == 2


async def test_throttling_slows_it_to_a_minute_and_keeps_what_was_known():
    account = MemoryAccount(builds=[a_build("pet-web")])
    account.faults.fail("codebuild:ListBuilds", ErrorKind.THROTTLED, after=1, times=6)
    watched = Watched(account)
    async with aclosing(watched.updates):
        await watched.next()
        update = await watched.next()
        assert update.error is not None
        assert update.error.kind is ErrorKind.THROTTLED
        assert len(update.builds) == 1
        while update.error:
            update = await watched.next()
    assert watched.time.slept[:8] == [3.0, 6.0, 12.0, 24.0, 48.0, 60.0, 60.0, 3.0][:8]


async def test_one_region_that_is_refused_costs_that_region_only():
    account = MemoryAccount(regions=(REGION, "us-east-1"), builds=[a_build("pet-web")])
    account.faults.deny("codebuild:ListBuilds", region="us-east-1")
    watched = Watched(account, (REGION, "us-east-1"))
    async with aclosing(watched.updates):
        updates = {update.region: update for update in [await watched.next(), await watched.next()]}
    assert updates[REGION].error is None
    assert len(updates[REGION].builds) == 1
    assert updates["us-east-1"].error is not None


async def test_a_poke_polls_at_once_and_a_focused_build_is_asked_for_unlisted():
    account = MemoryAccount()
    feed = BuildFeed(account, [REGION], sleep=lambda _: asyncio.sleep(3600))
    async with aclosing(feed.run()) as updates:
        assert (await anext(updates)).builds == ()
        build = a_build("pet-web")
        account.set_build(build)
        account.area(REGION).hidden[build.id] = 1
        feed.focus(build.id)
        assert (await asyncio.wait_for(anext(updates), 5)).builds == (build,)


async def test_a_build_that_never_appears_is_given_up():
    account = MemoryAccount()
    watched = Watched(account)
    watched.feed.focus("pet-web:ffffffff")
    watched.time.at[14] = lambda: account.set_build(a_build("pet-web"))
    async with aclosing(watched.updates):
        await watched.next()
        await watched.next()
    assert watched.time.slept[:14] == [3.0] * 9 + [15.0] * 5


async def test_a_closed_feed_asks_nothing_more():
    account = MemoryAccount(builds=[a_build("pet-web")])
    watched = Watched(account)
    await watched.next()
    await watched.updates.aclose()
    asked = len(account.calls)
    for _ in range(50):
        await asyncio.sleep(0)
    assert len(account.calls) == asked


async def test_a_poll_waits_for_the_one_before():
    account = MemoryAccount(builds=[a_build("pet-web")])
    gate = account.faults.hold("codebuild:BatchGetBuilds")
    watched = Watched(account)
    first = asyncio.ensure_future(watched.next())
    await gate.reached.wait()
    for _ in range(50):
        watched.feed.poke()
        await asyncio.sleep(0)
    assert account.count("codebuild:ListBuilds") == 1
    gate.set()
    await first
    await watched.updates.aclose()


async def test_the_history_of_a_project_is_newest_first():
    builds = [a_build("pet-web", number, started_at=NOW - 1000 + number) for number in (1, 2, 3)]
    account = MemoryAccount(builds=[*builds, a_build("other", 9)])
    assert [build.number for build in await history(account, REGION, "pet-web", 2)] == [3, 2]


async def test_the_newest_build_is_found_where_an_emulator_lists_it_last():
    later = [a_build("pet-web", number, started_at=NOW - number) for number in (1, 2, 3)]
    account = MemoryAccount(builds=later)
    assert [build.number for build in await history(account, REGION, "pet-web", 1)] == [1]


async def applied(account: MemoryAccount, step: Step):
    return await Gateway(account, MemoryJournal()).apply(step, account.who)


def start(account: MemoryAccount, **options) -> Step:
    return plan_start(account, REGION, "pet-web", sleep=FakeTime().sleep, **options)


async def test_starting_makes_one_build_with_its_overrides():
    account = MemoryAccount(projects=[a_project("pet-web")], visible_after=2)
    step = start(account, source_version="v2", variables={"TAG": "a b"})
    result = await applied(account, step)
    assert result.outcome is Outcome.DONE
    assert started_build(result) == "pet-web:00000001"
    parameters = step.change.call.parameters
    assert parameters["sourceVersion"] == "v2"
    assert parameters["environmentVariablesOverride"] == [{"name": "TAG", "value": "a b", "type": "PLAINTEXT"}]
    assert parameters["idempotencyToken"] != start(account).change.call.parameters["idempotencyToken"]


@pytest.mark.fault("C50")
async def test_a_lost_answer_to_a_start_finds_the_build_that_is_new():
    account = MemoryAccount(projects=[a_project("pet-web")], builds=[a_build("pet-web", 4), a_build("pet-web", 5)])
    account.faults.lose_reply("codebuild:StartBuild")
    result = await applied(account, start(account))
    assert result.outcome is Outcome.DONE
    assert started_build(result) == "pet-web:00000006"


async def test_the_build_of_somebody_else_is_not_taken_for_ours_when_the_answer_is_lost():
    account = MemoryAccount(projects=[a_project("pet-web")])
    gate = account.faults.hold("codebuild:StartBuild")
    account.faults.lose_reply("codebuild:StartBuild", applied=False)
    starting = asyncio.create_task(applied(account, start(account)))
    await gate.reached.wait()
    account.set_build(a_build("pet-web", 77, initiator="somebody"))
    gate.set()
    result = await starting
    assert result.outcome is Outcome.UNKNOWN
    assert "by somebody" in result.detail


async def test_a_lost_answer_with_builds_of_others_is_not_guessed_at():
    account = MemoryAccount(projects=[a_project("pet-web")])
    gate = account.faults.hold("codebuild:StartBuild")
    account.faults.lose_reply("codebuild:StartBuild")
    starting = asyncio.create_task(applied(account, start(account)))
    await gate.reached.wait()
    account.set_build(a_build("pet-web", 77))
    gate.set()
    result = await starting
    assert result.outcome is Outcome.UNKNOWN
    assert "2 new builds" in result.detail


async def test_an_old_build_that_still_runs_is_found_beyond_the_first_page():
    newer = [a_build("busy", number, **ENDED) for number in range(2, 140)]
    account = MemoryAccount(builds=[a_build("slow", 1, started_at=NOW - 9999), *newer])
    watched = Watched(account)
    async with aclosing(watched.updates):
        assert "slow" in {build.project for build in (await watched.next()).builds}


async def test_a_lost_answer_without_a_new_build_is_unknown():
    account = MemoryAccount(projects=[a_project("pet-web")], builds=[a_build("pet-web", 4)])
    account.faults.lose_reply("codebuild:StartBuild", applied=False)
    result = await applied(account, start(account))
    assert result.outcome is Outcome.UNKNOWN
    assert started_build(result) == ""


async def test_a_project_that_is_gone_is_not_built():
    account = MemoryAccount()
    assert (await applied(account, start(account))).outcome is Outcome.REFUSED
    assert account.sent == []


async def test_stopping_ends_the_build_and_an_ended_one_needs_nothing():
    account = MemoryAccount(builds=[a_build("pet-web")])
    step = plan_stop(account, REGION, "pet-web:00000001", sleep=FakeTime().sleep)
    assert (await applied(account, step)).outcome is Outcome.DONE
    assert account.area(REGION).builds["pet-web:00000001"].status == "STOPPED"
    assert (await applied(account, step)).outcome is Outcome.ALREADY


async def test_a_build_that_goes_on_is_not_called_stopped():
    account = MemoryAccount(builds=[a_build("pet-web")])
    account.faults.lose_reply("codebuild:StopBuild", applied=False)
    step = plan_stop(account, REGION, "pet-web:00000001", sleep=FakeTime().sleep)
    assert (await applied(account, step)).outcome is Outcome.UNKNOWN


async def test_a_retry_is_a_new_build():
    ended = a_build("pet-web", 1, status="FAILED")
    account = MemoryAccount(projects=[a_project("pet-web")], builds=[ended])
    result = await applied(account, plan_retry(account, REGION, ended.id, sleep=FakeTime().sleep))
    assert started_build(result) == "pet-web:00000002"


def test_a_build_of_the_helpers_knows_its_log():
    build = replace(a_build("pet-web", 3), status="FAILED")
    assert (build.log_group, build.log_stream) == ("/aws/codebuild/pet-web", "00000003")
