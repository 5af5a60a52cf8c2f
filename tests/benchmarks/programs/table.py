"""A table and nothing else: key 1 shows a thousand rows, key 2 a million."""

from __future__ import annotations

from collections.abc import Hashable, Sequence

from textual.app import App, ComposeResult

from ecrtui.domain.text import Shown, shown
from ecrtui.ui.theme import register_themes
from ecrtui.ui.widgets.columns import Column
from ecrtui.ui.widgets.resource_table import ResourceTable
from ecrtui.ui.widgets.rows import Cell

COLUMNS = (
    Column("tags", Shown("Tags"), 12, 24, 40, middle=True),
    Column("digest", Shown("Digest"), 12, 12, priority=2),
    Column("pushed", Shown("Pushed"), 6, 6, align="right"),
    Column("size", Shown("Size"), 7, 7, align="right", priority=1),
    Column("scan", Shown("Scan"), 8, 10, priority=4),
    Column("used", Shown("Used by"), 8, 20, priority=3),
)


class Images:
    """As many images as wanted, none of them held."""

    def __init__(self, count: int) -> None:
        self._count = count

    def __len__(self) -> int:
        return self._count

    def key(self, index: int, /) -> Hashable:
        return index

    def find(self, key: Hashable, /) -> int | None:
        return key if isinstance(key, int) and key < self._count else None

    def cells(self, index: int, /) -> Sequence[Cell]:
        return (
            Cell(shown(f"main-{index:07x}"), "name"),
            Cell(shown(f"{index * 7919:012x}"[:12]), "muted"),
            Cell(Shown(f"{index % 60}m")),
            Cell(Shown(f"{index % 900} MB")),
            Cell(Shown("3 high"), "warn"),
            Cell(Shown("● in use"), "good"),
        )


SIZES = {"1": 1_000, "2": 1_000_000}
ORDERS = {key: list(range(size)) for key, size in SIZES.items()}


class TableProgram(App[None]):
    def compose(self) -> ComposeResult:
        yield ResourceTable(COLUMNS)

    def on_mount(self) -> None:
        register_themes(self)
        self.query_one(ResourceTable).focus()

    def on_key(self, event: object) -> None:
        key = getattr(event, "key", "")
        if key in SIZES:
            table = self.query_one(ResourceTable)
            table.update(Images(0))
            table.update(Images(SIZES[key]), ORDERS[key])


if __name__ == "__main__":
    TableProgram().run()
