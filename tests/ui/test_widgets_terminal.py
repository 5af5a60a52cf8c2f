"""The second wall: what reaches the terminal although nobody made it safe."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.app import App, ComposeResult
from textual.color import Color
from textual.filter import LineFilter
from textual.widgets import Static

from ecrtui.ui.terminal import ExitFilter, speaks_unicode
from ecrtui.ui.theme import glyphs

BLACK = Color(0, 0, 0)
HOSTILE = ["\x1b[2J", "\x9b31m", "\u202eabc", "a\u200bb", "\U000e0041", "x\u2028y", "\x00\x7f", "\ud800"]


def leave(text: str, unicode: bool = True) -> tuple[str, int]:
    wall = ExitFilter(unicode)
    return "".join(segment.text for segment in wall.apply([Segment(text)], BLACK)), wall.caught


@pytest.mark.parametrize("text", HOSTILE)
def test_what_acts_is_replaced_counted_and_takes_the_same_cells(text: str) -> None:
    left, caught = leave(f"{text} and the rest")
    assert left.isprintable()
    assert caught == 1
    assert cell_len(left) == cell_len(f"{text} and the rest")
    left.encode()


@pytest.mark.parametrize("text", ["plain", "é 漢字 🚀 ✓ ▸ שלום", "─│┃▇▁"])
def test_what_is_harmless_passes_uncounted(text: str) -> None:
    assert leave(text) == (text, 0)


@settings(max_examples=200, deadline=None)
@given(st.text(st.characters(codec="utf-8"), max_size=40))
@pytest.mark.fault("D69")
def test_without_unicode_everything_is_ascii_of_the_same_width(text: str) -> None:
    left, _ = leave(text, unicode=False)
    assert left.isascii()
    assert left == "" or left.isprintable()
    assert cell_len(left) == cell_len(text)


def test_without_colours_weight_and_dimness_are_left() -> None:
    wall = ExitFilter(colours=False)
    (segment,) = wall.apply([Segment("x", Style(color="#ff0000", bgcolor="blue", bold=True, dim=True))], BLACK)
    assert segment.style == Style(color="default", bgcolor="default", bold=True, dim=True)


def test_each_glyph_has_an_ascii_counterpart_of_one_cell() -> None:
    for sign, counterpart in zip(glyphs(True), glyphs(False), strict=True):
        assert cell_len(sign) == len(sign)
        assert len(counterpart) == len(sign)
        assert counterpart.isascii()
    assert leave("▸ ✓ ok ✗ ≠ ⚠ …", unicode=False)[0] == "> v ok x # ! ~"
    assert leave("▕▏▔", unicode=False)[0] == "||-"


def test_a_link_that_holds_an_escape_is_taken_away() -> None:
    wall = ExitFilter()
    (segment,) = wall.apply([Segment("here", Style(link="https://x/\x1b]52;c;AAAA\x07"))], BLACK)
    assert segment.style is not None
    assert segment.style.link is None
    assert wall.caught == 1


async def test_in_an_app_it_stands_after_every_widget() -> None:
    wall = ExitFilter()

    class Careless(App[None]):
        def compose(self) -> ComposeResult:
            yield Static("a\x1b[31mb\u202ec", markup=False)

        def get_line_filters(self) -> Sequence[LineFilter]:
            return [*super().get_line_filters(), wall]

    async with Careless().run_test(size=(30, 3)) as pilot:
        await pilot.pause()
        lines = pilot.app.screen._compositor.render_strips()
    assert all(line.text.isprintable() for line in lines)
    assert wall.caught >= 1


@pytest.mark.parametrize(
    ("environ", "unicode"),
    [
        ({}, True),
        ({"LANG": "ko_KR.UTF-8"}, True),
        ({"LANG": "C"}, False),
        ({"LANG": "C", "LC_CTYPE": "C.UTF-8"}, False),
        ({"LC_CTYPE": "C.UTF-8"}, True),
        ({"LANG": "de_DE.ISO-8859-1"}, False),
        ({"LC_ALL": "POSIX", "LANG": "en_US.UTF-8"}, False),
        ({"LC_ALL": "C.utf8", "LANG": "C"}, True),
    ],
)
def test_the_locale_decides_about_unicode(environ: dict[str, str], unicode: bool) -> None:
    assert speaks_unicode(environ) is unicode
