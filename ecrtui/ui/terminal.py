"""The last thing before the terminal: a filter that lets nothing through that acts, and counts its catch.

Strings are made safe where they enter the screen (`domain/text`); a count above zero here means that one was
not. On a terminal without Unicode the same filter turns what is drawn into ASCII of the same width, and where
colours are not wanted it takes them out (Textual's own filter leaves greys).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.filter import LineFilter, NoColor

from ecrtui.domain.text import shown
from ecrtui.ui.theme import glyphs

_ACTING = re.compile(
    "["
    "\x00-\x1f\x7f-\x9f"  # control characters, escape among them
    "\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2064\u2066-\u206f\ufeff"  # bidirectional and invisible ones
    "\ud800-\udfff"  # lone surrogates, which cannot be encoded
    "\U000e0000-\U000e007f"  # tags
    "]"
)


class ExitFilter(LineFilter):
    """Makes every text that leaves for the terminal harmless: the last of `App.get_line_filters`."""

    def __init__(self, unicode: bool = True, colours: bool = True) -> None:
        """With `colours` False (NO_COLOR) only weight, dimness, underlining and reversal are left."""
        super().__init__()
        self.caught = 0
        """How many pieces of text were not harmless: 0, unless a string got past the text boundary."""
        self._unicode = unicode
        self._colours = colours

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        return [self._safe(segment) for segment in segments]

    def written(self, text: str) -> str:
        """A text that goes to the terminal beside the screen (a desktop notification), as harmless."""
        return self._safe(Segment(text)).text

    def _safe(self, segment: Segment) -> Segment:
        text, style, control = segment
        if control:
            return segment
        if style is not None and not self._colours:
            style = style + NoColor.DEFAULT_COLORS
            segment = Segment(text, style)
        if style is not None and style.link and not (style.link.isascii() and style.link.isprintable()):
            self.caught += 1
            segment = Segment(text, _without_link(style))
        if text.isascii() and text.isprintable():
            return segment
        if _ACTING.search(text):
            self.caught += 1
            text = set_cell_size(shown(text, len(text)), cell_len(text))
        if not self._unicode:
            text = _ascii(text)
        return Segment(text, segment.style)


def speaks_unicode(environ: Mapping[str, str]) -> bool:
    """Whether the locale says that the terminal shows UTF-8; yes when nothing says otherwise.

    Python itself sets LC_CTYPE to C.UTF-8 in a C locale (PEP 538), so that this value alone says nothing.
    """
    names = [environ.get(name, "") for name in ("LC_ALL", "LC_CTYPE", "LANG")]
    if names[1] == "C.UTF-8":
        names[1] = ""
    locale = next((name for name in names if name), "")
    return not locale or "utf8" in locale.lower().replace("-", "")


def _without_link(style: Style) -> Style:
    return style.update_link(None)


def _ascii(text: str) -> str:
    return "".join(map(_ascii_character, text))


@lru_cache(4096)
def _ascii_character(character: str) -> str:
    """ASCII as wide as `character`: its counterpart, or question marks."""
    if character.isascii():
        return character
    if counterpart := _COUNTERPARTS.get(character):
        return counterpart
    if "\u2500" <= character <= "\u257f":  # frames
        return "-" if character in "━╌╍┄┅┈┉═" else "|" if character in "│┃║╎╏┆┇┊┋" else "+"
    if "\u2580" <= character <= "\u259f":  # blocks
        return "#"
    return "?" * cell_len(character)


_COUNTERPARTS = {
    **{
        unicode: plain
        for sign, counterpart in zip(glyphs(True), glyphs(False), strict=True)
        for unicode, plain in zip(sign, counterpart, strict=True)
    },
    "…": "~",
    "–": "-",
    "—": "-",
    "×": "x",
    "→": ">",
    "←": "<",
    "•": "*",
    "◌": "o",
    "▾": "v",
    "“": '"',
    "”": '"',
    "’": "'",
    "␛": "^",
    **dict.fromkeys("▏▕▌▐", "|"),  # the lines between panes, and at the side of what is told
    "▔": "-",
}
