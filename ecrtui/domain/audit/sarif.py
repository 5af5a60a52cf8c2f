"""A report as SARIF 2.1.0 (OASIS standard, "Static Analysis Results Interchange Format").

What was not checked is an execution notification with its rule: the results alone would pass it in silence.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote

from ecrtui import __version__
from ecrtui.domain.audit.report import NotChecked, Report
from ecrtui.domain.audit.rule import Finding, Rule, Severity
from ecrtui.domain.audit.suppression import Suppression
from ecrtui.domain.instants import iso

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
FINGERPRINT = "ecrtuiFinding/v1"

_LEVELS = {
    Severity.CRITICAL: "error",
    Severity.HIGH: "error",
    Severity.MEDIUM: "warning",
    Severity.LOW: "note",
    Severity.INFO: "note",
}
_SCORES = {
    Severity.CRITICAL: "9.5",
    Severity.HIGH: "8.0",
    Severity.MEDIUM: "5.0",
    Severity.LOW: "2.0",
    Severity.INFO: "0.0",
}
"""`security-severity`, by which code scanning services sort: a number from 0 to 10, as text."""

Json = dict[str, Any]


def sarif(report: Report, now: float) -> Json:
    """The whole report as one SARIF log with one run; `now` is when it was made."""
    places = {rule.id: number for number, rule in enumerate(report.rules)}
    results = [_result(finding, places) for finding in report.findings]
    results += [_result(one.finding, places, one.by) for one in report.suppressed]
    run = {
        "tool": {"driver": {"name": "ecrtui", "version": __version__, "rules": [_rule(rule) for rule in report.rules]}},
        "automationDetails": {"id": f"ecrtui/audit/{report.account or 'unknown'}/"},
        "columnKind": "unicodeCodePoints",
        "invocations": [
            {
                "executionSuccessful": not report.errors,
                "endTimeUtc": iso(now),
                "toolExecutionNotifications": [
                    *(note for one in report.not_checked for note in _not_checked(one, places)),
                    *map(_expired, report.expired),
                ],
            }
        ],
        "results": results,
        "properties": {"account": report.account, "regions": list(report.regions)},
    }
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}


def _rule(rule: Rule[Any]) -> Json:
    return {
        "id": rule.id,
        "name": "".join(part.capitalize() for part in rule.id.split("-")),
        "shortDescription": {"text": rule.title},
        "fullDescription": {"text": rule.why},
        "help": {"text": f"{rule.why}\n{rule.remedy}"},
        "helpUri": rule.docs,
        "defaultConfiguration": {"level": _LEVELS[rule.severity]},
        "properties": {
            "severity": str(rule.severity),
            "security-severity": _SCORES[rule.severity],
            "needs": list(rule.needs),
        },
    }


def _result(finding: Finding, places: Mapping[str, int], by: Suppression | None = None) -> Json:
    command = f"\n{finding.command}" if finding.command else ""
    result: Json = {
        "ruleId": finding.rule.id,
        "ruleIndex": places[finding.rule.id],
        "level": _LEVELS[finding.severity],
        "message": {"text": f"{finding.name or finding.region}: {finding.what}. {finding.remedy}{command}"},
        "locations": [_location(finding)],
        "partialFingerprints": {FINGERPRINT: finding.fingerprint},
        "properties": {
            "severity": str(finding.severity),
            "region": finding.region,
            "name": finding.name,
            "remedy": finding.remedy,
            "command": finding.command,
            "digest": finding.digest,
        },
    }
    if by is not None:
        until = f" (until {by.until.isoformat()})" if by.until else ""
        result["suppressions"] = [
            {"kind": "external", "status": "accepted", "justification": f"{by.reason}{until}"},
        ]
    return result


def _location(finding: Finding) -> Json:
    """The resource by its ARN, and the line of the buildspec where it is about one."""
    region = f"{finding.account}/{finding.region}" if finding.account else finding.region
    place = {"name": finding.region, "fullyQualifiedName": region, "kind": "namespace"}
    if not finding.name:
        return {"logicalLocations": [place]}
    named = finding.arn or f"{region}/{finding.name}"
    resource = {"name": finding.name, "fullyQualifiedName": named, "kind": "resource"}
    location: Json = {"logicalLocations": [resource, place]}
    if finding.line is not None:
        location["physicalLocation"] = {
            "artifactLocation": {"uri": _uri(finding)},
            "region": {"startLine": max(1, finding.line)},
        }
    return location


def _uri(finding: Finding) -> str:
    """Where a buildspec is: by its path in the source, by its object, or, inline, by its project."""
    if finding.file.startswith("arn:"):
        bucket_and_key = finding.file.split(":", 5)[-1]
        return f"s3://{_quoted(bucket_and_key)}"
    path = finding.file or "buildspec.yml"
    return "/".join(_quoted(part) for part in ("codebuild", finding.region, finding.name, path))


def _quoted(text: str) -> str:
    return quote(text.encode("utf-8", "surrogatepass"))


def _not_checked(one: NotChecked, places: Mapping[str, int]) -> Iterator[Json]:
    where = f"{', '.join(one.names)} in {one.region}" if one.names else one.region
    ask = f" Allow {one.unread.action}." if one.unread.action else ""
    for rule in one.rules:
        yield {
            "level": "warning",
            "message": {"text": f"{rule.id} was not checked for {where}: {one.unread.why}.{ask}"},
            "associatedRule": {"id": rule.id, "index": places[rule.id]},
            "properties": {"region": one.region, "names": list(one.names), "action": one.unread.action},
        }


def _expired(entry: Suppression) -> Json:
    text = f"The suppression of {entry.rule} for {entry.match} ended on {entry.until}: it suppresses nothing any more."
    return {"level": "warning", "message": {"text": text}}
