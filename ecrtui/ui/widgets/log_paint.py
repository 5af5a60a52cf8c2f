"""How the spans of a log line look: their own colours where they can be read, and what was searched for."""

from __future__ import annotations

import re
from itertools import pairwise

from rich.color import Color as RichColour
from rich.segment import Segment
from rich.style import Style
from rich.terminal_theme import TerminalTheme
from textual.color import Color

from ecrtui.domain.text.loglines import Colour, LogSpan

_LEAST_DIFFERENCE = 0.08
"""Of brightness (0 to 1) between a colour and the background, below which text is as good as hidden."""
_BLACK_AND_WHITES = (0, 7, 15)


def span_style(span: LogSpan, palette: TerminalTheme | None, background: Color) -> Style:
    """The style of a span; `palette` is what the terminal's colours are drawn as, None when it draws its own."""
    colour = None if span.colour is None else _readable(span.colour, palette, background)
    return Style(color=colour, bold=span.bold or None)


def _readable(colour: Colour, palette: TerminalTheme | None, background: Color) -> RichColour | None:
    """The colour, unless it could not be read on our background: then the default one."""
    exact = RichColour.from_ansi(colour) if isinstance(colour, int) else RichColour.from_rgb(*(colour or ()))
    if palette is None:
        return None if colour in _BLACK_AND_WHITES else exact
    brightness = Color(*exact.get_truecolor(palette)).brightness
    return exact if abs(brightness - background.brightness) >= _LEAST_DIFFERENCE else None


def highlight(segments: list[Segment], needle: re.Pattern[str], found: bool) -> list[Segment]:
    """The segments with each occurrence of `needle` reversed; in the line found also bold."""
    text = "".join(segment.text for segment in segments)
    look = Style(reverse=True, bold=found or None)
    cuts = [cut for match in needle.finditer(text) for cut in match.span()]
    result: list[Segment] = []
    start = 0
    for segment in segments:
        end = start + len(segment.text)
        edges = [start, *(cut for cut in cuts if start < cut < end), end]
        for left, right in pairwise(edges):
            inside = sum(cut <= left for cut in cuts) % 2 == 1
            style = (segment.style or Style()) + look if inside else segment.style
            result.append(Segment(text[left:right], style))
        start = end
    return result
