"""The plan dialog: what it says before, what confirms it and what does not, and what it says afterwards."""

from __future__ import annotations

import time

import pytest
from dialogs_app import HOSTILE, NOTHING, DialogApp, Sending, change, done, plan_of, screen_text, settled
from textual.events import Key, Paste

from ecrtui.domain.change import Change, Outcome
from ecrtui.domain.errors import AppError, ErrorKind, Executed
from ecrtui.domain.text import Shown, shown
from ecrtui.ui.dialogs.choices import Choice
from ecrtui.ui.dialogs.plan import Applied, PlanDialog
from ecrtui.ui.present.plans import confirm_word
from ecrtui.ui.widgets.rows import Cell

WEB, API = change("pet-web"), change("api-server", region="us-east-1")
DELETE = change("pet-web", word="pet-web", operation="DeleteRepository")


def opened(*changes: Change, sending: Sending | None = None, **more: object) -> tuple[DialogApp, Sending]:
    sending = sending or Sending([done(one) for one in changes])
    return DialogApp(PlanDialog(plan_of(changes, sending, **more))), sending


@pytest.mark.fault("E77")
async def test_it_says_what_where_as_whom_and_how_many() -> None:
    app, _ = opened(WEB, API, notes=[Cell(Shown("⚠ no project api-server"), "warn")])
    async with app.run_test(size=(110, 40)) as pilot:
        await pilot.pause()
        text = screen_text(app)
    for words in (
        "Create 2 repositories",
        "123456789012 (profile prod)",
        "ap-northeast-2, us-east-1",
        "http://127.0.0.1:5000",
        "assumed-role/Dev/me",
        "2 ecr:CreateRepository",
        "⚠ no project api-server",
        "create the repository pet-web",
        "aws ecr create-repository --region us-east-1 --repository-name api-server",
    ):
        assert words in text


@pytest.mark.fault("E75")
async def test_cancel_has_the_focus_so_that_enter_sends_nothing() -> None:
    app, sending = opened(WEB)
    async with app.run_test() as pilot:
        await settled(pilot, app.dialog)
        await pilot.press("enter")
        await pilot.pause()
    assert app.result is None
    assert sending.began == 0


@pytest.mark.fault("E76")
async def test_keys_typed_before_it_could_be_read_are_dropped() -> None:
    app, sending = opened(WEB)
    async with app.run_test() as pilot:
        await pilot.pause()
        await pilot.press("right", "enter", "escape")
        await pilot.pause()
        assert app.result == NOTHING
        await settled(pilot, app.dialog)
        late = Key("escape", None)
        late.time = time.monotonic() - 60  # read by the driver long ago, delivered only now
        app.post_message(late)
        await pilot.pause()
        assert app.result == NOTHING
        await pilot.press("escape")
        await pilot.pause()
    assert app.result is None
    assert sending.began == 0


async def test_outcomes_appear_in_the_same_place_as_they_come() -> None:
    recorded: list[object] = []
    ended: list[object] = []
    app, sending = opened(
        WEB,
        API,
        record=recorded.append,
        ended=ended.append,
        summary=lambda results: [Cell(Shown("both exist now"))],
        follow_ups=lambda results: [Choice("build", Shown("Start the build"))],
    )
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot, app.dialog)
        await pilot.press("right", "enter")
        await pilot.pause()
        assert "● creating…  create the repository pet-web" in screen_text(app)
        assert "· waiting    create the repository api-server" in screen_text(app)
        sending.release()
        await pilot.pause()
        text = screen_text(app)
        assert "✓ done       create the repository pet-web" in text
        assert "● creating…  create the repository api-server" in text
        assert len(recorded) == 1
        assert not ended
        sending.release()
        await app.workers.wait_for_complete()
        await settled(pilot, app.dialog)
        text = screen_text(app)
        assert "both exist now" in text
        assert "✓ 2 done" in text
        assert app.result == NOTHING
        await pilot.press("right", "enter")
        await pilot.pause()
    assert isinstance(app.result, Applied)
    assert app.result.follow_up == "build"
    assert [result.outcome for result in app.result.results] == [Outcome.DONE, Outcome.DONE]
    assert len(ended) == 1
    assert sending.began == 1


async def test_a_failure_is_told_in_full_and_what_exists_otherwise_too() -> None:
    error = AppError(
        ErrorKind.DENIED,
        "create the repository pet-web",
        "ap-northeast-2",
        "User is not authorized",
        "Ask for ecr:CreateRepository.",
        action="ecr:CreateRepository",
        request_id="r-1",
    )
    results = [
        done(WEB, Outcome.FAILED, error.why, error),
        done(API, Outcome.DIFFERS, "scan on push is off, not on"),
    ]
    app, sending = opened(WEB, API, sending=Sending(results))
    async with app.run_test(size=(100, 40)) as pilot:
        await settled(pilot, app.dialog)
        await pilot.press("right", "enter")
        sending.release(2)
        await app.workers.wait_for_complete()
        await pilot.pause()
        text = screen_text(app)
    for words in (
        "✗ failed     create the repository pet-web",
        "User is not authorized",
        "missing  ecr:CreateRepository",
        "request  r-1",
        "Ask for ecr:CreateRepository.",
        "≠ differs    create the repository api-server",
        "scan on push is off, not on",
    ):
        assert words in text


