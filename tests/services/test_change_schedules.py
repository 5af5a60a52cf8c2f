"""Random faults while changes are applied: nothing is made twice, nothing is claimed that is not so."""

import asyncio
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from memory import ACCOUNT, NOW, REGION, FakeTime, MemoryAccount, MemoryJournal, a_project, a_repository, an_image

from ecrtui.domain.change import Outcome
from ecrtui.domain.errors import ErrorKind
from ecrtui.domain.reference import parse
from ecrtui.domain.usage import Usage, Use
from ecrtui.services.builds import plan_start, started_build
from ecrtui.services.changes import Gateway
from ecrtui.services.create import RepositorySettings, plan
from ecrtui.services.images import plan_delete_images

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


@settings(max_examples=500, deadline=None)
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


IMAGES = [an_image(f"v{number}", pushed_at=NOW - number) for number in range(4)]
DELETING = (
    "sts:GetCallerIdentity",
    "ecr:DescribeImages",
    "ecr:BatchGetImage",
    "ecr:BatchDeleteImage",
    "ecs:ListClusters",
)
DELETE_FAULTS = st.lists(
    st.tuples(st.sampled_from(DELETING), st.sampled_from(KINDS), st.integers(0, 3), st.integers(1, 3)), max_size=3
)
MEANWHILE = st.lists(
    st.tuples(st.sampled_from(["moved", "pushed", "gone", "used"]), st.integers(0, len(IMAGES) - 1)), max_size=3
)


@pytest.mark.fault("C47", "E78", "E80", "E83")
@settings(max_examples=500, deadline=None)
@given(
    st.sets(st.integers(0, len(IMAGES) - 1), min_size=1),
    DELETE_FAULTS,
    MEANWHILE,
    st.none() | st.booleans(),
    st.sets(st.integers(0, len(IMAGES) - 1)),
)
def test_whatever_happens_nothing_goes_but_what_was_confirmed(chosen, faults, meanwhile, lost, undeletable):
    asyncio.run(deleting([IMAGES[number] for number in chosen], faults, meanwhile, lost, undeletable))


async def deleting(confirmed, faults, meanwhile, lost, undeletable) -> None:
    account = MemoryAccount(repositories=[a_repository("pet-web")], images={"pet-web": list(IMAGES)})
    account.undeletable = {IMAGES[number].digest for number in undeletable}
    journal, time = MemoryJournal(), FakeTime()
    digests = [image.digest for image in confirmed]
    planned = await plan_delete_images(account, REGION, "pet-web", digests, sleep=time.sleep)
    safe = {image.digest for image in IMAGES} - set(digests)
    for event, number in meanwhile:
        image = IMAGES[number]
        if event == "moved":
            account.push("pet-web", replace(image, tags=(*image.tags, f"moved{number}")))
            safe.add(image.digest)
        elif event == "pushed":
            fresh = an_image(f"new{number}", pushed_at=NOW)
            account.push("pet-web", fresh)
            safe.add(fresh.digest)
        elif event == "gone":
            account.remove("pet-web", image.digest)
            safe.discard(image.digest)
        else:
            reference = parse(f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/pet-web@{image.digest}")
            area = account.area(REGION)
            area.usage = Usage((*area.usage.uses, Use("ecs-service", f"shop/web{number}", REGION, reference, None, 1)))
            safe.add(image.digest)
    before = {image.digest for image in account.area(REGION).images["pet-web"]}
    for action, kind, after, times in faults:
        account.faults.fail(action, kind, after=after, times=times)
    if lost is not None:
        account.faults.lose_reply("ecr:BatchDeleteImage", applied=lost)
    results = [result async for result in Gateway(account, journal).apply_all(planned.steps, account.who)]
    left = {image.digest for image in account.area(REGION).images["pet-web"]}
    assert safe & before <= left
    assert len(account.sent) <= len(planned.steps)
    for result in results:
        if result.outcome in CLAIMED:
            assert not left & {id_["imageDigest"] for id_ in result.change.call.parameters["imageIds"]}
        if result.outcome in (Outcome.FAILED, Outcome.REFUSED):
            assert left == before
    ids = [entry.id for entry in journal.written]
    assert all(ids.count(each) == 2 for each in ids)
