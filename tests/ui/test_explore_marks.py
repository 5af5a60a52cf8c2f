"""Explore as stories: what is watched, what is an index, where one is, and the mouse on regions."""

from __future__ import annotations

import asyncio

from memory import NOW, MemoryAccount, a_build, a_project, a_repository, an_image, an_index, digest_of

from driver import Driver, driving
from ecrtui.services.ports import RegionStatus
from ecrtui.ui.panes import list_pane
from ecrtui.ui.screens.builds import BuildsScreen
from ecrtui.ui.widgets.rows import Rows

SEOUL, TOKYO = "ap-northeast-2", "ap-northeast-1"
INDEX, MANIFEST = an_index("v2", children={"linux/amd64": digest_of("amd"), "linux/arm64": digest_of("arm")})


def account() -> MemoryAccount:
    return MemoryAccount(
        regions=(SEOUL, TOKYO, RegionStatus("eu-west-3", "not enabled")),
        repositories=[a_repository("api-gateway"), a_repository("pet-web"), a_repository("tokyo-only", TOKYO)],
        images={"pet-web": [INDEX, an_image("v1", pushed_at=NOW - 9000)], "api-gateway": []},
        manifests={INDEX.digest: MANIFEST},
    )


async def test_a_watched_repository_is_marked_until_it_is_watched_no_more():
    async with driving(account()) as t:
        await t.sees("pet-web")
        await t.press("G", "w")
        await t.sees("pet-web ◉", "◉ watched")
        assert "◉" not in t.line("api-gateway")
        await t.press("w")
        await t.misses("◉")
        await t.press("w")
        await t.sees("pet-web ◉")
        await t.pilot.pause(0.05)
        assert "pet-web ◉" in t.screen


async def test_expanding_is_offered_on_an_index_only():
    async with driving(account()) as t:
        await t.sees("pet-web")
        await t.press("G", "enter")
        await t.sees("IMAGES  pet-web", "v2", "e expand")
        await t.press("G")
        await t.misses("e expand")
        await t.press("g", "enter")
        await t.sees("index; e reads its platforms", "e expand")
        await t.press("e")
        await t.sees("index of 2: linux/amd64, linux/arm64")


async def test_one_click_moves_a_click_in_the_gutter_marks_and_two_narrow_to_a_region():
    async with driving(account()) as t:
        await t.sees_match(r"ap-northeast-1 ")
        regions = t.app.mode_screen.regions.table  # type: ignore[union-attr]
        await t.pilot.click(regions, offset=(6, 2))
        await t.until(lambda: regions.key == TOKYO, "the cursor on the region")
        assert t.app.scope == (SEOUL,)
        for column in (0, 2):
            await t.pilot.click(regions, offset=(column, 2))
            await t.until(lambda: column == 2 or t.app.scope == (SEOUL, TOKYO), "both regions")  # noqa: B023
        await t.until(lambda: t.app.scope == (SEOUL,), "one region")
        await t.pilot.click(regions, offset=(6, 2), times=2)
        await t.until(lambda: t.app.scope == (TOKYO,), "the region that was opened")


async def test_a_narrow_terminal_says_where_one_is():
    async with driving(account(), size=(80, 24)) as t:
        await t.sees("test ▸ 123456789012", "pet-web")
        assert f"{SEOUL} ▸" not in t.screen
        await t.press("G", "enter")
        await t.sees(f"test ▸ 123456789012  {SEOUL} ▸ pet-web ")
        await t.press("enter")
        await t.sees(f"test ▸ 123456789012  {SEOUL} ▸ pet-web ▸ v2 ")
        await t.press("escape", "escape")
        await t.misses("▸ pet-web")


async def test_a_wide_terminal_has_no_need_of_that():
    async with driving(account()) as t:
        await t.sees("pet-web")
        await t.press("G", "enter")
        await t.sees("IMAGES  pet-web")
        assert "▸ pet-web" not in t.screen.splitlines()[0]


async def filtered_and(t: Driver, key: str) -> None:
    await t.sees("pet-web")
    await t.press("slash")
    await t.type("pet")
    await t.press("enter", key)


async def test_a_command_right_after_a_filter_is_about_the_row_that_it_leaves(monkeypatch):
    """A great list is arranged in slices: until then the row before is under the cursor."""
    monkeypatch.setattr(list_pane, "_AT_ONCE", 0)
    gate = asyncio.Event()
    arranged = list_pane.ListPane._arrange_in_slices

    async def held(pane: list_pane.ListPane, source: Rows, *rest: object) -> None:
        if pane.filter_text:
            await gate.wait()
        await arranged(pane, source, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(list_pane.ListPane, "_arrange_in_slices", held)
    async with driving(account()) as t:
        await filtered_and(t, "w")
        assert not t.app.session.watched  # type: ignore[union-attr]
        gate.set()
        await t.sees("pet-web ◉")
        assert t.app.session.watched == {(SEOUL, "pet-web")}  # type: ignore[union-attr]


async def test_a_log_that_has_begun_is_not_said_to_be_missing(monkeypatch):
    monkeypatch.setattr(BuildsScreen, "_second", lambda screen: None)  # it would mend within a second what is shown
    build = a_build("pet-web", 7, SEOUL)
    living = MemoryAccount(regions=(SEOUL,), projects=[a_project("pet-web", SEOUL)], builds=[build])
    async with driving(living) as t:
        await t.sees("123456789012")
        await t.press("3")
        await t.sees("not written yet")
        living.write_log(build.id, "compiling")
        await t.sees("compiling")
        await t.pilot.pause()
        assert "not written yet" not in t.screen
