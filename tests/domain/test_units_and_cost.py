"""Numbers for people, and what storage costs."""

from datetime import UTC, timedelta, timezone

import pytest

from ecrtui.domain import units
from ecrtui.domain.cost import FALLBACK, money, monthly_archive, monthly_storage


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (1_000, "1.0 kB"),
        (209_000_000, "209 MB"),
        (1_240_000_000, "1.2 GB"),
        (999_400_000, "999 MB"),
        (999_600_000, "1.0 GB"),
        (9_940_000, "9.9 MB"),
        (9_960_000, "10 MB"),
        (10**19, "10,000 PB"),
        (None, "–"),
        (-1, "–"),
    ],
)
def test_sizes(value: int | None, text: str) -> None:
    assert units.size(value) == text


def test_a_column_has_one_unit() -> None:
    unit = units.size_unit([1_000, None, 209_000_000])
    assert unit == "MB"
    assert [units.size(value, unit) for value in (1_000, 0, 61_500_000)] == ["<0.1 MB", "0.0 MB", "62 MB"]
    assert units.size_unit([]) == "B"


@pytest.mark.parametrize(
    ("seconds", "age", "duration"),
    [
        (0, "0s", "0s"),
        (59.9, "59s", "59s"),
        (72, "1m", "1m 12s"),
        (3_600, "1h", "1h 00m"),
        (86_399, "23h", "23h 59m"),
        (9 * 86_400 + 14_400, "9d", "9d 04h"),
        (999 * 86_400, "999d", "999d 00h"),
        (1_000 * 86_400, "2y", "1000d 00h"),
        (-5, "0s", "0s"),
        (None, "–", "–"),
        (float("nan"), "–", "–"),
        (float("inf"), "–", "–"),
    ],
)
def test_ages_and_durations(seconds: float | None, age: str, duration: str) -> None:
    assert units.age(seconds) == age
    assert units.duration(seconds) == duration


def test_counts_and_times() -> None:
    assert units.count(1234567) == "1,234,567"
    assert units.count(None) == "–"
    seoul = timezone(timedelta(hours=9))
    assert units.time(1_777_885_981.9, seoul) == "2026-05-04 18:13:01 +09:00"
    assert units.time(1_777_885_981.0, UTC) == "2026-05-04 09:13:01 +00:00"
    assert units.time(None, UTC) == "–"
    assert units.time(1e300, UTC).endswith(" s")


def test_storage_costs_what_the_dated_table_says() -> None:
    assert monthly_storage(100 * 10**9) == pytest.approx(10.0)
    assert monthly_archive(150 * 10**12) == pytest.approx(15_000.0)
    assert monthly_archive(151 * 10**12) == pytest.approx(15_070.0)
    assert FALLBACK.seen in FALLBACK.note


@pytest.mark.parametrize(
    ("dollars", "text"),
    [(0, "$0"), (0.004, "<$0.01"), (12.3, "$12.30"), (1_234.5, "$1,234")],
)
def test_money(dollars: float, text: str) -> None:
    assert money(dollars) == text
