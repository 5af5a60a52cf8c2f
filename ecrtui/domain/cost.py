"""What stored images cost a month, from a dated table of prices: an estimate, never a bill."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from statistics import median
from typing import Generic, TypeVar

N = TypeVar("N", bound=Hashable)

GB = 10**9


@dataclass(frozen=True, slots=True)
class Prices:
    """Storage prices in US dollars for a GB (10^9 bytes, as sizes are shown) and month."""

    seen: str
    """When they were seen."""
    region: str
    standard: float
    archive: float
    archive_beyond: float
    """The archive's price for what exceeds `archive_tier`."""
    archive_tier: int
    """Bytes."""

    @property
    def note(self) -> str:
        """Where the figures come from, for the foot of a table."""
        return f"prices of {self.region}, seen {self.seen}; estimate"


FALLBACK = Prices("2026", "us-east-1", 0.10, 0.10, 0.07, 150 * 10**12)
"""Used where the price list cannot be asked (domain reference, section 7)."""


def monthly_storage(size: int, prices: Prices = FALLBACK) -> float:
    """Dollars a month for this many bytes in standard storage."""
    return size / GB * prices.standard


def monthly_archive(size: int, prices: Prices = FALLBACK) -> float:
    """Dollars a month for this many bytes in the archive, all of an account's together."""
    beyond = max(0, size - prices.archive_tier)
    return (size - beyond) / GB * prices.archive + beyond / GB * prices.archive_beyond


OUTLIER_FACTOR = 10.0
OUTLIER_FLOOR = 10 * GB
_FEWEST = 5
"""Repositories without which a median says nothing."""


@dataclass(frozen=True, slots=True)
class Outlier(Generic[N]):
    """A repository that keeps far more than the others do."""

    name: N
    bytes: int
    median: float
    """What a repository keeps here, in bytes."""


def outliers(
    sizes: Mapping[N, int | None], factor: float = OUTLIER_FACTOR, floor: int = OUTLIER_FLOOR
) -> tuple[Outlier[N], ...]:
    """The repositories that keep at least `floor` bytes and `factor` times the median, the largest first.

    `sizes` are bytes by any name of a repository; empty ones and unknown ones (None) say nothing of what is usual.
    """
    known = {name: size for name, size in sizes.items() if size}
    if len(known) < _FEWEST:
        return ()
    usual = median(known.values())
    found = [Outlier(name, size, usual) for name, size in known.items() if size >= max(floor, factor * usual)]
    return tuple(sorted(found, key=lambda outlier: outlier.bytes, reverse=True))


def money(dollars: float) -> str:
    """`$1,234`, `$12.30`, `<$0.01`, `$0`."""
    if 0 < dollars < 0.01:
        return "<$0.01"
    if dollars == 0:
        return "$0"
    return f"${dollars:,.2f}" if dollars < 1_000 else f"${dollars:,.0f}"
