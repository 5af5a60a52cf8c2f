"""Findings as rows: in order, with the fields that a filter can name, and as records to write to a file."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from io import StringIO
from typing import Any, NamedTuple

from ecrtui.domain import spreadsheet
from ecrtui.domain.instants import iso
from ecrtui.domain.query import Field, FieldKind
from ecrtui.domain.scan import UNDEFINED, Finding, ImageScan, PlatformScan, counts_of, fixable, rank


class FindingRow(NamedTuple):
    """One finding in one platform of an image, or in the comparison of two images."""

    finding: Finding
    digest: str
    """The image that was scanned: the platform's, where the image is an index."""
    platform: str = ""
    change: str = ""
    """In a comparison: `new`, `fixed` or `remaining`; else empty."""
    former: str = ""
    """In a comparison: the version that was installed before, where another one is now."""

    @property
    def severity(self) -> str:
        """AWS's word; UNDEFINED where it sent none."""
        return self.finding.severity or UNDEFINED


def rows_of(scan: ImageScan) -> tuple[FindingRow, ...]:
    """The findings of all parts, worst first."""
    found = [
        FindingRow(finding, part.digest, part.platform)
        for part in scan.parts
        if part.report is not None and part.report.answers
        for finding in part.report.findings
    ]
    return tuple(sorted(found, key=order))


def order(row: FindingRow) -> tuple[Any, ...]:
    """Sorts rows worst first: by severity, then score, then name."""
    finding = row.finding
    score = -1.0 if finding.score is None else finding.score
    return rank(finding.severity), -score, finding.id, finding.package, row.platform


FIELDS: Mapping[str, Field] = {
    field.name: field
    for field in (
        Field("severity", FieldKind.TEXT, "critical, high, medium, low, informational, untriaged, undefined"),
        Field("id", FieldKind.TEXT, "the CVE", ("cve",)),
        Field("package", FieldKind.TEXT, "the package"),
        Field("installed", FieldKind.TEXT, "the installed version", ("version",)),
        Field("fixed", FieldKind.TEXT, "the version that mends it"),
        Field("fix", FieldKind.FLAG, "whether an update mends it"),
        Field("score", FieldKind.NUMBER, "CVSS, 0 to 10"),
        Field("exploit", FieldKind.FLAG, "whether an exploit is known"),
        Field("platform", FieldKind.TEXT, "linux/arm64, of an index"),
        Field("change", FieldKind.TEXT, "new, fixed, remaining, in a comparison"),
    )
}

VALUES: Mapping[str, Callable[[FindingRow], Any]] = {
    "severity": lambda row: row.severity,
    "id": lambda row: row.finding.id,
    "package": lambda row: row.finding.package,
    "installed": lambda row: row.finding.version,
    "fixed": lambda row: row.finding.fixed_in,
    "fix": lambda row: fixable(row.finding),
    "score": lambda row: row.finding.score,
    "exploit": lambda row: row.finding.exploit_available,
    "platform": lambda row: row.platform,
    "change": lambda row: row.change,
}
"""The value of each field of `FIELDS` in a row."""


def words(row: FindingRow) -> str:
    """The text of a row that bare words of a filter are looked for in."""
    one = row.finding
    return " ".join((row.severity, one.id, one.package, one.version, one.fixed_in, one.title, row.platform, row.change))


# Records

MEMBERS = (
    "severity",
    "id",
    "package",
    "installed",
    "fixed_in",
    "fix_available",
    "score",
    "title",
    "link",
    "exploit_available",
    "platform",
    "digest",
)
COMPARED = ("change", *MEMBERS, "installed_before")
"""The members of a record of a comparison."""


def record(row: FindingRow) -> dict[str, Any]:
    """A row as raw values: what the scanner did not say is null."""
    one = row.finding
    compared = {"installed_before": row.former or None} if row.change else {}
    return {
        **({"change": row.change} if row.change else {}),
        "severity": row.severity,
        "id": one.id,
        "package": one.package or None,
        "installed": one.version or None,
        "fixed_in": one.fixed_in or None,
        "fix_available": one.fix_available or None,
        "score": one.score,
        "title": one.title or None,
        "link": one.link or None,
        "exploit_available": one.exploit_available,
        "platform": row.platform or None,
        "digest": row.digest,
        **compared,
    }


def scan_records(scans: Mapping[str, ImageScan]) -> list[dict[str, Any]]:
    """What the scans say of themselves: one record for each platform of each image."""
    return [_scan_record(digest, part) for digest, scan in scans.items() for part in scan.parts]


def _scan_record(image: str, part: PlatformScan) -> dict[str, Any]:
    report = part.report
    return {
        "image": image,
        "digest": part.digest,
        "platform": part.platform or None,
        "status": None if report is None else report.status,
        "why": str(part.scan) if report is None else report.why or None,
        "scanner": None if report is None else "enhanced" if report.enhanced else "basic",
        "completed_at": None if report is None else iso(report.completed_at),
        "counts": None if report is None else counts_of(report),
    }


def as_json(document: Mapping[str, Any]) -> str:
    """A file of findings: one JSON object, in ASCII so that no viewer acts upon it."""
    return json.dumps(document, indent=2) + "\n"


def as_csv(records: Iterable[Mapping[str, Any]], members: Sequence[str]) -> str:
    """A file of findings: a heading and a line each, without control characters.

    What a spreadsheet would take for a formula gets a `'` in front.
    """
    text = StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(members)
    for one in records:
        writer.writerow([_csv_cell(one[member]) for member in members])
    return text.getvalue()


def _csv_cell(value: Any) -> str:
    if value is None or isinstance(value, bool):
        return {None: "", True: "yes", False: "no"}[value]
    return str(value) if isinstance(value, (int, float)) else spreadsheet.cell(str(value))
