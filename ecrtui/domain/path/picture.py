"""The path as a picture in text: under each other where there is little room, side by side where there is much.

✗ payment-api: project cannot push (its role may not), repository ok, production runs v1.1.0 (2 tasks)

  PROJECT     payment-api   acme/payment-api   inline buildspec   privileged
  ▼ ✓ pushes here   ✗ role may not push   ✗ last build failed
    role codebuild-payment-api: ecr:PutImage is missing in the role's policies
  REPOSITORY  payment-api   mutable   scan on push   no lifecycle policy
  ▼ ✓ holds 24
  IMAGES      3 of 24
    v1.1.0         production, runs in 1   4dbea1f04af7   36d   6afff40, by tag
  ▼ ✓ 1 of 1 as it should be
  RUNS        1
    ✓ current    payments/payment-api   service, 2 running   runs v1.1.0 4dbea1f04af7 (36d), as production says
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import NamedTuple

from ecrtui.domain.path.chain import LINKS, Chain, Check, Entry, Fact, Link, Mend, Part, PartKind, Standing, Tone
from ecrtui.domain.text import NOTHING, Shown, fit, fit_middle, shorten_middle, shown, width, wrap
from ecrtui.domain.units import count

SIDE_BY_SIDE = 170
"""Cells from which on the parts stand beside each other."""
TITLES: dict[PartKind, str] = {
    "project": "PROJECT",
    "repository": "REPOSITORY",
    "images": "IMAGES",
    "runtime": "RUNS",
}
LINK_TITLES = {
    "push": "project ▸ repository",
    "hold": "repository ▸ images",
    "run": "images ▸ what runs",
}
_LABEL = 12
_GAP = 3
_IMAGE_TEXT = 40
"""Cells of an image's digest, age and origin."""
_NARROW = 56
_SHARES = (21, 20, 29, 30)
"""How the parts share the width, in hundredths."""
_OTHER_GLYPHS = {"drift": "⚠", "pushes elsewhere": "≠", "tag gone": "⚠"}
_GLYPHS = {Standing.OK: "✓", Standing.BROKEN: "✗", Standing.UNKNOWN: "?", Standing.NONE: "–"}
_TONES: dict[Standing, Tone] = {
    Standing.OK: "good",
    Standing.BROKEN: "bad",
    Standing.UNKNOWN: "warn",
    Standing.NONE: "muted",
}


class Piece(NamedTuple):
    """A piece of a line."""

    text: Shown
    tone: Tone = "plain"


PictureLine = tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class Spot:
    """Something in the picture that can be pointed at."""

    id: str
    """`project`, `push`, `repository`, `hold`, `images:0`, `run`, `runtime:1`."""
    line: int
    column: int
    height: int = 1
    width: int = 1


@dataclass(frozen=True, slots=True)
class Picture:
    """Lines, and where the things in them stand, in the order of the path."""

    lines: tuple[PictureLine, ...]
    spots: tuple[Spot, ...]


type_say = Callable[[Mend], str]
"""How a face says what helps: with its key, or as a command."""


def glyph(standing: Standing, word: str = "", loading: bool = False) -> Piece:
    """A standing as a sign and its tone; what drifted or goes elsewhere has a sign of its own."""
    if loading:
        return Piece(Shown("…"), "muted")
    if standing is Standing.BROKEN and word in _OTHER_GLYPHS:
        return Piece(Shown(_OTHER_GLYPHS[word]), "warn")
    return Piece(Shown(_GLYPHS[standing]), _TONES[standing])


def picture(chain: Chain, room: int, say: type_say, *, evidence: bool = False, cursor: str = "") -> Picture:
    """The path in `room` cells.

    `evidence` tells why for what is ok, too; `cursor` is the spot that is pointed out.
    """
    drawing = _Drawing(max(30, room), say, evidence or room >= SIDE_BY_SIDE, cursor)
    return drawing.beside(chain) if room >= SIDE_BY_SIDE else drawing.under(chain)


