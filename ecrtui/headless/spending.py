"""What repositories keep and cost, as rows: for people with totals and notes, for programs with every figure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field

from ecrtui.domain.cost import money
from ecrtui.domain.errors import AppError
from ecrtui.domain.spending import AgeGroup, Part, Spend, TagGroup, monthly, monthly_saving, spend, spend_by
from ecrtui.domain.storage import Amount, Holdings
from ecrtui.domain.units import count, size
from ecrtui.headless.printers import Column, Record, column, note, print_object, print_records
from ecrtui.services.cost import Priced, Spending, caveats

DIMENSIONS: dict[str, Callable[[Part], str]] = {
    "repository": lambda part: part.repository,
    "tag": lambda part: part.tags,
    "age": lambda part: part.age,
}
_RANKS = {group: number for number, group in enumerate((*TagGroup, *AgeGroup))}


@dataclass(frozen=True, slots=True)
class RegionCost:
    """What was found in one region."""

    name: str
    repositories: tuple[str, ...]
    spending: Spending | None
    """None where nothing could be read."""
    priced: Priced
    errors: tuple[AppError, ...] = ()
    missing: Mapping[str, AppError] = field(default_factory=dict)
    """Repositories that were named and are not there."""


def print_costs(form: str, found: Sequence[RegionCost], dimensions: Sequence[str]) -> None:
    """The rows of all regions, the total, and what has to be known of the figures."""
    rows = [row for region in found if region.spending for row in _rows(region, region.spending, dimensions)]
    notes = list(
        dict.fromkeys(
            text for region in found if region.spending for text in _notes(region, region.spending, dimensions)
        )
    )
    if form == "json":
        prices = {region.name: asdict(region.priced.prices) for region in found}
        weeks = {region.name: list(region.spending.weeks) for region in found if region.spending}
        total = _total(found)
        print_object({"rows": rows, "total": total, "prices": prices, "weekly_bytes": weeks, "notes": notes})
        return
    if form == "table":
        measured = all(region.spending.measured for region in found if region.spending)
        print_records(form, [*rows, _total(found)], _columns(dimensions, len(found) > 1, measured), MEMBERS)
    else:
        print_records(form, rows, (), MEMBERS)
    for text in notes:
        note(text)


# Rows


def _rows(region: RegionCost, spending: Spending, dimensions: Sequence[str]) -> list[Record]:
    """One row a group, the largest repositories first."""
    holdings = spending.holdings
    groups = spend_by(holdings, lambda part: tuple(DIMENSIONS[name](part) for name in dimensions))
    if list(dimensions) == ["repository"]:
        empty = [name for name in region.repositories if name not in spending.refused]
        nothing = Spend(Amount(), Amount())
        groups = {**{(name,): nothing for name in empty}, **groups}
    largest = {name: one.amount.bytes for name, one in spend_by(holdings, DIMENSIONS["repository"]).items()}

    def place(key: tuple[str, ...]) -> tuple[tuple[float, str], ...]:
        return tuple((_RANKS.get(word, -largest.get(word, 0)), word) for word in key)

    return [_row(region, spending, dimensions, key, groups[key]) for key in sorted(groups, key=place)]


def _row(region: RegionCost, spending: Spending, dimensions: Sequence[str], key: Sequence[str], one: Spend) -> Record:
    labels = dict(zip(dimensions, key, strict=True))
    return {
        "region": region.name,
        **{name: labels.get(name) for name in DIMENSIONS},
        **_figures(one, spending.holdings, region.priced),
    }


def _figures(one: Spend, holdings: Holdings[Part], priced: Priced) -> Record:
    amount, recent = one.amount, one.recent
    return {
        "images": amount.images,
        "bytes": amount.bytes,
        "exact": amount.exact,
        "archived_bytes": amount.archived,
        "monthly_usd": _cents(monthly(amount, priced.prices)),
        "freed_bytes": amount.own,
        "freed_monthly_usd": _cents(monthly_saving(amount, priced.prices)),
        "freed_exact": holdings.of().exact,
        "images_30d": recent.images,
        "bytes_30d": recent.bytes,
        "monthly_usd_30d": _cents(monthly(recent, priced.prices)),
        "images_at_reported_size": amount.reported,
        "images_without_size": amount.unsized,
    }


_SUMS = (
    "images",
    "bytes",
    "archived_bytes",
    "monthly_usd",
    "freed_bytes",
    "freed_monthly_usd",
    "images_30d",
    "bytes_30d",
    "monthly_usd_30d",
    "images_at_reported_size",
    "images_without_size",
)
MEMBERS = ("region", *DIMENSIONS, *_SUMS, "exact", "freed_exact")


def _total(found: Sequence[RegionCost]) -> Record:
    """All regions together; layers that groups share count once."""
    of_regions = [
        _figures(spend(region.spending.holdings), region.spending.holdings, region.priced)
        for region in found
        if region.spending
    ]
    total = {name: sum(figures[name] for figures in of_regions) for name in _SUMS}
    exact = all(figures["exact"] for figures in of_regions)
    return dict.fromkeys(("region", *DIMENSIONS)) | total | {"exact": exact, "freed_exact": exact}


def _cents(dollars: float) -> float:
    return round(dollars, 8)


# Printing


def _notes(region: RegionCost, spending: Spending, dimensions: Sequence[str]) -> Iterable[str]:
    """What has to be known of the figures."""
    yield from (f"{region.name}: {text}" for text in caveats(spending, grouped=list(dimensions) != ["repository"]))
    if region.priced.error is not None:
        yield f"the price list could not be asked: {region.priced.error}"
    yield f"{region.name}: {region.priced.prices.note}"


def _columns(dimensions: Sequence[str], regions: bool, measured: bool) -> list[Column]:
    names = ["region"] if regions else []
    labels = [column(name, name) for name in (*names, *dimensions)]
    first = labels[0]
    labels[0] = Column(first.title, lambda record: first.text(record) or "total")
    figures = [
        Column("images", lambda record: count(record["images"]), "right"),
        Column("size" if measured else "at most", lambda record: _size(record, measured), "right"),
        Column("a month", lambda record: money(record["monthly_usd"]), "right"),
        Column("30d images", lambda record: count(record["images_30d"]), "right"),
        Column("30d size", lambda record: size(record["bytes_30d"]), "right"),
        Column("30d a month", lambda record: money(record["monthly_usd_30d"]), "right"),
    ]
    freed = [Column("if deleted", lambda record: size(record["freed_bytes"]), "right")] if measured else []
    return [*labels, *figures, *freed]


def _size(record: Record, measured: bool) -> str:
    mark = "" if record["exact"] or not measured else "<= "
    return mark + size(record["bytes"])
