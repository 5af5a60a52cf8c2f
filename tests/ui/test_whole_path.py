"""The main job by keys alone, on the embedded account over real HTTP: from the first key to the image in ECR."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from driver import Driver, driving
from ecrtui.aws.session import AccountOptions, StaticCredentials, open_account
from ecrtui.demo.clock import Clock
from ecrtui.demo.seed import seeded_account
from ecrtui.demo.wsgi import serve

SEOUL, TOKYO = "ap-northeast-2", "ap-northeast-1"
SETTLED = 0.35
"""Seconds for which a plan that has just appeared takes no keys."""


@asynccontextmanager
async def embedded(size: tuple[int, int] = (150, 44)) -> AsyncIterator[Driver]:
    """The app on the seeded account, with builds that take a few seconds."""
    with serve(seeded_account(Clock(), speed=20.0)) as url:
        options = AccountOptions(
            region=SEOUL, endpoint_url=url, credentials=StaticCredentials("AKIADEMODEMODEMODEMO", "demo")
        )
        account = await open_account(options)
        async with driving(account, size=size, regions=(SEOUL,)) as t:
            yield t
        await account.close()


async def confirm(t: Driver) -> None:
    """Go to the button that applies a plan, and press it."""
    await t.pilot.pause(SETTLED)
    await t.press("right", "enter")


async def test_two_regions_and_an_image_found_by_filter():
    async with embedded() as t:
        await t.sees("pet-web", TOKYO)
        await t.press("left", "j", "space")
        await t.sees("2 in scope", "monolith")
        await t.press("right", "slash")
        await t.type(f"pet-web region:{SEOUL}")
        await t.sees_match(r"REPOSITORIES +\d+ of \d+")
        await t.press("enter", "G", "enter")
        await t.sees_match(r"IMAGES +pet-web +41\d")
        await t.press("slash")
        await t.type("tag:production")
        await t.press("enter")
        await t.sees_match(r"1 of 41\d")
        await t.sees("production")
        await t.sees("runs in    service pet-web-cluster/pet-web-task-service")


async def test_from_a_missing_repository_to_the_image_in_ecr():
    async with embedded() as t:
        await t.sees("pet-web")
        await t.press("2")
        await t.sees("api-server", "✗ missing repository")
        await t.press("g", "n")
        await t.sees("Create a repository", "✓ project api-server exists")
        await t.pilot.pause(SETTLED)
        await t.press("enter")
        await t.sees("ecr:CreateRepository", "aws ecr create-repository")
        await confirm(t)
        await t.sees("1 done", "exists as planned")
        await t.pilot.pause(SETTLED)
        await t.press("right", "enter")
        await t.sees("codebuild:StartBuild")
        await confirm(t)
        await t.sees("BUILDS", "api-server #4")
        await t.sees_match(r"push +api-server:\S+ +\d+ of \d+ layers")
        await t.sees("✓ in ECR")
        await t.press("1", "g")
        await t.sees_match(r"api-server +1 ")


async def test_a_lifecycle_policy_is_blocked_by_an_image_in_use():
    async with embedded() as t:
        await t.sees("pet-web")
        await t.press("slash")
        await t.type("pet-web")
        await t.press("enter", "G", "L")
        await t.sees("LIFECYCLE  pet-web", "Keep 30 releases")
        await t.press("T")
        await t.sees("Keep the last N images")
        await t.press("enter")
        await t.sees("Keep the last")
        await t.pilot.pause(SETTLED)
        await t.press("enter")
        await t.sees("Keep the newest 30 images")
        await t.press("f5")
        await t.sees_match(r"expires 3\d\d of 41\d")
        await t.sees_match(r"✗ \d .*in use")
        await t.press("escape", "A")
        await t.sees("in use")