class _Drawing:
    """One picture in the making."""

    def __init__(self, room: int, say: type_say, evidence: bool, cursor: str) -> None:
        self._room = room
        self._say = say
        self._evidence = evidence
        self._cursor = cursor
        self._lines: list[PictureLine] = []
        self._spots: list[Spot] = []

    def under(self, chain: Chain) -> Picture:
        """The parts under each other."""
        self._headline(chain)
        for number, part in enumerate(chain.parts):
            self._put(part.kind, self._part_lines(part))
            for index, entry in enumerate(part.entries):
                self._put(f"{part.kind}:{index}", self._entry_lines(part, entry), indent=2)
            if number < len(LINKS):
                self._put(chain.links[number].kind, self._link_lines(chain.links[number], chain))
        return Picture(tuple(self._lines), tuple(self._spots))

    def beside(self, chain: Chain) -> Picture:
        """The parts beside each other, and the links with their evidence below."""
        self._headline(chain)
        top = len(self._lines)
        free = self._room - _GAP * (len(chain.parts) - 1)
        shares = [free * share // 100 for share in _SHARES]
        blocks = []
        left = 0
        for number, (part, wide) in enumerate(zip(chain.parts, shares, strict=True)):
            link = chain.links[number] if number < len(chain.links) else None
            blocks.append(self._column(part, link, wide, top, left))
            left += wide + _GAP
        for row in zip_longest(*blocks, fillvalue=()):
            cells = [_filled(line, wide) for line, wide in zip(row, shares, strict=True)]
            self._lines.append(_joined(cells))
        self._spots.sort(key=lambda spot: (spot.column, spot.line))
        self._lines.append(())
        for link in chain.links:
            self._put(link.kind, self._titled_link(link))
        return Picture(tuple(self._lines), _in_order(self._spots))

    # Parts

    def _headline(self, chain: Chain) -> None:
        sign = glyph(chain.standing, loading=chain.loading and chain.standing is not Standing.BROKEN)
        indent = Piece(Shown("    "))
        for number, text in enumerate(wrap(shown(chain.headline), self._room - 5)):
            first = (Piece(Shown("  ")), sign, Piece(Shown(" ")))
            self._lines.append((*(first if number == 0 else (indent,)), Piece(text, "strong")))
        self._lines.append(())

    def _part_lines(self, part: Part) -> list[PictureLine]:
        """The name of a part, and in brief what there is to say."""
        title = Piece(Shown(f"{TITLES[part.kind]:<{_LABEL}}"), "strong")
        said = [Piece(shown(part.title), "strong")] if part.title else []
        if part.word:
            sign = glyph(part.standing, loading=part.loading)
            tone: Tone = "muted" if part.standing in (Standing.OK, Standing.NONE) or part.loading else sign.tone
            marked = part.standing is Standing.UNKNOWN or (part.standing is Standing.BROKEN and not part.entries)
            said.append(Piece(shown(f"{sign.text} {part.word}" if marked else part.word), tone))
        said += [Piece(shown(fact.brief), fact.tone) for fact in part.facts if fact.brief]
        return _flowed(title, said, self._room - 2)

    def _entry_lines(self, part: Part, entry: Entry) -> list[PictureLine]:
        return self._image_lines(entry) if part.kind == "images" else self._run_lines(entry)

    def _image_lines(self, entry: Entry) -> list[PictureLine]:
        """One line: tag, what it is here, digest, age, and what made it; two where there is little room."""
        room = self._room - 4
        name = min(26, max(14, room // 5))
        note = min(34, max(12, room // 5))
        text = room - name - note - 4
        if text < _IMAGE_TEXT:
            return _entry_column("images", entry, room)
        return [
            (
                Piece(fit_middle(shown(entry.name), name), "plain"),
                Piece(Shown("  ")),
                Piece(fit(shown(entry.note), note), "muted"),
                Piece(Shown("  ")),
                Piece(fit(shown(entry.text), text)),
            )
        ]

    def _run_lines(self, entry: Entry) -> list[PictureLine]:
        """What it is, and what it runs: on one line where that fits."""
        room = self._room - 4
        sign = glyph(entry.standing, entry.word)
        word = Piece(Shown(f"{sign.text} {fit(shown(entry.word), 14)} "), sign.tone)
        name, note = shown(entry.name), shown(entry.note)
        head = (word, Piece(name), Piece(Shown(f"  {note}"), "muted"))
        tone: Tone = "plain" if entry.standing is Standing.OK else sign.tone
        text = shown(entry.text)
        taken = sum(width(piece.text) for piece in head)
        if taken + 3 + width(text) <= room:
            return [(*head, Piece(Shown(f"   {text}"), tone))]
        if room < _NARROW:
            return _entry_column("runtime", entry, room)
        indent = Piece(Shown(" " * width(word.text)))
        short = _flowed(word, [Piece(name), head[2]], room)
        return [*short, *((indent, Piece(line, tone)) for line in wrap(text, room - width(word.text)))]

    # Links

    def _link_lines(self, link: Link, chain: Chain) -> list[PictureLine]:
        """The words of all checks on one line; the reasons of what is not ok under it."""
        arrow = Piece(Shown("▼ "), "muted")
        words = [_worded(check) for check in _told(link)]
        lines = _flowed(arrow, words, self._room - 2)
        for check in link.checks:
            if self._tells(check):
                lines += self._reason(check, Piece(Shown("  ")))
        return lines

    def _tells(self, check: Check) -> bool:
        """Whether its reason is told: what runs has it with its entry."""
        if not check.why or check.loading:
            return False
        if check.run is not None and not check.word.startswith("role"):
            return False
        return self._evidence or check.standing not in (Standing.OK, Standing.NONE)

    def _reason(self, check: Check, indent: Piece) -> list[PictureLine]:
        room = self._room - 2 - width(indent.text)
        lines: list[PictureLine] = [(indent, Piece(line, _reason_tone(check))) for line in wrap(shown(check.why), room)]
        if check.mend is not None and (help_ := self._say(check.mend)):
            lines += [(indent, Piece(line, "strong")) for line in wrap(shown(help_), room)]
        return lines

    def _titled_link(self, link: Link) -> list[PictureLine]:
        """A link under the parts: each check with its reason on its own line."""
        lines: list[PictureLine] = []
        wide = max(22, max(map(len, LINK_TITLES.values())) + 2)
        checks = [check for check in link.checks if check.run is None or check.standing is not Standing.OK]
        for number, check in enumerate(checks or _told(link)):
            title = Piece(Shown(f"{LINK_TITLES[link.kind] if number == 0 else '':<{wide}}"), "muted")
            word = _worded(check)
            padded = Piece(Shown(f"{word.text}{' ' * max(2, 22 - width(word.text))}"), word.tone)
            used = width(title.text) + width(padded.text)
            help_ = "" if check.mend is None else self._say(check.mend)
            for row, text in enumerate(wrap(shown(check.why), self._room - used - 2)):
                head = (title, padded) if row == 0 else (Piece(Shown(" " * used)),)
                lines.append((*head, Piece(text, _reason_tone(check))))
            if help_:
                lines.append((Piece(Shown(" " * used)), Piece(shown(help_), "strong")))
        return lines

    # Columns

    def _column(self, part: Part, link: Link | None, wide: int, top: int, left: int) -> list[PictureLine]:
        """One part as a column: its name with the arrow to the next, its facts, its entries."""
        lines: list[PictureLine] = []

        def put(id_: str, block: Iterable[PictureLine], indent: int = 0) -> None:
            found = list(block)
            self._spots.append(Spot(id_, top + len(lines), left, len(found), wide))
            lines.extend(
                (_mark(number == 0 and id_ == self._cursor, indent), *line) for number, line in enumerate(found)
            )

        inner = wide - 2
        put(part.kind, _heading(part, link, inner))
        for fact in part.facts:
            lines += [(Piece(Shown("  ")), *line) for line in _fact_lines(fact, inner)]
        if part.facts and part.entries:
            lines.append(())
        for index, entry in enumerate(part.entries):
            if index:
                lines.append(())
            put(f"{part.kind}:{index}", _entry_column(part.kind, entry, inner))
        return lines

    # Placing

    def _put(self, id_: str, block: Sequence[PictureLine], indent: int = 0) -> None:
        self._spots.append(Spot(id_, len(self._lines), 0, len(block), self._room))
        for number, line in enumerate(block):
            self._lines.append((_mark(number == 0 and id_ == self._cursor, indent), *line))


def _mark(pointed: bool, indent: int) -> Piece:
    return Piece(Shown(("▸ " if pointed else "  ") + " " * indent), "strong" if pointed else "plain")


def _told(link: Link) -> list[Check]:
    """The checks in words: those of several runs as one."""
    runs = [check for check in link.checks if check.run is not None]
    rest = [check for check in link.checks if check.run is None]
    if not runs:
        return rest
    numbers = {check.run for check in runs}
    wrong = {check.run for check in runs if check.standing is not Standing.OK}
    if not wrong:
        said = f"{count(len(numbers))} as they should be" if len(numbers) > 1 else runs[0].word
        return [Check(Standing.OK, said), *rest]
    worst = [check for check in runs if check.standing is Standing.BROKEN] or runs
    words = dict.fromkeys(check.word for check in worst if check.standing is not Standing.OK)
    found = [next(check for check in worst if check.word == word) for word in words]
    of = f" ({len(wrong)} of {len(numbers)})" if len(numbers) > 1 else ""
    return [Check(check.standing, check.word + of * (number == 0)) for number, check in enumerate(found)] + rest


def _worded(check: Check) -> Piece:
    sign = glyph(check.standing, check.word.partition(" (")[0], check.loading)
    return Piece(shown(f"{sign.text} {check.word}"), sign.tone)


def _reason_tone(check: Check) -> Tone:
    return "muted" if check.standing in (Standing.OK, Standing.NONE) else "plain"


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
    leading = _worded(_leading(link))
    text = shorten_middle(leading.text, wide)
    return [
        (*pieces, Piece(Shown(f" {line}▸"), "muted")),
        (Piece(Shown(" " * (wide - width(text)))), Piece(text, leading.tone)),
    ]


def _fact_lines(fact: Fact, room: int) -> Iterable[PictureLine]:
    """A fact under its label: a sentence wraps, a name is shortened in its middle."""
    label = Shown(f"{fact.label:<{_LABEL}}" if fact.label else "")
    text = shown(fact.text)
    free = room - width(label)
    for number, line in enumerate(wrap(text, free) if " " in text else [shorten_middle(text, free)]):
        yield (Piece(label if number == 0 else Shown(" " * width(label)), "muted"), Piece(line, fact.tone))


def _leading(link: Link) -> Check:
    told = _told(link)
    return next((check for check in told if check.standing is link.standing), told[0])


def _entry_column(kind: PartKind, entry: Entry, wide: int) -> list[PictureLine]:
    """An entry on several short lines."""
    if kind == "images":
        name, note = Piece(shorten_middle(shown(entry.name), wide)), shown(entry.note)
        head = _flowed(name, [Piece(Shown(f"  {note}"), "muted")] if note else [], wide)
        if width(name.text) + 2 + width(note) > wide:
            head = [(name,), (Piece(fit(Shown(f"  {note}"), wide), "muted"),)]
        text = Shown(" ".join(shown(entry.text).split())) if wide < _IMAGE_TEXT else shown(entry.text)
        return [*head, *((Piece(line, "muted"),) for line in wrap(text, wide))]
    sign = glyph(entry.standing, entry.word)
    tone: Tone = "plain" if entry.standing is Standing.OK else sign.tone
    word = Piece(Shown(f"{sign.text} {shown(entry.word)}  "), sign.tone)
    lines = _flowed(word, [Piece(shown(entry.name))], wide)
    lines.append((Piece(Shown("  ")), Piece(shorten_middle(shown(entry.note), wide - 2), "muted")))
    lines += [(Piece(Shown("  ")), Piece(line, tone)) for line in wrap(shown(entry.text), wide - 2)]
    return lines


def _flowed(title: Piece, pieces: Sequence[Piece], room: int) -> list[PictureLine]:
    """A title with pieces behind it, as many on a line as fit; the others stand under them."""
    indent = width(title.text)
    lines: list[PictureLine] = []
    line: list[Piece] = [title]
    used = indent
    for piece in pieces:
        text = shorten_middle(piece.text, room - indent)
        gap = 0 if len(line) == 1 else _GAP
        if used + gap + width(text) > room and len(line) > 1:
            lines.append(tuple(line))
            line, used, gap = [Piece(Shown(" " * indent))], indent, 0
        if gap:
            line.append(Piece(Shown(" " * gap)))
        line.append(Piece(text, piece.tone))
        used += gap + width(text)
    return [*lines, tuple(line)]


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
    gap = Piece(Shown(" " * _GAP))
    pieces: list[Piece] = []
    for number, column in enumerate(columns):
        pieces += [gap, *column] if number else column
    return tuple(piece for piece in pieces if piece.text != NOTHING)


_ORDER = {"project": 0, "push": 1, "repository": 2, "hold": 3, "images": 4, "run": 5, "runtime": 6}


def _in_order(spots: Iterable[Spot]) -> tuple[Spot, ...]:
    """The spots in the order of the path."""

    def place(spot: Spot) -> tuple[int, int]:
        kind, _, number = spot.id.partition(":")
        return _ORDER[kind], int(number) + 1 if number else 0

    return tuple(sorted(spots, key=place))


def plain(picture: Picture) -> str:
    """The picture as text alone."""
    return "\n".join("".join(piece.text for piece in line).rstrip() for line in picture.lines)
