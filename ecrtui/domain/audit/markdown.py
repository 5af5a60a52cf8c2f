"""A report, and the page of all rules, as Markdown. Remote text is made harmless, for eyes and for parsers."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import Any

from ecrtui.domain.audit.report import NotChecked, Report
from ecrtui.domain.audit.rule import Finding, Rule
from ecrtui.domain.audit.words import counted
from ecrtui.domain.instants import iso
from ecrtui.domain.text import shown

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>()#+!|~&$])")


def markdown(report: Report, now: float) -> str:
    """The whole report; `now` is when it was made."""
    lines = [
        f"# Audit of account {_text(report.account or 'unknown')}",
        "",
        f"{_text(', '.join(report.regions))}, {iso(now)}: {report.names:,} names and {report.images:,} images, "
        f"{counted(len(report.rules), 'rule')}.",
        "",
        *_table(("Severity", "Findings"), ((str(one), f"{number:,}") for one, number in report.counts().items())),
    ]
    for (severity, rule_id), group in groupby(report.findings, key=lambda one: (one.severity, one.rule.id)):
        found = list(group)
        rule = found[0].rule
        lines += ["", f"## {severity}: {rule.title} (`{rule_id}`)", "", rule.why, ""]
        lines += _table(("Region", "Name", "What", "Remedy", "Command"), map(_finding, found))
    lines += _not_checked(report.not_checked)
    lines += _suppressed(report)
    return "\n".join(lines) + "\n"


def _finding(finding: Finding) -> tuple[str, ...]:
    line = "" if finding.line is None else f" (line {finding.line})"
    return (
        _text(finding.region),
        _text(finding.name),
        _text(finding.what) + line,
        _text(finding.remedy),
        _code(finding.command),
    )


def _not_checked(lacking: Sequence[NotChecked]) -> Iterator[str]:
    if not lacking:
        return
    yield from ("", "## Not checked", "")
    yield from _table(
        ("Rules", "Region", "Names", "Why", "Allow"),
        (
            (
                ", ".join(f"`{rule.id}`" for rule in one.rules),
                _text(one.region),
                _text(", ".join(one.names)) or "all",
                _text(one.unread.why),
                _code(one.unread.action),
            )
            for one in lacking
        ),
    )


def _suppressed(report: Report) -> Iterator[str]:
    if report.suppressed:
        yield from ("", "## Suppressed", "")
        yield from _table(
            ("Severity", "Rule", "Region", "Name", "What", "Reason", "Until"),
            (
                (
                    str(one.finding.severity),
                    f"`{one.finding.rule.id}`",
                    _text(one.finding.region),
                    _text(one.finding.name),
                    _text(one.finding.what),
                    _text(one.by.reason),
                    one.by.until.isoformat() if one.by.until else "",
                )
                for one in report.suppressed
            ),
        )
    if report.expired:
        yield from ("", "## Expired suppressions", "")
        rows = ((_code(one.rule), _code(one.match), _text(one.reason), str(one.until)) for one in report.expired)
        yield from _table(("Rule", "Match", "Reason", "Ended"), rows)


# The page of all rules


def rules_page(rules: Iterable[Rule[Any]]) -> str:
    """Every rule by its declaration, the worst first."""
    ordered = sorted(rules, key=lambda rule: (rule.severity.rank, rule.id))
    lines = [
        "# Rules of the audit",
        "",
        "Made from the declarations in `rules/` by `ecrtui audit --rules --format markdown`; a test compares.",
        "A rule whose facts cannot be read is *not checked*, and names the IAM action to ask for.",
        "",
        *_table(
            ("Rule", "Severity", "What it finds"),
            ((f"[`{rule.id}`](#{rule.id})", str(rule.severity), rule.title) for rule in ordered),
        ),
    ]
    for rule in ordered:
        lines += ["", f"## {rule.id}", "", f"**{rule.title}** ({rule.severity}, of each {_of(rule)}).", "", rule.why]
        lines += ["", f"Remedy: {rule.remedy}", ""]
        lines += ["", f"    {_named(rule.command)}", ""] if rule.command else []
        lines += [f"Needs {', '.join(f'`{action}`' for action in rule.needs)}. See <{rule.docs}>."]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)) + "\n"


def _of(rule: Rule[Any]) -> str:
    return "project and repository" if rule.of == "name" else rule.of


def _named(command: str) -> str:
    return command.replace("{name}", "NAME").replace("{region}", "REGION").replace("{arn}", "ARN")


# Markdown


def _table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    yield f"| {' | '.join(headings)} |"
    yield f"|{'---|' * len(headings)}"
    for row in rows:
        yield f"| {' | '.join(row)} |"


def _text(raw: str) -> str:
    """Text in which nothing is taken for Markdown or HTML."""
    return _SPECIAL.sub(r"\\\1", shown(raw, sys.maxsize))


def _code(raw: str) -> str:
    """Text as code in a table's cell, whatever is in it."""
    if not raw:
        return ""
    text = shown(raw, sys.maxsize)
    longest = max(map(len, re.findall(r"`+", text)), default=0)
    fence = "`" * (longest + 1)
    room = " " if longest else ""
    return f"{fence}{room}{text}{room}{fence}".replace("|", "\\|")
