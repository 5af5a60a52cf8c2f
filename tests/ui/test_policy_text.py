"""The field for a policy's text: what is shown, what is cut, what is marked."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from textual.app import App, ComposeResult
from textual.events import Paste

from ecrtui.domain.text import shown
from ecrtui.ui.theme import register_themes
from ecrtui.ui.widgets.policy_text import LIMIT, PolicyText, editable


class Field(App[None]):
    def __init__(self) -> None:
        super().__init__()
        register_themes(self)
        self.field = PolicyText()
        self.lost: list[int] = []

    def compose(self) -> ComposeResult:
        yield self.field

    def on_policy_text_text_cut(self, event: PolicyText.TextCut) -> None:
        self.lost.append(event.lost)


@given(st.text(max_size=60))
@settings(max_examples=200, deadline=None)
def test_escaping_keeps_the_meaning_of_json_strings_and_shows_every_character(text):
    written = editable(json.dumps({"description": text}, ensure_ascii=False))
    assert json.loads(written) == {"description": text}
    assert all(shown(line, len(line) + 1) == line for line in written.split("\n"))


@given(st.text(max_size=60))
@settings(max_examples=200, deadline=None)
def test_any_text_becomes_one_that_can_be_drawn(text):
    assert all(shown(line, len(line) + 1) == line for line in editable(text).split("\n"))


@pytest.mark.parametrize("text", ["a\r\nb", "a\rb", "a\nb"])
def test_line_ends_are_newlines(text):
    assert editable(text) == "a\nb"


async def test_a_flood_is_cut_and_told():
    app = Field()
    async with app.run_test() as pilot:
        app.field.focus()
        await pilot.pause()
        app.field.post_message(Paste("x" * 3_000_000))
        await pilot.pause()
        assert len(app.field.text) == LIMIT
        assert app.lost == [3_000_000 - LIMIT]


async def test_what_is_pasted_is_made_visible():
    app = Field()
    async with app.run_test() as pilot:
        app.field.focus()
        await pilot.pause()
        app.field.post_message(Paste('{"a": "\u202e\x1b[31m"}'))
        await pilot.pause()
        assert app.field.text == '{"a": "\\u202e\\u001b[31m"}'


async def test_filling_can_be_undone():
    app = Field()
    async with app.run_test() as pilot:
        app.field.forget("one")
        app.field.fill("two")
        app.field.focus()
        await pilot.press("ctrl+z")
        assert app.field.text == "one"


async def test_bad_lines_look_otherwise():
    app = Field()
    async with app.run_test() as pilot:
        app.field.forget("good\n  bad")
        app.field.show_bad([2])
        await pilot.pause()
        assert not app.field.get_line(0).spans
        (span,) = app.field.get_line(1).spans
        assert (span.start, span.end) == (2, 5)
