"""The small forms: a tag, and what a build is started with."""

from __future__ import annotations

import pytest
from dialogs_app import HOSTILE, NOTHING, DialogApp, screen_text
from textual.events import Paste

from ecrtui.domain.text import Shown, shown
from ecrtui.ui.dialogs.text_input import StartBuild, StartBuildDialog, TagDialog, variable_fault

DIGEST, OTHER = "sha256:" + "a" * 64, "sha256:" + "b" * 64


async def tagged(*keys: str, pasted: str = "", immutable: bool = False) -> tuple[object, str]:
    taken = {"v1": OTHER, "mine": DIGEST}
    app = DialogApp(TagDialog(Shown("pet-web:v2"), DIGEST, taken, immutable=immutable))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        if pasted and app.focused is not None:
            app.focused.post_message(Paste(pasted))
        await pilot.press(*keys)
        await pilot.pause()
        return app.result, screen_text(app)


async def test_a_good_tag_is_taken_by_enter_or_by_the_choice() -> None:
    assert (await tagged(*"v3", "enter"))[0] == "v3"
    assert (await tagged(*"v3", "tab", "enter"))[0] == "v3"
    assert (await tagged(*"v3", "tab", "left", "enter"))[0] is None


async def test_a_tag_that_moves_says_so() -> None:
    result, text = await tagged(*"v1")
    assert result == NOTHING
    assert "moves the tag away from sha256:bbbb" in text
    assert (await tagged(*"v1", "enter"))[0] == "v1"


@pytest.mark.parametrize(
    ("typed", "immutable", "words"),
    [
        ("v 3", False, "position 2"),
        (".v3", False, "cannot begin"),
        ("mine", False, "has this tag already"),
        ("v1", True, "cannot be moved"),
        ("", False, ""),
    ],
)
async def test_a_bad_tag_is_refused_with_the_reason(typed: str, immutable: bool, words: str) -> None:
    result, text = await tagged(*typed, "enter", immutable=immutable)
    assert result == NOTHING
    assert words in text


async def test_a_tag_that_is_too_long_is_refused() -> None:
    result, text = await tagged("enter", pasted="x" * 129)
    assert result == NOTHING
    assert "at most 128" in text


async def test_with_a_bad_tag_only_cancel_can_be_chosen() -> None:
    assert (await tagged(*"v 3", "tab", "right", "enter"))[0] is None


async def started(*keys: str, given: StartBuild | None = None) -> tuple[object, str]:
    app = DialogApp(lambda: StartBuildDialog(Shown("pet-web"), Shown("main"), given))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        await pilot.press(*keys)
        await pilot.pause()
        return app.result, screen_text(app)


async def test_enter_all_the_way_starts_with_the_projects_own() -> None:
    assert (await started("enter", "enter", "enter"))[0] == StartBuild()


async def test_a_version_and_variables() -> None:
    keys = [*"feature/x", "tab", *"A=1 2=3", "enter", *"B=", "enter", "enter"]
    assert (await started(*keys))[0] == StartBuild("feature/x", {"A": "1 2=3", "B": ""})


async def test_a_variable_is_taken_away_by_its_name() -> None:
    given = StartBuild("main", {"A": "1", "B": "2"})
    assert (await started("tab", "A", "enter", "enter", given=given))[0] == StartBuild("main", {"B": "2"})


async def test_a_variable_that_was_typed_and_not_added_is_not_lost() -> None:
    assert (await started("tab", *"A=1", "tab", "right", "enter"))[0] == StartBuild("", {"A": "1"})
    result, text = await started("tab", *"A", "tab", "right", "enter")
    assert result == NOTHING
    assert "write A=VALUE" in text


async def test_blanks_in_a_version_are_refused() -> None:
    result, text = await started(*"my branch", "enter")
    assert result == NOTHING
    assert "no blanks" in text


@pytest.mark.parametrize("name", ["1A", "", "a-b", "ä", "CODEBUILD_X"])
def test_names_that_no_variable_can_have(name: str) -> None:
    assert variable_fault(name)


async def test_hostile_texts_are_drawn_harmlessly() -> None:
    given = StartBuild(HOSTILE, {HOSTILE: HOSTILE})
    app = DialogApp(lambda: StartBuildDialog(shown(HOSTILE), shown(HOSTILE), given))
    async with app.run_test(size=(40, 10)) as pilot:
        await pilot.pause()
        assert app.exit_filter.caught == 0
