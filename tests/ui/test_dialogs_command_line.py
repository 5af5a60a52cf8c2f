"""The line after `:`: understood, completed, refused with a suggestion, remembered."""

from __future__ import annotations

import pytest
from dialogs_app import HOSTILE, NOTHING, DialogApp, screen_text

from ecrtui.ui.dialogs.command_line import CommandLine
from ecrtui.ui.present.commandline import Invocation, LineProblem, Verb, completed, completions, read

VERBS = [
    Verb("builds", "Builds, live"),
    Verb("q", "Leave"),
    Verb("region", "Work in these", "region", ["us-east-1", "us-west-2", "eu-west-1"], several=True),
    Verb("repo", "Go to", "repository", ["api-server", "pet-web", "team/pet-api"]),
    Verb("sort", "Sort", "column", ["name", "age"], optional=True),
    Verb("filter", "Filter", "text", optional=True),
]


@pytest.mark.parametrize(
    ("text", "invocation"),
    [
        ("q", Invocation("q")),
        ("  :builds ", Invocation("builds")),
        ("repo pet-web", Invocation("repo", ("pet-web",))),
        ("region us-east-1, eu-west-1,us-east-1,", Invocation("region", ("us-east-1", "eu-west-1"))),
        ("sort", Invocation("sort")),
        ("filter tag:v1 age:<7d", Invocation("filter", ("tag:v1 age:<7d",))),
    ],
)
def test_what_is_understood(text: str, invocation: Invocation) -> None:
    assert read(text, VERBS) == invocation


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("biulds", "there is no command biulds: did you mean builds?"),
        ("xyzzy", "there is no command xyzzy"),
        ("repo pet-wbe", "there is no repository pet-wbe: did you mean pet-web?"),
        ("region us-east-1,mars", "there is no region mars"),
        ("repo", "Write repo repository"),
        ("q now", "q takes nothing after it"),
    ],
)
def test_what_is_refused_says_why(text: str, words: str) -> None:
    problem = read(text, VERBS)
    assert isinstance(problem, LineProblem)
    assert words in problem.shown


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("b", "builds"),
        ("re", "re"),
        ("rep", "repo "),
        ("repo a", "repo api-server"),
        ("repo team", "repo team/pet-api"),
        ("region us", "region us-"),
        ("region us-east-1,eu", "region us-east-1,eu-west-1"),
        ("nothing", "nothing"),
        ("nothing x", "nothing x"),
    ],
)
def test_completion_adds_what_is_certain(text: str, result: str) -> None:
    assert completed(text, VERBS) == result


def test_values_that_only_hold_the_word_are_found_too() -> None:
    assert completions("repo pet", VERBS) == ("pet-web",)
    assert completions("repo -server", VERBS) == ("api-server",)


async def typed(*keys: str, history: list[str] | None = None) -> tuple[object, str]:
    app = DialogApp(CommandLine(VERBS, [] if history is None else history))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        await pilot.press(*keys)
        await pilot.pause()
        return app.result, screen_text(app)


async def test_tab_completes_and_enter_goes() -> None:
    assert (await typed(*"rep", "tab", *"p", "tab", "enter"))[0] == Invocation("repo", ("pet-web",))


async def test_an_unknown_word_stays_for_correction() -> None:
    result, text = await typed(*"biulds", "enter")
    assert result == NOTHING
    assert "did you mean builds?" in text
    assert ":biulds" in text


async def test_what_was_typed_can_be_recalled() -> None:
    history = ["q", "repo pet-web"]
    assert (await typed("up", "up", "down", "enter", history=history))[0] == Invocation("repo", ("pet-web",))
    assert history == ["q", "repo pet-web", "repo pet-web"]


async def test_escape_and_an_empty_line_do_nothing() -> None:
    assert (await typed(*"q", "escape"))[0] is None
    assert (await typed("enter"))[0] is None


async def test_hostile_names_are_drawn_harmlessly() -> None:
    app = DialogApp(CommandLine([Verb("repo", HOSTILE, "repository", [HOSTILE])], [HOSTILE]))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        await pilot.press(*"repo ", "tab")
        await pilot.pause()
        await pilot.press("up")
        await pilot.pause()
        screen_text(app)
    assert app.exit_filter.caught == 0
