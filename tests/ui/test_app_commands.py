"""The app's own commands, in the whole app: dialogs, `:`, and changes through the plan dialog."""

from __future__ import annotations

import asyncio

import pytest
from memory import NOW, MemoryAccount, a_build, a_project, a_repository, an_image

from driver import Driver, driving
from ecrtui.domain.errors import AppError, ErrorKind
from ecrtui.domain.text import Shown
from ecrtui.services.builds import plan_start
from ecrtui.services.ports import RegionStatus
from ecrtui.ui.actions.propose import propose
from ecrtui.ui.commands import BY_ID
from ecrtui.ui.dialogs.plan import PlanDialog
from ecrtui.ui.screens.audit import AuditScreen
from ecrtui.ui.screens.builds import BuildsScreen
from ecrtui.ui.screens.compare import CompareScreen
from ecrtui.ui.screens.explore import ExploreScreen
from ecrtui.ui.screens.lifecycle import LifecycleScreen
from ecrtui.ui.screens.mode import ModeScreen
from ecrtui.ui.screens.path import PathScreen

SEOUL, TOKYO = "ap-northeast-2", "ap-northeast-1"


def account(**settings) -> MemoryAccount:
    return MemoryAccount(
        regions=(SEOUL, TOKYO, RegionStatus("eu-west-3", "not enabled")),
        repositories=[a_repository("pet-web"), a_repository("api-gateway"), a_repository("tokyo-only", TOKYO)],
        images={"pet-web": [an_image("v1.4.2", pushed_at=NOW)], "api-gateway": [], (TOKYO, "tokyo-only"): []},
        projects=[a_project("pet-web")],
        builds=[a_build("pet-web")],
        **settings,
    )


async def line(t: Driver, text: str) -> None:
    """Type a command line."""
    await t.press("colon")
    await t.type(text)
    await t.press("enter")


async def test_the_help_greys_what_read_only_refuses():
    async with driving(account(read_only=True)) as t:
        await t.sees("pet-web")
        await t.press("question_mark")
        await t.sees("Keys", "Regions, repositories and images")
        await t.press("slash")
        await t.type("Start a build")
        await t.sees("read-only")


async def test_copying_from_the_row_under_the_cursor():
    async with driving(account(), size=(120, 40)) as t:
        await t.sees("pet-web")
        await t.press("G", "c")
        await t.sees("Copy  pet-web", "login", "describe", "batch-get-projects")
        await t.press("enter")
        await t.sees("copied, if your terminal allows it")


async def test_the_console_link_is_copied_and_shown():
    async with driving(account(), size=(120, 40)) as t:
        await t.sees("pet-web", "123456789012")
        await t.press("G", "o")
        await t.sees("console.aws.amazon.com")


async def test_regions_are_chosen_and_refused_ones_say_why():
    async with driving(account()) as t:
        await t.sees("REPOSITORIES  2", TOKYO)
        await t.press("R")
        await t.sees("Regions in scope", "not enabled")
        await t.type("eu-west")
        await t.press("space")
        await t.sees("eu-west-3 cannot be chosen: not enabled")
        await t.press(*["backspace"] * 7)
        await t.type("northeast-1")
        await t.press("space", "enter")
        await t.sees("tokyo-only", "REPOSITORIES  3")


async def test_the_command_line_goes_to_a_repository_and_to_screens():
    async with driving(account()) as t:
        await t.sees("api-gateway")
        await line(t, "filter gateway")
        await t.misses("pet-web")
        await t.press("escape")
        await line(t, "repo pet-web")
        await t.sees("IMAGES  pet-web", "v1.4.2")
        await line(t, "biulds")
        await t.sees("did you mean builds?")
        await t.press("escape")
        await line(t, f"region {TOKYO}")
        await t.sees("tokyo-only")
        await t.misses("api-gateway")
        await line(t, "builds")
        await t.sees("BUILDS")


async def test_the_palette_offers_what_applies_here():
    async with driving(account()) as t:
        await t.sees("123456789012")
        await t.press("ctrl+p")
        await t.type("identity")
        await t.sees("Who you are")
        await t.pilot.pause(0.3)
        await t.press("enter")
        await t.sees("Identity", "arn:aws")


async def test_the_profile_can_be_changed_while_an_account_never_opens():
    opened: list[str | None] = []

    async def open_account(profile: str | None, retrying: object) -> MemoryAccount:
        opened.append(profile)
        if profile != "stage":
            await asyncio.Event().wait()
        return account()

    async with driving(account(), profiles=("prod", "stage"), open_account=open_account) as t:
        await t.press("P")
        await t.sees("AWS profile", "prod", "stage")
        await t.type("sta")
        await t.press("enter")
        await t.sees("123456789012", "pet-web")
    assert opened == [None, "stage"]


async def test_who_and_where_is_one_key_away():
    async with driving(account()) as t:
        await t.sees("123456789012")
        await t.press("i")
        await t.sees("Identity", "arn:aws", SEOUL, "journal")


async def test_errors_are_in_the_activity():
    async with driving(account()) as t:
        await t.sees("pet-web")
        t.app.report(AppError(ErrorKind.DENIED, "do a thing", "us-east-1", "no", "Ask for it."))
        await t.press("exclamation_mark")
        await t.sees("Activity  1", "Cannot do a thing", "Ask for it.")


async def test_a_change_is_proposed_applied_and_recorded():
    async with driving(account(), size=(100, 30)) as t:
        await t.sees("123456789012", "pet-web")
        step = plan_start(t.app.session.account, SEOUL, "pet-web")
        propose(t.app, Shown("Start a build of pet-web"), [step], verb=Shown("Start"))
        await t.sees("1 codebuild:StartBuild", "start-build")
        dialog = t.app.screen
        assert isinstance(dialog, PlanDialog)
        await t.pilot.pause(dialog.SETTLE + 0.05)
        await t.press("right", "enter")
        await t.sees("✓ done", "start a build of pet-web")
        assert len(t.app.activity.entries) == 1


@pytest.mark.parametrize("keys", [("c",), ("o",)])
async def test_nothing_selected_is_said(keys: tuple[str, ...]):
    async with driving(MemoryAccount(regions=(SEOUL,))) as t:
        await t.sees("123456789012", "no repositories")
        await t.press(*keys)
        await t.sees("no repository is selected")


@pytest.mark.parametrize(
    "screen", [ExploreScreen, CompareScreen, BuildsScreen, PathScreen, AuditScreen, LifecycleScreen]
)
def test_the_footer_names_the_few_keys_that_matter(screen: type[ModeScreen]):
    assert 5 <= len(screen.FOOTER) <= 8
    assert screen.FOOTER[-1] == "help"
    assert set(screen.FOOTER) <= set(BY_ID)
