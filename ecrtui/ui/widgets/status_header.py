"""The first line: whose account this is, where, how fresh, and which mode."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from textual import events
from textual.message import Message

from ecrtui.domain.text import NOTHING, Shown, shorten_middle, width
from ecrtui.ui.theme import glyphs
from ecrtui.ui.widgets.cell_line import CellLine
from ecrtui.ui.widgets.rows import Cell

_NAME = Shown("ecrtui")


class HeaderState(NamedTuple):
    """What the header says. Empty parts are left out."""

    profile: Shown = NOTHING
    account: Shown = NOTHING
    regions: tuple[Shown, ...] = ()
    read_only: bool = False
    endpoint: Shown = NOTHING
    """Where the requests go, when that is not AWS itself."""
    age: Shown = NOTHING
    """How old the data are: `2m ago`."""
    stale: bool = False
    modes: tuple[Shown, ...] = ()
    mode: int = 0
    """The number of the current one of `modes`, from 0."""
    crumbs: tuple[Shown, ...] = ()
    """Instead of the regions: the region, and what one is in there, the outermost first."""


class _Shape(NamedTuple):
    """How much of each part is shown."""

    name: bool = True
    every_mode: bool = True
    every_region: bool = True
    age: bool = True
    endpoint: int = 60
    account: int = 40
    profile: int = 30
    modes: bool = True
    gap: int = 2
    crumb: int = 60


def _shapes() -> Iterable[_Shape]:
    """From everything to what must always be in sight: identity, region, read-only."""
    shape = _Shape()
    yield shape
    steps: tuple[dict[str, Any], ...] = (
        {"every_region": False},
        {"name": False},
        {"every_mode": False},
        {"endpoint": 21},
        {"age": False},
        {"crumb": 24},
        {"crumb": 12},
        {"account": 5},
        {"profile": 10},
        {"endpoint": 9},
        {"modes": False},
        {"gap": 1},
        {"profile": 6},
        {"endpoint": 6},
        {"crumb": 8},
        {"crumb": 0},
    )
    for less in steps:
        shape = shape._replace(**less)
        yield shape


class StatusHeader(CellLine):
    """The header; `show` it what is known. A click on a mode asks for it."""

    class ModeRequested(Message):
        """The mode with this number was clicked."""

        def __init__(self, mode: int) -> None:
            super().__init__()
            self.mode = mode

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id, classes=classes)
        self._state = HeaderState()
        self._modes: dict[range, int] = {}

    def show(self, state: HeaderState) -> None:
        """Say what is known now."""
        self._state = state
        self._arrange()

    def on_resize(self) -> None:
        self._arrange()

    def on_click(self, event: events.Click) -> None:
        for cells, mode in self._modes.items():
            if event.x in cells:
                self.post_message(self.ModeRequested(mode))

    def _arrange(self) -> None:
        room = self.size.width
        left: list[Cell] = []
        right: list[tuple[Cell, int]] = []
        for shape in _shapes():
            left, right = _left(self._state, shape), _right(self._state, shape)
            if _total(left) + _total(cell for cell, _ in right) <= room:
                break
        tabs = [cell for cell, _ in right]
        space = max(0, room - _total(left) - _total(tabs))
        self._modes = {}
        position = _total(left) + space
        for cell, mode in right:
            self._modes[range(position, position + width(cell.text))] = mode
            position += width(cell.text)
        self.show_cells([*left, Cell(Shown(" " * space)), *tabs])


def _left(state: HeaderState, shape: _Shape) -> list[Cell]:
    gap = " " * shape.gap
    who = [part for part in (shorten_middle(state.profile, shape.profile), _account(state, shape)) if part]
    cells = [Cell(Shown(f" {_NAME} "), "muted")] if shape.name else []
    cells.append(Cell(Shown(f" {f' {glyphs().into} '.join(who)}"), "strong"))
    if state.crumbs:
        region, *inner = state.crumbs
        inside = [shorten_middle(crumb, shape.crumb) for crumb in inner if shape.crumb]
        cells.append(Cell(Shown(gap + f" {glyphs().into} ".join([region, *inside]))))
    elif state.regions:
        few = shape.every_region or len(state.regions) == 1
        where = ", ".join(state.regions) if few else f"{len(state.regions)} regions"
        cells.append(Cell(Shown(gap + where)))
    if state.read_only:
        cells.append(Cell(Shown(f"{gap}read-only"), "warn"))
    if state.endpoint:
        cells.append(Cell(Shown(gap + shorten_middle(state.endpoint, shape.endpoint)), "warn"))
    if state.age and (shape.age or state.stale):
        cells.append(Cell(Shown(gap + state.age), "warn" if state.stale else "muted"))
    return cells


def _account(state: HeaderState, shape: _Shape) -> Shown:
    """The account, or its last digits; words that stand for it are left out instead."""
    if width(state.account) <= shape.account:
        return state.account
    return Shown(f"…{state.account[-4:]}") if state.account.isdigit() else NOTHING


def _right(state: HeaderState, shape: _Shape) -> list[tuple[Cell, int]]:
    """The modes with their keys; the current one stands out."""
    if not shape.modes:
        return []
    return [
        (Cell(Shown(f" {number + 1} {mode} "), "strong" if number == state.mode else "muted"), number)
        for number, mode in enumerate(state.modes)
        if shape.every_mode or number == state.mode
    ]


def _total(cells: Iterable[Cell]) -> int:
    return sum(width(cell.text) for cell in cells)
