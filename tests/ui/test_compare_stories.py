"""Compare as stories: verdicts, evidence, counts, filter, marks; loading and refusal that accuse nobody."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest
from memory import NOW, MemoryAccount, a_build, a_project, a_repository, an_image

from driver import Driver, driving
from ecrtui.domain.project import EnvironmentVariable

SEOUL, TOKYO = "ap-northeast-2", "ap-northeast-1"


def pushing_to(name: str) -> tuple[EnvironmentVariable, ...]:
    return (EnvironmentVariable("IMAGE_REPO_NAME", name),)


def account(**settings: Any) -> MemoryAccount:
    projects = [
        a_project("pet-web"),
        a_project("api-server"),
        a_project("Pet_Admin"),
        a_project("batch-jobs", variables=pushing_to("batch-worker")),
        a_project("pet-cron"),
        a_project("docs-site", privileged=False, buildspec="version: 0.2\nphases:\n  build:\n    commands: [make]\n"),
        a_project("tokyo-app", TOKYO),
    ]
    return MemoryAccount(
        regions=(SEOUL, TOKYO),
        projects=projects,
        repositories=[a_repository(name) for name in ("pet-web", "pet-cron", "orphan", "batch-worker")],
        images={"pet-web": [an_image("v1.4.2", pushed_at=NOW - 300)], "pet-cron": [], "orphan": [an_image("old")]},
        builds=[a_build("pet-web", 7, status="SUCCEEDED"), a_build("api-server", 3, status="FAILED")],
        **settings,
    )


@asynccontextmanager
async def comparing(account: MemoryAccount, **settings: Any) -> AsyncIterator[Driver]:
    settings.setdefault("size", (160, 36))
    async with driving(account, **settings) as t:
        await t.sees("REPOSITORIES")
        await t.press("2")
        await t.sees("PAIRINGS")
        yield t


def rows(t: Driver) -> list[str]:
    """The lines of the screen without the cursor and marks before them."""
    return [line[3:] for line in t.screen.splitlines()]


def row(t: Driver, name: str) -> str:
    """The row of a project."""
    return next((line for line in rows(t) if line.startswith(name + " ")), "")


def order(t: Driver, *names: str) -> list[int]:
    """The screen line of each row."""
    return [rows(t).index(row(t, name)) for name in names]


async def test_every_name_has_its_verdict_the_worst_first_with_counts():
    async with comparing(account()) as t:
        await t.sees("PAIRINGS  8", "✓ 1 paired", "✗ 1 missing repository", "≠ 1 pushes elsewhere")
        assert "✗ missing repository" in row(t, "api-server")
        assert "✗ failed" in row(t, "api-server")
        paired = row(t, "pet-web")
        assert all(part in paired for part in ("✓ paired", "✓ succeeded", "v1.4.2", "mutable", "on push"))
        assert "▸ batch-worker" in row(t, "batch-jobs")
        assert "no image" in row(t, "pet-cron")
        lines = order(t, "api-server", "batch-jobs", "Pet_Admin", "pet-cron", "docs-site", "pet-web")
        assert lines == sorted(lines)


async def test_the_row_under_the_cursor_is_explained_with_what_helps():
    async with comparing(account()) as t:
        await t.sees("there is no repository api-server in ap-northeast-2", "Create the repository api-server.")
        await t.sees("n create it")
        await t.press("down")
        await t.sees("variable IMAGE_REPO_NAME")
        await t.press("G")
        await t.sees("Enter its path")


async def test_v_goes_through_the_verdicts_and_escape_shows_all():
    async with comparing(account()) as t:
        await t.sees("PAIRINGS  8")
        await t.press("v")
        await t.sees("PAIRINGS  1 of 8")
        await t.until(lambda: not row(t, "pet-web"), "the end of pet-web")
        await t.press("v")
        await t.until(lambda: bool(row(t, "batch-jobs")) and not row(t, "api-server"), "batch-jobs alone")
        await t.press("escape")
        await t.until(lambda: all(row(t, name) for name in ("api-server", "pet-web")), "all of them")


async def test_the_filter_knows_verdicts_by_name():
    async with comparing(account()) as t:
        await t.sees("PAIRINGS  8")
        await t.press("slash")
        await t.type("verdict:never-pushed")
        await t.sees("PAIRINGS  1 of 8")
        assert row(t, "pet-cron")


@pytest.mark.parametrize("awaited", ["ecr:DescribeRepositories", "ecr:DescribeRepositoryCreationTemplates"])
async def test_what_still_loads_accuses_nobody(awaited: str):
    loading = account()
    gate = loading.faults.hold(awaited)
    async with comparing(loading) as t:
        await t.sees("… loading", "api-server")
        await t.misses("missing repository")
        gate.set()
        await t.sees("✗ 1 missing repository")
        await t.misses("… loading")


async def test_what_is_denied_is_unknown_with_the_action():
    denied = account()
    denied.faults.deny("ecr:DescribeRepositories")
    async with comparing(denied) as t:
        await t.sees("? unknown", "denied")
        await t.press("slash")
        await t.type("verdict:unknown")
        await t.press("enter")
        await t.sees("(ecr:DescribeRepositories)", "r load it again")
        await t.misses("missing repository")


async def test_a_region_of_which_nothing_can_be_read_has_a_row():
    denied = account()
    denied.faults.deny("ecr:DescribeRepositories", region=TOKYO)
    denied.faults.deny("codebuild:ListProjects", region=TOKYO)
    async with comparing(denied, regions=(SEOUL, TOKYO)) as t:
        await t.sees(f"all of {TOKYO}", "? 1 unknown", "✗ 1 missing repository")


async def test_refused_builds_are_unknown_not_never_built():
    denied = account()
    denied.faults.deny("codebuild:ListBuilds")
    async with comparing(denied) as t:
        await t.sees("? denied")
        await t.misses("never built")


async def test_two_regions_are_one_list_with_a_region_column():
    async with comparing(account(), regions=(SEOUL, TOKYO)) as t:
        await t.sees("PAIRINGS  9", "✗ 2 missing repository")
        assert TOKYO in row(t, "tokyo-app")


async def test_a_refresh_keeps_verdicts_until_the_new_ones_are_complete():
    again = account()
    async with comparing(again) as t:
        await t.sees("✗ 1 missing repository", "✓ 1 paired")
        gate = again.faults.hold("ecr:DescribeRepositories")
        again.area(SEOUL).repositories["api-server"] = a_repository("api-server")
        await t.press("r")
        await gate.reached.wait()
        await t.pilot.pause(0.05)
        assert "? unknown" not in t.screen
        assert "✗ 1 missing repository" in t.screen
        gate.set()
        await t.misses("missing repository")


async def test_enter_opens_the_path_of_the_name():
    async with comparing(account()) as t:
        await t.sees("✓ paired")
        await t.press("G", "enter")
        await t.sees("PATH  pet-web", "v1.4.2")
        await t.press("2", "g", "enter")
        await t.sees("PATH  api-server", "✗ no repository")


async def test_a_name_that_has_a_repository_cannot_be_created():
    async with comparing(account()) as t:
        await t.sees("✓ paired")
        await t.press("G", "n")
        await t.sees("create: it has a repository")


async def test_the_cursor_stays_at_the_worst_until_it_is_moved():
    slow = account()
    gate = slow.faults.hold("ecr:DescribeRepositories")
    async with comparing(slow) as t:
        await t.sees("… loading")
        gate.set()
        await t.sees("✗ 1 missing repository")
        await t.sees("▸  api-server")
        await t.press("j", "j")
        name = t.line("▸  ")[3:20].strip()
        await t.press("r")
        await t.sees("PAIRINGS  8")
        assert name in t.line("▸  ")


async def test_a_finished_build_moves_never_pushed_to_paired():
    moving = account()
    build = a_build("pet-cron", 9)
    moving.set_build(build)
    async with comparing(moving) as t:
        await t.sees("○ 1 never pushed")
        moving.push("pet-cron", an_image("v1", pushed_at=NOW))
        session = t.app.session
        assert session is not None
        session.look_again(SEOUL, "pet-cron")
        await t.misses("never pushed")
        await t.press("slash")
        await t.type("pet-cron")
        await t.press("enter")
        await t.sees("▸  pet-cron", " pet-cron   ap-northeast-2   ✓ paired")


@pytest.mark.parametrize("size", [(80, 24), (40, 10), (200, 60)])
async def test_it_is_usable_at_every_size(size: tuple[int, int]):
    async with comparing(account(), size=size) as t:
        await t.sees("api-server", "✗ missing repos" if size[0] < 80 else "✗ missing repository")
        if size[1] < 18:
            await t.press("tab")
        await t.sees("there is no repo")
        assert all(len(line) <= size[0] for line in t.screen.splitlines())


async def test_hostile_names_are_shown_and_do_nothing():
    hostile = account()
    evil = "evil[/b]\x1b[2J\u202egnp.exe"
    area = hostile.area(SEOUL)
    area.projects[evil] = replace(a_project("x"), name=evil, variables=pushing_to("\x1b]0;x\x07[red]y"))
    area.repositories["[/]boo\x07"] = replace(a_repository("x"), name="[/]boo\x07")
    async with comparing(hostile) as t:
        await t.sees("PAIRINGS  10", "evil[/b]", "[/]boo")
        for _ in range(9):
            await t.press("down")
        assert "\x1b" not in t.screen
        assert "\u202e" not in t.screen


async def test_another_account_starts_anew():
    async with comparing(account()) as t:
        await t.sees("✗ 1 missing repository")
        other = MemoryAccount(regions=(SEOUL,), projects=[a_project("other-app")])

        async def opened(profile: str | None, retrying: object) -> MemoryAccount:
            return other

        t.app.backend = t.app.backend._replace(open_account=opened)
        t.app.open_session("other")
        await t.sees("other-app")
        await t.misses("api-server")
