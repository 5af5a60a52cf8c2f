"""Findings that are known and accepted, by the configuration's `[[audit.suppress]]`: why, and until when."""

from __future__ import annotations

from datetime import UTC, date, datetime
from fnmatch import fnmatchcase
from typing import NamedTuple


class Suppression(NamedTuple):
    """One entry of the configuration."""

    rule: str
    """A rule's id; `*` stands for anything: `buildspec-*`."""
    match: str
    """A pattern of names: `legacy-*`, or with the region before it: `eu-central-1/*`."""
    reason: str
    until: date | None = None
    """The last day (UTC) that it holds; None: for good."""

    def covers(self, rule: str, region: str, name: str) -> bool:
        """Whether it is meant for a finding of this rule about this name."""
        return fnmatchcase(rule, self.rule) and (
            fnmatchcase(f"{region}/{name}", self.match) or (bool(name) and fnmatchcase(name, self.match))
        )

    def expired(self, now: float) -> bool:
        """Whether its last day is over (`now` in epoch seconds)."""
        return self.until is not None and datetime.fromtimestamp(now, UTC).date() > self.until
