"""What runs an image, as stories: the list, the tab, drift with its builds, and what could not be checked."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from memory import ACCOUNT, NOW, MemoryAccount, a_build, a_project, a_repository, an_image, an_index

from driver import Driver, driving
from ecrtui.domain.reference import parse
from ecrtui.domain.usage import Usage, Use
from ecrtui.ui.screens.explore import ExploreScreen

SEOUL, TOKYO = "ap-northeast-2", "ap-northeast-1"
URI = f"{ACCOUNT}.dkr.ecr.{SEOUL}.amazonaws.com/pet-web"
OLD = an_image("main-4f2a91c", pushed_at=NOW - 9_000)
NEW = an_image("main-b01c77e", "prod", pushed_at=NOW - 600)
COMMITS = {1: "4f2a91c0d5e6f708192a3b4c5d6e7f8091a2b3c4", 2: "b01c77e0d5e6f708192a3b4c5d6e7f8091a2b3c4"}


def use(
    tag: str = ":prod", digest: str | None = OLD.digest, name: str = "shop/web", region: str = SEOUL, **more
) -> Use:
    reference = parse(f"{URI}{tag}")
    assert reference is not None
    kind = more.pop("kind", "ecs-service")
    return Use(kind, name, region, reference, digest, 3, **more)


def account(*uses: Use, images=(OLD, NEW), unchecked: tuple[str, ...] = (), **settings) -> MemoryAccount:
    builds = [
        a_build("pet-web", number, status="SUCCEEDED", started_at=at - 100, ended_at=at + 20,
                resolved_source_version=COMMITS[number], source_version="main")
        for number, at in ((1, NOW - 9_000), (2, NOW - 600))
    ]  # fmt: skip
    pushed = f"main-4f2a91c: digest: {OLD.digest} size: 1786"
    lines = [f"The push refers to repository [{URI}]", "5f70bf18a086: Pushed", pushed]
    return MemoryAccount(
        regions=(SEOUL, TOKYO),
        repositories=[a_repository("pet-web")],
        images={"pet-web": list(images)},
        projects=[a_project("pet-web")],
        builds=builds,
        logs={builds[0].id: lines},
        usages={
            region: Usage(tuple(one for one in uses if one.region == region), unchecked) for region in (SEOUL, TOKYO)
        },
        **settings,
    )


def shows(t: Driver, row: str, text: str) -> Callable[[], bool]:
    """Whether a row of the screen has this text."""
    return lambda: any(row in line and text in line for line in t.screen.splitlines())


async def told(t: Driver, *texts: str) -> None:
    """Wait until the detail says all this, in sight or below."""
    screen = t.app.screen
    assert isinstance(screen, ExploreScreen)
    for text in texts:
        await t.until(
            lambda text=text: text in "\n".join("".join(c.text for c in line) for line in screen.detail.view.lines),
            repr(text),
        )


async def test_from_a_drifted_service_to_the_image_that_should_run_and_its_build():
    async with driving(account(use(role="arn:aws:iam::1:role/pull")), size=(150, 40)) as t:
        await t.sees("main-b01c77e")
        await t.until(shows(t, "main-b01c77e", "⚠ drift"), "drift at what the tag names")
        assert "● drift" in t.line("main-4f2a91c")
        await t.press("enter", "u")
        await told(
            t, "1 use, 1 drifted", "service shop/web (3 running)", "prod names another image than the one that runs"
        )
        await told(t, "pet-web #1 from main @ 4f2a91c (proven by its log)")
        await told(t, "pet-web #2 from main @ b01c77e (by tag)")
        await told(t, "aws ecs update-service --cluster shop --service web", "arn:aws:iam::1:role/pull")
        await told(t, f"{OLD.digest[7:19]}  main-4f2a91c  pushed", f"{NEW.digest[7:19]}  main-b01c77e, prod  pushed")


async def test_used_by_a_repository_lists_the_uses_of_all_its_images():
    uses = use(), use(":prod", NEW.digest, "shop/api"), use(":prod", None, "runner", kind="apprunner-service")
    async with driving(account(*uses), size=(150, 40)) as t:
        await t.sees("main-b01c77e")
        await t.press("u")
        await told(t, "3 uses, 1 drifted", "shop/web", "shop/api", "App Runner service runner")
        await told(t, "AWS does not say which digest runs")


async def test_a_service_of_another_region_counts_when_that_region_is_marked():
    there = use(":prod", NEW.digest, "far/web", TOKYO)
    async with driving(account(there), size=(150, 40)) as t:
        await t.sees("main-b01c77e")
        await t.press("u")
        await told(t, "Nothing that runs an image of this repository was found; looked in ap-northeast-2")
    async with driving(account(there), regions=(SEOUL, TOKYO), size=(150, 40)) as t:
        await t.sees("main-b01c77e")
        await t.press("u")
        await told(t, "service far/web (3 running)  ap-northeast-1")


@pytest.mark.fault("C45")
async def test_what_could_not_be_checked_is_no_absence():
    why = "The ECS clusters in ap-northeast-2 could not be checked: ecs:ListClusters is not allowed"
    async with driving(account(unchecked=(why,)), size=(150, 40)) as t:
        await t.sees("main-b01c77e")
        await t.until(shows(t, "main-b01c77e", "MB ?"), "that it is not known")
        await t.press("u")
        await told(t, "It is not known what runs an image of this repository", "ecs:ListClusters is not allowed")
        await told(t, "every image counts as in use")


async def test_a_platform_of_the_index_that_the_tag_names_is_in_use_unasked():
    arm = an_image(pushed_at=NOW - 605)
    index, text = an_index("prod", children={"linux/arm64": arm.digest}, pushed_at=NOW - 600)
    shop = account(use(digest=arm.digest), images=(index, arm), manifests={index.digest: text})
    async with driving(shop, size=(150, 40)) as t:
        await t.until(shows(t, index.digest[7:19], "● in use"), "the index in use")
        await t.press("u")
        await told(t, "what runs is a platform of the index that prod names")


async def test_a_tag_that_is_gone():
    async with driving(account(use(":gone")), size=(150, 40)) as t:
        await t.until(shows(t, "main-4f2a91c", "✗ no tag"), "that the tag is gone")


async def test_drift_is_a_filter_and_tags_sort_by_version():
    images = [an_image(f"v1.{minor}.0", pushed_at=NOW - minor) for minor in (9, 10, 2)]
    async with driving(account(use(), images=(OLD, NEW, *images)), size=(170, 40)) as t:
        await t.sees("v1.10.0")
        await t.press("enter", "slash")
        await t.type("drift:yes")
        await t.sees("2 of 5")
        await t.press("escape", "escape")


async def test_tags_are_protected_for_all_marked_repositories():
    shop = account()
    shop.area(SEOUL).repositories["other"] = a_repository("other")
    shop.area(SEOUL).images["other"] = [an_image("v1.0.0", "latest")]
    async with driving(shop, size=(150, 40)) as t:
        await t.sees("pet-web", "other")
        await t.press("asterisk", "M")
        await t.sees("Protect 2 repositories", "2 ecr:PutImageTagMutability")
        await t.sees(
            "make the tags of pet-web IMMUTABLE, except prod", "make the tags of other IMMUTABLE, except latest"
        )
        await t.pilot.pause(0.4)  # keys that come at once were not meant for the question
        await t.press("right", "enter")
        await t.sees("2 done")
    assert shop.area(SEOUL).repositories["pet-web"].exclusions == ("prod",)
    assert {call.operation for _, call in shop.sent} == {"PutImageTagMutability"}


async def test_read_only_protects_nothing():
    shop = account(read_only=True)
    async with driving(shop, size=(150, 40)) as t:
        await t.sees("main-b01c77e")
        await t.press("M")
        await t.sees("read-only")
    assert not shop.sent


async def test_a_region_tells_what_runs_there_from_whatever_registry():
    nginx = parse("nginx:1.27")
    assert nginx is not None
    shop = account(use(), Use("ecs-service", "shop/proxy", SEOUL, nginx), unchecked=("Lambda was not asked",))
    async with driving(shop, size=(150, 40)) as t:
        await t.sees("main-b01c77e")
        await t.press("left")
        await t.sees("1 image of Docker Hub: library/nginx:1.27", f"1 image of ECR of account {ACCOUNT} in {SEOUL}")
        await t.sees("not checked: Lambda was not asked")
