"""A report as plain values, for JSON and for tables; strings are as AWS sent them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ecrtui.domain.audit.report import NotChecked, Report, Suppressed
from ecrtui.domain.audit.rule import Finding, Rule
from ecrtui.domain.audit.suppression import Suppression
from ecrtui.domain.instants import iso

Record = Mapping[str, Any]

FINDING_MEMBERS = (
    "severity",
    "rule",
    "region",
    "name",
    "what",
    "why",
    "remedy",
    "command",
    "digest",
    "file",
    "line",
    "arn",
    "fingerprint",
)


def report_record(report: Report, now: float) -> Record:
    """The whole report; `now` is when it was made."""
    return {
        "account": report.account,
        "regions": list(report.regions),
        "audited_at": iso(now),
        "rules": [rule.id for rule in report.rules],
        "names": report.names,
        "images": report.images,
        "counts": {str(severity): number for severity, number in report.counts().items()},
        "findings": [finding_record(finding) for finding in report.findings],
        "suppressed": [_suppressed(one) for one in report.suppressed],
        "not_checked": [_not_checked(one) for one in report.not_checked],
        "expired_suppressions": [_suppression(one) for one in report.expired],
    }


def finding_record(finding: Finding) -> Record:
    """One finding."""
    return {
        "severity": str(finding.severity),
        "rule": finding.rule.id,
        "region": finding.region,
        "name": finding.name or None,
        "what": finding.what,
        "why": finding.rule.why,
        "remedy": finding.remedy,
        "command": finding.command or None,
        "digest": finding.digest or None,
        "file": finding.file or None,
        "line": finding.line,
        "arn": finding.arn or None,
        "fingerprint": finding.fingerprint,
    }


def rule_record(rule: Rule[Any]) -> Record:
    """One rule's declaration."""
    return {
        "id": rule.id,
        "title": rule.title,
        "severity": str(rule.severity),
        "of": rule.of,
        "needs": list(rule.needs),
        "why": rule.why,
        "remedy": rule.remedy,
        "command": rule.command or None,
        "docs": rule.docs,
    }


def _suppressed(one: Suppressed) -> Record:
    return {**finding_record(one.finding), "suppressed_by": _suppression(one.by)}


def _suppression(entry: Suppression) -> Record:
    until = None if entry.until is None else entry.until.isoformat()
    return {"rule": entry.rule, "match": entry.match, "reason": entry.reason, "until": until}


def _not_checked(one: NotChecked) -> Record:
    return {
        "rules": [rule.id for rule in one.rules],
        "region": one.region,
        "names": list(one.names),
        "why": one.unread.why,
        "action": one.unread.action or None,
    }
