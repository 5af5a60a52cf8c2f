"""Pushes and their layers, as they move."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ecrtui.domain.push import Layer, LayerState, Push
from ecrtui.domain.text import Shown, shown, width
from ecrtui.ui.theme import Role
from ecrtui.ui.widgets.bar import progress_bar
from ecrtui.ui.widgets.rows import BLANK, Cell
from ecrtui.ui.widgets.text_view import Line

_LAYERS: Mapping[LayerState, tuple[str, Role]] = {
    LayerState.PREPARING: ("· preparing", "muted"),
    LayerState.WAITING: ("· waiting", "muted"),
    LayerState.PUSHING: ("● pushing", "strong"),
    LayerState.PUSHED: ("✓ pushed", "plain"),
    LayerState.THERE: ("✓ already there", "muted"),
    LayerState.MOUNTED: ("✓ mounted", "muted"),
    LayerState.RETRYING: ("⚠ retrying", "warn"),
    LayerState.UNAVAILABLE: ("✗ unavailable", "bad"),
    LayerState.SKIPPED: ("– skipped", "muted"),
}
_LAYER_CELL = 32


def push_lines(pushes: Sequence[Push], room: int, most: int) -> tuple[Line, ...]:
    """Every push with its bar, the last one with its layers, in at most `most` lines."""
    if not pushes:
        return ()
    lines = [_push_line(push, room) for push in pushes[-3:]]
    layers = _layer_lines(pushes[-1].layers, room)
    left = max(0, most - len(lines))
    if len(layers) > left:
        hidden = len(layers) - max(0, left - 1)
        layers = [*layers[: max(0, left - 1)], (Cell(shown(f"  … {hidden} more lines of layers"), "muted"),)]
    return (*lines, *layers[:left])


def _push_line(push: Push, room: int) -> Line:
    target = f"{push.name or push.repository}{':' + push.tag if push.tag else ''}"
    fraction = push.done / push.total if push.total else 0.0
    counts = f"{push.done} of {push.total} layers" if push.total else "no layers yet"
    cells = max(6, min(24, room - width(shown(target)) - 36))
    done = Cell(shown(f"  {push.digest[:19]}"), "muted") if push.digest else BLANK
    return (
        Cell(Shown("push  "), "muted"),
        Cell(shown(target), "name"),
        Cell(shown(f"  {counts}  "), "muted"),
        Cell(progress_bar(fraction, cells)),
        Cell(shown(f" {fraction:4.0%}")),
        done,
    )


def _layer_lines(layers: Sequence[Layer], room: int) -> list[Line]:
    per_line = max(1, room // _LAYER_CELL)
    cells = [_layer_cells(layer) for layer in layers]
    return [
        tuple(piece for pair in cells[start : start + per_line] for piece in pair)
        for start in range(0, len(cells), per_line)
    ]


def _layer_cells(layer: Layer) -> tuple[Cell, Cell]:
    word, role = _LAYERS[layer.state]
    if layer.retries:
        word += f" ({layer.retries})"
    if layer.mounted_from:
        word += f" from {layer.mounted_from}"
    identity = shown(layer.id, 12)
    text = shown(word, _LAYER_CELL)
    padding = " " * max(1, _LAYER_CELL - 15 - width(text))
    return Cell(Shown(f"  {identity:<12} "), "muted"), Cell(Shown(text + padding), role)
