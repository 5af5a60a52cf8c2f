"""Hostile strings in every remote field, through every view: nothing acts, nothing breaks, rows stay rows."""

from __future__ import annotations

import asyncio
import importlib
import pkgutil
import unicodedata
from pathlib import Path

import pytest
from hostile import EVIL, LACKING, MIX, PAYLOADS, SUPPRESSED, HostileFault, hostile_account, refuse_everything
from memory import ACCOUNT
from rich.cells import cell_len
from textual.events import Paste
from textual.screen import Screen

import ecrtui.ui.dialogs
import ecrtui.ui.screens
from driver import Driver, driving
from ecrtui.domain.audit.export import SUFFIXES
from ecrtui.domain.errors import AppError, ErrorKind
from ecrtui.services.ports import CodeQuestion
from ecrtui.services.slices import AuditKey
from ecrtui.services.state import Ready
from ecrtui.settings import AuditSettings
from ecrtui.ui.panes.detail import TABS

SIZE = (120, 36)


@pytest.fixture
def shorter(monkeypatch: pytest.MonkeyPatch) -> None:
    """The longest payloads cut: their length is a matter of the other tests, and of those on a terminal."""
    for name in ("marks", "long"):
        monkeypatch.setitem(PAYLOADS, name, PAYLOADS[name][:999])


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


@pytest.mark.usefixtures("shorter")
async def test_dialogs():
    async with driving(hostile_account(), size=SIZE, profiles=tuple(PAYLOADS.values())) as t:
        await t.sees(f"REPOSITORIES  {len(PAYLOADS) + 1}", "123456789012")
        for key, dialog in (
            ("question_mark", "HelpDialog"),
            ("R", "PickDialog"),
            ("P", "PickDialog"),
            ("i", "IdentityDialog"),
            ("exclamation_mark", "ActivityDialog"),
            ("colon", "CommandLine"),
            ("c", "CopyDialog"),
        ):
            await opens(t, key, dialog)
            await walk(t, "down", "down", "tab", "x")
            await leaves(t, "ExploreScreen")
        await walk(t, "o")
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


@pytest.mark.usefixtures("shorter")
async def test_compare_create_and_build():
    async with driving(hostile_account(), size=SIZE) as t:
        await t.sees("123456789012")
        await opens(t, "2", "CompareScreen")
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
        await walk(t, "enter", "j", "k", "tab", "g")
        await t.sees("end", "safe", "EVIL")
        await walk(t, "G", "k", "k", "w", "G", "g", "slash")
        await t.type("end")
        await walk(t, "enter", "n", "N", "escape", "ctrl+s", "g", "tab", "j")
        await opens(t, "X", "PlanDialog")
        await leaves(t, "BuildsScreen")
    assert len([*tmp_path.iterdir()]) == 1


async def to_evil(t: Driver) -> None:
    """The hostile repository that has everything, alone in the list, and its images."""
    await t.sees(f"REPOSITORIES  {len(PAYLOADS) + 1}", ACCOUNT)
    await t.press("slash")
    await t.type(EVIL)
    await walk(t, "enter", "enter")
    await t.sees(f"IMAGES  {EVIL}", f"{len(PAYLOADS) + 2}")


@pytest.mark.usefixtures("shorter")
async def test_every_tab():
    async with driving(hostile_account(), size=SIZE) as t:
        await to_evil(t)
        await t.press("j")
        await t.sees("runs in")
        await walk(t, "F")
        await t.sees("FINDINGS  ")
        await walk(t, *["j"] * 5, "G", "enter")
        await t.until(lambda: type(t.app.screen).__name__ == "FindingDialog", "the finding")
        await walk(t, "j", "c", "escape", "escape", "z", "v", "v", "escape", "escape")
        detail, seen = t.app.mode_screen.detail, set()
        for to_list in ((), ("left", "left", "left")):  # the image's tabs, then the repository's
            await t.press(*to_list)
            for _ in TABS:
                await t.press("right_square_bracket")
                if detail.tab.title not in seen:
                    await t.misses("loading")
                    await walk(t, "ctrl+d", "G", "g")
                seen.add(detail.tab.title)
        assert seen == {tab.title for tab in TABS}
        await walk(t, "m")
        await t.sees("measured")
        await walk(t, "G", "left", "left", "left", "m", "ctrl+d")


@pytest.mark.usefixtures("shorter")
async def test_findings_compared():
    async with driving(hostile_account(), size=SIZE) as t:
        await to_evil(t)
        await walk(t, "j", "space", "j", "space", "equals_sign")
        await t.sees("remaining")
        await walk(t, "j", "G", "enter", "escape", "v")


@pytest.mark.usefixtures("shorter")
@pytest.mark.fault("A18")
async def test_path():
    async with driving(hostile_account(), size=SIZE) as t:
        await t.sees(f"REPOSITORIES  {len(PAYLOADS) + 1}", ACCOUNT)
        await opens(t, "4", "PathScreen")
        await opens(t, "p", "PickDialog")
        await leaves(t, "PathScreen")
        for name in ("r-lock", EVIL):
            await t.press("p")
            await t.pilot.pause(0.3)
            await t.type(name)
            await walk(t, "enter")
            await t.sees(f"PATH  {name}")
            await t.misses("loading")
            await walk(t, *["down"] * 12, "tab", "G", "shift+tab", "o", "g")
        await opens(t, "c", "CopyDialog")
        await walk(t, "down", "down", "enter")
        await leaves(t, "PathScreen")
        await opens(t, "C", "PickDialog")
        await opens(t, "enter", "SnippetDialog")
        await leaves(t, "PathScreen")


