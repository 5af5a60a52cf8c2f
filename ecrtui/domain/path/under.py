"""The parts of a path under each other: where there is little room."""

from __future__ import annotations

from ecrtui.domain.path.canvas import Canvas
from ecrtui.domain.path.chain import LINKS, Chain, Check, Entry, Link, Part, Standing, Tone
from ecrtui.domain.path.pieces import (
    IMAGE_TEXT,
    LABEL,
    TITLES,
    PictureLine,
    Piece,
    entry_column,
    flowed,
    glyph,
    reason_tone,
    told,
    worded,
)
from ecrtui.domain.text import Shown, fit, fit_middle, shown, width, wrap

_NARROW = 56


def draw_under(canvas: Canvas, chain: Chain) -> None:
    """Each part with its entries, then the link to the next."""
    canvas.headline(chain)
    for number, part in enumerate(chain.parts):
        canvas.put(part.kind, _part_lines(part, canvas.room - 2))
        for index, entry in enumerate(part.entries):
            canvas.put(f"{part.kind}:{index}", _entry_lines(part, entry, canvas.room - 4), indent=2)
        if number < len(LINKS):
            canvas.put(chain.links[number].kind, _link_lines(canvas, chain.links[number]))


def _part_lines(part: Part, room: int) -> list[PictureLine]:
    """The name of a part, and in brief what there is to say."""
    title = Piece(Shown(f"{TITLES[part.kind]:<{LABEL}}"), "strong")
    said = [Piece(shown(part.title), "strong")] if part.title else []
    if part.word:
        sign = glyph(part.standing, loading=part.loading)
        tone: Tone = "muted" if part.standing in (Standing.OK, Standing.NONE) or part.loading else sign.tone
        marked = part.standing is Standing.UNKNOWN or (part.standing is Standing.BROKEN and not part.entries)
        said.append(Piece(shown(f"{sign.text} {part.word}" if marked else part.word), tone))
    said += [Piece(shown(fact.brief), fact.tone) for fact in part.facts if fact.brief]
    return flowed(title, said, room)


def _entry_lines(part: Part, entry: Entry, room: int) -> list[PictureLine]:
    return _image_lines(entry, room) if part.kind == "images" else _run_lines(entry, room)


def _image_lines(entry: Entry, room: int) -> list[PictureLine]:
    """One line: tag, what it is here, digest, age, and what made it; two where there is little room."""
    name = min(26, max(14, room // 5))
    note = min(34, max(12, room // 5))
    text = room - name - note - 4
    if text < IMAGE_TEXT:
        return entry_column("images", entry, room)
    return [
        (
            Piece(fit_middle(shown(entry.name), name), "plain"),
            Piece(Shown("  ")),
            Piece(fit(shown(entry.note), note), "muted"),
            Piece(Shown("  ")),
            Piece(fit(shown(entry.text), text)),
        )
    ]


def _run_lines(entry: Entry, room: int) -> list[PictureLine]:
    """What it is, and what it runs: on one line where that fits."""
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
        return entry_column("runtime", entry, room)
    indent = Piece(Shown(" " * width(word.text)))
    short = flowed(word, [Piece(name), head[2]], room)
    return [*short, *((indent, Piece(line, tone)) for line in wrap(text, room - width(word.text)))]


def _link_lines(canvas: Canvas, link: Link) -> list[PictureLine]:
    """The words of all checks on one line; the reasons of what is not ok under it."""
    arrow = Piece(Shown("▼ "), "muted")
    words = [worded(check) for check in told(link)]
    lines = flowed(arrow, words, canvas.room - 2)
    for check in link.checks:
        if _tells(canvas, check):
            lines += _reason(canvas, check)
    return lines


def _tells(canvas: Canvas, check: Check) -> bool:
    """Whether its reason is told: what runs has it with its entry."""
    if not check.why or check.loading:
        return False
    if check.run is not None and not check.word.startswith("role"):
        return False
    return canvas.evidence or check.standing not in (Standing.OK, Standing.NONE)


def _reason(canvas: Canvas, check: Check) -> list[PictureLine]:
    room, indent = canvas.room - 4, Piece(Shown("  "))
    lines: list[PictureLine] = [(indent, Piece(line, reason_tone(check))) for line in wrap(shown(check.why), room)]
    if check.mend is not None and (help_ := canvas.say(check.mend)):
        lines += [(indent, Piece(line, "strong")) for line in wrap(shown(help_), room)]
    return lines
