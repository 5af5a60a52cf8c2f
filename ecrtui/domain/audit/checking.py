"""Rules applied to facts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

from ecrtui.domain.audit.facts import Around, Fact, NameFacts, NotRead, RegionFacts, Unread
from ecrtui.domain.audit.report import Checked, NotChecked
from ecrtui.domain.audit.rule import Finding, Found, Rule, Subject, filled

F = TypeVar("F")


def check_name(rules: Iterable[Rule[NameFacts]], facts: NameFacts) -> Checked:
    """What the rules about projects and repositories say of one name; a side that is not there is not judged."""
    arns: dict[Subject, str] = {}
    if facts.project is not None:
        arns["project"] = arns["name"] = facts.project.arn
    if facts.repository is not None:
        arns["repository"] = arns["name"] = facts.repository.arn
    return _checked([rule for rule in rules if rule.of in arns], facts, facts.around, facts.name, arns)


def check_region(rules: Iterable[Rule[RegionFacts]], facts: RegionFacts) -> Checked:
    """What the rules about regions say of one."""
    return _checked(rules, facts, facts.around, "", {})


def unlisted(rules: Iterable[Rule[Any]], around: Around) -> Checked:
    """The rules that could not be checked for what a region may hold beyond what could be listed."""
    sides: dict[Subject, tuple[Fact[object], ...]] = {
        "project": (around.projects,),
        "repository": (around.repositories,),
        "name": (around.projects, around.repositories),
    }
    return Checked(
        not_checked=tuple(
            NotChecked((rule,), around.region, (), side)
            for rule in rules
            for side in sides.get(rule.of, ())
            if isinstance(side, Unread)
        )
    )


def _checked(rules: Iterable[Rule[F]], facts: F, around: Around, name: str, arns: Mapping[Subject, str]) -> Checked:
    findings: dict[tuple[str, str, str], Finding] = {}
    not_checked: list[NotChecked] = []
    for rule in rules:
        try:
            # One by one: what is found before a fact lacks stays found.
            for found in rule.check(facts):
                finding = _finding(rule, found, around, name, arns.get(rule.of, ""))
                findings.setdefault((rule.id, finding.name, finding.key), finding)
        except NotRead as lacking:
            names = (name,) if name else ()
            not_checked += [NotChecked((rule,), around.region, names, unread) for unread in lacking.unread]
    return Checked(tuple(findings.values()), tuple(not_checked))


def _finding(rule: Rule[F], found: Found, around: Around, name: str, arn: str) -> Finding:
    named, arn = found.name or name, found.arn or arn
    values = {"name": named, "region": around.region, "arn": arn}
    return Finding(
        rule,
        found.severity or rule.severity,
        around.account,
        around.region,
        named,
        found.what,
        found.remedy or rule.remedy,
        filled(rule.command, values) if found.command is None else found.command,
        found.key,
        arn,
        found.digest,
        found.file,
        found.line,
    )
