"""Watching one build as a stream of events, from its first phase to the image in ECR."""

import json
from dataclasses import replace

import pytest
from memory import (
    ACCOUNT,
    NOW,
    REGION,
    FakeTime,
    MemoryAccount,
    a_build,
    a_repository,
    an_image,
    digest_of,
)

from ecrtui.domain.build import Build, Phase
from ecrtui.domain.errors import AppError, ErrorKind
from ecrtui.domain.instants import iso
from ecrtui.services.watch import EndEvent, ImageEvent, ProblemEvent, PushEvent, WatchEvent, watch_build

ID = "pet-web:00000001"
DIGEST = digest_of("image")
URI = f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/pet-web"
PUSH = (
    "[Container] 2026/05/04 09:12:47.509260 Entering phase POST_BUILD",
    "[Container] 2026/05/04 09:12:47.529260 Running command docker push pet-web:v1",
    f"The push refers to repository [{URI}]",
    "5f70bf18a086: Preparing",
    "7f996e324bdc: Preparing",
    "5f70bf18a086: Layer already exists",
    "7f996e324bdc: Pushed",
    f"v1: digest: {DIGEST} size: 1786",
    "[Container] 2026/05/04 09:13:01.549260 Phase complete: POST_BUILD State: SUCCEEDED",
)


def phase(kind: str, status: str | None = None) -> Phase:
    return Phase(kind, status, NOW - 50, NOW - 40 if status else None)


def shop(build: Build, *log: str, time: FakeTime | None = None) -> MemoryAccount:
    account = MemoryAccount(
        repositories=[a_repository("pet-web")],
        images={"pet-web": [an_image("v1", digest=DIGEST)]},
        builds=[build],
        clock=time or FakeTime(),
    )
    if log:
        account.write_log(build.id, *log)
    return account


async def watched(account: MemoryAccount, time: FakeTime | None = None) -> list[WatchEvent]:
    time = time or FakeTime()
    return [event async for event in watch_build(account, REGION, ID, clock=time, sleep=time.sleep)]


def kinds(events: list[WatchEvent]) -> list[str]:
    return [event.to_json()["event"] for event in events]


async def test_a_build_is_told_from_its_phases_to_its_image():
    time = FakeTime()
    running = a_build("pet-web", phases=(phase("BUILD"),))
    account = shop(running, time=time)

    def push() -> None:
        account.set_build(replace(running, phases=(phase("BUILD", "SUCCEEDED"), phase("POST_BUILD"))))
        account.write_log(ID, *PUSH)

    time.at = {4: push, 12: lambda: account.end_build(ID)}
    events = await watched(account, time)
    told = [json.loads(json.dumps(event.to_json())) for event in events]
    phases = [(event["phase"], event["status"]) for event in told if event["event"] == "phase"]
    assert phases == [("BUILD", "IN_PROGRESS"), ("BUILD", "SUCCEEDED"), ("POST_BUILD", "IN_PROGRESS")]
    assert [event["line"] for event in told if event["event"] == "log"] == list(PUSH)
    last_push = [event for event in told if event["event"] == "push"][-1]
    assert (last_push["tag"], last_push["digest"], last_push["layers"]) == (
        "v1",
        DIGEST,
        {"total": 2, "done": 2},
    )
    assert kinds(events)[-2:] == ["image", "end"]
    assert told[-2]["in_ecr"] is True
    assert (told[-1]["outcome"], told[-1]["cause"]) == ("in-ecr", None)


async def test_a_push_is_told_again_only_when_there_is_something_else_to_tell():
    account = shop(a_build("pet-web", status="SUCCEEDED"), *PUSH[:5], "5f70bf18a086: Waiting", *PUSH[5:])
    told = [event.to_json() for event in await watched(account) if isinstance(event, PushEvent)]
    assert [(push["state"], push["layers"]["done"], push["layers"]["total"]) for push in told] == [
        ("running", 0, 0),
        ("running", 0, 1),
        ("running", 0, 2),
        ("running", 1, 2),
        ("running", 2, 2),
        ("done", 2, 2),
    ]


