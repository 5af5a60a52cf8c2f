"""The parts of a path as columns beside each other: where there is much room."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import zip_longest

from ecrtui.domain.path.canvas import Canvas, Spot
from ecrtui.domain.path.chain import Chain, Check, Fact, Link, Part, Standing
from ecrtui.domain.path.pieces import (
    GAP,
    LABEL,
    LINK_TITLES,
    TITLES,
    PictureLine,
    Piece,
    entry_column,
    glyph,
    mark,
    reason_tone,
    told,
    worded,
)
from ecrtui.domain.text import NOTHING, Shown, fit, shorten_middle, shown, width, wrap

_SHARES = (21, 20, 29, 30)
"""How the parts share the width, in hundredths."""


def draw_beside(canvas: Canvas, chain: Chain) -> None:
    """The columns, and the links with their evidence below."""
    canvas.headline(chain)
    top = len(canvas.lines)
    free = canvas.room - GAP * (len(chain.parts) - 1)
    shares = [free * share // 100 for share in _SHARES]
    blocks = []
    left = 0
    for number, (part, wide) in enumerate(zip(chain.parts, shares, strict=True)):
        link = chain.links[number] if number < len(chain.links) else None
        blocks.append(_column(canvas, part, link, wide, top, left))
        left += wide + GAP
    for row in zip_longest(*blocks, fillvalue=()):
        cells = [_filled(line, wide) for line, wide in zip(row, shares, strict=True)]
        canvas.lines.append(_joined(cells))
    canvas.lines.append(())
    for link in chain.links:
        canvas.put(link.kind, _titled_link(canvas, link))


def _column(canvas: Canvas, part: Part, link: Link | None, wide: int, top: int, left: int) -> list[PictureLine]:
    """One part as a column: its name with the arrow to the next, its facts, its entries."""
    lines: list[PictureLine] = []

    def put(id_: str, block: Sequence[PictureLine]) -> None:
        canvas.spots.append(Spot(id_, top + len(lines), left, len(block), wide))
        lines.extend((mark(number == 0 and id_ == canvas.cursor), *line) for number, line in enumerate(block))

    inner = wide - 2
    put(part.kind, _heading(part, link, inner))
    for fact in part.facts:
        lines += [(Piece(Shown("  ")), *line) for line in _fact_lines(fact, inner)]
    if part.facts and part.entries:
        lines.append(())
    for index, entry in enumerate(part.entries):
        if index:
            lines.append(())
        put(f"{part.kind}:{index}", entry_column(part.kind, entry, inner))
    return lines


def _heading(part: Part, link: Link | None, wide: int) -> list[PictureLine]:
    """The name with an arrow to the next part, and under the arrow how the link stands."""
    title = Piece(Shown(f"{TITLES[part.kind]}  "), "strong")
    sign = glyph(part.standing, loading=part.loading)
    marked = part.standing in (Standing.BROKEN, Standing.UNKNOWN) and not part.entries
    word = part.title or (f"{sign.text} {part.word}" if marked else part.word)
    name = shorten_middle(shown(word), wide - width(title.text) - 6)
    pieces = (title, Piece(name, "strong" if part.title else sign.tone if marked else "muted"))
    if link is None:
        return [pieces, ()]
    line = "─" * (wide - width(title.text) - width(name) - 2)
    leading = worded(_leading(link))
    text = shorten_middle(leading.text, wide)
    return [
        (*pieces, Piece(Shown(f" {line}▸"), "muted")),
        (Piece(Shown(" " * (wide - width(text)))), Piece(text, leading.tone)),
    ]


def _fact_lines(fact: Fact, room: int) -> Iterable[PictureLine]:
    """A fact under its label: a sentence wraps, a name is shortened in its middle."""
    label = Shown(f"{fact.label:<{LABEL}}" if fact.label else "")
    text = shown(fact.text)
    free = room - width(label)
    for number, line in enumerate(wrap(text, free) if " " in text else [shorten_middle(text, free)]):
        yield (Piece(label if number == 0 else Shown(" " * width(label)), "muted"), Piece(line, fact.tone))


def _leading(link: Link) -> Check:
    checks = told(link)
    return next((check for check in checks if check.standing is link.standing), checks[0])


def _filled(line: PictureLine, wide: int) -> PictureLine:
    """A line of a column, cut or filled to its width."""
    cells: list[Piece] = []
    left = wide
    for piece in line:
        text = piece.text if width(piece.text) <= left else fit(piece.text, left)
        cells.append(Piece(text, piece.tone))
        left -= width(text)
    return (*cells, Piece(Shown(" " * left))) if left > 0 else tuple(cells)


def _joined(columns: Sequence[PictureLine]) -> PictureLine:
    gap = Piece(Shown(" " * GAP))
    pieces: list[Piece] = []
    for number, column in enumerate(columns):
        pieces += [gap, *column] if number else column
    return tuple(piece for piece in pieces if piece.text != NOTHING)


def _titled_link(canvas: Canvas, link: Link) -> list[PictureLine]:
    """A link under the parts: each check with its reason on its own line."""
    lines: list[PictureLine] = []
    wide = max(22, max(map(len, LINK_TITLES.values())) + 2)
    checks = [check for check in link.checks if check.run is None or check.standing is not Standing.OK]
    for number, check in enumerate(checks or told(link)):
        title = Piece(Shown(f"{LINK_TITLES[link.kind] if number == 0 else '':<{wide}}"), "muted")
        word = worded(check)
        padded = Piece(Shown(f"{word.text}{' ' * max(2, 22 - width(word.text))}"), word.tone)
        used = width(title.text) + width(padded.text)
        help_ = "" if check.mend is None else canvas.say(check.mend)
        for row, text in enumerate(wrap(shown(check.why), canvas.room - used - 2)):
            head = (title, padded) if row == 0 else (Piece(Shown(" " * used)),)
            lines.append((*head, Piece(text, reason_tone(check))))
        if help_:
            lines.append((Piece(Shown(" " * used)), Piece(shown(help_), "strong")))
    return lines
