"""Answers that are good but not whole, over HTTP: failures in a 200, what is seen late, logs that come in odd pages."""

from __future__ import annotations

from typing import Any

import pytest
from faultserver import FaultServer, Reply, Request, answer, error, identity
from memory import NOW, FakeTime, MemoryJournal, a_build
from opening import REGION

from ecrtui.aws.account import AwsAccount
from ecrtui.domain.change import ChangeResult, Outcome
from ecrtui.services.changes import Gateway, Step
from ecrtui.services.create import RepositorySettings
from ecrtui.services.create_plan import plan
from ecrtui.services.images import plan_delete_images
from ecrtui.services.log import LogChunk, follow_log

NAME = "pet-web"
GOOD, HELD, UNREAD = (f"sha256:{letter * 64}" for letter in "abc")
REPOSITORY = {
    "repositoryName": NAME,
    "registryId": "123456789012",
    "repositoryArn": f"arn:aws:ecr:{REGION}:123456789012:repository/{NAME}",
    "repositoryUri": f"123456789012.dkr.ecr.{REGION}.amazonaws.com/{NAME}",
    "imageTagMutability": "MUTABLE",
    "imageScanningConfiguration": {"scanOnPush": True},
    "encryptionConfiguration": {"encryptionType": "AES256"},
}
GONE = error("RepositoryNotFoundException", f"The repository with name '{NAME}' does not exist")


async def applied(account: AwsAccount, step: Step) -> tuple[ChangeResult, MemoryJournal]:
    journal = MemoryJournal()
    return await Gateway(account, journal).apply(step, await account.identity()), journal


# Batches


def nothing_runs(server: FaultServer) -> None:
    """ECS, App Runner and Lambda answer, and have nothing."""
    server.on("ListClusters", answer({"clusterArns": []}))
    server.on("AppRunner.ListServices", answer({"ServiceSummaryList": []}))
    server.on("/2015-03-31/functions", answer({"Functions": []}))


@pytest.mark.fault("C47")
async def test_images_that_stay_are_told_one_by_one(server: FaultServer, account: AwsAccount) -> None:
    server.on("GetCallerIdentity", identity())
    nothing_runs(server)
    left = [GOOD, HELD]

    def images(_: Request) -> Reply:
        return answer({"imageDetails": [{"imageDigest": one, "imageTags": [f"v{one[7]}"]} for one in left]})

    def delete(request: Request) -> Reply:
        assert [each["imageDigest"] for each in request.parameters["imageIds"]] == [GOOD, HELD]
        left.remove(GOOD)
        failure = {"failureCode": "ImageReferencedByManifestList", "failureReason": "an index names it"}
        return answer(
            {"imageIds": [{"imageDigest": GOOD}], "failures": [{"imageId": {"imageDigest": HELD}, **failure}]}
        )

    server.on("DescribeRepositories", answer({"repositories": [REPOSITORY]}))
    server.on("DescribeImages", images)
    server.on("BatchDeleteImage", delete)
    planned = await plan_delete_images(account, REGION, NAME, left, sleep=FakeTime().sleep)
    result, journal = await applied(account, planned.steps[0])
    assert result.outcome is Outcome.DIFFERS
    assert result.detail == "1 image deleted, 1 image not: vb: an index names it"
    assert [entry.outcome for entry in journal.written] == ["intent", "differs"]
    assert server.count("BatchDeleteImage") == 1


@pytest.mark.fault("C47")
async def test_manifests_that_cannot_be_read_leave_the_others(server: FaultServer, account: AwsAccount) -> None:
    failure = {"imageId": {"imageDigest": UNREAD}, "failureCode": "ImageNotFound", "failureReason": "it is gone"}
    image = {"imageId": {"imageDigest": GOOD}, "imageManifest": "{}"}
    server.on("BatchGetImage", answer({"images": [image], "failures": [failure]}))
    assert await account.registry(REGION).manifests(NAME, [GOOD, UNREAD]) == {GOOD: "{}"}


@pytest.mark.fault("C47")
async def test_a_cluster_that_cannot_be_described_is_not_empty(server: FaultServer, account: AwsAccount) -> None:
    nothing_runs(server)
    arn = f"arn:aws:ecs:{REGION}:123456789012"
    server.on("ListClusters", answer({"clusterArns": [f"{arn}:cluster/shop"]}))
    server.on("ListServices", answer({"serviceArns": [f"{arn}:service/shop/web"]}))
    server.on("ListTasks", answer({"taskArns": [f"{arn}:task/shop/1"]}))
    server.on("DescribeServices", answer({"services": [], "failures": [{"arn": f"{arn}:x", "reason": "ACCESS"}]}))
    server.on("DescribeTasks", answer({"tasks": [], "failures": [{"arn": f"{arn}:y", "reason": "ACCESS"}]}))
    usage = await account.runtime(REGION).usage()
    assert usage.uses == ()
    assert "ACCESS" in " ".join(usage.unchecked)


# A repository that is not there yet


