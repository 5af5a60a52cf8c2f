"""What an audit comes to: findings, what is accepted, and what could not be checked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ecrtui.domain.audit.facts import Unread
from ecrtui.domain.audit.rule import Finding, Rule, Severity
from ecrtui.domain.audit.suppression import Suppression
from ecrtui.domain.errors import AppError


@dataclass(frozen=True, slots=True)
class NotChecked:
    """Rules that could not be checked, all for the same reason, and where."""

    rules: tuple[Rule[Any], ...]
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
    errors: tuple[AppError, ...] = ()
    """What could not be asked, each kind of refusal once a region."""
    names: int = 0
    """Projects and repositories there are, those of one name as one."""
    looked_at: int = 0
    """Those of them that were looked at so far."""
    images: int = 0
    """Images that were looked at so far."""

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
    parts = tuple(checked)
    valid = [entry for entry in suppressions if not entry.expired(now)]
    findings: list[Finding] = []
    suppressed: list[Suppressed] = []
    for part in parts:
        for finding in part.findings:
            entry = next((one for one in valid if one.covers(finding.rule.id, finding.region, finding.name)), None)
            if entry is None:
                findings.append(finding)
            else:
                suppressed.append(Suppressed(finding, entry))
    return replace(
        report,
        findings=tuple(sorted(findings, key=_order)),
        suppressed=tuple(sorted(suppressed, key=lambda one: _order(one.finding))),
        not_checked=_gathered([one for part in parts for one in part.not_checked]),
        expired=tuple(entry for entry in suppressions if entry.expired(now)),
    )


def _order(finding: Finding) -> tuple[int, str, str, str, str]:
    return (finding.severity.rank, finding.rule.id, finding.region, finding.name, finding.key)


def _gathered(lacking: Sequence[NotChecked]) -> tuple[NotChecked, ...]:
    """One entry for all rules that lack the same for the same reason, at the same names."""
    names: dict[tuple[str, Unread, str], dict[str, None]] = {}
    rules = {}
    for one in lacking:
        for rule in one.rules:
            rules[rule.id] = rule
            names.setdefault((one.region, one.unread, rule.id), {}).update(dict.fromkeys(one.names))
    together: dict[tuple[str, Unread, tuple[str, ...]], list[Rule[Any]]] = {}
    for (region, unread, id_), found in names.items():
        together.setdefault((region, unread, tuple(sorted(found))), []).append(rules[id_])
    return tuple(
        NotChecked(tuple(sorted(of, key=lambda rule: rule.id)), region, found, unread)
        for (region, unread, found), of in sorted(together.items(), key=_reading_order)
    )


def _reading_order(item: tuple[tuple[str, Unread, tuple[str, ...]], list[Rule[Any]]]) -> tuple[object, ...]:
    """What a permission would open comes first, then what lacks for most rules."""
    (region, unread, names), rules = item
    return (not unread.action, -len(rules), unread.action, unread.why, region, names)
