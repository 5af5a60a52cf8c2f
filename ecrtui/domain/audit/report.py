"""What an audit comes to: findings, what is accepted, and what could not be checked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ecrtui.domain.audit.facts import Unread
from ecrtui.domain.audit.rule import Finding, Rule, Severity
from ecrtui.domain.audit.suppression import Suppression


@dataclass(frozen=True, slots=True)
class NotChecked:
    """A rule that could not be checked, and where."""

    rule: Rule[Any]
    region: str
    names: tuple[str, ...]
    """The projects or repositories; empty where it is about the region."""
    unread: Unread


@dataclass(frozen=True, slots=True)
class Suppressed:
    """A finding that the configuration accepts."""

    finding: Finding
    by: Suppression


@dataclass(frozen=True, slots=True)
class Report:
    """What is known so far: the worst findings first."""

    account: str
    regions: tuple[str, ...]
    rules: tuple[Rule[Any], ...]
    """Those that were asked for."""
    findings: tuple[Finding, ...] = ()
    suppressed: tuple[Suppressed, ...] = ()
    not_checked: tuple[NotChecked, ...] = ()
    expired: tuple[Suppression, ...] = ()
    """Entries of the configuration whose last day is over: they suppress nothing any more."""
    names: int = 0
    """Projects and repositories that were looked at, those of one name as one."""
    images: int = 0

    def counts(self) -> Mapping[Severity, int]:
        """How many findings each severity has, the worst first; none are left out."""
        counts = dict.fromkeys(Severity, 0)
        for finding in self.findings:
            counts[finding.severity] += 1
        return counts

    def reaching(self, least: Severity) -> tuple[Finding, ...]:
        """The findings that are `least` or worse."""
        return tuple(finding for finding in self.findings if finding.severity.reaches(least))


@dataclass(frozen=True, slots=True)
class Checked:
    """What rules said of one subject."""

    findings: tuple[Finding, ...] = ()
    not_checked: tuple[NotChecked, ...] = ()


def assemble(report: Report, checked: Iterable[Checked], suppressions: Sequence[Suppression], now: float) -> Report:
    """The report with everything that was checked, in order, after what is suppressed is taken out."""
    valid = [entry for entry in suppressions if not entry.expired(now)]
    findings: list[Finding] = []
    suppressed: list[Suppressed] = []
    lacking: dict[tuple[str, str, Unread], NotChecked] = {}
    for part in checked:
        for finding in part.findings:
            entry = next((one for one in valid if one.covers(finding.rule.id, finding.region, finding.name)), None)
            if entry is None:
                findings.append(finding)
            else:
                suppressed.append(Suppressed(finding, entry))
        for one in part.not_checked:
            key = (one.rule.id, one.region, one.unread)
            former = lacking.get(key)
            lacking[key] = one if former is None else replace(former, names=(*former.names, *one.names))
    return replace(
        report,
        findings=tuple(sorted(findings, key=_order)),
        suppressed=tuple(sorted(suppressed, key=lambda one: _order(one.finding))),
        not_checked=tuple(_tidy(one) for _, one in sorted(lacking.items(), key=lambda item: item[0][:2])),
        expired=tuple(entry for entry in suppressions if entry.expired(now)),
    )


def _order(finding: Finding) -> tuple[int, str, str, str, str]:
    return (finding.severity.rank, finding.rule.id, finding.region, finding.name, finding.key)


def _tidy(one: NotChecked) -> NotChecked:
    return replace(one, names=tuple(sorted({name for name in one.names if name})))
