"""Builds as stories: phases, logs, pushes, verdicts, and what can be done to a build."""

from __future__ import annotations

import pytest
from memory import NOW, MemoryAccount, a_build, a_project, a_repository, an_image, digest_of

from driver import Driver, driving, fixture_text
from ecrtui.domain.build import Phase

LOGS = "codebuild-logs/"
DIGEST = "sha256:7d1f3c5a9b2e4d608c7a1b3e5f70926489acbd1357e9f2046813579bdf02468a"


def account(**settings) -> MemoryAccount:
    return MemoryAccount(
        regions=("us-east-1",),
        repositories=[a_repository("pet-web", "us-east-1")],
        projects=[a_project("pet-web", "us-east-1")],
        **settings,
    )


def phases(*kinds: str) -> tuple[Phase, ...]:
    return tuple(
        Phase(kind, None if kind == kinds[-1] else "SUCCEEDED", NOW - 60, None if kind == kinds[-1] else NOW - 50)
        for kind in kinds
    )


async def at_builds(t: Driver) -> None:
    await t.sees("123456789012")
    await t.press("3")
    await t.sees("BUILDS")


def of_log(name: str, **settings) -> MemoryAccount:
    """An account whose build has ended with this log."""
    build = a_build("pet-web", 7, "us-east-1", **settings)
    living = account(builds=[build])
    living.write_log(build.id, *fixture_text(LOGS + name).splitlines())
    return living


async def test_a_running_build_shows_its_phases_and_its_log():
    build = a_build("pet-web", 7, "us-east-1", phases=phases("SUBMITTED", "QUEUED", "BUILD"))
    living = account(builds=[build])
    living.write_log(build.id, "[Container] 2026/05/04 09:12:35 Entering phase BUILD", "compiling")
    async with driving(living) as t:
        await at_builds(t)
        await t.sees("1 running", "pet-web #7", "✓ submitted", "● build", "compiling", "following")


async def test_a_pushed_image_is_looked_up_and_compared():
    living = of_log("01-push-ok-classic.log", status="SUCCEEDED")
    living.push("pet-web", an_image("main-abc1234", "latest", digest=DIGEST), "us-east-1")
    async with driving(living) as t:
        await at_builds(t)
        await t.sees("✓ in ECR", "pet-web:main-abc1234")


async def test_a_pushed_image_that_is_not_there_is_said():
    async with driving(of_log("01-push-ok-classic.log", status="SUCCEEDED")) as t:
        await at_builds(t)
        await t.sees("✗ pushed, but not there")


async def test_a_green_build_without_a_push_is_said():
    living = account(builds=[a_build("pet-web", 7, "us-east-1", status="SUCCEEDED")])
    living.write_log("pet-web:00000007", "[Container] 2026/05/04 09:12:35 Entering phase BUILD", "only tests")
    async with driving(living) as t:
        await at_builds(t)
        await t.sees("nothing was pushed")


async def test_a_failed_build_says_why_and_what_to_do():
    async with driving(of_log("07-push-denied.log", status="FAILED")) as t:
        await at_builds(t)
        await t.sees("push denied", "ecr:InitiateLayerUpload", " do ")


@pytest.mark.fault("C52")
async def test_a_denied_log_is_not_an_empty_one():
    living = of_log("01-push-ok-classic.log", status="SUCCEEDED")
    living.faults.deny("logs:GetLogEvents")
    async with driving(living) as t:
        await at_builds(t)
        await t.sees("the log may not be read", "logs:GetLogEvents")


async def test_a_log_is_searched_and_saved(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    async with driving(of_log("01-push-ok-classic.log", status="SUCCEEDED")) as t:
        await at_builds(t)
        await t.sees("pet-web #7", "Phase complete")
        await t.press("enter", "slash")
        await t.type("Login Succeeded")
        await t.press("enter")
        await t.sees("Login Succeeded")
        await t.press("ctrl+s")
        await t.sees("saved ")
    saved = (tmp_path / "pet-web-7.log").read_text()
    assert saved.splitlines() == fixture_text(LOGS + "01-push-ok-classic.log").splitlines()


async def test_starting_a_build_goes_to_it_and_tells_its_end():
    living = account()
    async with driving(living) as t:
        await t.sees("pet-web")
        await t.press("b")
        await t.sees("Start a build of pet-web", "Branch, tag, commit")
        await t.type("release")
        await t.press("enter")
        await t.sees("codebuild:StartBuild", "--source-version release")
        await t.pilot.pause(0.3)
        await t.press("right", "enter")
        await t.sees("BUILDS", "pet-web #1")
        (region, call), *others = living.sent
        assert (region, call.operation, call.parameters["sourceVersion"], others) == (
            "us-east-1",
            "StartBuild",
            "release",
            [],
        )
        assert call.parameters["idempotencyToken"]
        build_id = next(iter(living.area("us-east-1").builds))
        living.write_log(build_id, *fixture_text(LOGS + "08-immutable-tag.log").splitlines())
        living.end_build(build_id, "FAILED")
        t.app.feed_builds(poke=True)
        await t.sees("tag immutable")


async def test_a_read_only_session_starts_nothing():
    living = account(read_only=True)
    async with driving(living) as t:
        await t.sees("pet-web", "read-only")
        await t.press("b")
        await t.sees("read-only: this session sends no changes")
    assert living.sent == []


async def test_another_profile_leaves_nothing_of_the_old_account():
    first, second = account(), MemoryAccount(regions=("us-east-1",), repositories=[a_repository("other", "us-east-1")])
    held = first.faults.hold("ecr:DescribeImages")

    async def open_account(profile, retrying):
        return second if profile == "stage" else first

    async with driving(first, open_account=open_account, profiles=("stage",)) as t:
        await t.sees("pet-web")
        await held.reached.wait()
        t.app.open_session("stage")
        await t.sees("other")
        held.set()
        await t.sees("IMAGES  other")
        assert "pet-web" not in t.screen
        assert digest_of("pet-web") not in t.screen