async def test_what_was_confirmed_goes_on_when_it_is_closed_and_that_is_said_first() -> None:
    recorded: list[object] = []
    ended: list[object] = []
    app, sending = opened(WEB, API, record=recorded.append, ended=ended.append)
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot, app.dialog)
        await pilot.press("right", "enter")
        await settled(pilot, app.dialog)
        await pilot.press("escape")
        await pilot.pause()
        assert app.result == NOTHING
        assert "goes on" in screen_text(app)
        await pilot.press("escape")
        await pilot.pause()
        assert app.result == Applied(())
        sending.release(2)
        await app.workers.wait_for_complete()
    assert len(recorded) == 2
    assert len(ended) == 1


@pytest.mark.parametrize("executed", [None, Executed.UNKNOWN])
async def test_a_sending_that_breaks_off_leaves_no_change_unaccounted_for(executed: Executed | None) -> None:
    breaking: Exception = KeyError("response")
    if executed is not None:
        breaking = AppError(ErrorKind.NETWORK, "create it", executed=executed)
    app, sending = opened(WEB, API, sending=Sending([done(WEB), breaking]))
    async with app.run_test(size=(100, 40)) as pilot:
        await settled(pilot, app.dialog)
        await pilot.press("right", "enter")
        sending.release(2)
        await app.workers.wait_for_complete()
        await pilot.pause()
        text = screen_text(app)
    assert "✓ done       create the repository pet-web" in text
    assert "? unknown    create the repository api-server" in text
    assert "not known whether the change took effect" in text


@pytest.mark.fault("E75")
async def test_a_word_to_type_is_needed_letter_by_letter() -> None:
    app, sending = opened(DELETE)
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot, app.dialog)
        await pilot.press("right", "enter")
        await pilot.pause()
        assert app.result is None, "Apply cannot even be reached: Enter was Cancel"
    app, sending = opened(DELETE)
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot, app.dialog)
        await pilot.press(*"pet-we", "enter", "tab", "right", "right", "enter")
        await pilot.pause()
        assert sending.began == 0
    app, sending = opened(DELETE)
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot, app.dialog)
        await pilot.press(*"pet-web", "enter")
        await pilot.pause()
        assert sending.began == 0
        await settled(pilot, app.dialog)
        await pilot.press("enter")
        await pilot.pause()
        assert sending.began == 1


@pytest.mark.fault("D66", "E75")
async def test_a_paste_with_line_ends_never_confirms() -> None:
    app, sending = opened(DELETE)
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot, app.dialog)
        assert isinstance(app.dialog, PlanDialog)
        app.dialog.entry.focus()
        app.dialog.entry.post_message(Paste("pet-web\n\n"))
        await pilot.pause()
        assert app.dialog.entry.value == "pet-web"
        # the same without bracketed paste: the line ends arrive as keys, at once
        await pilot.press("enter", "enter", "enter")
        await pilot.pause()
        assert sending.began == 0


async def test_c_copies_the_commands_and_shows_them() -> None:
    app, _ = opened(WEB, API)
    async with app.run_test() as pilot:
        await settled(pilot, app.dialog)
        await pilot.press("c")
        await pilot.pause()
    first, second = app.copied[0].splitlines()
    assert first == "aws ecr create-repository --region ap-northeast-2 --repository-name pet-web"
    assert second == "aws ecr create-repository --region us-east-1 --repository-name api-server"
    assert "if your terminal allows it" in app.said[0]
    assert "create-repository" in app.said[0]


@pytest.mark.parametrize("size", [(40, 10), (80, 24), (200, 60)])
async def test_choices_and_place_are_in_sight_at_every_size(size: tuple[int, int]) -> None:
    app, _ = opened(*(change(f"repository-{number}") for number in range(60)))
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        text = screen_text(app)
    assert "Cancel" in text
    assert "Create" in text
    assert "123456789012" in text
    assert "ap-northeast-2" in text


@pytest.mark.parametrize("theme", ["ecrtui-dark", "ecrtui-light", "ecrtui-ansi"])
async def test_hostile_names_are_drawn_harmlessly(theme: str) -> None:
    hostile = change(HOSTILE, region=HOSTILE, word=HOSTILE)
    error = AppError(ErrorKind.SERVICE, HOSTILE, HOSTILE, HOSTILE, HOSTILE)
    sending = Sending([done(hostile, Outcome.FAILED, HOSTILE, error)])
    app = DialogApp(PlanDialog(plan_of([hostile], sending, notes=[Cell(shown(HOSTILE))])), theme)
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot, app.dialog)
        assert isinstance(app.dialog, PlanDialog)
        app.dialog.entry.value = shown(HOSTILE)
        await pilot.pause()
        app.dialog.entry.focus()
        await pilot.press("enter")
        await settled(pilot, app.dialog)
        await pilot.press("enter")
        sending.release()
        await app.workers.wait_for_complete()
        await pilot.pause()
        assert "✗ failed" in screen_text(app)
    assert sending.began == 1
    assert app.exit_filter.caught == 0


def test_several_words_become_one_to_type() -> None:
    assert confirm_word([WEB]) == ""
    assert confirm_word([WEB, DELETE]) == "pet-web"
    assert confirm_word([DELETE, change("x", word="x")]) == "all 2"
