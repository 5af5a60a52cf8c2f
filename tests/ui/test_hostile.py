"""Hostile strings in every remote field, through every view: nothing acts, nothing breaks, rows stay rows."""

from __future__ import annotations

import unicodedata

import pytest
from hostile import EVIL, MIX, PAYLOADS, hostile_account, refuse_everything
from rich.cells import cell_len
from textual.events import Paste

from driver import Driver, driving

SIZE = (120, 36)


async def look(t: Driver) -> None:
    """What is on the screen is harmless, and every line is as wide as the terminal."""
    await t.pilot.pause()
    assert t.app.exit_filter.caught == 0, t.screen
    strips = t.app.screen._compositor.render_strips(t.app.size)
    assert len(strips) == t.app.size.height
    for strip in strips:
        assert strip.text.isprintable(), repr(strip.text)
        assert cell_len(strip.text) == t.app.size.width, repr(strip.text)
        assert not any(unicodedata.category(character) in ("Cc", "Cf", "Cs", "Zl", "Zp") for character in strip.text)


async def walk(t: Driver, *keys: str) -> None:
    """Press keys, looking after each."""
    for key in keys:
        await t.press(key)
        await look(t)


async def test_explore():
    async with driving(hostile_account(), size=SIZE) as t:
        await t.sees(f"REPOSITORIES  {len(PAYLOADS) + 1}", "r-clear␛[2J␛[H")
        await walk(t, *["j"] * (len(PAYLOADS) + 1), "g", "s", "s", "S", "left", "j", "j", "right")
        await t.press("slash")
        await t.type(EVIL)
        await walk(t, "enter", "enter")
        await t.sees(f"IMAGES  {EVIL}", f"{len(PAYLOADS) + 2}")
        await walk(t, *["j"] * (len(PAYLOADS) + 1), "g", "e", "j", "u", "escape", "s", "S")
        await walk(t, "right_square_bracket", "right_square_bracket", *["j"] * 9, "y", "slash", "o", "w", "n", "enter")
        await walk(t, "n", "N", "escape", "escape", "space", "asterisk", "w", "o", "r")


@pytest.mark.fault("A11")
async def test_lists_keep_their_columns():
    async with driving(hostile_account(), size=SIZE) as t:
        await t.sees(f"REPOSITORIES  {len(PAYLOADS) + 1}")
        for keys in ((), ("G",), ("g", "right"), ("G",)):
            await walk(t, *keys)
            lines = [line for line in t.app.screen._compositor.render_strips(t.app.size)[1:] if "▕" in line.text]
            for line in lines:
                places = [at for at, character in enumerate(_cells(line.text)) if character == "▕"]
                assert places == [26, 63], line.text


def _cells(text: str) -> list[str]:
    """The character at each cell of a line."""
    return [
        one for character in text for one in ([character] + [""] * (cell_len(character) - 1))[: cell_len(character)]
    ]


async def test_dialogs():
    async with driving(hostile_account(), size=SIZE, profiles=tuple(PAYLOADS.values())) as t:
        await t.sees(f"REPOSITORIES  {len(PAYLOADS) + 1}", "123456789012")
        for key in ("question_mark", "R", "P", "i", "exclamation_mark", "colon", "c", "o"):
            await walk(t, key)
            await t.pilot.pause(0.3)
            await walk(t, "down", "down", "tab", "x", "escape", "escape")
        await walk(t, "ctrl+p")
        await t.type("reg")
        await walk(t, "down", "escape", "escape")
        for name in ("repo r-", f"repo {EVIL} x", "filter ][/", "sort ]", "region x", "profile ../"):
            await t.press("colon")
            await t.type(name)
            await walk(t, "tab", "enter", "escape", "escape")


@pytest.mark.fault("D66")
async def test_what_is_typed_and_pasted():
    async with driving(hostile_account(), size=SIZE) as t:
        await t.sees(f"REPOSITORIES  {len(PAYLOADS) + 1}")
        for opened in ("slash", "colon"):
            for payload in (MIX, PAYLOADS["marks"], PAYLOADS["long"]):
                await t.press(opened)
                t.app.post_message(Paste(payload))
                await look(t)
                await walk(t, "left", "backspace", "x", "escape", "escape")


async def opens(t: Driver, key: str, dialog: str) -> None:
    """A key opens this dialog, or goes on to it; look at it once it listens."""
    await t.press(key)
    await t.until(lambda: type(t.app.screen).__name__ == dialog, dialog)
    await t.pilot.pause(0.3)
    await look(t)


async def leaves(t: Driver, screen: str) -> None:
    """Escape until this screen is back."""
    while type(t.app.screen).__name__ != screen:
        await walk(t, "escape")
        await t.pilot.pause(0.05)


