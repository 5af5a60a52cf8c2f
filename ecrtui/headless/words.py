"""Instants, ages and sizes as scripts and people read them."""

from __future__ import annotations

from datetime import UTC, datetime

_AGES = ((86_400 * 365, "y"), (86_400, "d"), (3_600, "h"), (60, "m"), (1, "s"))


def iso(at: float | None) -> str | None:
    """Epoch seconds as ISO 8601 in UTC with `Z`; None stays None."""
    if at is None:
        return None
    try:
        moment = datetime.fromtimestamp(at, UTC)
    except (ValueError, OverflowError, OSError):
        return None
    return moment.isoformat(timespec="milliseconds" if moment.microsecond else "seconds").replace(
        "+00:00", "Z"
    )


def age(at: float | None, now: float) -> str:
    """How long ago, in the largest whole unit: `2m`, `3d`; empty when there is no instant."""
    if at is None:
        return ""
    seconds = max(0, int(now - at))
    length, unit = next(((length, unit) for length, unit in _AGES if seconds >= length), (1, "s"))
    return f"{seconds // length}{unit}"


def size(count: int | None) -> str:
    """Bytes in decimal units: `209.4 MB`; empty when unknown."""
    if count is None:
        return ""
    amount = float(count)
    for unit in ("B", "kB", "MB", "GB"):
        if amount < 999.95 or unit == "GB":
            return f"{amount:.0f} {unit}" if unit == "B" else f"{amount:,.1f} {unit}"
        amount /= 1000
    raise AssertionError(count)


def instant(text: str) -> float | None:
    """Epoch seconds of an ISO 8601 text, in UTC unless it names a zone; None when it is none."""
    try:
        moment = datetime.fromisoformat(text.strip())
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        return None