@pytest.mark.usefixtures("shorter")
async def test_audit(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    async with driving(hostile_account(), size=SIZE, audit=AuditSettings(SUPPRESSED)) as t:
        await t.sees(f"REPOSITORIES  {len(PAYLOADS) + 1}", ACCOUNT)
        await opens(t, "5", "AuditScreen")
        await t.sees("all findings")
        await t.until(lambda: isinstance(t.app.state.get(AuditKey(t.app.scope)), Ready), "the audit")
        await walk(t, "B", "j", "G", "B", *["j"] * 4, "tab", *["j"] * 9, "G", "v", "v", "tab", "G", "escape")
        await opens(t, "c", "CopyDialog")
        await leaves(t, "AuditScreen")
        for suffix in SUFFIXES:
            await opens(t, "ctrl+s", "TextDialog")
            await t.press("ctrl+u")
            await t.type(f"audit{suffix}")
            await walk(t, "enter")
            await t.until(lambda name=f"audit{suffix}": (tmp_path / name).exists(), suffix)
    for file in tmp_path.iterdir():
        assert all(line.isprintable() for line in file.read_text().split("\n"))


@pytest.mark.usefixtures("shorter")
async def test_changes():
    """What proposes a change, or asks for words, on the hostile repository and its image."""
    async with driving(hostile_account(), size=SIZE) as t:
        await to_evil(t)
        await walk(t, "j")
        for keys in ({"t": "TagDialog"}, {"D": "PickDialog", "enter": "BlockedDialog"}, {"N": "PlanDialog"}):
            for key, dialog in keys.items():
                await opens(t, key, dialog)
            await walk(t, "down", "x", "c")
            await leaves(t, "ExploreScreen")
        await walk(t, "M", "2")
        await t.sees("PAIRINGS  ")
        await t.press("slash")
        await t.type(LACKING)
        await t.press("enter")
        await opens(t, "n", "CreateDialog")
        await walk(t, "tab", "down", "x", "tab", "right")
        await leaves(t, "CompareScreen")


@pytest.mark.fault("B25")
async def test_logins():
    account = hostile_account(MIX)
    async with driving(account, size=SIZE, profiles=tuple(PAYLOADS.values())) as t:
        await t.sees(f"REPOSITORIES  {len(PAYLOADS) + 1}")
        account.login.stands(HostileFault("", ErrorKind.CREDENTIALS, None, None, None, 0).error("", ""))
        await t.sees("^l logs in")
        await opens(t, "ctrl+l", "LoginDialog")
        await walk(t, "down", "down")
        await leaves(t, "ExploreScreen")
        assert account.login.ask is not None
        asked = asyncio.ensure_future(account.login.ask(CodeQuestion(MIX, MIX, MIX, MIX)))
        await t.until(lambda: type(t.app.screen).__name__ == "CodeDialog", "the question")
        await t.pilot.pause(0.3)
        await walk(t, "1", "2")
        await leaves(t, "ExploreScreen")
        with pytest.raises(AppError):
            await asked


def test_every_dialog_and_screen_is_visited():
    """Whatever is built later has to be shown here with hostile strings in it."""
    here = Path(__file__).read_text()
    rooms = [ecrtui.ui.dialogs, ecrtui.ui.screens]
    for room in rooms:
        for module in pkgutil.iter_modules(room.__path__, f"{room.__name__}."):
            for name, value in vars(importlib.import_module(module.name)).items():
                own = isinstance(value, type) and value.__module__ == module.name and issubclass(value, Screen)
                if own and name not in ABSTRACT:
                    assert f'"{name}"' in here, f"{name} is not visited"


ABSTRACT = ("Dialog", "ModeScreen", "PanesScreen", "TextDialog", "BootScreen")
"""What others are made of; the boot screen knows nothing remote."""


@pytest.mark.usefixtures("shorter")
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


@pytest.mark.usefixtures("shorter")
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


SIZES = ((300, 100), (40, 10), (1, 1))
PLACES = (
    *(("1", key) for key in ("question_mark", "c", "L", "F")),
    *(("2", key) for key in ("b", "")),
    *(("3", key) for key in ("X", "")),
    *(("4", key) for key in ("C", "")),
    *(("5", key) for key in ("ctrl+s", "")),
)
"""Modes, and what is opened in them."""


@pytest.mark.usefixtures("shorter")
@pytest.mark.fault("D71")
async def test_everything_at_every_size():
    async with driving(hostile_account(), size=SIZE) as t:
        await to_evil(t)
        for mode, key in PLACES:
            await t.press("escape", "escape", mode, *([key] if key else []))
            for size in SIZES:
                await t.pilot.resize_terminal(*size)
                await look(t)
            await walk(t, "down")


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
