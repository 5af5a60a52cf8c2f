"""The log view: following, pausing, searching, wrapping, and what it forgets."""

from __future__ import annotations

import asyncio

import pytest
from rich.cells import cell_len
from textual.app import App, ComposeResult

from ecrtui.ui.theme import DARK, LIGHT, register_themes
from ecrtui.ui.widgets.log_buffer import LogBuffer
from ecrtui.ui.widgets.log_view import FRAME, LogView


class LogApp(App[None]):
    def __init__(self, log: LogView, theme_name: str = DARK) -> None:
        super().__init__()
        self.log_view = log
        self.theme_name = theme_name
        self.following: list[bool] = []

    def compose(self) -> ComposeResult:
        yield self.log_view

    def on_mount(self) -> None:
        register_themes(self, self.theme_name)
        self.log_view.focus()

    def on_log_view_follow_changed(self, message: LogView.FollowChanged) -> None:
        self.following.append(message.following)

    def lines(self) -> list[str]:
        view = self.log_view
        return [view.render_line(y).text.rstrip() for y in range(view.size.height)]

    async def painted(self) -> list[str]:
        while self.log_view._pending:  # noqa: ASYNC110  (the timer of the frame is what is tested)
            await asyncio.sleep(FRAME / 4)
        return self.lines()


def numbered(start: int, end: int) -> list[str]:
    return [f"line {number}" for number in range(start, end)]


async def test_it_follows_until_scrolled_up_and_again_after_g() -> None:
    app = LogApp(LogView())
    async with app.run_test(size=(60, 6)) as pilot:
        app.log_view.write_lines(numbered(0, 100))
        lines = await app.painted()
        assert lines[:5] == numbered(95, 100)
        assert lines[5].endswith("following ▾")
        await pilot.press("up")
        app.log_view.write_lines(numbered(100, 150))
        lines = await app.painted()
        assert lines[:5] == numbered(94, 99)
        assert lines[5].endswith("paused, 50 new")
        await pilot.press("G")
        assert app.lines()[:5] == numbered(145, 150)
        await pilot.press("g")
        assert app.lines()[:5] == numbered(0, 5)
        await pilot.press("ctrl+d", "down", "pagedown", "pageup")
        assert app.lines()[0] == "line 3"
        await pilot.press("space")
        assert app.log_view.following
        await pilot.press("pageup", "down", "down", "down", "down", "down")
        assert app.log_view.following
    assert app.following == [False, True, False, True, False, True]


async def test_many_writes_are_one_repaint() -> None:
    app = LogApp(LogView())
    async with app.run_test(size=(60, 6)):
        app.log_view.write_lines(["first"])
        await app.painted()
        before = app.log_view.painted
        for number in range(1000):
            app.log_view.write_lines([f"line {number}"])
        assert app.log_view.painted is before
        assert (await app.painted())[4] == "line 999"


@pytest.mark.fault("A1")
async def test_colours_stay_and_every_other_sequence_is_harmless() -> None:
    app = LogApp(LogView())
    hostile = "\x1b[2J\x1b[1;31mFAIL\x1b[0m \x1b]0;owned\x07plain "
    hostile += "\x1b[38;2;10;200;30mgreen\x1b[m a\rb [/foo] \u202e"
    async with app.run_test(size=(80, 6)):
        app.log_view.write_lines([hostile])
        assert (await app.painted())[0] == "FAIL plain green a␍b [/foo] <U+202E>"
        strip = app.log_view.render_line(0)
        styles = {segment.text: segment.style for segment in strip}
        assert (style := styles["FAIL"]) is not None
        assert style.bold
        assert style.color is not None
        assert style.color.number == 1
        assert (style := styles["green"]) is not None
        assert style.color is not None
        assert style.color.triplet == (10, 200, 30)


