"""The text boundary: nothing that acts gets through, nothing is lost unseen, widths are the screen's."""

from __future__ import annotations

import re
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from ecrtui.domain.text import Shown, fit, fit_middle, shorten_middle, shown, width, wrap
from ecrtui.domain.text.imitation import flagged
from ecrtui.domain.text.loglines import LogSpan, log_line, wrap_spans

_NASTY_PARTS = [
    "\r",
    "\n",
    "\t",
    "\u2028",
    "\x1b[",
    "\x1b]0;",
    "\x1bP",
    "\x1b_",
    "\x9b",
    "\x9d",
    "\x07",
    "\x1b\\",
]
_NASTY_PARTS += [
    "\x9c",
    "\x1b(B",
    "\x1bc",
    "m",
    "38;5;",
    "1;31m",
    "\b",
    "\x00",
    "\x7f",
    "\u202e",
    "\u200d",
    "\ufe0f",
]
_NASTY_PARTS += [
    "\ud800",
    "\u0301" * 4,
    "漢",
    "🚀",
    "🇰🇷",
    "👍🏽",
    "e\u0301",
    "שלום",
    "\U000e0041",
    "\u1160",
    "[/foo]",
]
NASTY = st.lists(
    st.one_of(
        st.sampled_from(_NASTY_PARTS),
        st.text(max_size=4),
    ),
    max_size=12,
).map("".join)


def text_of(raw: str) -> str:
    return "".join(span.text for span in log_line(raw))


@settings(max_examples=1500, deadline=None)
@given(NASTY)
def test_whatever_comes_is_printable_on_one_line_and_as_wide_as_it_says(raw: str) -> None:
    for safe in (shown(raw), *(span.text for span in log_line(raw))):
        assert safe.isprintable()
        assert width(safe) == cell_len(safe)
        assert not re.search("[\u0300-\u036f]{3}", safe)
        safe.encode()


@pytest.mark.fault("A1", "A2", "A6", "A8", "A9", "A10", "A12", "A13")
def test_twenty_thousand_strings_leave_nothing_that_acts() -> None:
    """Every length and mix, from all planes of Unicode; hypothesis looks for the odd ones above."""
    random = Random(20_000)
    acting = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ud800-\udfff]")
    for _ in range(20_000):
        raw = "".join(
            random.choice(_NASTY_PARTS) if random.random() < 0.5 else chr(random.randrange(0x110000))
            for _ in range(random.randrange(12))
        )
        safe = shown(raw)
        assert not acting.search(safe), repr(raw)
        assert safe.isprintable(), repr(raw)


@settings(max_examples=300, deadline=None)
@given(NASTY, st.integers(0, 30))
def test_fitting_gives_exactly_the_cells_and_shortening_at_most(raw: str, cells: int) -> None:
    text = shown(raw)
    for align in ("left", "right"):
        assert cell_len(fit(text, cells, align)) == cells
        assert cell_len(fit_middle(text, cells, align)) == cells
    assert cell_len(shorten_middle(text, cells)) <= cells


@settings(max_examples=300, deadline=None)
@given(NASTY, st.integers(2, 30))
def test_wrapping_keeps_every_character_within_the_width(raw: str, cells: int) -> None:
    text = shown(raw)
    lines = wrap(text, cells)
    assert all(cell_len(line) <= cells for line in lines)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
    spans = log_line(raw)
    wrapped = wrap_spans(spans, cells)
    assert all(sum(cell_len(span.text) for span in line) <= cells for line in wrapped)
    assert "".join(span.text for line in wrapped for span in line) == "".join(span.text for span in spans)


def test_every_code_point_is_as_wide_as_rich_says() -> None:
    wrong = [
        hex(code)
        for code in range(0x110000)
        if not (text := shown("a" + chr(code))).isprintable() or width(text) != cell_len(text)
    ]
    assert wrong == []


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("pet-web:v1.0[rc]", "pet-web:v1.0[rc]"),
        ("\x1b[2J", "␛[2J"),
        ("a\x00b\x7fc\td\ne", "a␀b␡c d␊e"),
        ("\x9b31m\x85", "<U+009B>31m<U+0085>"),
        ("\u202egnp.exe", "<U+202E>gnp.exe"),
        ("pet\u200bweb\ufeff", "pet<U+200B>web<U+FEFF>"),
        ("\U000e0061", "<U+E0061>"),
        ("x\u2028y\u2029", "x<U+2028>y<U+2029>"),
        ("\ud83d", "\ufffd"),
        ("a" + "\u0301" * 200_000, "a\u0301\u0301<+4093 marks>…+195905"),
        ("\u0301a", "◌\u0301a"),
        ("\u26a0\ufe0f careful", "\u26a0 careful"),
        ("v1\ufe0f", "v1<U+FE0F>"),
        ("👩\u200d💻", "👩<U+200D>💻"),
        ("שלום 漢字 🚀 é", "שלום 漢字 🚀 é"),
        (":secret: [@click=app.quit]x[/]", ":secret: [@click=app.quit]x[/]"),
        ("", ""),
    ],
)
@pytest.mark.fault("A6", "A8", "A9")
def test_what_is_shown(raw: str, expected: str) -> None:
    assert shown(raw) == expected


