"""The repositories list over one or more regions."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Collection, Container, Hashable, Mapping, Sequence
from itertools import accumulate
from typing import Any, NamedTuple

from ecrtui.domain.mutability import Mutability
from ecrtui.domain.query import Field, FieldKind
from ecrtui.domain.repository import RepositoryListing
from ecrtui.domain.text import Shown, shown
from ecrtui.domain.units import age, count, size
from ecrtui.services.browse import Summary
from ecrtui.ui.present.names import name_cell
from ecrtui.ui.present.source import Same, SortValue
from ecrtui.ui.theme import glyphs
from ecrtui.ui.widgets.columns import Column
from ecrtui.ui.widgets.rows import BLANK, Cell

NEVER = float("-inf")
_NAME = Column("name", Shown("NAME"), minimum=14, ideal=22, maximum=None, middle=True)
_IMAGES = Column("images", Shown("IMAGES"), minimum=6, ideal=6, align="right", priority=1)
_PUSHED = Column("pushed", Shown("AGE"), minimum=5, ideal=6, align="right", priority=2)
_SIZE = Column("size", Shown("SIZE"), minimum=7, ideal=7, align="right", priority=3)
_PAIRED = Column("paired", Shown("PROJECT"), minimum=9, ideal=10, priority=4)
_TAGS = Column("mutability", Shown("TAGS"), minimum=9, ideal=10, priority=5)
_POLICY = Column("policy", Shown("POLICY"), minimum=7, ideal=7, align="right", priority=6)
_SCAN = Column("scan", Shown("SCAN"), minimum=7, ideal=7, priority=7)
_REGION = Column("region", Shown("REGION"), minimum=14, ideal=14, priority=0)

FIELDS: Mapping[str, Field] = {
    field.name: field
    for field in (
        Field("name", FieldKind.TEXT, "the repository's name"),
        Field("region", FieldKind.TEXT, "the region's name"),
        Field("images", FieldKind.NUMBER, "how many images"),
        Field("age", FieldKind.AGE, "time since the last push"),
        Field("size", FieldKind.SIZE, "the sum of the images' sizes"),
        Field("tags", FieldKind.TEXT, "tag mutability: mutable, immutable"),
        Field("paired", FieldKind.FLAG, "whether a project of that name exists"),
        Field("policy", FieldKind.FLAG, "whether a lifecycle policy is set"),
    )
}


def columns(many_regions: bool) -> tuple[Column, ...]:
    """The columns, with the region where the list spans several."""
    region = (_REGION,) if many_regions else ()
    return (_NAME, *region, _IMAGES, _PUSHED, _SIZE, _PAIRED, _TAGS, _POLICY, _SCAN)


class RepositoryKey(NamedTuple):
    """What identifies a repository in the list."""

    region: str
    name: str


class RepositoryRows:
    """The repositories of several regions, one listing after the other."""

    def __init__(
        self,
        listings: Sequence[RepositoryListing],
        summaries: Mapping[str, Mapping[str, Summary]],
        projects: Mapping[str, Collection[str] | None],
        now: float,
        many_regions: bool,
        watched: Collection[tuple[str, str]] = (),
    ) -> None:
        self._listings = listings
        self._summaries = summaries
        self._projects = projects
        self._now = now
        self._many_regions = many_regions
        self._watched = watched
        self._starts = list(accumulate((len(listing) for listing in listings), initial=0))

    def __len__(self) -> int:
        return self._starts[-1]

    def key(self, index: int, /) -> RepositoryKey:
        listing, row = self._place(index)
        return RepositoryKey(listing.region, listing.names[row])

    def find(self, key: Hashable, /) -> int | None:
        if not isinstance(key, RepositoryKey):
            return None
        for listing, start in zip(self._listings, self._starts, strict=False):
            if listing.region == key.region and (row := listing.find(key.name)) is not None:
                return start + row
        return None

    def cells(self, index: int, /) -> Sequence[Cell]:
        listing, row = self._place(index)
        name = listing.names[row]
        summary = self._summary(index)
        region = (Cell(shown(listing.region), "muted"),) if self._many_regions else ()
        return (
            name_cell(name, glyphs().watched if (listing.region, name) in self._watched else ""),
            *region,
            *summary_cells(summary, self._now),
            self._paired_cell(listing.region, name),
            mutability_cell(listing.mutabilities[row], listing.exclusions.get(row, ())),
            policy_cell(None if summary is None else summary.policy_rules),
            scan_cell(listing.scans[row]),
        )

    @property
    def stamp(self) -> Hashable:
        listings = tuple((Same(listing), len(listing)) for listing in self._listings)
        return listings, tuple(map(Same, self._summaries.values())), tuple(map(Same, self._projects.values()))

    def folded(self, start: int, stop: int, /) -> list[str]:
        return [self.key(index).name.casefold() for index in range(start, stop)]

    def terms(self) -> Mapping[str, Callable[[int], Any]]:
        return {
            "name": lambda index: self.key(index).name,
            "region": lambda index: self.key(index).region,
            "images": lambda index: _of(self._summary(index), "images"),
            "age": lambda index: _of(self._summary(index), "last_push"),
            "size": lambda index: _of(self._summary(index), "bytes"),
            "tags": lambda index: self._mutability(index).lower(),
            "paired": self._is_paired,
            "policy": self._has_policy,
        }

    def sort_value(self, column: str, /) -> SortValue | None:
        return {
            "name": lambda index: self.key(index).name,
            "region": lambda index: self.key(index).region,
            "images": lambda index: _number(self._summary(index), "images"),
            "pushed": lambda index: _number(self._summary(index), "last_push"),
            "size": lambda index: _number(self._summary(index), "bytes"),
            "paired": lambda index: bool(self._is_paired(index)),
            "mutability": self._mutability,
            "policy": lambda index: _number(self._summary(index), "policy_rules"),
            "scan": lambda index: bool(self._listings_scan(index)),
        }.get(column)

    def nested(self) -> Container[int]:
        return ()

    def arranged(self, order: list[int], /) -> list[int]:
        return order

    def _place(self, index: int) -> tuple[RepositoryListing, int]:
        which = bisect_right(self._starts, index) - 1
        return self._listings[which], index - self._starts[which]

    def _summary(self, index: int) -> Summary | None:
        listing, row = self._place(index)
        return self._summaries.get(listing.region, {}).get(listing.names[row])

    def _mutability(self, index: int) -> str:
        listing, row = self._place(index)
        return listing.mutabilities[row]

    def _listings_scan(self, index: int) -> bool | None:
        listing, row = self._place(index)
        return listing.scans[row]

    def _is_paired(self, index: int) -> bool | None:
        listing, row = self._place(index)
        names = self._projects.get(listing.region)
        return None if names is None else listing.names[row] in names

    def _has_policy(self, index: int) -> bool | None:
        rules = _of(self._summary(index), "policy_rules")
        return None if rules is None else bool(rules)

    def _paired_cell(self, region: str, name: str) -> Cell:
        names = self._projects.get(region)
        if names is None:
            return Cell(Shown("? unknown"), "muted")
        return Cell(Shown("✓ paired"), "plain") if name in names else Cell(Shown("– none"), "muted")


def summary_cells(summary: Summary | None, now: float) -> tuple[Cell, Cell, Cell]:
    """Images, age of the last push and size of a repository, as far as they are known."""
    if summary is None:
        return Cell(Shown("…"), "muted"), BLANK, BLANK
    if summary.images is None:
        return Cell(Shown("?"), "warn"), Cell(Shown("?"), "warn"), Cell(Shown("?"), "warn")
    pushed = Cell(Shown("never"), "warn") if summary.last_push is None else Cell(shown(age(now - summary.last_push)))
    return (
        Cell(shown(count(summary.images)), "number"),
        pushed,
        Cell(shown(size(summary.bytes or 0)), "number"),
    )


def mutability_cell(mutability: str, exclusions: Sequence[str]) -> Cell:
    """Tag mutability in a word; `+n` counts the exclusion filters."""
    word = "immutable" if mutability.startswith(Mutability.IMMUTABLE) else mutability.split("_")[0].lower()
    extra = f" +{len(exclusions)}" if exclusions else ""
    return Cell(shown(word + extra), "plain" if word == "immutable" else "muted")


def policy_cell(rules: int | None) -> Cell:
    """The number of lifecycle rules: none is worth a look, unknown is no number."""
    if rules is None:
        return Cell(Shown("…"), "muted")
    if rules == 0:
        return Cell(Shown("none"), "muted")
    return Cell(shown("1 rule" if rules == 1 else f"{rules} rules"))


def scan_cell(on_push: bool | None) -> Cell:
    """Whether images are scanned on push by the repository's own setting."""
    if on_push is None:
        return Cell(Shown("?"), "muted")
    return Cell(Shown("on push")) if on_push else Cell(Shown("manual"), "muted")


def _of(summary: Summary | None, member: str) -> Any:
    return None if summary is None else getattr(summary, member)


def _number(summary: Summary | None, member: str) -> float:
    value = _of(summary, member)
    return NEVER if value is None else float(value)