async def created(server: FaultServer, account: AwsAccount, *seen: Reply) -> tuple[ChangeResult, FakeTime]:
    """Create a repository that reads see so, after the two that find none; the result, and the time that passed."""
    time = FakeTime()
    server.on("GetCallerIdentity", identity())
    server.on("BatchGetProjects", answer({"projects": [{"name": NAME}]}))
    server.on("DescribeRepositories", GONE, GONE, *seen)
    server.on("CreateRepository", answer({"repository": REPOSITORY}))
    wanted = RepositorySettings(NAME, REGION, mutability="MUTABLE", exclusions=(), policy_text=None)
    chosen = await plan(account, [wanted], sleep=time.sleep)
    return (await applied(account, chosen.items[0].steps[0]))[0], time


@pytest.mark.fault("C49")
async def test_a_repository_is_waited_for_for_a_minute(server: FaultServer, account: AwsAccount) -> None:
    result, time = await created(server, account, *[GONE] * 14, answer({"repositories": [REPOSITORY]}))
    assert (result.outcome, result.detail) == (Outcome.DONE, "it exists, with all settings as planned")
    assert 45 < sum(time.slept) < 60
    assert server.count("CreateRepository") == 1


@pytest.mark.fault("C49")
async def test_a_repository_that_is_never_seen_is_unknown(server: FaultServer, account: AwsAccount) -> None:
    result, time = await created(server, account, GONE)
    assert result.outcome is Outcome.UNKNOWN
    assert result.detail == f"AWS accepted it, but the repository {NAME} cannot be seen in {REGION}"
    assert sum(time.slept) == 60
    assert server.count("CreateRepository") == 1


# Logs


def page(token: str, *lines: str, at: float = NOW - 60) -> Reply:
    events = [{"timestamp": int(at * 1000), "message": line} for line in lines]
    return answer({"events": events, "nextForwardToken": token, "nextBackwardToken": "b"})


async def followed(account: AwsAccount, *, ends: bool = True, **settings: Any) -> tuple[list[str], list[LogChunk]]:
    """The log of a build, read to its end (or, with `ends` off, to its first final or fifth chunk)."""
    build = a_build(NAME, region=REGION, **({"status": "SUCCEEDED"} if ends else {}), **settings)
    time, chunks = FakeTime(), []
    async for chunk in follow_log(account, lambda: build, clock=time, sleep=time.sleep):
        chunks.append(chunk)
        assert len(time.slept) < 50
        if not ends and len(chunks) == 2:
            break
    return [line.text for chunk in chunks for line in chunk.lines], chunks


@pytest.mark.fault("C51")
async def test_empty_pages_are_not_the_end_and_the_same_token_is(server: FaultServer, account: AwsAccount) -> None:
    server.on("GetLogEvents", page("1"), page("2", "one"), page("3"), page("4"), page("5", "two"), page("5"))
    lines, chunks = await followed(account)
    assert lines == ["one", "two"]
    assert chunks[-1].state == "ended"
    tokens = [request.parameters.get("nextToken") for request in server.requests]
    assert tokens[:6] == [None, "1", "2", "3", "4", "5"]
    assert set(tokens[6:]) == {"5"}
    assert len(tokens) < 10


@pytest.mark.fault("C51")
@pytest.mark.parametrize("lines", [(), ("again",)], ids=["empty", "repeated"])
async def test_tokens_without_an_end_end_after_the_build(
    server: FaultServer, account: AwsAccount, lines: tuple[str, ...]
) -> None:
    server.on("GetLogEvents", lambda _: page(str(len(server.requests)), *lines))
    seen, chunks = await followed(account)
    assert seen == list(lines)
    assert chunks[-1].state == "ended"
    assert 100 < len(server.requests) < 110


@pytest.mark.fault("C51")
async def test_a_stream_that_somebody_else_goes_on_writing_ends_with_the_build(
    server: FaultServer, account: AwsAccount
) -> None:
    foreign = [page(str(number), f"not ours {number}", at=NOW + 9_999) for number in range(200)]
    server.on("GetLogEvents", page("own", "ours"), *foreign)
    seen, chunks = await followed(account)
    assert seen == ["ours"]
    assert chunks[-1].state == "ended"


MISSING = error("ResourceNotFoundException", "The specified log stream does not exist.")


@pytest.mark.fault("C52")
async def test_a_log_that_is_not_written_yet_is_waited_for(server: FaultServer, account: AwsAccount) -> None:
    server.on("GetLogEvents", MISSING, MISSING, page("1", "one"))
    lines, chunks = await followed(account, ends=False)
    assert [chunk.state for chunk in chunks] == ["waiting", "streaming"]
    assert lines == ["one"]


@pytest.mark.fault("C52")
async def test_a_log_that_is_gone_is_not_one_that_was_empty(server: FaultServer, account: AwsAccount) -> None:
    server.on("GetLogEvents", MISSING)
    assert [chunk.state for chunk in (await followed(account))[1]] == ["expired"]


@pytest.mark.fault("C52")
async def test_a_log_that_is_denied_names_what_to_allow(server: FaultServer, account: AwsAccount) -> None:
    server.on("GetLogEvents", error("AccessDeniedException", "not authorized to perform: logs:GetLogEvents"))
    (chunk,) = (await followed(account))[1]
    assert chunk.state == "denied"
    assert chunk.error is not None
    assert chunk.error.action == "logs:GetLogEvents"
    assert server.count("GetLogEvents") == 1