@pytest.mark.parametrize(("theme", "code"), [(DARK, "30"), (LIGHT, "97"), (LIGHT, "38;2;251;251;250")])
async def test_text_in_the_colour_of_the_background_can_be_read(theme: str, code: str) -> None:
    app = LogApp(LogView(), theme)
    async with app.run_test(size=(80, 6)) as pilot:
        app.log_view.write_lines([f"\x1b[{code}mhidden"])
        await app.painted()
        await pilot.pause()
        (segment, *_) = app.log_view.render_line(0)
        assert segment.text == "hidden"
        assert segment.style is not None
        assert segment.style.color == app.log_view.rich_style.color


async def test_search_goes_from_match_to_match_and_points_them_out() -> None:
    app = LogApp(LogView())
    async with app.run_test(size=(60, 6)) as pilot:
        lines = numbered(0, 100)
        lines[20] = "an \x1b[31mErr\x1b[0mor here"
        lines[70] = "another ERROR (error)"
        app.log_view.write_lines(lines)
        await app.painted()
        assert app.log_view.search("error")
        assert "another ERROR (error)" in app.lines()
        assert not app.log_view.following
        y = app.lines().index("another ERROR (error)")
        found = [segment.text for segment in app.log_view.render_line(y) if segment.style and segment.style.reverse]
        assert found == ["ERROR", "error"]
        await pilot.press("N")
        assert "an Error here" in app.lines()
        await pilot.press("N")
        assert "no more matches" in app.lines()[5]
        await pilot.press("n")
        assert "another ERROR (error)" in app.lines()
        assert not app.log_view.search("nowhere")
        assert "no match" in app.lines()[5]


async def test_wrapping_shows_the_whole_line_without_cutting_wide_characters() -> None:
    app = LogApp(LogView())
    async with app.run_test(size=(11, 8)) as pilot:
        app.log_view.write_lines(["short", "漢" * 12, "end"])
        await app.painted()
        assert app.lines()[1] == "漢" * 5 + "…"
        await pilot.press("z")
        assert app.lines()[:5] == ["short", "漢" * 5, "漢" * 5, "漢漢", "end"]
        app.log_view.write_lines(numbered(0, 20))
        assert (await app.painted())[:7] == numbered(13, 20)
        await pilot.press("g", "down", "down")
        assert app.lines()[0] == "漢" * 5
        assert {cell_len(app.log_view.render_line(y).text) for y in range(8)} == {11}


async def test_the_oldest_lines_are_dropped_with_a_note() -> None:
    app = LogApp(LogView(capacity=100))
    async with app.run_test(size=(60, 6)) as pilot:
        app.log_view.write_lines(numbered(0, 250))
        await app.painted()
        assert (app.log_view.dropped, len(app.log_view.lines)) == (150, 100)
        await pilot.press("g")
        assert app.lines()[:2] == ["… 150 earlier lines dropped", "line 150"]
        app.log_view.write_lines(numbered(250, 400))
        assert (await app.painted())[1] == "line 300"
        app.log_view.clear()
        assert app.log_view.following
        assert app.lines()[0] == ""


@pytest.mark.fault("A17")
def test_the_buffer_is_bounded_in_lines_and_in_characters() -> None:
    buffer = LogBuffer(capacity=10, characters=100)
    buffer.add("x" * 5 for _ in range(30))
    assert (len(buffer.lines), buffer.dropped, buffer.end) == (10, 20, 30)
    buffer.add(["y" * 80])
    assert (sum(map(len, buffer.lines)), buffer.end) == (100, 31)
    buffer.add(["z" * 500])
    assert [len(line) for line in buffer.lines] == [500]
    assert buffer[31] == "z" * 500


@pytest.mark.parametrize("size", [(80, 24), (40, 10), (5, 2), (1, 1)])
@pytest.mark.parametrize("wrap", [False, True])
async def test_any_size_is_drawn(size: tuple[int, int], wrap: bool) -> None:
    app = LogApp(LogView(wrap=wrap))
    async with app.run_test(size=size):
        app.log_view.write_lines(["\x1b[31m" + "漢字 e\u0301 " * 20, "", "x" * 9000])
        await app.painted()
        for y in range(size[1]):
            assert app.log_view.render_line(y).cell_length == size[0]
