"""A report as the text of a file, in every format that there is."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Mapping
from typing import Any

from ecrtui.domain import spreadsheet
from ecrtui.domain.audit.markdown import markdown
from ecrtui.domain.audit.records import FINDING_MEMBERS, finding_record, report_record
from ecrtui.domain.audit.report import Report
from ecrtui.domain.audit.sarif import sarif


def as_json(document: object) -> str:
    """JSON in which every character that is not ASCII is escaped: a parser reads it back unchanged."""
    return json.dumps(document, indent=2) + "\n"


def as_csv(report: Report) -> str:
    """The findings, and behind them those that are suppressed, with the reason.

    People look at it: cells are made harmless, also for a spreadsheet that would take them for a formula.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow((*FINDING_MEMBERS, "suppressed"))
    rows = [(finding, "") for finding in report.findings]
    rows += [(one.finding, one.by.reason) for one in report.suppressed]
    for finding, reason in rows:
        record = finding_record(finding)
        writer.writerow([_cell(record[member]) for member in FINDING_MEMBERS] + [_cell(reason)])
    return text.getvalue()


def _cell(value: Any) -> str:
    return "" if value is None else spreadsheet.cell(str(value))


FORMATS: Mapping[str, Callable[[Report, float], str]] = {
    "json": lambda report, now: as_json(report_record(report, now)),
    "csv": lambda report, _now: as_csv(report),
    "sarif": lambda report, now: as_json(sarif(report, now)),
    "markdown": markdown,
}
"""What makes the text, by format; the instant is when the report was made."""

SUFFIXES: Mapping[str, str] = {".json": "json", ".csv": "csv", ".sarif": "sarif", ".md": "markdown"}
"""The format of a file by the end of its name."""
