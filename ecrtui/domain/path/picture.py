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

from ecrtui.domain.path.beside import draw_beside
from ecrtui.domain.path.canvas import Canvas, Picture, Say
from ecrtui.domain.path.chain import Chain
from ecrtui.domain.path.under import draw_under

SIDE_BY_SIDE = 170
"""Cells from which on the parts stand beside each other."""


def picture(chain: Chain, room: int, say: Say, *, evidence: bool = False, cursor: str = "") -> Picture:
    """The path in `room` cells.

    `evidence` tells why for what is ok, too; `cursor` is the spot that is pointed out.
    """
    wide = room >= SIDE_BY_SIDE
    canvas = Canvas(max(30, room), say, evidence or wide, cursor)
    (draw_beside if wide else draw_under)(canvas, chain)
    return canvas.picture()


def plain(picture: Picture) -> str:
    """The picture as text alone."""
    return "\n".join("".join(piece.text for piece in line).rstrip() for line in picture.lines)
