"""Frames: what is sent, applied to what was shown, gives what Textual would have drawn."""

from __future__ import annotations

from collections.abc import Sequence

import pyte
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.style import Style

from ecrtui.ui.frames import Frames, Painter, is_frame

COLUMNS, LINES = 24, 6

_STYLES = st.builds(
    Style,
    color=st.sampled_from((None, "#ff0000", "#00ff7f", "red", "bright_blue", "color(200)")),
    bgcolor=st.sampled_from((None, "#001122", "blue", "bright_black")),
    bold=st.booleans(),
    dim=st.just(None),
    italic=st.booleans(),
    underline=st.booleans(),
    reverse=st.booleans(),
    strike=st.booleans(),
    link=st.sampled_from((None, None, "https://example.com/a")),
)
_TEXT = st.text(st.sampled_from("ab  ▸●é"), min_size=1, max_size=8)
_PIECES = st.tuples(st.integers(0, LINES - 1), st.integers(0, COLUMNS - 16), st.lists(st.tuples(_TEXT, _STYLES)))


def _frame(pieces: Sequence[tuple[int, int, Sequence[tuple[str, Style]]]]) -> str:
    return (
        "".join(
            f"\x1b[{y + 1};{x + 1}H" + "".join(style.render(text) for text, style in texts[:2])
            for y, x, texts in pieces
        )
        + "\x1b[1;1H"
    )


def _cells(screen: pyte.Screen) -> list[list[object]]:
    """What is seen: on a blank neither the letters' colour nor their weight is."""
    return [[_seen(screen.buffer[y][x]) for x in range(COLUMNS)] for y in range(LINES)]


def _seen(cell: pyte.screens.Char) -> object:
    decoration = (cell.underscore, cell.strikethrough, cell.reverse)
    if cell.data.strip() or any(decoration):
        return cell
    return (" " if cell.data else "", cell.bg)


def _terminal() -> tuple[pyte.Screen, pyte.Stream]:
    screen = pyte.Screen(COLUMNS, LINES)
    screen.reset_mode(pyte.modes.DECAWM)
    return screen, pyte.Stream(screen)


def _without_links(data: str) -> str:
    """pyte knows no OSC 8."""
    parts = data.split("\x1b]8;")
    return parts[0] + "".join(part.partition("\x1b\\")[2] for part in parts[1:])


@given(st.lists(st.lists(_PIECES, min_size=1, max_size=8), min_size=1, max_size=6))
@settings(max_examples=80, deadline=None)
def test_the_terminal_shows_what_textual_drew(frames: list[list[tuple[int, int, list[tuple[str, Style]]]]]) -> None:
    drawn, draw = _terminal()
    shown, show = _terminal()
    picture, painter = Frames(), Painter()
    for pieces in frames:
        data = _frame(pieces)
        assert is_frame(data)
        draw.feed(_without_links(data))
        picture.feed(data)
        show.feed(_without_links(painter.paint(picture.take())))
        assert _cells(shown) == _cells(drawn)


def test_wide_characters_take_two_cells_and_combining_ones_none() -> None:
    picture, painter = Frames(), Painter()
    picture.feed("\x1b[1;1H日本 e\u0301x")
    screen, stream = _terminal()
    stream.feed(painter.paint(picture.take()))
    assert screen.display[0].startswith("日本 é")
    picture.feed("\x1b[1;2H|")  # on the second half of the first
    assert painter.paint(picture.take()).startswith("\x1b[1;1H")


def test_what_is_shown_already_is_not_sent_again() -> None:
    picture, painter = Frames(), Painter()
    line = "\x1b[3;1H" + Style(color="#ff0000").render("pet-web") + "   12\x1b[1;1H"
    picture.feed(line)
    assert "pet-web" in painter.paint(picture.take())
    picture.feed(line)
    assert painter.paint(picture.take()) == ""
    picture.feed(line.replace("12", "13"))
    assert "pet-web" not in (sent := painter.paint(picture.take()))
    assert "3" in sent


def test_frames_between_are_not_sent() -> None:
    picture, painter = Frames(), Painter()
    for number in range(1, 101):
        picture.feed(f"\x1b[1;1H{number:>8}\x1b[1;1H")
    sent = painter.paint(picture.take())
    assert "100" in sent
    assert len(sent) < 40


def test_after_a_resize_the_whole_picture_is_sent() -> None:
    picture, painter = Frames(), Painter()
    picture.feed("\x1b[1;1Hfirst line\n\x1b[2;1Hsecond line\n\x1b[1;1H")
    painter.paint(picture.take())
    picture.resize(6, 1)
    painter.forget()
    sent = painter.paint(picture.take())
    assert "first" in sent
    assert "line" not in sent
    assert "second" not in sent


def test_links_begin_and_end() -> None:
    picture, painter = Frames(), Painter()
    picture.feed("\x1b[1;1H\x1b]8;id=7;https://example.com\x1b\\\x1b[1mhere\x1b[0m\x1b]8;;\x1b\\ there\x1b[1;1H")
    sent = painter.paint(picture.take())
    assert "\x1b]8;id=7;https://example.com\x1b\\" in sent
    assert sent.index("\x1b]8;;\x1b\\") > sent.index("here")
    assert "there" in sent[sent.index("\x1b]8;;\x1b\\") :]


def test_an_order_to_the_terminal_is_no_frame() -> None:
    for order in ("\x1b[?1049h", "\x07", "\x1b]52;c;YQ==\x07", "\x1b[?2026$p", "\x1b[H"):
        assert not is_frame(order)


def test_the_pen_is_put_down_for_others() -> None:
    picture, painter = Frames(), Painter()
    assert painter.rest() == ""
    picture.feed("\x1b[1;1H\x1b[1mbold\x1b[0m\x1b[1;1H")
    painter.paint(picture.take())
    assert painter.rest() == "\x1b[m"
    assert painter.rest() == ""
