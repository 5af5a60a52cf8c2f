"""The picker: typed narrower, chosen by Enter, marked by space, and honest about what cannot be chosen."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from dialogs_app import HOSTILE, NOTHING, DialogApp, screen_text

from ecrtui.domain.text import Shown, shown
from ecrtui.ui.dialogs.pick import Option, PickDialog

NAMES = ("ap-northeast-1", "ap-northeast-2", "us-east-1", "us-west-2")
OPTIONS = [Option(name, shown(name)) for name in NAMES] + [
    Option("eu-south-1", Shown("eu-south-1"), refusal=Shown("not enabled"))
]


async def picked(*keys: str, options: Sequence[Option] = OPTIONS, **how: object) -> tuple[object, str]:
    app = DialogApp(PickDialog(Shown("Regions"), options, **how))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        await pilot.press(*keys)
        await pilot.pause()
        return app.result, screen_text(app)


async def test_typing_narrows_and_enter_picks() -> None:
    assert (await picked(*"east", "down", "down", "enter"))[0] == ("us-east-1",)
    assert (await picked(*"1 us", "enter"))[0] == ("us-east-1",)
    assert (await picked("enter"))[0] == ("ap-northeast-1",)
    assert (await picked("escape"))[0] is None


async def test_nothing_that_matches_picks_nothing() -> None:
    result, text = await picked(*"zzz", "enter")
    assert result == NOTHING
    assert "nothing matches “zzz”" in text


async def test_the_cursor_stands_on_what_is_in_use() -> None:
    assert (await picked("enter", picked=["us-east-1"]))[0] == ("us-east-1",)


async def test_several_are_marked_and_come_in_their_order() -> None:
    keys = [*"us-w", "space", *["backspace"] * 4, *"us-e", "space", "enter"]
    assert (await picked(*keys, several=True))[0] == ("us-east-1", "us-west-2")


async def test_a_star_marks_all_shown_that_can_be_picked() -> None:
    assert (await picked("asterisk", "enter", several=True))[0] == NAMES
    assert (await picked(*"us-", "asterisk", "enter", several=True))[0] == ("us-east-1", "us-west-2")
    again = await picked(*"us-", "asterisk", "asterisk", "enter", several=True, picked=["ap-northeast-1"])
    assert again[0] == ("ap-northeast-1",)
    assert "nothing matches “*”" in (await picked("asterisk"))[1]


async def test_marks_are_kept_and_can_be_taken() -> None:
    marked = ["ap-northeast-2", "us-east-1"]
    assert (await picked("enter", several=True, picked=marked))[0] == tuple(marked)
    assert (await picked("space", "enter", several=True, picked=marked))[0] == ("us-east-1",)


async def test_without_touching_a_mark_another_row_is_picked_alone() -> None:
    assert (await picked(*"us-w", "enter", several=True, picked=["us-east-1"]))[0] == ("us-west-2",)


@pytest.mark.parametrize("key", ["enter", "space"])
async def test_what_is_refused_cannot_be_chosen_and_says_why(key: str) -> None:
    result, text = await picked(*"eu-s", key, "enter", several=True)
    assert result == NOTHING
    assert "eu-south-1 cannot be chosen: not enabled" in text


async def test_an_empty_list_says_so() -> None:
    result, text = await picked("enter", options=[], empty=Shown("no profile is configured"))
    assert result == NOTHING
    assert "no profile is configured" in text


async def test_a_click_beside_a_row_marks_it() -> None:
    app = DialogApp(PickDialog(Shown("Regions"), OPTIONS, several=True))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        await pilot.click(app.dialog.table, offset=(1, 2))
        await pilot.pause()
        await pilot.press("enter")
        await pilot.pause()
    assert app.result == ("us-east-1",)


async def test_hostile_names_are_drawn_harmlessly_and_returned_raw() -> None:
    app = DialogApp(PickDialog(Shown("Profiles"), [Option(HOSTILE, shown(HOSTILE), shown(HOSTILE))]))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        await pilot.press("enter")
        await pilot.pause()
    assert app.result == (HOSTILE,)
    assert app.exit_filter.caught == 0
