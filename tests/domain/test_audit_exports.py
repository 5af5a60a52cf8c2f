"""Audits as files: SARIF as its schema has it, and hostile names in every format."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from memory import ACCOUNT, NOW, REGION

import ecrtui
from ecrtui.domain.audit.export import FORMATS, SUFFIXES
from ecrtui.domain.audit.facts import Unread
from ecrtui.domain.audit.markdown import rules_page
from ecrtui.domain.audit.report import Checked, NotChecked, Report, assemble
from ecrtui.domain.audit.rule import Finding, Severity, filled
from ecrtui.domain.audit.rules import BY_ID, RULES
from ecrtui.domain.audit.suppression import Suppression
from ecrtui.domain.errors import AppError, ErrorKind

HOSTILE = "a\x1b[31m\u202eb|c`d<script>\n=1+1\ud800\x07*x*_y_[l](u)"


def a_finding(name: str = "pet-web", what: str = "so it is", **more: Any) -> Finding:
    rule = BY_ID[more.pop("rule", "drift")]
    given: dict[str, Any] = {"remedy": rule.remedy, "command": "aws ecr x", "key": "k", **more}
    severity = given.pop("severity", rule.severity)
    return Finding(rule, severity, ACCOUNT, REGION, name, what, **given)


def a_report(*findings: Finding, **more: Any) -> Report:
    suppressions = more.pop("suppressions", ())
    lacking = (NotChecked((BY_ID["unused"], BY_ID["drift"]), REGION, ("a", "b"), Unread("it is so", "ecs:ListTasks")),)
    begun = Report(ACCOUNT, (REGION,), RULES, names=2, images=3, **more)
    return assemble(begun, [Checked(findings, lacking)], suppressions, NOW)


def a_full_report(name: str = "pet-web", what: str = "so it is") -> Report:
    """Everything that a report can hold."""
    return a_report(
        a_finding(name, what, arn=f"arn:aws:ecr:{REGION}:{ACCOUNT}:repository/{name}"),
        a_finding(name, what, rule="buildspec-masked-failure", line=7),
        a_finding(name, what, rule="buildspec-no-login", line=7, file="arn:aws:s3:::bucket/a b.yml"),
        a_finding("", what, rule="repository-gone"),
        a_finding(name, what, rule="plaintext-secret", key="2"),
        suppressions=(
            Suppression("plaintext-secret", "*", f"because {what}", date(2999, 1, 1)),
            Suppression("unused", "*", "over", date(2000, 1, 1)),
        ),
        errors=(AppError(ErrorKind.DENIED, "look"),),
    )


# SARIF

_LEVEL = {"none", "note", "warning", "error"}
_SARIF: Mapping[str, tuple[set[str], set[str]]] = {
    # by object: the members that it must have, and those that it may have (SARIF 2.1.0, section 3)
    "log": ({"version", "runs"}, {"$schema", "inlineExternalProperties", "properties"}),
    "run": ({"tool"}, {"results", "invocations", "columnKind", "automationDetails", "properties"}),
    "driver": ({"name"}, {"version", "rules", "informationUri", "semanticVersion"}),
    "rule": (
        {"id"},
        {"name", "shortDescription", "fullDescription", "help", "helpUri", "defaultConfiguration", "properties"},
    ),
    "result": (
        {"message"},
        {"ruleId", "ruleIndex", "level", "locations", "partialFingerprints", "suppressions", "properties"},
    ),
    "location": (set(), {"physicalLocation", "logicalLocations"}),
    "physical": (set(), {"artifactLocation", "region"}),
    "logical": (set(), {"name", "fullyQualifiedName", "kind"}),
    "suppression": ({"kind"}, {"status", "justification"}),
    "invocation": ({"executionSuccessful"}, {"endTimeUtc", "toolExecutionNotifications"}),
    "notification": ({"message"}, {"level", "associatedRule", "properties"}),
}


def shaped(kind: str, value: Mapping[str, Any]) -> Mapping[str, Any]:
    """The object, after its members were compared with the standard."""
    required, optional = _SARIF[kind]
    assert required <= set(value), kind
    assert set(value) <= required | optional, kind
    return value


def check_sarif(text: str) -> Mapping[str, Any]:
    """The run of a SARIF log that is as the standard has it."""
    log = shaped("log", json.loads(text))
    assert log["version"] == "2.1.0"
    assert urlsplit(log["$schema"]).path.endswith("sarif-schema-2.1.0.json")
    (run,) = log["runs"]
    shaped("run", run)
    assert run["columnKind"] in ("utf16CodeUnits", "unicodeCodePoints")
    assert set(run["tool"]) == {"driver"}
    rules = shaped("driver", run["tool"]["driver"])["rules"]
    for rule in rules:
        shaped("rule", rule)
        assert rule["defaultConfiguration"]["level"] in _LEVEL
        assert urlsplit(rule["helpUri"]).scheme == "https"
        assert all(rule[part]["text"] for part in ("shortDescription", "fullDescription", "help"))
        assert 0 <= float(rule["properties"]["security-severity"]) <= 10
    assert len({rule["id"] for rule in rules}) == len(rules)
    for result in run["results"]:
        check_result(result, rules)
    (invocation,) = run["invocations"]
    shaped("invocation", invocation)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", invocation["endTimeUtc"])
    for notification in invocation["toolExecutionNotifications"]:
        shaped("notification", notification)
        assert notification["level"] in _LEVEL
        if rule := notification.get("associatedRule"):
            assert rules[rule["index"]]["id"] == rule["id"]
    return run


def check_result(result: Mapping[str, Any], rules: list[Any]) -> None:
    shaped("result", result)
    assert result["level"] in _LEVEL
    assert result["message"]["text"]
    assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
    assert all(re.fullmatch(r"[0-9a-f]{64}", one) for one in result["partialFingerprints"].values())
    for suppression in result.get("suppressions", ()):
        shaped("suppression", suppression)
        assert suppression["kind"] in ("inSource", "external")
        assert suppression["status"] in ("accepted", "underReview", "rejected")
    for location in result["locations"]:
        shaped("location", location)
        for logical in location["logicalLocations"]:
            shaped("logical", logical)
        if physical := location.get("physicalLocation"):
            shaped("physical", physical)
            assert physical["region"]["startLine"] >= 1
            uri = physical["artifactLocation"]["uri"]
            assert re.fullmatch(r"(s3://)?[A-Za-z0-9._~%/-]+", uri), uri


def test_sarif_is_as_the_standard_has_it() -> None:
    run = check_sarif(FORMATS["sarif"](a_full_report(), NOW))
    assert len(run["results"]) == 5
    suppressed = [result for result in run["results"] if "suppressions" in result]
    assert [one["suppressions"][0]["justification"] for one in suppressed] == ["because so it is (until 2999-01-01)"]
    lines = {
        result["ruleId"]: result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
        for result in run["results"]
        if "physicalLocation" in result["locations"][0]
    }
    assert lines == {
        "buildspec-masked-failure": f"codebuild/{REGION}/pet-web/buildspec.yml",
        "buildspec-no-login": "s3://bucket/a%20b.yml",
    }
    (invocation,) = run["invocations"]
    assert invocation["executionSuccessful"] is False
    told = [one["message"]["text"] for one in invocation["toolExecutionNotifications"]]
    assert sum("was not checked for a, b" in text and "ecs:ListTasks" in text for text in told) == 2
    assert sum("ended on 2000-01-01" in text for text in told) == 1


def test_an_empty_report_is_sarif_too() -> None:
    run = check_sarif(FORMATS["sarif"](Report("", (), ()), NOW))
    assert run["results"] == []
    assert run["invocations"][0]["executionSuccessful"] is True


@given(st.text(max_size=30), st.text(max_size=30))
@settings(max_examples=40, deadline=None)
def test_any_name_is_sarif(name: str, what: str) -> None:
    check_sarif(FORMATS["sarif"](a_full_report(name, what), NOW))


# Hostile names


def test_json_and_sarif_keep_what_was_there() -> None:
    report = a_full_report(HOSTILE, HOSTILE)
    for form in ("json", "sarif"):
        text = FORMATS[form](report, NOW)
        assert text.isascii()
        assert "\x1b" not in text
    told = json.loads(FORMATS["json"](report, NOW))
    assert [finding["what"] for finding in told["findings"]] == [HOSTILE] * 4
    assert {finding["name"] for finding in told["findings"]} == {HOSTILE, None}
    assert told["not_checked"] == [
        {
            "rules": ["drift", "unused"],
            "region": REGION,
            "names": ["a", "b"],
            "why": "it is so",
            "action": "ecs:ListTasks",
        }
    ]
    assert told["suppressed"][0]["suppressed_by"]["until"] == "2999-01-01"
    assert [one["rule"] for one in told["expired_suppressions"]] == ["unused"]


@pytest.mark.parametrize("form", ["csv", "markdown"])
def test_what_people_read_is_harmless(form: str) -> None:
    text = FORMATS[form](a_full_report(HOSTILE, HOSTILE), NOW)
    text.encode()  # no lone surrogate
    assert not set(text) & {"\x1b", "\u202e", "\x07", "\ud800"}


def test_markdown_takes_nothing_for_markdown() -> None:
    text = FORMATS["markdown"](a_full_report(HOSTILE, HOSTILE), NOW)
    assert "<script>" not in text.replace(r"\<script\>", "")
    tables = [line for line in text.splitlines() if line.startswith("|")]
    for line in tables:
        cells = re.split(r"(?<!\\)(?:\\\\)*\|", line)[1:-1]
        assert len(cells) in (2, 4, 5, 7), line
    assert r"\[l\]\(u\)" in text


def test_csv_is_a_table_without_formulas() -> None:
    report = a_full_report("=cmd|' /C calc'!A0", "+1")
    rows = list(csv.reader(io.StringIO(FORMATS["csv"](report, NOW))))
    assert {len(row) for row in rows} == {len(rows[0])}
    assert len(rows) == 1 + 5
    assert not any(cell.startswith(("=", "+", "-", "@")) for row in rows for cell in row)


def test_commands_are_quoted() -> None:
    command = filled("ecrtui create {name} --region {region}", {"name": "a; rm -rf /", "region": "x{name}", "arn": ""})
    assert command == "ecrtui create 'a; rm -rf /' --region 'x{name}'"


# Order


def test_the_worst_comes_first_and_what_a_permission_opens() -> None:
    findings = [a_finding(f"n{rank}", severity=severity) for rank, severity in enumerate(reversed(Severity))]
    report = a_report(*findings)
    assert [finding.severity for finding in report.findings] == list(Severity)
    assert [finding.severity for finding in report.reaching(Severity.HIGH)] == [Severity.CRITICAL, Severity.HIGH]


def test_what_lacks_for_the_same_reason_is_told_once() -> None:
    reason = Unread("no", "ecr:X")
    lacking = [NotChecked((BY_ID[id_],), REGION, (name,), reason) for id_ in ("drift", "unused") for name in "ba"]
    report = assemble(Report(ACCOUNT, (REGION,), RULES), [Checked((), tuple(lacking))], (), NOW)
    (one,) = report.not_checked
    assert ([rule.id for rule in one.rules], one.names) == (["drift", "unused"], ("a", "b"))


# The page of all rules


def test_the_page_of_all_rules_is_the_one_that_is_committed() -> None:
    page = (Path(ecrtui.__file__).parent / "domain" / "audit" / "RULES.md").read_text(encoding="utf-8")
    assert page == rules_page(RULES)


def test_the_page_names_every_rule() -> None:
    page = rules_page(RULES)
    assert re.findall(r"^## (\S+)$", page, re.MULTILINE) == [
        rule.id for rule in sorted(RULES, key=lambda rule: (rule.severity.rank, rule.id))
    ]
    assert all(action in page for rule in RULES for action in rule.needs)


def test_every_format_has_a_suffix() -> None:
    assert set(SUFFIXES.values()) == set(FORMATS)