async def test_compare_create_and_build():
    async with driving(hostile_account(), size=SIZE) as t:
        await t.sees("123456789012")
        await walk(t, "2")
        await t.sees("PAIRINGS  ", "r-clear")
        await walk(t, *["j"] * (len(PAYLOADS) + 1), "tab", *["j"] * 9, "escape", "v", "v", "v", "escape", "g")
        await t.press("slash")
        await t.type("r-clip")
        await walk(t, "enter")
        await t.sees("r-clipboard␛]52;c")
        for key, dialog in (("c", "CopyDialog"), ("b", "StartBuildDialog")):
            await opens(t, key, dialog)
            await walk(t, "down")
            await leaves(t, "CompareScreen")
        await opens(t, "b", "StartBuildDialog")
        await opens(t, "enter", "PlanDialog")
        plan = "".join(cell.text for line in t.app.screen.view.lines for cell in line)
        assert "start-build" in plan
        assert "r-clipboard␛]52;c" in plan
        await walk(t, "c")
        await leaves(t, "CompareScreen")
        await opens(t, "L", "LifecycleScreen")


@pytest.mark.fault("A17", "A18")
async def test_builds_and_logs(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    async with driving(hostile_account(), size=SIZE) as t:
        await t.sees("123456789012")
        await walk(t, "3")
        await t.sees("BUILDS", EVIL)
        await walk(t, *["j"] * 5, "G", "g", "slash")
        await t.type(EVIL)
        await walk(t, "enter", "j", "k", "tab")
        await t.sees("end", "safe", "EVIL")
        await walk(t, "G", "k", "k", "w", "G", "g", "slash")
        await t.type("end")
        await walk(t, "enter", "n", "N", "escape", "ctrl+s", "g", "tab", "j")
        await opens(t, "X", "PlanDialog")
        await leaves(t, "BuildsScreen")
    assert len([*tmp_path.iterdir()]) == 1


async def test_lifecycle():
    async with driving(hostile_account(), size=SIZE) as t:
        await t.sees(f"REPOSITORIES  {len(PAYLOADS) + 1}", "123456789012")
        await t.press("slash")
        await t.type(EVIL)
        await t.press("enter")
        await opens(t, "L", "LifecycleScreen")
        await t.sees("DRAFT", "␛[2J␛[H")
        await walk(t, "p")
        await t.sees("PREVIEW  ")
        await walk(t, "V", "V", "V", "right", "j", "j", "left")
        await opens(t, "T", "PickDialog")
        await leaves(t, "LifecycleScreen")
        await walk(t, "a")
        await t.sees("AWS's preview is", "COMPLETE␛[2J")
        await opens(t, "T", "PickDialog")
        await opens(t, "enter", "TemplateDialog")
        await t.press("backspace", "backspace", "1")
        await opens(t, "enter", "LifecycleScreen")
        await t.press("escape")
        await opens(t, "A", "BlockedDialog")
        await t.sees("␛[2J")
        await leaves(t, "LifecycleScreen")
        await walk(t, "E", "x", "f9", "f8", "escape", "escape")


@pytest.mark.parametrize("mode", ["1", "2", "3"])
@pytest.mark.fault("A19")
async def test_refusals_in_hostile_words(mode: str):
    account = hostile_account()
    refuse_everything(account)
    async with driving(account, size=SIZE) as t:
        await t.sees("denied")
        await walk(t, mode, "r", "left", "r", "right", "right", "r", "exclamation_mark", "j", "enter", "escape", "i")
    async with driving(hostile_account(), size=SIZE, open_account=_refused) as t:
        await t.until(lambda: bool(t.app.activity.entries), "the refusal")
        await walk(t, mode, "exclamation_mark", "enter", "escape")


async def _refused(profile: str | None):
    from hostile import HostileFault

    from ecrtui.domain.errors import ErrorKind

    raise HostileFault("", ErrorKind.CREDENTIALS, None, None, None, 0).error("", "")


@pytest.mark.parametrize("size", [(40, 10), (20, 5), (1, 1), (200, 50)])
@pytest.mark.fault("D71")
async def test_at_every_size(size: tuple[int, int]):
    async with driving(hostile_account(), size=size) as t:
        await t.until(lambda: t.app.session is not None, "the session")
        await walk(t, "G", "enter", "j", "enter", "2", "j", "enter", "3", "j", "enter", "1", "slash", "x", "escape")


@pytest.mark.fault("A14", "A15")
async def test_what_looks_like_a_link_is_none():
    """Markup that acts in Textual is clicked wherever it stands: the app goes on, and nothing opens."""
    async with driving(hostile_account(), size=(180, 50)) as t:
        await t.sees(f"REPOSITORIES  {len(PAYLOADS) + 1}")
        await t.press("slash")
        await t.type("r-click")
        await t.press("enter")
        await t.sees("[@click=app.quit]quit[/]")
        places = [(line.find("@click"), y) for y, line in enumerate(t.screen.splitlines()) if "@click" in line]
        assert places
        for x, y in places:
            await t.pilot.click(offset=(x, y))
            await look(t)
        assert t.app.is_running
        assert type(t.app.screen).__name__ == "ExploreScreen"


def test_the_mix_has_everything_in_it():
    assert all(payload in MIX for name, payload in PAYLOADS.items() if name not in ("marks", "long"))
