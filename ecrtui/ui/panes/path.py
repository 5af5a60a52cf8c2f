"""The picture of a path, with a cursor that goes from one part of it to the next."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message

from ecrtui.domain.path import PARTS, Chain
from ecrtui.domain.path.canvas import Picture, Say, Spot
from ecrtui.domain.path.picture import picture
from ecrtui.ui.present.path import picture_lines
from ecrtui.ui.widgets.text_view import Line, TextView


class PathView(TextView, inherit_bindings=False):
    """The chain; the cursor stands on a part, a link, an image or a thing that runs."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down,j", "move(1)", "Down", show=False, id="path.down"),
        Binding("up,k", "move(-1)", "Up", show=False, id="path.up"),
        Binding("g,home", "first", "Top", show=False, id="path.top"),
        Binding("G,end", "last", "End", show=False, id="path.end"),
        Binding("ctrl+d,pagedown", "page_down", "Page down", show=False, id="path.page-down"),
        Binding("ctrl+u,pageup", "page_up", "Page up", show=False, id="path.page-up"),
        Binding("right", "part(1)", "Next part", show=False, id="path.next-part"),
        Binding("left", "part(-1)", "Part before", show=False, id="path.previous-part"),
        Binding("enter", "choose", "Open", show=False, id="path.open"),
    ]

    class Moved(Message):
        """The cursor stands on something else."""

    class Chosen(Message):
        """Enter, or a second click."""

        def __init__(self, spot: str) -> None:
            super().__init__()
            self.spot = spot

    def __init__(self, say: Say) -> None:
        super().__init__(id="chain")
        self._say = say
        self._chain: Chain | None = None
        self._picture = Picture((), ())
        self._spot = ""
        """Empty until somebody moves the cursor: then it stands where most is wrong."""

    @property
    def spot(self) -> str:
        """What the cursor is on; empty when there is nothing."""
        ids = [spot.id for spot in self._picture.spots]
        if self._spot in ids:
            return self._spot
        if self._chain is None:
            return ""
        return next((link.kind for link in self._chain.links if link.standing is self._chain.standing), "project")

    def show_chain(self, chain: Chain | None, otherwise: Sequence[Line] = ()) -> None:
        """Show this path; `otherwise` these lines. Another name begins with the cursor where most is wrong."""
        former = self._chain
        self._chain = chain
        if chain is None or former is None or (former.name, former.region) != (chain.name, chain.region):
            self._spot = ""
            self.scroll_home(animate=False)
        if chain is None:
            self._picture = Picture((), ())
            self.show(otherwise)
        else:
            self._draw()

    def on_resize(self) -> None:
        self._draw()

    def _draw(self) -> None:
        if self._chain is not None and self.size.width:
            room = max(20, self.size.width - 2)
            self._picture = picture(self._chain, room, self._say)
            self._picture = picture(self._chain, room, self._say, cursor=self.spot)
            self.show(picture_lines(self._picture))

    # The cursor

    def action_move(self, by: int) -> None:
        """To the next thing, or the one before."""
        spots = [spot.id for spot in self._picture.spots]
        if spots:
            self.point_at(spots[max(0, min(len(spots) - 1, spots.index(self.spot) + by))])

    def action_first(self) -> None:
        """To the project."""
        self.action_move(-len(self._picture.spots))

    def action_last(self) -> None:
        """To the last thing that runs."""
        self.action_move(len(self._picture.spots))

    def action_part(self, by: int) -> None:
        """To the next part, or the one before."""
        kind = self.spot.partition(":")[0]
        place = {"push": 0.5, "hold": 1.5, "run": 2.5}
        here = place[kind] if kind in place else PARTS.index(kind)
        steps = [number for number in range(len(PARTS)) if (number > here if by > 0 else number < here)]
        if steps:
            self.point_at(PARTS[steps[0] if by > 0 else steps[-1]])

    def point_at(self, spot: str) -> None:
        """Put the cursor there."""
        self._spot = spot
        self._draw()
        self._bring_into_sight()
        self.post_message(self.Moved())

    def _bring_into_sight(self) -> None:
        spot = self._find(self.spot)
        if spot is None:
            return
        top, height = self.scroll_offset.y, self.size.height
        start = 0 if spot.id == self._picture.spots[0].id else spot.line
        end = spot.line + spot.height
        if start < top:
            self.scroll_to(y=start, animate=False)
        elif end > top + height:
            self.scroll_to(y=min(spot.line, end - height), animate=False)

    def _find(self, id_: str) -> Spot | None:
        return next((spot for spot in self._picture.spots if spot.id == id_), None)

    def action_choose(self) -> None:
        """Open what the cursor is on."""
        if self.spot:
            self.post_message(self.Chosen(self.spot))

    def on_click(self, event: events.Click) -> None:
        """The cursor goes where one clicks; a click on what it is on opens it."""
        x, y = event.x, event.y + self.scroll_offset.y
        for spot in self._picture.spots:
            if spot.line <= y < spot.line + spot.height and spot.column <= x < spot.column + spot.width:
                if spot.id == self.spot:
                    self.action_choose()
                else:
                    self.point_at(spot.id)
                return
