"""Random faults while changes are applied: nothing is made twice, nothing is claimed that is not so."""

import asyncio

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from memory import REGION, FakeTime, MemoryAccount, MemoryJournal, a_project

from ecrtui.domain.change import Outcome
from ecrtui.domain.errors import ErrorKind
from ecrtui.services.builds import plan_start, started_build
from ecrtui.services.changes import Gateway
from ecrtui.services.create import RepositorySettings, plan

ACTIONS = (
    "sts:GetCallerIdentity",
    "ecr:CreateRepository",
    "ecr:DescribeRepositories",
    "ecr:ListTagsForResource",
    "codebuild:StartBuild",
    "codebuild:BatchGetProjects",
    "codebuild:BatchGetBuilds",
    "codebuild:ListBuildsForProject",
)
KINDS = (ErrorKind.THROTTLED, ErrorKind.NETWORK, ErrorKind.DENIED, ErrorKind.MALFORMED)
FAULTS = st.lists(
    st.tuples(st.sampled_from(ACTIONS), st.sampled_from(KINDS), st.integers(0, 3), st.integers(1, 3)), max_size=4
)
LOSSES = st.dictionaries(st.sampled_from(["ecr:CreateRepository", "codebuild:StartBuild"]), st.booleans())
CLAIMED = (Outcome.DONE, Outcome.ALREADY)


@settings(max_examples=150, deadline=None)
@given(FAULTS, LOSSES, st.integers(0, 9))
@pytest.mark.fault("C48", "C50", "E83")
def test_whatever_fails_there_is_one_build_one_repository_and_no_false_claim(faults, losses, late):
    asyncio.run(schedule(faults, losses, late))


async def schedule(faults, losses, late) -> None:
    account = MemoryAccount(projects=[a_project("pet-web")], visible_after=late)
    journal, time = MemoryJournal(), FakeTime()
    wanted = RepositorySettings("pet-web", REGION, tags={"team": "pets"})
    steps = [
        *(await plan(account, [wanted], sleep=time.sleep)).steps,
        plan_start(account, REGION, "pet-web", sleep=time.sleep),
    ]
    for action, kind, after, times in faults:
        account.faults.fail(action, kind, after=after, times=times)
    for action, done in losses.items():
        account.faults.lose_reply(action, applied=done)
    results = [result async for result in Gateway(account, journal).apply_all(steps, account.who)]
    created, started = results

    area = account.area(REGION)
    assert len(account.sent) <= 2
    assert len(area.builds) <= 1
    if created.outcome in CLAIMED:
        assert "pet-web" in area.repositories
    if created.outcome in (Outcome.FAILED, Outcome.REFUSED):
        assert "pet-web" not in area.repositories
    if started.outcome in CLAIMED:
        assert [started_build(started)] == list(area.builds)
    if started.outcome in (Outcome.FAILED, Outcome.REFUSED):
        assert area.builds == {}
    ids = [entry.id for entry in journal.written]
    assert all(ids.count(each) == 2 for each in ids)
    assert [entry.outcome for entry in journal.written[1::2]] == [result.outcome.value for result in results]
