"""Numbers as people read and write them: sizes, ages, durations, counts and times."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, tzinfo
from math import isfinite

MINUTE, HOUR, DAY = 60, 3_600, 86_400

AGE_UNITS = {
    "s": 1,
    "m": MINUTE,
    "h": HOUR,
    "d": DAY,
    "w": 7 * DAY,
    "mo": 30 * DAY,
    "y": 365 * DAY,
}
"""Seconds by unit, for reading; a month is 30 days, a year 365."""

SIZE_UNITS = {
    "": 1,
    "b": 1,
    "k": 10**3,
    "m": 10**6,
    "g": 10**9,
    "t": 10**12,
    "kb": 10**3,
    "mb": 10**6,
    "gb": 10**9,
    "tb": 10**12,
    "kib": 2**10,
    "mib": 2**20,
    "gib": 2**30,
    "tib": 2**40,
}
"""Bytes by lower-case unit, for reading; decimal, like AWS's and docker's own figures, unless with an i."""

NOTHING = "–"
"""What stands for a number that is not known."""

_SIZES = (("B", 1), ("kB", 10**3), ("MB", 10**6), ("GB", 10**9), ("TB", 10**12), ("PB", 10**15))


def size_unit(sizes: Iterable[int | None]) -> str:
    """The unit in which the largest of these sizes reads well: one unit for a whole column."""
    largest = max((size for size in sizes if size is not None), default=0)
    # From 999.5 on a number would be rounded up to four digits: the next unit takes over.
    return next((unit for unit, factor in reversed(_SIZES) if largest >= factor * 0.9995), "B")


def size(value: int | None, unit: str | None = None) -> str:
    """`209 MB`, `1.2 GB`: decimal units, in `unit` or in the size's own; `–` when it is not known."""
    if value is None or value < 0:
        return NOTHING
    chosen = unit or size_unit((value,))
    amount = value / dict(_SIZES)[chosen]
    if chosen == "B":
        return f"{value:,} B"
    if 0 < amount < 0.05:
        return f"<0.1 {chosen}"
    return f"{amount:.1f} {chosen}" if amount < 9.95 else f"{amount:,.0f} {chosen}"


def age(seconds: float | None) -> str:
    """`40s`, `2m`, `1h`, `9d` up to `999d`, then `3y`; `–` when it is not known. Rounded down."""
    if seconds is None or not isfinite(seconds):
        return NOTHING
    whole = max(0, int(seconds))
    if whole < MINUTE:
        return f"{whole}s"
    if whole < HOUR:
        return f"{whole // MINUTE}m"
    if whole < DAY:
        return f"{whole // HOUR}h"
    days = whole // DAY
    return f"{days}d" if days < 1_000 else f"{days // 365}y"


def duration(seconds: float | None) -> str:
    """`38s`, `1m 12s`, `2h 05m`, `3d 04h`: the two largest parts; `–` when it is not known."""
    if seconds is None or not isfinite(seconds):
        return NOTHING
    whole = max(0, int(seconds))
    if whole < MINUTE:
        return f"{whole}s"
    if whole < HOUR:
        return f"{whole // MINUTE}m {whole % MINUTE:02d}s"
    if whole < DAY:
        return f"{whole // HOUR}h {whole % HOUR // MINUTE:02d}m"
    return f"{whole // DAY}d {whole % DAY // HOUR:02d}h"


def count(number: int | None) -> str:
    """`1,234`; `–` when it is not known."""
    return NOTHING if number is None else f"{number:,}"


def time(instant: float | None, zone: tzinfo) -> str:
    """`2026-05-04 18:13:01 +09:00` in `zone`; `–` when there is none.

    An instant that no calendar holds is given as its epoch seconds.
    """
    if instant is None or not isfinite(instant):
        return NOTHING
    try:
        text = datetime.fromtimestamp(instant, zone).isoformat(" ", "seconds")
    except (OverflowError, OSError, ValueError):
        return f"{instant:.0f} s"
    return f"{text[:19]} {text[19:]}"
