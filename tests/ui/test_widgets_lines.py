"""Header, headings, footer, filter line and small pictures."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from rich.cells import cell_len
from textual import events
from textual.app import App, ComposeResult
from textual.containers import Vertical
from textual.widgets import Input

from ecrtui.domain.query import Field, FieldKind
from ecrtui.domain.text import Shown, shown
from ecrtui.ui.theme import LIGHT, glyphs, register_themes
from ecrtui.ui.widgets.bar import progress_bar, sparkline
from ecrtui.ui.widgets.columns import Column
from ecrtui.ui.widgets.filter_bar import FilterBar
from ecrtui.ui.widgets.heading import Heading
from ecrtui.ui.widgets.key_footer import FooterKey, KeyFooter
from ecrtui.ui.widgets.line_input import LineInput
from ecrtui.ui.widgets.resource_table import ResourceTable
from ecrtui.ui.widgets.status_header import HeaderState, StatusHeader

FULL = HeaderState(
    profile=Shown("prod"),
    account=Shown("123456789012"),
    regions=(Shown("ap-northeast-2"), Shown("us-east-1")),
    read_only=True,
    endpoint=Shown("http://127.0.0.1:5000"),
    age=Shown("2m ago"),
    modes=(Shown("Explore"), Shown("Compare"), Shown("Builds")),
    mode=1,
)
KEYS = [FooterKey(Shown(key), Shown(label)) for key, label in (("/", "filter"), ("s", "sort"), ("c", "copy"))]
HELP = FooterKey(Shown("?"), Shown("help"))


STYLES = Path(__file__).parents[2] / "styles" / "widgets.tcss"


class LinesApp(App[None]):
    CSS_PATH = [STYLES]

    def __init__(self) -> None:
        super().__init__()
        self.header = StatusHeader()
        self.heading = Heading(Shown("IMAGES"))
        self.other = Heading(Shown("REGIONS"))
        self.table = ResourceTable([Column("name", Shown("Name"))])
        self.bar = FilterBar()
        self.footer = KeyFooter()
        self.seen: list[Any] = []

    def compose(self) -> ComposeResult:
        yield self.header
        yield Vertical(self.other)
        with Vertical():
            yield self.heading
            yield self.table
        yield self.bar
        yield self.footer

    def on_mount(self) -> None:
        register_themes(self)
        self.table.focus()

    def on_filter_bar_filter_changed(self, message: FilterBar.FilterChanged) -> None:
        self.seen.append(message.text)

    def on_filter_bar_filter_closed(self, message: FilterBar.FilterClosed) -> None:
        self.seen.append((message.text, message.kept))

    def on_status_header_mode_requested(self, message: StatusHeader.ModeRequested) -> None:
        self.seen.append(message.mode)


@pytest.mark.parametrize("columns", [200, 120, 100, 80, 60, 40])
async def test_the_header_fits_and_never_loses_who_where_and_read_only(columns: int) -> None:
    app = LinesApp()
    async with app.run_test(size=(columns, 10)) as pilot:
        app.header.show(FULL)
        await pilot.pause()
        text = app.header.text
        assert cell_len(text) <= columns
        assert "prod ▸ " in text
        assert "9012" in text
        assert "read-only" in text
        assert "regions" in text or "ap-northeast-2, us-east-1" in text
        if columns >= 120:
            assert "http://127.0.0.1:5000" in text
            assert text.endswith(" 1 Explore  2 Compare  3 Builds ")


@pytest.mark.parametrize("columns", [80, 60, 40])
async def test_the_header_says_where_one_is_and_keeps_the_identity(columns: int) -> None:
    app = LinesApp()
    crumbs = (Shown("ap-northeast-2"), Shown("notification-delivery-service"), Shown("release-2026-05-04.1"))
    async with app.run_test(size=(columns, 10)) as pilot:
        app.header.show(FULL._replace(endpoint=Shown(""), age=Shown(""), read_only=False, crumbs=crumbs))
        await pilot.pause()
        text = app.header.text
        assert cell_len(text) <= columns
        assert "prod ▸ " in text
        assert "9012" in text
        assert "ap-northeast-2" in text
        if columns >= 60:
            assert " ▸ notifi…rvice ▸ releas…-04.1" in text
        if columns >= 80:
            assert "123456789012" in text
        assert "us-east-1" not in text


async def test_a_long_state_is_shortened_before_the_title() -> None:
    app = LinesApp()
    async with app.run_test(size=(40, 10)) as pilot:
        app.heading.show(
            title=Shown("FINDINGS"), count=Shown("127"), state=Shown("denied: incomplete, r goes on"), role="bad"
        )
        await pilot.pause()
        assert app.heading.text.startswith(" FINDINGS  127 denied: incomplete, r go")
        assert app.heading.text.endswith("…")


async def test_a_click_on_a_mode_asks_for_it() -> None:
    app = LinesApp()
    async with app.run_test(size=(120, 10)) as pilot:
        app.header.show(FULL)
        await pilot.pause()
        await pilot.click(app.header, offset=(app.header.text.index("3 Builds"), 0))
        await pilot.click(app.header, offset=(5, 0))
        await pilot.pause()
    assert app.seen == [2]


@pytest.mark.parametrize("columns", [120, 60, 30, 12])
async def test_a_heading_fills_its_line_and_keeps_title_and_state(columns: int) -> None:
    app = LinesApp()
    async with app.run_test(size=(columns, 10)) as pilot:
        app.heading.show(
            title=shown("IMAGES 漢字"),
            count=Shown("412"),
            note=Shown("18.2 GB"),
            state=Shown("loading"),
            fraction=0.4,
        )
        await pilot.pause()
        text = app.heading.text
        assert text.startswith(" IM")
        if columns >= 30:
            assert cell_len(text) == columns
            assert text.endswith(" loading")
            assert "412" in text
        assert ("18.2 GB" in text) == (columns >= 60)


async def test_only_the_heading_of_the_pane_with_the_focus_has_the_accent() -> None:
    app = LinesApp()
    async with app.run_test(size=(80, 10)) as pilot:
        await pilot.pause()
        accent = app.current_theme.accent
        assert accent is not None
        assert app.heading.styles.color.hex.lower() == accent
        assert app.other.styles.color.hex.lower() != accent
        app.theme = LIGHT
        await pilot.pause()
        assert app.heading.styles.color.hex.lower() == app.current_theme.accent


async def test_the_footer_drops_the_last_keys_but_not_help() -> None:
    app = LinesApp()
    async with app.run_test(size=(120, 10)) as pilot:
        app.footer.show([*KEYS, HELP])
        await pilot.pause()
        assert app.footer.text == " / filter  s sort  c copy  ? help "
        await pilot.resize_terminal(28, 10)
        await pilot.pause()
        assert app.footer.text == " / filter  s sort  ? help "
        await pilot.resize_terminal(9, 10)
        await pilot.pause()
        assert app.footer.text == " ? help "


async def test_the_filter_line_tells_each_text_and_how_it_was_closed() -> None:
    app = LinesApp()
    async with app.run_test(size=(120, 10)) as pilot:
        app.bar.open("tag:v1", (Field("tag", FieldKind.TEXT), Field("size", FieldKind.SIZE)))
        await pilot.pause()
        assert "tag:  size:" in app.bar.query_one(".filter-note").text  # type: ignore[attr-defined]
        await pilot.press("2")
        app.bar.show_problem(Shown("no field “x”"))
        assert "no field “x”" in app.bar.query_one(".filter-note").text  # type: ignore[attr-defined]
        await pilot.press("enter")
        assert not app.bar.display
        app.bar.open("abc")
        await pilot.press("escape")
        await pilot.pause()
    assert app.seen == ["tag:v12", ("tag:v12", True), ("abc", False)]


async def test_the_open_filter_line_has_the_focus_at_once() -> None:
    app = LinesApp()
    async with app.run_test(size=(120, 10)):
        app.bar.open()
        assert app.focused is app.bar.query_one(LineInput)


async def test_a_paste_is_one_visible_line_that_confirms_nothing() -> None:
    app = LinesApp()
    async with app.run_test(size=(120, 10)) as pilot:
        app.bar.open()
        await pilot.pause()
        field = app.bar.query_one(LineInput)
        field.post_message(events.Paste("one\ntwo\x1b[31m\u202e\n"))
        await pilot.pause()
        assert field.value == "one two␛[31m<U+202E>"
        assert app.bar.display
        field.value = ""
        field.post_message(events.Paste("x" * 1_000_000))
        await pilot.pause()
        assert field.value == "x" * 512
        assert "999,488 characters left out" in app.bar.query_one(".filter-note").text  # type: ignore[attr-defined]
        assert not [event for event in app.seen if isinstance(event, tuple)]
        assert isinstance(field, Input)


def test_a_bar_is_full_only_when_all_is_done() -> None:
    assert progress_bar(0.0, 4) == "▁▁▁▁"
    assert progress_bar(0.001, 4) == "▇▁▁▁"
    assert progress_bar(0.5, 4) == "▇▇▁▁"
    assert progress_bar(0.999, 4) == "▇▇▇▁"
    assert progress_bar(1.0, 4) == "▇▇▇▇"
    assert progress_bar(7.0, 3, glyphs(unicode=False)) == "###"


def test_a_sparkline_shows_the_last_values() -> None:
    assert sparkline([1, 0, 7, 3.5], 3) == "▁█▅"
    assert sparkline([], 5) == ""
    assert sparkline([0, 0], 5) == "▁▁"
    assert sparkline([1, 2], 2, glyphs(unicode=False)) == "=#"
