"""Two images compared by their findings: what came, what went, what stayed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from ecrtui.domain.scan import ImageScan
from ecrtui.domain.scan_rows import FindingRow, order, rows_of

NEW, FIXED, REMAINING = CHANGES = ("new", "fixed", "remaining")
"""In the order in which they are told."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """The findings of an image beside those of an earlier one, the baseline."""

    rows: tuple[FindingRow, ...]
    """New ones first, then fixed, then remaining; each worst first. A fixed row is the baseline's."""

    @property
    def counts(self) -> Mapping[str, int]:
        """How many are new, fixed and remaining."""
        counted = Counter(row.change for row in self.rows)
        return {change: counted[change] for change in CHANGES}


def compare(image: ImageScan, baseline: ImageScan) -> Comparison | None:
    """What changed from `baseline` to `image`; None when the findings of one are not (all) known.

    A finding is the same one when id and package are, whatever the version and the platform.
    """
    if not (image.answers and baseline.answers):
        return None
    now, before = _by_identity(rows_of(image)), _by_identity(rows_of(baseline))
    came = [row for key, rows in now.items() if key not in before for row in _changed(rows, NEW)]
    went = [row for key, rows in before.items() if key not in now for row in _changed(rows, FIXED)]
    stayed = [_beside(row, before[key]) for key, rows in now.items() if key in before for row in rows]
    return Comparison(tuple(row for rows in (came, went, stayed) for row in sorted(rows, key=order)))


def _by_identity(rows: Iterable[FindingRow]) -> dict[tuple[str, str], list[FindingRow]]:
    found: dict[tuple[str, str], list[FindingRow]] = {}
    for row in rows:
        found.setdefault((row.finding.id, row.finding.package), []).append(row)
    return found


def _changed(rows: Sequence[FindingRow], change: str) -> list[FindingRow]:
    return [row._replace(change=change) for row in rows]


def _beside(row: FindingRow, former: Sequence[FindingRow]) -> FindingRow:
    """A row that stayed, with the versions before where its own is another."""
    versions = dict.fromkeys(one.finding.version for one in former if one.finding.version)
    other = "" if row.finding.version in versions else ", ".join(versions)
    return row._replace(change=REMAINING, former=other)
