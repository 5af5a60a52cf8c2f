"""Pictures of the screens, compared as SVG: `pytest tests/snapshots --snapshot-update` takes them anew.

All instants are counted back from now, so that ages stay the same; exact times are blanked out.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import pytest
from memory import MemoryAccount, a_build, a_project, a_repository, an_image, digest_of
from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.single_file import SingleFileSnapshotExtension, WriteMode

from driver import Driver, driving, fixture_text
from ecrtui.domain.build import Phase
from ecrtui.domain.project import EnvironmentVariable
from ecrtui.domain.reference import parse
from ecrtui.domain.usage import Usage, Use
from ecrtui.services.ports import RegionStatus

SEOUL, TOKYO = "ap-northeast-2", "ap-northeast-1"
HOUR, DAY = 3600.0, 86_400.0
SIZES = [(80, 24), (120, 36), (200, 60)]
READABLE = 0.35
"""Seconds after which a dialog that has opened hears keys."""

Story = Callable[[Driver], Awaitable[None]]


class SVG(SingleFileSnapshotExtension):
    file_extension, _write_mode = "svg", WriteMode.TEXT


@pytest.fixture(autouse=True)
def _utc(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.fixture
def pictured(snapshot: SnapshotAssertion) -> Callable[..., Awaitable[None]]:
    """Plays a story and compares where it ends with the picture taken before."""

    async def compare(story: Story, **settings: Any) -> None:
        async with driving(account(time.time()), **settings) as t:
            await story(t)
            await still(t)
            picture = t.app.export_screenshot(title="ecrtui")
        assert _timeless(picture) == snapshot(extension_class=SVG)

    return compare


async def still(t: Driver) -> None:
    """Wait until the screen has not changed for a moment."""
    t.app.show_soon()  # as the next refresh would
    seen = ""
    while seen != t.screen:
        seen = t.screen
        await t.pilot.pause(0.25)


def _timeless(picture: str) -> str:
    picture = re.sub(r"terminal-\d+-", "terminal-", picture)
    picture = re.sub(r"\d{4}-\d\d-\d\d", "YYYY-MM-DD", picture)
    return re.sub(r"\d\d:\d\d:\d\d", "hh:mm:ss", picture)


# The account


def account(now: float) -> MemoryAccount:
    """An account with every verdict, one policy, an image in use, and builds that run, failed and went well."""
    return MemoryAccount(
        regions=(SEOUL, TOKYO, RegionStatus("eu-west-3", "not enabled")),
        repositories=[
            a_repository(name, created_at=now - 400 * DAY)
            for name in ("batch-worker", "notification-service-eu", "orphan", "pet-cron", "pet-web")
        ],
        images={"pet-web": images(now), "orphan": [image("old", now - 700 * DAY)], "pet-cron": []},
        policies={"pet-web": POLICY},
        projects=[
            a_project("pet-web"),
            a_project("api-server"),
            a_project("Pet_Admin"),
            a_project("batch-jobs", variables=(EnvironmentVariable("IMAGE_REPO_NAME", "batch-worker"),)),
            a_project("pet-cron"),
            a_project(
                "docs-site", privileged=False, buildspec="version: 0.2\nphases:\n  build:\n    commands: [make]\n"
            ),
        ],
        builds=builds(now),
        logs={
            "pet-web:00000007": fixture_text("codebuild-logs/01-push-ok-classic.log").splitlines()[:120],
            "api-server:00000003": fixture_text("codebuild-logs/05-repository-missing.log").splitlines(),
        },
        usages={SEOUL: Usage((running("main-0000003", digest_of("main-0000003")),))},
    )


POLICY = json.dumps(
    {
        "rules": [
            {
                "rulePriority": 1,
                "description": "Keep two branch builds",
                "selection": {
                    "tagStatus": "tagged",
                    "tagPatternList": ["main-*"],
                    "countType": "imageCountMoreThan",
                    "countNumber": 2,
                },
                "action": {"type": "expire"},
            }
        ]
    }
)


def image(tag: str, pushed_at: float, *more: str) -> Any:
    return an_image(tag, *more, digest=digest_of(tag), pushed_at=pushed_at, pulled_at=pushed_at + HOUR)


def images(now: float) -> list[Any]:
    branch = [image(f"main-{n:07}", now - n * DAY - HOUR) for n in range(1, 9)]
    wide = image("日本語-リリース", now - 3 * HOUR - 60)
    untagged = an_image(digest=digest_of("untagged"), pushed_at=now - 20 * DAY - HOUR)
    return [*branch, wide, image("v1.4.2", now - 30 * DAY - HOUR, "production"), untagged]


def running(tag: str, digest: str) -> Use:
    reference = parse(f"123456789012.dkr.ecr.{SEOUL}.amazonaws.com/pet-web:{tag}@{digest}")
    assert reference is not None
    return Use("ecs-service", "shop/front", SEOUL, reference, running=2)


def builds(now: float) -> list[Any]:
    begun = now - 3 * HOUR - 10
    kinds = ("SUBMITTED", "QUEUED", "PROVISIONING", "DOWNLOAD_SOURCE", "INSTALL", "PRE_BUILD", "BUILD")
    done = tuple(Phase(kind, "SUCCEEDED", begun + n, begun + n + 1) for n, kind in enumerate(kinds))
    long = a_build(
        "pet-web",
        7,
        started_at=begun,
        current_phase="POST_BUILD",
        phases=(*done, Phase("POST_BUILD", None, begun + 8, None)),
    )
    failed = a_build("api-server", 3, status="FAILED", started_at=now - 5 * HOUR, ended_at=now - 5 * HOUR + 42)
    return [
        long,
        failed,
        a_build("pet-cron", 2, status="SUCCEEDED", started_at=now - 6 * HOUR, ended_at=now - 5.9 * HOUR),
    ]


# The stories


async def explore(t: Driver) -> None:
    await t.sees("pet-web", "pet-cron")
    await t.press("G", "enter")
    await t.sees("IMAGES  pet-web  11", "in use")
    await t.press("down", "down", "down")
    await t.until(lambda: "▸  main-0000003" in t.screen, "the cursor")
    if t.app.size.width > 100:
        await t.sees("pet-web:main-0000003", "shop/front")


async def compare(t: Driver) -> None:
    await t.sees("REPOSITORIES", "pet-web")
    await t.press("2")
    await t.sees("PAIRINGS  9", "missing repository", "there is no repo")
    await t.misses("… loading")


async def create(t: Driver) -> None:
    await compare(t)
    await t.press("n")
    await t.sees("Create a repository", "✓ project api-server exists")


async def plan(t: Driver) -> None:
    await create(t)
    await t.pilot.pause(READABLE)
    await t.press("enter")
    await t.sees("Create api-server", "account", "Cancel")


async def lifecycle(t: Driver) -> None:
    await t.sees("pet-web", "pet-cron")
    await t.press("G", "L")
    await t.sees("LIFECYCLE  pet-web")
    await t.press("p")
    await t.sees("PREVIEW", "1 in use: blocked")


async def building(t: Driver) -> None:
    await t.sees("pet-web", "pet-cron")
    await t.press("3")
    await t.sees("BUILDS", "pet-web", "api-server")
    if t.app.size.width > 100:
        await t.sees("pet-web #7", "● post", "following")


async def path(t: Driver) -> None:
    await t.sees("pet-web", "pet-cron")
    await t.press("G", "p")
    await t.sees("PATH  pet-web", "holds 11", "front")
    await t.misses("loading")


async def failed(t: Driver) -> None:
    await building(t)
    await t.press("down")
    if t.app.size.width > 100:
        await t.sees("api-server #3", "repository missing")


async def audit(t: Driver) -> None:
    await t.sees("pet-web", "pet-cron")
    await t.press("5")
    await t.sees("FINDINGS  ", "not checked", "missing-repository")
    await t.until(lambda: "names" not in t.line("FINDINGS"), "the end of the audit")


@pytest.mark.parametrize("size", SIZES, ids=lambda size: "x".join(map(str, size)))
@pytest.mark.parametrize(
    "story", [explore, compare, lifecycle, building, path, audit], ids=lambda story: story.__name__
)
async def test_screens(pictured, story: Story, size: tuple[int, int]):
    await pictured(story, size=size)


@pytest.mark.parametrize("theme", ["light", "ansi", "no-colour"])
async def test_themes(pictured, theme: str, monkeypatch: pytest.MonkeyPatch):
    if theme == "no-colour":
        monkeypatch.setenv("NO_COLOR", "1")  # as the command line does for this theme
    await pictured(explore, theme=theme)


@pytest.mark.parametrize("story", [create, plan, failed], ids=lambda story: story.__name__)
async def test_dialogs_and_failures(pictured, story: Story):
    await pictured(story)
