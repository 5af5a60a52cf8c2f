"""Protecting tags and images: what is advised for a repository, and the steps that apply it."""

from __future__ import annotations

from dataclasses import replace

from memory import ACCOUNT, NOW, REGION, FakeTime, MemoryAccount, MemoryJournal, a_project, a_repository, an_image

from ecrtui.domain.change import ChangeResult, Outcome
from ecrtui.domain.registry import RegistrySettings, ScanningRule
from ecrtui.domain.scan_coverage import ScanMode
from ecrtui.domain.usage import UseIndex
from ecrtui.services.changes import Gateway, Step
from ecrtui.services.protection import Protection, mutability_step, plan_protection

PUSHES = f"""version: 0.2
phases:
  build:
    commands:
      - docker push {ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/pet-web:latest
"""
IMAGES = [an_image("v1.4.2", "production"), an_image("main-4f2a91c", "latest", pushed_at=NOW - 60)]


def shop(*, images=IMAGES, project: str | None = PUSHES, read_only: bool = False, **settings) -> MemoryAccount:
    return MemoryAccount(
        repositories=[a_repository("pet-web", **settings)],
        images={"pet-web": list(images)},
        projects=[] if project is None else [a_project("pet-web", buildspec=project)],
        read_only=read_only,
    )


async def planned(account: MemoryAccount, *names: str) -> tuple[Protection, ...]:
    places = [(REGION, name) for name in names or ("pet-web",)]
    return await plan_protection(account, places, UseIndex(()), sleep=FakeTime().sleep)


async def applied(account: MemoryAccount, step: Step) -> ChangeResult:
    return await Gateway(account, MemoryJournal()).apply(step, account.who)


async def test_tags_are_made_immutable_except_what_moves():
    account = shop()
    (protection,) = await planned(account)
    assert protection.advice is not None
    assert protection.advice.exclusions == ("latest", "production")
    (step,) = protection.steps
    result = await applied(account, step)
    assert result.outcome is Outcome.DONE
    assert result.detail == "its tags are IMMUTABLE, except latest, production"
    now = account.area(REGION).repositories["pet-web"]
    assert (now.mutability, now.exclusions) == ("IMMUTABLE_WITH_EXCLUSION", ("latest", "production"))
    assert (await planned(account))[0].steps == (), "nothing is left to do"
    assert (await applied(account, step)).outcome is Outcome.ALREADY


async def test_a_change_by_somebody_else_makes_the_plan_stale():
    account = shop()
    (step,) = (await planned(account))[0].steps
    area = account.area(REGION)
    area.repositories["pet-web"] = replace(area.repositories["pet-web"], mutability="IMMUTABLE")
    result = await applied(account, step)
    assert result.outcome is Outcome.REFUSED
    assert "somebody changed it meanwhile" in result.detail
    assert not account.sent


async def test_read_only_sends_nothing():
    account = shop(read_only=True)
    (step,) = (await planned(account))[0].steps
    assert (await applied(account, step)).outcome is Outcome.REFUSED
    assert not account.sent


async def test_a_lost_answer_is_looked_up():
    account = shop()
    account.faults.lose_reply("ecr:PutImageTagMutability", applied=True)
    (step,) = (await planned(account))[0].steps
    assert (await applied(account, step)).outcome is Outcome.DONE


async def test_a_pipeline_that_pushes_a_fixed_tag_is_let():
    account = shop(mutability="IMMUTABLE")
    (protection,) = await planned(account)
    assert protection.advice is not None
    assert protection.advice.failing == ("latest",)
    assert protection.advice.exclusions == ("latest",)


async def test_scan_on_push_is_switched_on_where_the_repository_decides():
    account = shop(images=[], scan_on_push=False)
    (protection,) = await planned(account)
    assert protection.coverage is not None
    assert protection.coverage.mode is ScanMode.MANUAL
    (step,) = protection.steps
    assert (await applied(account, step)).outcome is Outcome.DONE
    assert account.area(REGION).repositories["pet-web"].scan_on_push is True


async def test_what_the_registry_decides_is_not_switched_here():
    account = shop(images=[], scan_on_push=False)
    rules = (ScanningRule("SCAN_ON_PUSH", ("other-*",)),)
    account.area(REGION).settings = RegistrySettings(REGION, ACCOUNT, scan_type="ENHANCED", scanning=rules)
    (protection,) = await planned(account)
    assert protection.coverage is not None
    assert (protection.coverage.mode, protection.steps) == (ScanMode.OFF, ())


async def test_one_that_cannot_be_read_costs_that_one_only():
    account = shop()
    account.area(REGION).repositories["hr-vault"] = a_repository("hr-vault")
    account.faults.deny("ecr:DescribeImages", target="hr-vault")
    account.faults.deny("codebuild:BatchGetProjects", target="pet-web")
    web, vault, none = await planned(account, "pet-web", "hr-vault", "no-such")
    assert web.steps
    assert web.unseen == "codebuild:BatchGetProjects is not allowed"
    assert vault.error is not None
    assert none.error is not None
    assert (vault.steps, none.steps) == ((), ())


async def test_a_buildspec_that_is_not_seen_is_said():
    assert "not inline" in (await planned(shop(project="")))[0].unseen
    assert (await planned(shop(project=None)))[0].unseen == ""
    assert (await planned(shop()))[0].unseen == ""


async def test_filters_are_sent_as_ecr_takes_them():
    account = shop()
    repository = account.area(REGION).repositories["pet-web"]
    call = mutability_step(account, repository, "IMMUTABLE_WITH_EXCLUSION", ["latest*"]).change.call
    assert call.parameters["imageTagMutabilityExclusionFilters"] == [{"filterType": "WILDCARD", "filter": "latest*"}]
    assert (
        "imageTagMutabilityExclusionFilters"
        not in mutability_step(account, repository, "IMMUTABLE").change.call.parameters
    )
    assert call.action == "ecr:PutImageTagMutability"
