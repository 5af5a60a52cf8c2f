"""The path on the screen: the picture as lines, and the detail of what is pointed at."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from ecrtui.domain.path import Chain, Check, Entry, Fact, Link, Mend, Part, Standing
from ecrtui.domain.path.canvas import Picture
from ecrtui.domain.path.pieces import LINK_TITLES, TITLES, glyph
from ecrtui.domain.snippets import Snippet
from ecrtui.domain.text import Shown, shown
from ecrtui.ui.dialogs.pick import Option
from ecrtui.ui.widgets.rows import Cell
from ecrtui.ui.widgets.text_view import Line

_LABEL = 12
_WORD = 20

COMMANDS = {"create": "create", "build": "build", "logs": "logs", "lifecycle": "lifecycle", "refresh": "refresh"}
"""The command that carries out what helps, by its kind."""


def picture_lines(picture: Picture) -> list[Line]:
    """The picture as lines of cells."""
    return [tuple(Cell(piece.text, piece.tone) for piece in line) for line in picture.lines]


def help_words(mend: Mend, key: Callable[[str], Shown]) -> str:
    """What helps with the key for it: `n creates it`."""
    if mend.kind == "path":
        return f"Enter  {mend.words}"
    if mend.kind == "policy":
        return f"{key('copy')}  copies {mend.words}"
    return f"{key(COMMANDS[mend.kind])}  {mend.words}" if mend.kind in COMMANDS else mend.words


def detail_lines(chain: Chain, spot: str, say: Callable[[Mend], str]) -> tuple[Line, ...]:
    """Everything about one part, link, image or thing that runs."""
    kind, _, number = spot.partition(":")
    for link in chain.links:
        if link.kind == kind:
            return tuple(_link(link, say))
    for part in chain.parts:
        if part.kind == kind:
            return tuple(_entry(part, part.entries[int(number)], chain, say) if number else _part(part))
    return ()


def _part(part: Part) -> Iterator[Line]:
    sign = glyph(part.standing, loading=part.loading)
    word = Shown(f"   {sign.text} {shown(part.word or str(part.standing))}")
    yield (Cell(Shown(TITLES[part.kind]), "strong"), Cell(shown(f"   {part.title}"), "strong"), Cell(word, sign.tone))
    yield from map(_fact, part.facts)


def _link(link: Link, say: Callable[[Mend], str]) -> Iterator[Line]:
    yield (Cell(Shown(LINK_TITLES[link.kind]), "strong"),)
    for check in sorted(link.checks, key=lambda check: check.standing in (Standing.OK, Standing.NONE)):
        yield from _check(check, say)


def _check(check: Check, say: Callable[[Mend], str]) -> Iterator[Line]:
    sign = glyph(check.standing, check.word, check.loading)
    yield (Cell(shown(f"{f'{sign.text} {check.word}':<{_WORD}}  "), sign.tone), Cell(shown(check.why)))
    if check.mend is not None and (words := say(check.mend)):
        yield (Cell(Shown(" " * (_WORD + 2))), Cell(shown(words), "strong"))


def _entry(part: Part, entry: Entry, chain: Chain, say: Callable[[Mend], str]) -> Iterator[Line]:
    sign = glyph(entry.standing, entry.word)
    word = [Cell(shown(f"   {sign.text} {entry.word}"), sign.tone)] if entry.word else []
    yield (Cell(shown(entry.name), "strong"), Cell(shown(f"   {entry.note}"), "muted"), *word)
    yield from map(_fact, entry.facts)
    if part.kind == "runtime":
        number = part.entries.index(entry)
        for check in chain.links[-1].checks:
            if check.run == number and check.mend is not None and (words := say(check.mend)):
                yield (Cell(Shown(" " * _LABEL)), Cell(shown(words), "strong"))


def _fact(fact: Fact) -> Line:
    return (Cell(shown(f"{fact.label:<{_LABEL}}"), "muted"), Cell(shown(fact.text), fact.tone))


def snippet_options(snippets: Sequence[Snippet]) -> list[Option]:
    """The snippets to choose from."""
    return [Option(one.name, shown(one.title), shown(one.name), shown(one.refusal)) for one in snippets]
