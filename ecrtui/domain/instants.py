"""Instants as ISO 8601 texts, for people's files and for scripts."""

from __future__ import annotations

from datetime import UTC, datetime


def iso(at: float | None) -> str | None:
    """Epoch seconds as ISO 8601 in UTC with `Z`; None stays None, as does what no calendar holds."""
    if at is None:
        return None
    try:
        moment = datetime.fromtimestamp(at, UTC)
    except (ValueError, OverflowError, OSError):
        return None
    return moment.isoformat(timespec="milliseconds" if moment.microsecond else "seconds").replace("+00:00", "Z")


def instant(text: str) -> float | None:
    """Epoch seconds of an ISO 8601 text, in UTC unless it names a zone; None when it is none."""
    try:
        moment = datetime.fromisoformat(text.strip())
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        return None
