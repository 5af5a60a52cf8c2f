"""Builds of the embedded account over a clock that the test moves: phases, logs, pushes, failures."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from demo_shapes import Wire

from ecrtui.demo.account import Account
from ecrtui.demo.clock import Clock
from ecrtui.demo.hooks import Hooks
from ecrtui.demo.seed import seeded_account
from ecrtui.demo.wsgi import serve
from ecrtui.domain.build import PHASES
from ecrtui.domain.diagnosis import answer as diagnose

START = 1_790_000_000.0


@pytest.fixture(scope="module")
def shared() -> Iterator[tuple[Account, Clock, str]]:
    clock = Clock(START)
    account = seeded_account(clock)
    with serve(account) as url:
        yield account, clock, url


@pytest.fixture
def demo(shared: tuple[Account, Clock, str]) -> Iterator[Demo]:
    demo = Demo(*shared)
    demo.clock.advance(600)  # what other tests have started, and what runs at the beginning, is over
    yield demo
    demo.wire.close()


class Demo:
    def __init__(self, account: Account, clock: Clock, url: str) -> None:
        self.account, self.clock = account, clock
        self.wire = Wire(url)

    def start(self, project: str, **params: Any) -> str:
        started = self.wire.ok("codebuild", "StartBuild", projectName=project, **params)
        build_id: str = started["build"]["id"]
        return build_id

    def build(self, build_id: str) -> dict[str, Any]:
        (found,) = self.wire.ok("codebuild", "BatchGetBuilds", ids=[build_id])["builds"]
        return dict(found)

    def finish(self, build_id: str) -> dict[str, Any]:
        """Move the clock to the end of a build."""
        for _ in range(300):
            if (found := self.build(build_id))["buildComplete"]:
                return found
            self.clock.advance(1)
        raise AssertionError("the build does not end")

    def log(self, build_id: str) -> list[str]:
        project, _, uuid = build_id.partition(":")
        params = {"logGroupName": f"/aws/codebuild/{project}", "logStreamName": uuid}
        events = self.wire.ok("logs", "GetLogEvents", **params, startFromHead=True)["events"]
        return [each["message"] for each in events]

    def images(self, name: str) -> dict[str, list[str]]:
        found = self.wire.ok("ecr", "DescribeImages", repositoryName=name, maxResults=1000)["imageDetails"]
        return {each["imageDigest"]: each.get("imageTags", []) for each in found}


# the course of a build


def test_phases_follow_the_clock(demo: Demo) -> None:
    build_id = demo.start("checkout-web")
    seen: list[str] = []
    while not (found := demo.build(build_id))["buildComplete"]:
        phases = found["phases"]
        assert found["currentPhase"] == phases[-1]["phaseType"]
        assert {"phaseStatus", "endTime"}.isdisjoint(phases[-1])
        assert all(each["phaseStatus"] == "SUCCEEDED" for each in phases[:-1])
        assert [each["phaseType"] for each in phases] == list(PHASES[: len(phases)])
        assert ("resolvedSourceVersion" in found) == (len(phases) > 3)
        assert "endTime" not in found
        seen += [found["currentPhase"]] if found["currentPhase"] not in seen else []
        demo.clock.advance(0.25)
    assert seen == [each for each in PHASES[:-1] if each in seen]
    assert {"QUEUED", "PROVISIONING", "BUILD", "POST_BUILD"} <= set(seen)
    assert [each["phaseType"] for each in found["phases"]] == list(PHASES)
    assert (found["buildStatus"], found["currentPhase"]) == ("SUCCEEDED", "COMPLETED")
    assert 30 <= found["endTime"] - found["startTime"] <= 100
    for before, after in zip(found["phases"][:-1], found["phases"][1:], strict=True):
        assert before["endTime"] <= after["startTime"]


@pytest.mark.parametrize("project", ["pet-web", "pet-worker", "pet-api"])
def test_a_build_pushes_what_its_log_says(demo: Demo, project: str) -> None:
    before = demo.images(project)
    (old,) = (digest for digest, tags in before.items() if "latest" in tags)
    build_id = demo.start(project)
    found = demo.finish(build_id)
    assert found["buildStatus"] == "SUCCEEDED"
    log = diagnose(demo.log(build_id))
    tag = "main-" + found["resolvedSourceVersion"][:7]
    pushes = log["pushes"]
    assert isinstance(pushes, list)
    assert (log["outcome"], [each["tag"] for each in pushes]) == ("pushed", [tag, "latest"])
    after = demo.images(project)
    assert after[pushes[0]["digest"]] == [tag, "latest"]
    assert pushes[0]["digest"] not in before
    assert "latest" not in after[old]
    assert len(after) - len(before) == (5 if project == "pet-api" else 1)


def test_images_arrive_in_the_course_of_the_build(demo: Demo) -> None:
    before = demo.images("checkout-web")
    build_id = demo.start("checkout-web")
    arrived: list[str] = []
    while not demo.build(build_id)["buildComplete"]:
        arrived = arrived or [demo.build(build_id)["currentPhase"]] * (demo.images("checkout-web") != before)
        demo.clock.advance(1)
    assert arrived == ["POST_BUILD"]


def test_one_look_after_everything_sees_the_same_as_many(demo: Demo) -> None:
    one = demo.start("image-resizer", privilegedModeOverride=True)
    demo.clock.advance(600)
    assert demo.build(one)["buildStatus"] == "SUCCEEDED"
    region = demo.account.region("ap-northeast-2")
    repository = region.registry.repositories["image-resizer"]
    newest = repository.images[repository.tagged["latest"]]
    build = demo.build(one)
    assert build["startTime"] < newest.pushed_at < build["endTime"]


def test_speed_divides_the_durations() -> None:
    lengths = []
    for speed in (1.0, 10.0):
        clock = Clock(START)
        with serve(seeded_account(clock, speed)) as url:
            wire = Wire(url)
            started = wire.ok("codebuild", "StartBuild", projectName="pet-web")["build"]["id"]
            clock.advance(200)
            (build,) = wire.ok("codebuild", "BatchGetBuilds", ids=[started])["builds"]
            lengths.append(build["endTime"] - build["startTime"])
            wire.close()
    assert lengths[0] / lengths[1] > 8


def test_the_log_is_there_from_provisioning_on_and_its_tokens_never_end(demo: Demo) -> None:
    build_id = demo.start("pet-worker")
    uuid = build_id.partition(":")[2]
    stream = {"logGroupName": "/aws/codebuild/pet-worker", "logStreamName": uuid}
    assert "groupName" not in demo.build(build_id)["logs"]
    assert "null" in demo.build(build_id)["logs"]["deepLink"]
    assert demo.wire.error("logs", "GetLogEvents", **stream)[0] == "ResourceNotFoundException"
    while demo.build(build_id)["currentPhase"] != "PROVISIONING":
        demo.clock.advance(0.5)
    assert demo.build(build_id)["logs"]["streamName"] == uuid
    answer = demo.wire.ok("logs", "GetLogEvents", **stream, startFromHead=True)
    messages: list[str] = []
    for _ in range(400):
        token = answer["nextForwardToken"]
        messages += [each["message"] for each in answer["events"]]
        if demo.build(build_id)["buildComplete"] and not answer["events"]:
            break
        demo.clock.advance(0.7)
        answer = demo.wire.ok("logs", "GetLogEvents", **stream, startFromHead=True, nextToken=token, limit=20)
    assert answer["nextForwardToken"] == token
    assert messages == demo.log(build_id)
    assert messages[0].startswith("[Container] 20")
    assert all(each.endswith("\n") for each in messages)
    assert any("\x1b[32m" in each for each in messages)


def test_the_log_can_be_read_backwards(demo: Demo) -> None:
    build_id = demo.start("pet-worker")
    demo.finish(build_id)
    stream = {"logGroupName": "/aws/codebuild/pet-worker", "logStreamName": build_id.partition(":")[2]}
    answer = demo.wire.ok("logs", "GetLogEvents", **stream, limit=30)
    pages = [answer["events"]]
    while (answer := demo.wire.ok("logs", "GetLogEvents", **stream, limit=30, nextToken=answer["nextBackwardToken"]))[
        "events"
    ]:
        pages.insert(0, answer["events"])
    assert [each["message"] for page in pages for each in page] == demo.log(build_id)


# what goes wrong


def test_the_missing_repository_fails_until_it_is_created(demo: Demo) -> None:
    first = demo.start("api-server")
    found = demo.finish(first)
    assert (found["buildStatus"], diagnose(demo.log(first))["cause"]) == ("FAILED", "repository-missing")
    post_build = next(each for each in found["phases"] if each["phaseType"] == "POST_BUILD")
    assert post_build["phaseStatus"] == "FAILED"
    assert post_build["contexts"][0]["statusCode"] == "COMMAND_EXECUTION_ERROR"
    demo.wire.ok("ecr", "CreateRepository", repositoryName="api-server")
    second = demo.start("api-server")
    assert demo.finish(second)["buildStatus"] == "SUCCEEDED"
    assert [tags[1] for tags in demo.images("api-server").values()] == ["latest"]
    demo.wire.ok("ecr", "DeleteRepository", repositoryName="api-server", force=True)


def test_a_repository_created_while_the_build_runs_is_in_time(demo: Demo) -> None:
    build_id = demo.start("report-generator")
    while demo.build(build_id)["currentPhase"] != "BUILD":
        demo.clock.advance(0.5)
    demo.wire.ok("ecr", "CreateRepository", repositoryName="report-generator")
    assert demo.finish(build_id)["buildStatus"] == "SUCCEEDED"
    assert len(demo.images("report-generator")) == 1


def test_a_repeated_tag_in_an_immutable_repository_fails(demo: Demo) -> None:
    before = demo.images("payments-api")
    first = demo.start("payments-api", sourceVersion="abcdef1234567890")
    assert demo.finish(first)["buildStatus"] == "SUCCEEDED"
    again = demo.start("payments-api", sourceVersion="abcdef1234567890")
    assert demo.finish(again)["buildStatus"] == "FAILED"
    log = diagnose(demo.log(again))
    assert (log["cause"], "main-abcdef1" in str(log["line"])) == ("tag-immutable", True)
    assert len(demo.images("payments-api")) == len(before) + 1 + ("main-payments" in before)


@pytest.mark.parametrize(
    ("project", "cause", "phase"),
    [
        ("catalog-service", "login-denied", "PRE_BUILD"),
        ("gift-cards", "not-logged-in", "POST_BUILD"),
        ("invoice-mailer", "retrying-eof", "POST_BUILD"),
        ("notification-service", "push-denied", "POST_BUILD"),
        ("auth-service", "tag-immutable", "POST_BUILD"),
        ("cdn-purger", "rate-limited", "BUILD"),
        ("image-resizer", "no-docker-daemon", "BUILD"),
        ("geo-lookup", "no-space", "BUILD"),
        ("arm-edge", "wrong-architecture", "BUILD"),
        ("stock-sync", "buildspec-invalid", "DOWNLOAD_SOURCE"),
    ],
)
def test_each_failure_shows_in_its_phase_and_its_log(demo: Demo, project: str, cause: str, phase: str) -> None:
    build_id = demo.start(project)
    found = demo.finish(build_id)
    failed = [each["phaseType"] for each in found["phases"] if each.get("phaseStatus", "SUCCEEDED") != "SUCCEEDED"]
    assert (found["buildStatus"], failed[0]) == ("FAILED", phase)
    assert diagnose(demo.log(build_id))["cause"] == cause
    kinds = [each["phaseType"] for each in found["phases"]]
    assert ("POST_BUILD" in kinds) == (phase in ("BUILD", "POST_BUILD"))


def test_the_failures_of_the_past_are_there(demo: Demo) -> None:
    def last(project: str) -> dict[str, Any]:
        return demo.build(demo.wire.ok("codebuild", "ListBuildsForProject", projectName=project)["ids"][0])

    assert last("price-engine")["buildStatus"] == "STOPPED"
    timed_out = last("fraud-scorer")
    assert timed_out["buildStatus"] == "TIMED_OUT"
    assert timed_out["endTime"] - timed_out["startTime"] > timed_out["timeoutInMinutes"] * 60
    assert last("feature-store" if demo.wire.region == "us-east-1" else "gift-cards")["buildStatus"] == "FAILED"


def test_builds_that_push_nothing(demo: Demo) -> None:
    for project in ("infra-terraform", "recommendation-engine"):
        build_id = demo.start(project)
        assert demo.finish(build_id)["buildStatus"] == "SUCCEEDED"
        assert diagnose(demo.log(build_id))["outcome"] == "nothing-pushed"
    assert demo.images("recommendation-engine") == {}


# where a build pushes to


def test_variables_decide_where_a_build_pushes(demo: Demo) -> None:
    before = demo.images("batch-worker")
    demo.finish(demo.start("batch-jobs"))
    assert len(demo.images("batch-worker")) == len(before) + 1
    override = [{"name": "IMAGE_REPO_NAME", "value": "sand/box"}, {"name": "IMAGE_TAG", "value": "try-1"}]
    demo.wire.ok("ecr", "CreateRepository", repositoryName="sand/box")
    build_id = demo.start("batch-jobs", environmentVariablesOverride=override)
    found = demo.finish(build_id)
    assert list(demo.images("sand/box").values()) == [["try-1"]]
    assert {"name": "IMAGE_TAG", "value": "try-1", "type": "PLAINTEXT"} in found["environment"]["environmentVariables"]


def test_a_push_to_another_account_stays_out_of_this_one(demo: Demo) -> None:
    before = demo.images("partner-gateway")
    build_id = demo.start("partner-gateway")
    assert demo.finish(build_id)["buildStatus"] == "SUCCEEDED"
    assert "210987654321.dkr.ecr.ap-northeast-2.amazonaws.com/partner-gateway" in "".join(demo.log(build_id))
    assert demo.images("partner-gateway") == before


def test_the_source_version_becomes_the_tag(demo: Demo) -> None:
    found = demo.finish(demo.start("checkout-web", sourceVersion="refs/heads/feature/new checkout"))
    tag = "feature-new-checkout-" + found["resolvedSourceVersion"][:7]
    assert [tag] in demo.images("checkout-web").values()
    assert found["sourceVersion"] == "refs/heads/feature/new checkout"


def test_a_buildspec_override_decides_too(demo: Demo) -> None:
    for text, status in (("version: 0.2\nphases: [", "FAILED"), ("version: 0.2\nphases:\n  build: {}\n", "SUCCEEDED")):
        build_id = demo.start("checkout-web", buildspecOverride=text)
        assert demo.finish(build_id)["buildStatus"] == status
        assert diagnose(demo.log(build_id))["pushes"] == []


# control


def test_a_stopped_build_ends_where_it_is(demo: Demo) -> None:
    before = demo.images("checkout-web")
    build_id = demo.start("checkout-web")
    while demo.build(build_id)["currentPhase"] != "BUILD":
        demo.clock.advance(0.5)
    stopped = demo.wire.ok("codebuild", "StopBuild", id=build_id)["build"]
    assert (stopped["buildStatus"], stopped["buildComplete"]) == ("STOPPED", True)
    log = demo.log(build_id)
    demo.clock.advance(500)
    later = demo.build(build_id)
    assert later == stopped
    kinds = {each["phaseType"]: each.get("phaseStatus") for each in later["phases"]}
    assert (kinds["BUILD"], kinds["COMPLETED"], "POST_BUILD" in kinds) == ("STOPPED", None, False)
    assert demo.log(build_id) == log
    assert demo.images("checkout-web") == before
    assert demo.wire.ok("codebuild", "StopBuild", id=build_id)["build"] == stopped


def test_a_token_starts_one_build_for_five_minutes(demo: Demo) -> None:
    first = demo.start("docs-site", idempotencyToken="one")
    assert demo.start("docs-site", idempotencyToken="one") == first
    changed = {"projectName": "docs-site", "idempotencyToken": "one", "sourceVersion": "other"}
    assert demo.wire.error("codebuild", "StartBuild", **changed)[0] == "InvalidInputException"
    demo.clock.advance(301)
    assert demo.start("docs-site", idempotencyToken="one") != first
    assert demo.start("docs-site") != demo.start("docs-site")


def test_retry_builds_the_same_commit_again(demo: Demo) -> None:
    override = [{"name": "EXTRA", "value": "1"}]
    build_id = demo.start(
        "consent-api" if demo.wire.region == "eu-central-1" else "checkout-web", environmentVariablesOverride=override
    )
    assert demo.wire.error("codebuild", "RetryBuild", id=build_id)[0] == "InvalidInputException"
    first = demo.finish(build_id)
    again = demo.wire.ok("codebuild", "RetryBuild", id=build_id, idempotencyToken="r")["build"]
    assert demo.wire.ok("codebuild", "RetryBuild", id=build_id, idempotencyToken="r")["build"]["id"] == again["id"]
    last = demo.finish(again["id"])
    assert last["resolvedSourceVersion"] == first["resolvedSourceVersion"]
    assert last["environment"] == first["environment"]
    assert last["buildNumber"] == first["buildNumber"] + 1


def test_builds_are_listed_newest_first(demo: Demo) -> None:
    build_id = demo.start("pet-web")
    answer = demo.wire.ok("codebuild", "ListBuilds")
    assert (answer["ids"][0], len(answer["ids"])) == (build_id, 100)
    ids = answer["ids"]
    while token := answer.get("nextToken"):
        answer = demo.wire.ok("codebuild", "ListBuilds", nextToken=token)
        ids += answer["ids"]
    assert len(ids) == len(set(ids)) == len(demo.account.region("ap-northeast-2").builds)
    own = demo.wire.ok("codebuild", "ListBuildsForProject", projectName="pet-web")["ids"]
    numbers = [each["buildNumber"] for each in demo.wire.ok("codebuild", "BatchGetBuilds", ids=own)["builds"]]
    assert (own[0], numbers) == (build_id, sorted(numbers, reverse=True))
    demo.clock.advance(300)


def test_what_is_not_there_is_named(demo: Demo) -> None:
    answer = demo.wire.ok("codebuild", "BatchGetProjects", names=["pet-web", "no-such"])
    assert ([each["name"] for each in answer["projects"]], answer["projectsNotFound"]) == (["pet-web"], ["no-such"])
    gone = "pet-web:00000000-0000-0000-0000-000000000000"
    assert demo.wire.ok("codebuild", "BatchGetBuilds", ids=[gone])["buildsNotFound"] == [gone]
    for operation, params in (
        ("StartBuild", {"projectName": "no-such"}),
        ("ListBuildsForProject", {"projectName": "no-such"}),
        ("StopBuild", {"id": gone}),
        ("RetryBuild", {"id": gone}),
    ):
        assert demo.wire.error("codebuild", operation, **params)[0] == "ResourceNotFoundException"
    too_many = [f"p-{number}" for number in range(101)]
    wrong: tuple[tuple[str, dict[str, Any]], ...] = (
        ("BatchGetProjects", {"names": too_many}),
        ("BatchGetBuilds", {"ids": too_many}),
        ("StartBuild", {}),
        ("RetryBuild", {}),
    )
    for operation, params in wrong:
        assert demo.wire.error("codebuild", operation, **params)[0] == "InvalidInputException"


def test_the_queue_is_bounded(clock: Clock) -> None:
    with serve(seeded_account(clock)) as url:
        wire = Wire(url)
        for _ in range(57):
            wire.ok("codebuild", "StartBuild", projectName="docs-site")
        code, message = wire.error("codebuild", "StartBuild", projectName="docs-site")
        assert (code, "Cannot have more than 60 builds in queue" in message) == ("AccountLimitExceededException", True)
        clock.advance(200)
        wire.ok("codebuild", "StartBuild", projectName="docs-site")
        wire.close()


def test_logs_are_found_by_filter_and_by_prefix(demo: Demo) -> None:
    found = demo.wire.ok(
        "logs", "FilterLogEvents", logGroupName="/aws/codebuild/cdn-purger", filterPattern='"429 Too Many"'
    )
    assert found["events"]
    assert all("429 Too Many" in each["message"] for each in found["events"])
    groups = demo.wire.ok("logs", "DescribeLogGroups", logGroupNamePrefix="/aws/codebuild/pet-")["logGroups"]
    assert [each["logGroupName"] for each in groups] == [
        f"/aws/codebuild/pet-{each}" for each in ("api", "web", "worker")
    ]
    streams = demo.wire.ok(
        "logs",
        "DescribeLogStreams",
        logGroupName="/aws/codebuild/pet-web",
        orderBy="LastEventTime",
        descending=True,
        limit=3,
    )["logStreams"]
    newest = demo.wire.ok("codebuild", "ListBuildsForProject", projectName="pet-web")["ids"][:3]
    assert [each["logStreamName"] for each in streams] == [each.partition(":")[2] for each in newest]
    assert demo.wire.error("logs", "DescribeLogStreams", logGroupName="/aws/none")[0] == "ResourceNotFoundException"


def test_a_made_project_builds_into_the_repository_of_its_name(demo: Demo) -> None:
    environment = {
        "type": "LINUX_CONTAINER",
        "image": "aws/codebuild/standard:7.0",
        "computeType": "BUILD_GENERAL1_SMALL",
        "privilegedMode": True,
        "environmentVariables": [{"name": "A", "value": "b"}],
    }
    settings = {
        "name": "new-service",
        "source": {"type": "GITHUB", "location": "https://example.com/acme/new-service.git"},
        "artifacts": {"type": "NO_ARTIFACTS"},
        "environment": environment,
        "serviceRole": "arn:aws:iam::123456789012:role/r",
    }
    demo.wire.ok("codebuild", "CreateProject", **settings)
    assert demo.wire.error("codebuild", "CreateProject", **settings)[0] == "ResourceAlreadyExistsException"
    assert demo.wire.error("codebuild", "UpdateProject", name="none")[0] == "ResourceNotFoundException"
    demo.wire.ok("ecr", "CreateRepository", repositoryName="new-service")
    assert demo.finish(demo.start("new-service"))["buildStatus"] == "SUCCEEDED"
    assert len(demo.images("new-service")) == 1
    demo.wire.ok("codebuild", "UpdateProject", name="new-service", environment={**environment, "privilegedMode": False})
    failed = demo.start("new-service")
    demo.finish(failed)
    assert diagnose(demo.log(failed))["cause"] == "no-docker-daemon"
    demo.wire.ok("codebuild", "DeleteProject", name="new-service")
    assert demo.wire.error("codebuild", "StartBuild", projectName="new-service")[0] == "ResourceNotFoundException"


def test_hooks_start_builds_at_instants_of_their_own() -> None:
    def started(*looks: float) -> list[tuple[str, str, float]]:
        clock = Clock(START)
        account = seeded_account(clock)
        account.hooks = Hooks(account)
        for at in looks:
            clock.set(START + at)
            account.settle(clock())
        return sorted(
            (region.name, each.id, each.plan.started_at - START)
            for region in account.regions
            for each in region.builds.values()
            if each.plan.started_at > START
        )

    assert started(70.0) == []
    assert len(started(80.0)) == 1
    assert started(100.0, 200.0, 300.0, 400.0) == started(400.0)
    assert {region for region, _, _ in started(400.0)} == {
        "ap-northeast-1",
        "ap-northeast-2",
        "eu-central-1",
        "us-east-1",
    }
    assert len(started(100_000.0)) == 10
