"""Path as stories: opened from every list, read from its first line, and mended or opened by keys alone."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from memory import ACCOUNT, NOW, MemoryAccount, a_build, a_project, a_repository, an_image

from driver import Driver, driving
from ecrtui.domain.errors import AppError
from ecrtui.domain.permission import PUSH_ACTIONS, TOKEN, Decision, Simulated
from ecrtui.domain.project import EnvironmentVariable
from ecrtui.domain.reference import parse
from ecrtui.domain.usage import Usage, Use
from ecrtui.ui.commands import keymap

SEOUL, TOKYO = "ap-northeast-2", "ap-northeast-1"
READABLE = 0.35
"""Seconds after which a dialog that has opened hears keys."""
NEW = an_image("main-4f2a91c", "latest", pushed_at=NOW - 3_600)
OLD = an_image("v2.4.1", "production", pushed_at=NOW - 300_000)


def own(name: str, **settings: Any) -> Any:
    role = f"arn:aws:iam::{ACCOUNT}:role/codebuild-{name}"
    return a_project(name, variables=(EnvironmentVariable("IMAGE_REPO_NAME", name),), service_role=role, **settings)


def allowed(name: str, *without: str) -> dict[str, Any]:
    arn = a_repository(name).arn
    pairs = [(TOKEN, "*"), *((action, arn) for action in PUSH_ACTIONS)]
    simulated = [Simulated(*pair, Decision.ALLOWED) for pair in pairs if pair[0] not in without]
    return {f"arn:aws:iam::{ACCOUNT}:role/codebuild-{name}": simulated}


def running(name: str, tag: str, digest: str) -> Use:
    reference = parse(f"{ACCOUNT}.dkr.ecr.{SEOUL}.amazonaws.com/pet-web:{tag}")
    assert reference is not None
    return Use("ecs-service", name, SEOUL, reference, digest, 3)


def account(**settings: Any) -> MemoryAccount:
    elsewhere = a_project("batch-jobs", variables=(EnvironmentVariable("IMAGE_REPO_NAME", "pet-web"),))
    return MemoryAccount(
        **{
            "regions": (SEOUL, TOKYO),
            "repositories": [a_repository(name) for name in ("pet-web", "payment-api")],
            "projects": [own("pet-web"), own("payment-api"), own("api-server"), elsewhere],
            "images": {"pet-web": [NEW, OLD], "payment-api": [an_image("v1.0.0")]},
            "builds": [
                a_build("pet-web", 7, status="SUCCEEDED", resolved_source_version="4f2a91c0" * 5, started_at=NOW - 3700)
            ],
            "usages": {
                SEOUL: Usage(
                    (running("shop/canary", "latest", OLD.digest), running("shop/front", "production", OLD.digest))
                )
            },
            "simulations": allowed("pet-web") | allowed("payment-api", "ecr:PutImage") | allowed("api-server"),
            **settings,
        }
    )


@asynccontextmanager
async def on_path(name: str, known: MemoryAccount | None = None, **settings: Any) -> AsyncIterator[Driver]:
    async with driving(known or account(), **settings) as t:
        await t.sees("REPOSITORIES  2")
        await command(t, f"path {name}")
        await t.sees(f"PATH  {name}")
        yield t


async def command(t: Driver, text: str) -> None:
    await t.press("colon")
    await t.pilot.pause(READABLE)
    await t.type(text)
    await t.press("enter")


async def test_the_answer_comes_first_and_each_link_has_its_word():
    async with on_path("pet-web") as t:
        await t.sees("project pushes, repository ok, production runs v2.4.1 (3 tasks)", "✓ role may push")
        await t.sees("✓ holds 2", "⚠ drift (1 of 2)", "#7 4f2a91c, by tag")
        await t.misses("loading")


@pytest.mark.parametrize("keys", [("p",), ("4",), ("2", "WAIT", "enter"), ("2", "WAIT", "p")], ids="-".join)
async def test_it_opens_from_every_list(keys: tuple[str, ...]):
    async with driving(account(), size=(160, 36)) as t:
        await t.sees("REPOSITORIES  2", "payment-api")
        for key in keys:
            if key == "WAIT":
                await t.sees("PAIRINGS  4", "missing repository")
                await t.misses("… loading")
            else:
                await t.press(key)
        await t.sees("PATH  api-server" if keys[0] == "2" else "PATH  payment-api")


async def test_it_opens_from_the_builds_and_from_an_image():
    async with driving(account(), size=(160, 36)) as t:
        await t.sees("REPOSITORIES  2")
        await t.press("3")
        await t.sees("BUILDS", "pet-web")
        await t.press("p")
        await t.sees("PATH  pet-web")
        await t.press("1", "G", "enter")
        await t.sees("IMAGES  pet-web")
        await t.press("4")
        await t.sees("PATH  pet-web")


async def test_a_key_of_the_mode_asks_where_there_is_no_name():
    async with driving(MemoryAccount(regions=(SEOUL,), projects=[own("pet-web")]), size=(120, 36)) as t:
        await t.sees("no repositories")
        await t.press("4")
        await t.sees("Path of", "pet-web")
        await t.pilot.pause(READABLE)
        await t.type("web")
        await t.press("enter")
        await t.sees("PATH  pet-web", "project has no repository")


async def test_any_name_can_be_typed_and_names_are_completed():
    async with driving(account()) as t:
        await t.sees("REPOSITORIES  2")
        await command(t, "path no-such-name")
        await t.sees("PATH  no-such-name", "neither project nor repository")
        await t.press("colon")
        await t.pilot.pause(READABLE)
        await t.type("path pay")
        await t.press("tab", "enter")
        await t.sees("PATH  payment-api")
        await t.press("p")
        await t.sees("Path of")


async def test_why_the_role_cannot_push_with_the_statement_to_copy():
    async with on_path("payment-api") as t:
        await t.sees("project cannot push (its role may not)", "✗ role may not push", "ecr:PutImage is missing")
        await t.sees("c  copies the statement")
        await t.press("c")
        await t.sees("▸  mending policy")
        await t.pilot.pause(READABLE)
        await t.press("escape")
        await t.misses("▸  mending policy")
        await t.press("enter")
        await t.sees("The statement to add to the policies of role", '"ecr:PutImage"')
        await t.pilot.pause(READABLE)
        await t.press("enter")
        await t.sees("mending policy copied")
        assert '"ecr:PutImage"' in t.app.clipboard


async def test_from_drift_to_the_image_that_should_run_and_its_build():
    async with on_path("pet-web") as t:
        await t.sees("⚠ drift (1 of 2)")
        await t.misses("loading")
        for _ in range(2):
            await t.press("right")
        await t.press("G", "k")
        await t.sees("shop/canary   service, 3 running   ⚠ drift", f"digest      {OLD.digest}")
        await t.press("tab", "G")
        await t.sees(
            f"digest      {NEW.digest}", "build #7 from 4f2a91c", "by tag: the tag main-4f2a91c names the commit"
        )


async def test_enter_opens_each_part_in_its_screen():
    async with on_path("pet-web", size=(160, 36)) as t:
        await t.sees("⚠ drift (1 of 2)")
        await t.misses("loading")
        await t.press("g", "enter")
        await t.sees("BUILDS", "pet-web #7")
        await t.press("4", "escape")
        await command(t, "path pet-web")
        await t.sees("PATH  pet-web")
        await t.press("g", "down", "down", "down", "down", "down", "down", "enter")
        await t.sees("IMAGES  pet-web", "pet-web:v2.4.1")
        assert "v2.4.1" in t.line("▸  ")


async def test_a_name_of_another_region_is_found_in_explore_once_it_is_listed():
    far = account(repositories=[a_repository("pet-web"), a_repository("payment-api"), a_repository("tea", TOKYO)])
    async with driving(far, size=(160, 36)) as t:
        await t.sees("REPOSITORIES  2")
        await t.press("slash")
        await t.type("pet")
        await t.press("enter")
        await command(t, f"path tea {TOKYO}")
        await t.sees("PATH  tea", "repository is empty")
        await t.misses("loading")
        await t.press("g", "right", "enter")
        await t.sees("IMAGES  tea")


async def test_a_click_on_the_mode_opens_the_path_of_the_name_under_the_cursor():
    async with driving(account(), size=(120, 36)) as t:
        await t.sees("REPOSITORIES  2", "payment-api")
        await t.pilot.click(offset=(t.screen.splitlines()[0].index("4 Path") + 2, 0))
        await t.sees("PATH  payment-api")


def test_the_preview_may_keep_its_key_and_no_other_command_takes_that_of_the_path():
    assert keymap({"preview": "p"}) == {"preview": "p"}
    with pytest.raises(AppError, match="open-path"):
        keymap({"sort": "p"})


async def test_what_is_missing_is_created_from_here():
    async with on_path("api-server") as t:
        await t.sees("project has no repository", "n  create it")
        await t.misses("loading")
        await t.press("enter")
        await t.sees("Create a repository", "api-server")


async def test_a_push_elsewhere_leads_on_to_that_path():
    async with on_path("batch-jobs") as t:
        await t.sees("≠ pushes elsewhere", "Enter  the path of pet-web")
        await t.misses("loading")
        await t.press("enter")
        await t.sees("PATH  pet-web", "project pushes, repository ok")


async def test_snippets_are_picked_shown_in_full_and_copied():
    async with on_path("pet-web") as t:
        await t.sees("⚠ drift")
        await t.press("C")
        await t.sees("Snippets", "Buildspec: build and push", "App Runner source configuration")
        await t.pilot.pause(READABLE)
        await t.type("digest")
        await t.press("enter")
        await t.sees('"image":', f"pet-web@{OLD.digest[:30]}")
        await t.pilot.pause(READABLE)
        await t.press("enter")
        await t.sees("ecs-digest copied")
        assert '"essential": true' in t.app.clipboard


async def test_commands_are_refused_with_the_reason():
    async with on_path("no-such-name") as t:
        await t.sees("neither project nor repository")
        await t.misses("loading")
        for key, words in (("n", "there is no project to create it for"), ("L", "there is no repository")):
            await t.press(key)
            await t.sees(words)
        await t.press("C")
        await t.sees("there is no repository yet")


async def test_the_link_to_the_console_is_that_of_the_part():
    async with on_path("pet-web") as t:
        await t.sees("⚠ drift")
        await t.press("g", "o")
        await t.sees("Console link copied")
        assert "/codesuite/codebuild/123456789012/projects/pet-web?" in t.app.clipboard
        await t.press("G", "o")
        await t.until(lambda: f"/_/image/{OLD.digest.replace(':', '%3A')}/details" in t.app.clipboard, "the image")


async def test_parts_appear_as_they_come_and_a_refresh_keeps_the_cursor():
    slow = account()
    gate = slow.faults.hold("ecr:DescribeImages")
    async with driving(slow) as t:
        await command(t, "path pet-web")
        await t.sees("PATH  pet-web", "✓ pushes here", "… images unknown")
        gate.set()
        await t.sees("✓ holds 2", "⚠ drift (1 of 2)")
        await t.misses("loading")
        await t.press("G")
        await t.sees("shop/front   service")
        slow.push("pet-web", an_image("main-0000009", "production", pushed_at=NOW - 5))
        await t.press("r")
        await t.sees("⚠ drift (2 of 2)", "main-0000009")
        await t.sees("shop/front   service, 3 running   ⚠ drift")


async def test_one_refused_part_is_unknown_with_the_action():
    refused = account()
    refused.faults.deny("ecr:DescribeImages")
    async with on_path("pet-web", refused) as t:
        await t.sees("? images unknown", "ecr:DescribeImages is not allowed", "✓ role may push")


async def test_another_account_shows_nothing_of_the_former():
    async with on_path("pet-web") as t:
        await t.sees("⚠ drift (1 of 2)")
        other = MemoryAccount(regions=(SEOUL,), projects=[own("other-app")])

        async def opened(profile: str | None, retrying: object) -> MemoryAccount:
            return other

        t.app.backend = t.app.backend._replace(open_account=opened)
        t.app.open_session("other")
        await t.sees("no name is chosen")
        await t.misses("pet-web")


async def test_p_stays_the_preview_in_lifecycle():
    async with on_path("pet-web") as t:
        await t.sees("⚠ drift")
        await t.press("L")
        await t.sees("LIFECYCLE  pet-web")
        await t.press("p")
        await t.pilot.pause(0.2)
        assert "LIFECYCLE  pet-web" in t.screen


@pytest.mark.parametrize("size", [(80, 24), (40, 10), (120, 36), (200, 60)])
async def test_it_is_usable_at_every_size(size: tuple[int, int]):
    async with on_path("pet-web", size=size) as t:
        await t.sees("pet-web: project pushes")
        await t.misses("loading")
        await t.press("G")
        await t.sees("shop/front")
        if size[1] < 18:
            await t.press("tab")
        await t.sees("where       service" if size[0] >= 80 else "current")
        assert all(len(line) <= size[0] for line in t.screen.splitlines())


async def test_a_click_points_and_a_second_one_opens():
    async with on_path("pet-web", size=(120, 36)) as t:
        await t.sees("⚠ drift (1 of 2)")
        await t.misses("loading")
        y = next(number for number, line in enumerate(t.screen.splitlines()) if "REPOSITORY" in line)
        await t.pilot.click(offset=(6, y))
        await t.sees("▸ REPOSITORY")
        await t.pilot.click(offset=(6, y))
        await t.sees("IMAGES  pet-web")


async def test_hostile_texts_are_shown_and_do_nothing():
    evil = "evil[/b]\x1b[2J\u202egnp.exe"
    hostile = account()
    area = hostile.area(SEOUL)
    area.projects["pet-web"] = own("pet-web", source_location=evil, source_version=evil, environment_image=evil)
    area.images["pet-web"] = [an_image(evil, "latest", pushed_at=NOW)]
    async with on_path("pet-web", hostile) as t:
        await t.sees("evil[/b]", "holds 1")
        for key in ("G", "k", "k", "C"):
            await t.press(key)
        assert "\x1b" not in t.screen
        assert "\u202e" not in t.screen