@pytest.mark.parametrize("character", ["x", "é", "\x1b", "\u202e"])
def test_what_is_too_long_is_cut_and_counted(character: str) -> None:
    text = shown(character * 1_000_000, 100)
    cut = re.fullmatch(r"(.*)…\+(\d+)", text)
    assert cut is not None
    assert len(text) < 130
    assert len(cut[1]) // len(shown(character)) + int(cut[2]) == 1_000_000


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("plain", [("plain", None, False)]),
        ("", [("", None, False)]),
        ("\x1b[31mred\x1b[0m not", [("red", 1, False), (" not", None, False)]),
        ("\x1b[1;92mdone\x1b[22;39m.", [("done", 10, True), (".", None, False)]),
        ("\x1b[38;5;208mo\x1b[mx", [("o", 208, False), ("x", None, False)]),
        ("\x1b[38;2;1;2;3;1mt", [("t", (1, 2, 3), True)]),
        ("\x1b[38:2::9:8:7mt\x1b[38:5:9mu", [("t", (9, 8, 7), False), ("u", 9, False)]),
        ("\x1b[48;5;31;33mb", [("b", 3, False)]),
        ("\x1b[48;2;31;32;33;34mb", [("b", 4, False)]),
        ("\x9b31mc1", [("c1", 1, False)]),
        ("a\x1b[2Jb\x1b[10;5Hc\x1b[?25ld\x1bce\x1b(Bf\x1b#8g", [(c, None, False) for c in "abcdefg"]),
        ("a\x1b]0;title\x07b\x1b]8;;http://x\x1b\\c", [(c, None, False) for c in "abc"]),
        ("a\x1bPq#0\x1b\\b\x1b_Gf=1\x1b\\c\x1b^x\x9cd", [(c, None, False) for c in "abcd"]),
        ("seen\x1b]52;c;SGVsbG8=", [("seen", None, False)]),
        ("seen\x1b[31", [("seen", None, False)]),
        ("10%\r50%\r100%\r\n", [("10%␍50%␍100%", None, False)]),
        ("ab\b\bcd", [("ab␈␈cd", None, False)]),
        ("a\tb\x1b[31m\tc", [("a       b", None, False), ("       c", 1, False)]),
        ("漢\tx", [("漢      x", None, False)]),
        ("lone \x1b", [("lone ␛", None, False)]),
    ],
)
@pytest.mark.fault("A1", "A5", "A7")
def test_log_lines_keep_colours_and_drop_other_sequences(raw: str, expected: list[tuple[str, object, bool]]) -> None:
    assert [(span.text, span.colour, span.bold) for span in log_line(raw)] == expected


def test_a_long_log_line_is_cut_and_counted() -> None:
    assert text_of("x" * 5000) == "x" * 4096 + "…+904"
    text = text_of("\x1b[31m" + "é" * 1_000_000 + "\x1b[0m tail")
    assert text.startswith("é" * 4096 + "…+")
    assert len(text) < 4120
    assert text_of("\x1b[1m" * 400_000) == f"…+{400_000 * 4 - 16 * 4096}"


@pytest.mark.parametrize(
    ("text", "cells", "expected"),
    [
        ("pet-web", 7, "pet-web"),
        ("pet-web-production", 9, "pet-…tion"),
        ("漢字漢字漢字", 6, "漢…字"),
        ("漢字漢字漢字", 8, "漢字…字"),
        ("abc", 1, "…"),
        ("abc", 0, ""),
    ],
)
def test_names_are_shortened_in_the_middle(text: str, cells: int, expected: str) -> None:
    assert shorten_middle(Shown(text), cells) == expected


@pytest.mark.parametrize(
    ("raw", "suspicious"),
    [
        ("pet-web", False),
        ("도커-이미지-v2", False),
        ("リポジトリ漢字", False),
        ("сервис", False),
        ("café", False),
        ("pet-wеb", True),  # a Cyrillic letter
        ("раура", True),  # Cyrillic, all of it looks Latin
        ("pet\u200bweb", True),
        ("\u202epet", True),
        ("ｐｅｔ", True),
        ("𝐩𝐞𝐭", True),
        ("pet web\x7f", True),
    ],
)
@pytest.mark.fault("A9", "A10")
def test_names_that_may_not_be_what_they_look_like_are_flagged(raw: str, suspicious: bool) -> None:
    assert flagged(raw) is suspicious


def test_wrapping_breaks_at_spaces() -> None:
    text = Shown("denied: ecr:DescribeRepositories is not allowed")
    assert wrap(text, 20) == ["denied:", "ecr:DescribeReposito", "ries is not allowed"]
    assert wrap(Shown(""), 5) == [""]
    assert wrap_spans([LogSpan(Shown("abc"), 1)], 2) == [
        (LogSpan(Shown("ab"), 1),),
        (LogSpan(Shown("c"), 1),),
    ]
