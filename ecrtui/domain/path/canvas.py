"""A picture of a path in the making: its lines, and where the things in them stand."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from ecrtui.domain.path.chain import Chain, Mend, Standing
from ecrtui.domain.path.pieces import PictureLine, Piece, glyph, mark
from ecrtui.domain.text import Shown, shown, wrap


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


Say = Callable[[Mend], str]
"""How a face says what helps: with its key, or as a command."""


@dataclass(slots=True)
class Canvas:
    """What is drawn so far, within `room` cells."""

    room: int
    say: Say
    evidence: bool
    """Whether reasons are told also for what is ok."""
    cursor: str
    """The spot that is pointed out."""
    lines: list[PictureLine] = field(default_factory=list)
    spots: list[Spot] = field(default_factory=list)

    def headline(self, chain: Chain) -> None:
        """The one sentence, and an empty line."""
        sign = glyph(chain.standing, loading=chain.loading and chain.standing is not Standing.BROKEN)
        indent = Piece(Shown("    "))
        for number, text in enumerate(wrap(shown(chain.headline), self.room - 5)):
            first = (Piece(Shown("  ")), sign, Piece(Shown(" ")))
            self.lines.append((*(first if number == 0 else (indent,)), Piece(text, "strong")))
        self.lines.append(())

    def put(self, id_: str, block: Sequence[PictureLine], indent: int = 0) -> None:
        """Lines that can be pointed at as one."""
        self.spots.append(Spot(id_, len(self.lines), 0, len(block), self.room))
        for number, line in enumerate(block):
            self.lines.append((mark(number == 0 and id_ == self.cursor, indent), *line))

    def picture(self) -> Picture:
        """What was drawn."""
        return Picture(tuple(self.lines), tuple(sorted(self.spots, key=_place)))


_ORDER = {"project": 0, "push": 1, "repository": 2, "hold": 3, "images": 4, "run": 5, "runtime": 6}


def _place(spot: Spot) -> tuple[int, int]:
    """Where a spot stands in the order of the path."""
    kind, _, number = spot.id.partition(":")
    return _ORDER[kind], int(number) + 1 if number else 0