async def test_a_green_build_that_pushed_nothing_says_so():
    account = shop(a_build("pet-web", status="SUCCEEDED"), "hello")
    end = (await watched(account))[-1]
    assert isinstance(end, EndEvent)
    assert (end.outcome, end.detail) == ("nothing-pushed", "the build is green, but it pushed nothing")
    unlogged = replace(a_build("pet-web", status="SUCCEEDED"), log_group=None, log_stream=None)
    end = (await watched(shop(unlogged)))[-1]
    assert isinstance(end, EndEvent)
    assert (end.outcome, "no log" in end.detail) == ("nothing-pushed", True)


async def test_the_end_is_no_phase_that_runs_and_repeated_phases_are_told_once():
    phases = (phase("BUILD"), phase("BUILD", "SUCCEEDED"), Phase("COMPLETED", None, NOW - 40, None))
    account = shop(a_build("pet-web", status="SUCCEEDED", phases=phases), "hello")
    told = [event.to_json() for event in await watched(account)]
    assert [(each["phase"], each["status"], each["ended"]) for each in told if each["event"] == "phase"] == [
        ("BUILD", "SUCCEEDED", iso(NOW - 40)),
        ("COMPLETED", "SUCCEEDED", iso(NOW - 40)),
    ]


async def test_a_pushed_image_that_is_not_there_says_so():
    account = shop(a_build("pet-web", status="SUCCEEDED"), *PUSH)
    account.remove("pet-web", DIGEST)
    events = await watched(account)
    assert [event.image.found for event in events if isinstance(event, ImageEvent)] == [None]
    assert events[-1].to_json()["outcome"] == "pushed-but-absent"


async def test_a_failed_build_says_why():
    lines = (*PUSH[:3], "name unknown: The repository with name 'pet-web' does not exist in the registry")
    account = shop(a_build("pet-web", status="FAILED"), *lines)
    end = (await watched(account))[-1].to_json()
    assert (end["outcome"], end["cause"]) == ("failed", "repository-missing")
    assert end["remedy"]


@pytest.mark.parametrize("fault", ["denied", "disabled", "expired"])
async def test_without_a_log_it_is_not_said_that_nothing_was_pushed(fault):
    account = shop(a_build("pet-web", status="SUCCEEDED", cloudwatch_logs=fault != "disabled"))
    if fault == "denied":
        account.faults.deny("logs:GetLogEvents")
    end = (await watched(account))[-1]
    assert isinstance(end, EndEvent)
    assert end.outcome == "unknown"
    assert fault in end.detail


async def test_throttling_is_told_and_the_watching_goes_on():
    time = FakeTime()
    account = shop(a_build("pet-web"), *PUSH, time=time)
    account.faults.fail("codebuild:BatchGetBuilds", ErrorKind.THROTTLED, after=1, times=3)
    time.at = {30: lambda: account.end_build(ID)}
    events = await watched(account, time)
    assert sum(isinstance(event, ProblemEvent) for event in events) == 3
    assert events[-1].to_json()["outcome"] == "in-ecr"


async def test_a_build_that_does_not_exist_is_an_error():
    with pytest.raises(AppError) as caught:
        await watched(MemoryAccount())
    assert caught.value.kind is ErrorKind.NOT_FOUND


async def test_a_build_just_started_may_be_seen_late():
    account = shop(a_build("pet-web", status="SUCCEEDED"), *PUSH)
    account.area(REGION).hidden[ID] = 3
    assert (await watched(account))[-1].to_json()["outcome"] == "in-ecr"


async def test_closing_it_ends_every_poll():
    time = FakeTime()
    account = shop(a_build("pet-web", phases=(phase("BUILD"),)), time=time)
    events = watch_build(account, REGION, ID, clock=time, sleep=time.sleep)
    await anext(events)
    await events.aclose()
    asked = len(account.calls)
    for _ in range(50):
        await time.sleep(0)
    assert len(account.calls) == asked
