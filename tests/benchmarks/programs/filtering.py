"""A list pane of `filtering.py ROWS` rows; prints what a filter keystroke costs, and what holds the loop meanwhile."""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import Callable
from typing import Any

from textual.app import App, ComposeResult

from ecrtui.domain.text import Shown
from ecrtui.ui.panes.list_pane import ListPane
from ecrtui.ui.present.status import Status
from ecrtui.ui.widgets.columns import Column
from ecrtui.ui.widgets.resource_table import Sort
from ecrtui.ui.widgets.rows import Cell

COLUMNS = (
    Column("name", Shown("NAME"), minimum=10, ideal=20, maximum=None),
    Column("age", Shown("AGE"), align="right"),
)


class Names:
    """Many rows, as the listings are: a list of names and a column of numbers."""

    def __init__(self, count: int) -> None:
        self.names = [f"team-{number % 97}/service-{number:07d}" for number in range(count)]
        self.stamp = object()

    def __len__(self) -> int:
        return len(self.names)

    def key(self, index: int, /) -> str:
        return self.names[index]

    def cells(self, index: int, /) -> tuple[Cell, ...]:
        return Cell(Shown(self.names[index])), Cell(Shown(str(index)))

    def find(self, key: Any, /) -> int | None:
        return int(key[-7:])

    def folded(self, start: int, stop: int, /) -> list[str]:
        return [name.casefold() for name in self.names[start:stop]]

    def terms(self) -> dict[str, Callable[[int], Any]]:
        return {}

    def sort_value(self, column: str, /) -> Callable[[int], Any] | None:
        return (lambda index: -index) if column == "age" else None

    def nested(self) -> tuple[int, ...]:
        return ()

    def arranged(self, order: list[int], /) -> list[int]:
        return order


class Filtering(App[None]):
    def __init__(self, count: int) -> None:
        super().__init__()
        self.source = Names(count)
        self.pane = ListPane(Shown("NAMES"), COLUMNS, sort=Sort("age"))
        self.arranged = asyncio.Event()
        self.longest = 0.0

    def compose(self) -> ComposeResult:
        yield self.pane

    def on_list_pane_arranged(self) -> None:
        self.arranged.set()

    async def keystroke(self, text: str) -> float:
        """Seconds from a filter text to its rows."""
        self.arranged.clear()
        start = time.perf_counter()
        self.pane.set_filter(text)
        await self.arranged.wait()
        return time.perf_counter() - start

    async def heartbeat(self) -> None:
        last = time.perf_counter()
        while True:
            await asyncio.sleep(0)
            now = time.perf_counter()
            self.longest, last = max(self.longest, now - last), now


async def main(count: int) -> None:
    app = Filtering(count)
    async with app.run_test(size=(120, 36)):
        app.pane.show_list(app.source, Status())
        await app.arranged.wait()
        await app.keystroke("warm")
        beat = asyncio.create_task(app.heartbeat())
        costs = {text: await app.keystroke(text) for text in ("42", "42/", "service", "team-7/s", "nothing here")}
        beat.cancel()
    folded = app.source.folded(0, count)
    start = time.perf_counter()
    assert [row for row, text in enumerate(folded) if "42" in text]
    bare = time.perf_counter() - start
    sys.stdout.write(json.dumps({"bare": bare, "costs": costs, "longest": app.longest}))


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))
