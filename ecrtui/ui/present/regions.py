"""The regions list: each region with its repositories and bytes, marked, or grey with the reason."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ecrtui.domain.repository import RepositoryListing
from ecrtui.domain.text import NOTHING, Shown, shown, width
from ecrtui.domain.units import count, size
from ecrtui.services.browse import Summary
from ecrtui.services.ports import RegionStatus
from ecrtui.services.state import Failed, Idle, Loadable, Loading, error_of, value_of
from ecrtui.ui.present.facts import fact
from ecrtui.ui.present.problems import explanation, state_word
from ecrtui.ui.present.source import ValueRows
from ecrtui.ui.widgets.columns import Column
from ecrtui.ui.widgets.rows import BLANK, Cell
from ecrtui.ui.widgets.text_view import Line

_SHORT = 6

COLUMNS = (
    Column("name", Shown("REGION"), minimum=14, ideal=14, maximum=None, middle=True),
    Column("repositories", Shown("REPOS"), minimum=6, ideal=6, align="right", priority=1),
    Column("bytes", Shown("SIZE"), minimum=7, ideal=7, align="right", priority=2),
)


@dataclass(frozen=True, slots=True)
class RegionRow:
    """One region as shown. `repositories` and `bytes` are None where they are not known."""

    name: str
    refusal: Shown
    repositories: int | None
    bytes: int | None
    loading: bool
    in_scope: bool


def region_rows(
    regions: Sequence[RegionStatus],
    repositories: Mapping[str, Loadable[RepositoryListing]],
    summaries: Mapping[str, Mapping[str, Summary]],
    scope: Sequence[str],
    leading: Sequence[str],
) -> ValueRows[RegionRow]:
    """The rows of all regions: `leading` ones first, then usable ones, then refused ones, each by name."""
    known = {region.name for region in regions}
    everything = [*regions, *(RegionStatus(name) for name in scope if name not in known)]
    rows = [
        _row(region, repositories.get(region.name, Idle()), summaries.get(region.name, {}), scope)
        for region in everything
    ]
    rows.sort(key=lambda row: (row.name not in leading, bool(row.refusal), row.name))
    return ValueRows(
        rows,
        key=lambda row: row.name,
        cells=_cells,
        words=lambda row: f"{row.name} {row.refusal}",
        sorts={
            "name": lambda row: row.name,
            "repositories": lambda row: -1 if row.repositories is None else row.repositories,
            "bytes": lambda row: -1 if row.bytes is None else row.bytes,
        },
    )


def _row(
    region: RegionStatus,
    repositories: Loadable[RepositoryListing],
    summaries: Mapping[str, Summary],
    scope: Sequence[str],
) -> RegionRow:
    listing = value_of(repositories)
    error = error_of(repositories)
    refusal = Shown("off") if region.refusal else NOTHING
    if not refusal and isinstance(repositories, Failed) and error is not None:
        refusal = _short(state_word(error))
    sizes = [summary.bytes for summary in summaries.values() if summary.bytes is not None]
    nothing_yet = listing is None or (isinstance(repositories, Loading) and not len(listing))
    return RegionRow(
        name=region.name,
        refusal=refusal,
        repositories=None if listing is None or nothing_yet else len(listing),
        bytes=sum(sizes) if sizes else None,
        loading=isinstance(repositories, Loading),
        in_scope=region.name in scope,
    )


def _short(word: Shown) -> Shown:
    """A word that fits the column; the detail has the reason."""
    return word if width(word) <= _SHORT else Shown("failed")


def region_lines(
    region: str, regions: Sequence[RegionStatus], repositories: Loadable[RepositoryListing]
) -> tuple[Line, ...]:
    """The overview of one region: what is known of it, or why nothing is."""
    lines: list[Line] = [fact("region", region, "strong")]
    refusal = next((one.refusal for one in regions if one.name == region), "")
    if refusal:
        return (*lines, fact("refused", refusal, "warn"))
    if (error := error_of(repositories)) is not None:
        return (*lines, *((cell,) for cell in explanation(error)))
    listing = value_of(repositories)
    lines.append(fact("repos", "loading…" if listing is None else count(len(listing))))
    lines.append(fact("", "Enter shows this region alone, Space puts it in or out of the lists", "muted"))
    return tuple(lines)


def _cells(row: RegionRow) -> tuple[Cell, ...]:
    if row.refusal:
        return (Cell(shown(row.name), "muted"), Cell(row.refusal, "muted"), BLANK)
    name = Cell(shown(row.name), "strong" if row.in_scope else "plain")
    number = Cell(Shown("…"), "muted") if row.repositories is None else Cell(shown(count(row.repositories)), "number")
    return (name, number, BLANK if row.bytes is None else Cell(shown(size(row.bytes)), "number"))
