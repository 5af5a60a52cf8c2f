"""The table: what it draws, where its cursor goes, and what it repaints."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Self

import pyte
import pytest
from rich.cells import cell_len
from textual.app import App, ComposeResult
from textual.geometry import Region

from ecrtui.domain.text import Shown, shown
from ecrtui.ui.theme import register_themes
from ecrtui.ui.widgets.columns import Column, lay_out
from ecrtui.ui.widgets.resource_table import ResourceTable, Sort
from ecrtui.ui.widgets.rows import Cell, ListRows

COLUMNS = (
    Column("name", Shown("Name"), 8, 20, None, middle=True),
    Column("count", Shown("Images"), 6, 6, align="right", priority=1),
    Column("age", Shown("Pushed"), 6, 8, align="right", priority=3),
    Column("note", Shown("Note"), 5, 10, 20, priority=2),
)


def rows_of(names: Sequence[str]) -> ListRows:
    return ListRows(
        names,
        lambda index: (
            Cell(shown(names[index]), "name"),
            Cell(Shown(str(len(names[index])))),
            Cell(Shown("2m"), "muted"),
            Cell(Shown("✓ ok"), "good"),
        ),
    )


def many(count: int) -> list[str]:
    return [f"repo-{number:04}" for number in range(count)]


class WatchedTable(ResourceTable):
    """Notes which parts of itself it asks to have painted."""

    def __init__(self) -> None:
        self.asked: list[Region] = []
        super().__init__(COLUMNS, sort=Sort("name"))

    def refresh(self, *regions: Region, **options: Any) -> Self:
        self.asked.extend(regions or [self.region])
        return super().refresh(*regions, **options)


class TableApp(App[None]):
    def __init__(self) -> None:
        super().__init__()
        self.seen: list[Any] = []
        self.table = WatchedTable()

    def compose(self) -> ComposeResult:
        yield self.table

    def on_mount(self) -> None:
        register_themes(self)
        self.table.focus()

    def on_resource_table_highlighted(self, message: ResourceTable.Highlighted) -> None:
        self.seen.append(("highlighted", message.key, message.index))

    def on_resource_table_selected(self, message: ResourceTable.Selected) -> None:
        self.seen.append(("selected", message.key, message.index))

    def on_resource_table_marks_changed(self, message: ResourceTable.MarksChanged) -> None:
        self.seen.append(("marks", message.marks))

    def on_resource_table_sort_requested(self, message: ResourceTable.SortRequested) -> None:
        self.seen.append(("sort", message.column))

    def lines(self) -> list[str]:
        return [self.table.render_line(y).text for y in range(self.table.size.height)]


async def test_rows_stand_under_their_headings_with_wide_and_hostile_names() -> None:
    names = [
        "pet-web",
        "漢字-リポジトリ",
        "a\u0301\u0301\u0301e\u0301",
        "\x1b[2J\u202eevil",
        "[/foo]",
        "🚀 launch",
    ]
    app = TableApp()
    async with app.run_test(size=(80, 12)) as pilot:
        app.table.update(rows_of(names))
        await pilot.pause()
        lines = app.lines()
    assert {cell_len(line) for line in lines} == {80}
    assert lines[0].split() == ["Name", "▲", "Images", "Pushed", "Note"]
    assert "␛[2J<U+202E>evil" in lines[4]
    assert "[/foo]" in lines[5]
    columns = {cell_len(line[: line.index("2m")]) for line in lines[1:7]}
    assert len(columns) == 1
    screen = pyte.Screen(80, 12)
    pyte.Stream(screen).feed("\r\n".join(line.rstrip() for line in lines))
    assert {screen.buffer[y][columns.copy().pop()].data for y in range(1, 7)} == {"2"}


async def test_keys_move_the_cursor_and_tell_the_row() -> None:
    app = TableApp()
    async with app.run_test(size=(60, 11)) as pilot:
        app.table.update(rows_of(many(100)))
        positions = []
        for key in (
            "down",
            "j",
            "k",
            "G",
            "up",
            "g",
            "ctrl+d",
            "pagedown",
            "ctrl+u",
            "pageup",
            "end",
            "home",
        ):
            await pilot.press(key)
            positions.append(app.table.cursor)
        await pilot.press("enter")
        await pilot.pause()
    assert positions == [1, 2, 1, 99, 98, 0, 5, 15, 10, 0, 99, 0]
    assert app.seen[0] == ("highlighted", "repo-0000", 0)
    assert app.seen[-1] == ("selected", "repo-0000", 0)


async def test_the_cursor_stays_on_its_key_and_its_line_when_rows_arrive_above() -> None:
    app = TableApp()
    async with app.run_test(size=(60, 11)) as pilot:
        app.table.update(rows_of(many(100)))
        app.table.move_to(50)
        await pilot.press("up", "up", "up")
        line = app.table.cursor - app.table.top
        app.table.update(rows_of([f"newer-{number}" for number in range(30)] + many(100)))
        assert (app.table.key, app.table.cursor) == ("repo-0047", 77)
        assert app.table.cursor - app.table.top == line
        assert "▸" in app.lines()[line + 1]


async def test_a_row_that_vanished_leaves_the_cursor_where_it_was() -> None:
    app = TableApp()
    async with app.run_test(size=(60, 11)) as pilot:
        names = many(20)
        app.table.update(rows_of(names))
        app.table.move_to(5)
        app.table.update(rows_of(names[:5] + names[6:]))
        await pilot.pause()
        keys = [app.table.key]
        app.table.update(rows_of(names[:3]))
        await pilot.pause()
        keys.append(app.table.key)
        app.table.update(rows_of([]))
        await pilot.pause()
        keys.append(app.table.key)
    assert keys == ["repo-0006", "repo-0002", None]
    assert app.seen[-1] == ("highlighted", None, -1)


async def test_order_is_an_index_over_the_rows() -> None:
    app = TableApp()
    async with app.run_test(size=(60, 11)) as pilot:
        rows = rows_of(many(10))
        app.table.update(rows)
        app.table.move_to(4)
        app.table.update(rows, [9, 7, 4, 1])
        await pilot.pause()
        assert (app.table.cursor, app.table.index, app.table.row_count) == (2, 4, 4)
        await pilot.press("up")
        assert app.table.key == "repo-0007"


async def test_marks_follow_their_keys_and_star_marks_what_is_shown() -> None:
    app = TableApp()
    async with app.run_test(size=(60, 11)) as pilot:
        names = many(6)
        rows = rows_of(names)
        app.table.update(rows)
        await pilot.press("space", "space")
        assert app.table.marks == {"repo-0000", "repo-0001"}
        assert app.table.cursor == 2
        assert "●" in app.lines()[1]
        app.table.update(rows, [2, 3])
        await pilot.press("asterisk")
        assert app.table.targets == names[:4]
        await pilot.press("asterisk")
        assert app.table.targets == names[:2]
        app.table.update(rows_of(names[1:]))
        assert app.table.marks == {"repo-0001"}
        app.table.clear_marks()
        assert app.table.targets == [app.table.key]


async def test_the_mouse_moves_opens_marks_scrolls_and_sorts() -> None:
    app = TableApp()
    async with app.run_test(size=(60, 11)) as pilot:
        app.table.update(rows_of(many(50)))
        await pilot.click(app.table, offset=(8, 4))
        assert app.table.cursor == 3
        await pilot.click(app.table, offset=(8, 5), times=2)
        assert ("selected", "repo-0004", 4) in app.seen
        await pilot.click(app.table, offset=(1, 2))
        assert app.table.marks == {"repo-0001"}
        await pilot.click(app.table, offset=(5, 0))
        await pilot.pause()
        assert app.seen[-1] == ("sort", "name")
        app.table._scroll(3)
        assert (app.table.top, app.table.cursor) == (3, 3)


async def test_only_lines_that_differ_are_painted() -> None:
    app = TableApp()
    async with app.run_test(size=(80, 21)) as pilot:
        names = many(1000)
        app.table.update(rows_of(names))
        await pilot.pause()
        app.table.asked.clear()
        app.table.update(rows_of(names))
        app.table.refresh_rows()
        app.table.show_sort(Sort("name"))
        app.table.show_placeholder()
        assert app.table.asked == []
        app.table.move_to(1)
        assert [(region.y, region.height) for region in app.table.asked] == [(1, 1), (2, 1)]
        assert all(region.width < 60 for region in app.table.asked)
        app.table.asked.clear()
        app.table.update(rows_of([*names[:7], "renamed", *names[8:]]))
        assert [region.y for region in app.table.asked] == [8]


async def test_without_rows_the_reason_is_shown_and_leaves_with_the_first_row() -> None:
    app = TableApp()
    async with app.run_test(size=(40, 10)) as pilot:
        app.table.show_placeholder(
            Cell(Shown("Denied: ecr:DescribeRepositories is not allowed for this role in eu-central-1."), "bad"),
            Cell(Shown("Press r to try again."), "muted"),
        )
        await pilot.pause()
        lines = app.lines()
        assert [line.strip() for line in lines[1:4]] == [
            "Denied: ecr:DescribeRepositories is",
            "not allowed for this role in",
            "eu-central-1.",
        ]
        app.table.update(rows_of(["pet-web"]))
        await pilot.pause()
        assert [bool(line.strip()) for line in app.lines()] == [True, True] + [False] * 8


async def test_a_table_without_the_focus_shows_its_cursor_at_rest() -> None:
    app = TableApp()
    async with app.run_test(size=(60, 8)) as pilot:
        app.table.update(rows_of(["a", "b"]))
        await pilot.pause()
        assert app.lines()[1][0] == "▸"
        app.screen.set_focus(None)
        await pilot.pause()
        assert app.lines()[1][0] == "▹"


async def test_new_rows_are_pointed_out() -> None:
    app = TableApp()
    async with app.run_test(size=(60, 8)):
        app.table.update(rows_of(["a", "b"]), new={"b"})
        assert [line[1] for line in app.lines()[1:3]] == [" ", "+"]


@pytest.mark.parametrize("size", [(80, 24), (40, 10), (20, 5), (8, 2), (1, 1), (300, 3)])
async def test_any_size_is_drawn_whole(size: tuple[int, int]) -> None:
    app = TableApp()
    async with app.run_test(size=size) as pilot:
        app.table.update(rows_of([*many(40), "漢" * 40]))
        await pilot.press("G")
        await pilot.pause()
        assert {cell_len(line) for line in app.lines()} == {size[0]}
        assert app.table.cursor == 40


def test_columns_leave_by_priority_and_the_flexible_one_takes_the_rest() -> None:
    def widths(room: int) -> dict[str, int]:
        return {COLUMNS[place.column].key: place.width for place in lay_out(COLUMNS, 0, room)}

    assert widths(120) == {"name": 93, "count": 6, "age": 8, "note": 10}
    assert widths(38) == {"name": 18, "count": 6, "age": 6, "note": 5}
    assert list(widths(27)) == ["name", "count", "note"]
    assert list(widths(16)) == ["name", "count"]
    assert widths(5) == {"name": 5}
    for room in range(1, 200):
        places = lay_out(COLUMNS, 0, room)
        assert places[-1].start + places[-1].width <= room
