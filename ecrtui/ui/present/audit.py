"""The audit as rows: groups of findings, and the findings of one group."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from ecrtui.domain.audit.report import NotChecked, Report, Suppressed
from ecrtui.domain.audit.rule import Finding, Severity
from ecrtui.domain.audit.words import some
from ecrtui.domain.query import Field, FieldKind
from ecrtui.domain.text import Shown, shown
from ecrtui.domain.units import count
from ecrtui.ui.present.names import name_cell
from ecrtui.ui.present.source import ValueRows
from ecrtui.ui.theme import Role, glyphs
from ecrtui.ui.widgets.columns import Column
from ecrtui.ui.widgets.rows import BLANK, Cell


class Look(NamedTuple):
    """How a severity shows itself."""

    glyph: str
    role: Role


LOOKS: Mapping[Severity, Look] = {
    Severity.CRITICAL: Look(glyphs().missing, "bad"),
    Severity.HIGH: Look(glyphs().missing, "bad"),
    Severity.MEDIUM: Look(glyphs().warning, "warn"),
    Severity.LOW: Look(glyphs().waiting, "plain"),
    Severity.INFO: Look(glyphs().waiting, "muted"),
}

ALL, NOT_CHECKED, SUPPRESSED = "all", "not checked", "suppressed"
"""Groups that are neither a rule nor a repository."""


class GroupKey(NamedTuple):
    """What identifies a group: a rule by its id, or a repository by region and name."""

    kind: str
    id: str = ""
    region: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """Some findings together."""

    key: GroupKey
    label: str
    number: int
    worst: Severity | None = None
    """None where the group holds no findings of ours."""


Item = Finding | NotChecked | Suppressed
"""One row of the findings list."""


class ItemKey(NamedTuple):
    """What identifies a row of the findings list over audits."""

    kind: str
    fingerprint: str


# Groups

GROUP_COLUMNS = (
    Column("group", Shown("GROUP"), minimum=12, ideal=26, maximum=None, middle=True, sortable=False),
    Column("number", Shown("N"), minimum=5, ideal=5, align="right", sortable=False),
)


def groups_of(report: Report, by_repository: bool) -> list[Group]:
    """All findings, then each group, the one with the worst and most findings first, then what is no finding."""
    found: dict[GroupKey, list[Finding]] = {}
    for finding in report.findings:
        found.setdefault(_group_key(finding, by_repository), []).append(finding)
    many = len(report.regions) > 1
    groups = [
        Group(key, _label(members[0], by_repository, many), len(members), members[0].severity)
        for key, members in found.items()
    ]
    groups.sort(key=lambda group: (group.worst.rank if group.worst else 9, -group.number, group.label))
    worst = report.findings[0].severity if report.findings else None
    groups.insert(0, Group(GroupKey(ALL), "all findings", len(report.findings), worst))
    if report.not_checked:
        groups.append(Group(GroupKey(NOT_CHECKED), "not checked", len(report.not_checked)))
    if report.suppressed:
        groups.append(Group(GroupKey(SUPPRESSED), "suppressed", len(report.suppressed)))
    return groups


def _group_key(finding: Finding, by_repository: bool) -> GroupKey:
    return GroupKey("name", finding.name, finding.region) if by_repository else GroupKey("rule", finding.rule.id)


def _label(finding: Finding, by_repository: bool, many_regions: bool) -> str:
    if not by_repository:
        return finding.rule.id
    return f"{finding.name}  {finding.region}" if many_regions and finding.name else finding.name or finding.region


def group_rows(groups: Sequence[Group]) -> ValueRows[Group]:
    """The groups as rows, in their order."""
    return ValueRows(groups, key=lambda group: group.key, cells=_group_cells, words=lambda group: group.label, sorts={})


def _group_cells(group: Group) -> tuple[Cell, Cell]:
    number = Cell(Shown(count(group.number)), "number")
    if group.key.kind == NOT_CHECKED:
        return Cell(shown(f"{glyphs().unknown} {group.label}"), "warn"), number
    if group.worst is None:
        look = Look("–", "muted") if group.key.kind == SUPPRESSED else Look(glyphs().ok, "good")
    else:
        look = LOOKS[group.worst]
    return Cell(shown(f"{look.glyph} {group.label}"), look.role), number


def items_of(report: Report, group: GroupKey | None) -> Sequence[Item]:
    """What a group holds."""
    match group:
        case GroupKey(kind="not checked"):
            return report.not_checked
        case GroupKey(kind="suppressed"):
            return report.suppressed
        case GroupKey(kind="rule", id=id_):
            return [finding for finding in report.findings if finding.rule.id == id_]
        case GroupKey(kind="name", id=name, region=region):
            return [finding for finding in report.findings if (finding.name, finding.region) == (name, region)]
    return report.findings


# Findings

_SEVERITY = Column("severity", Shown("SEVERITY"), minimum=10, ideal=10)
_RULE = Column("rule", Shown("RULE"), minimum=20, ideal=24, maximum=28, priority=2, middle=True)
_NAME = Column("name", Shown("NAME"), minimum=12, ideal=18, maximum=30, middle=True)
_REGION = Column("region", Shown("REGION"), minimum=14, ideal=14, priority=3, middle=True)
_WHAT = Column("what", Shown("WHAT"), minimum=16, ideal=40, maximum=None, priority=1, sortable=False)

FIELDS: Mapping[str, Field] = {
    field.name: field
    for field in (
        Field("severity", FieldKind.TEXT, "critical, high, medium, low, info"),
        Field("rule", FieldKind.TEXT, "the rule's id"),
        Field("name", FieldKind.TEXT, "the project's or repository's name"),
        Field("region", FieldKind.TEXT, "the region's name"),
        Field("action", FieldKind.TEXT, "the IAM action to ask for, of what was not checked"),
    )
}


def columns(group: GroupKey | None, many_regions: bool) -> tuple[Column, ...]:
    """The columns of a group's findings: what all of them share is left out."""
    kind = "" if group is None else group.kind
    chosen = [_SEVERITY]
    chosen += [] if kind == "rule" else [_RULE]
    chosen += [] if kind == "name" else [_NAME]
    chosen += [_REGION] if many_regions and kind != "name" else []
    return (*chosen, _WHAT)


def item_rows(items: Sequence[Item], shown_columns: Sequence[Column]) -> ValueRows[Item]:
    """The findings as rows, in the order that they come."""
    keys = [column.key for column in shown_columns]

    def cells(item: Item) -> tuple[Cell, ...]:
        made = _item_cells(item)
        return tuple(made[key] for key in keys)

    return ValueRows(
        items,
        key=item_key,
        cells=cells,
        words=lambda item: " ".join(_words(item)),
        sorts={
            "severity": lambda item: (_rank(item), _rule_of(item), _name_of(item)),
            "rule": lambda item: (_rule_of(item), _rank(item), _name_of(item)),
            "name": lambda item: (_name_of(item), _rank(item)),
            "region": lambda item: (region_of(item), _rank(item), _name_of(item)),
        },
        terms={
            "severity": lambda item: str(finding.severity) if (finding := finding_of(item)) else "",
            "rule": _rules_of,
            "name": _names_of,
            "region": region_of,
            "action": lambda item: item.unread.action if isinstance(item, NotChecked) else "",
        },
    )


def item_key(item: Item) -> ItemKey:
    """What identifies a row."""
    if isinstance(item, NotChecked):
        return ItemKey(NOT_CHECKED, f"{_rule_of(item)} {item.region} {' '.join(item.names)} {item.unread.why}")
    if isinstance(item, Suppressed):
        return ItemKey(SUPPRESSED, item.finding.fingerprint)
    return ItemKey("finding", item.fingerprint)


def finding_of(item: Item) -> Finding | None:
    """The finding of a row, suppressed or not; None for what was not checked."""
    if isinstance(item, NotChecked):
        return None
    return item.finding if isinstance(item, Suppressed) else item


def region_of(item: Item) -> str:
    """The region that a row is about."""
    finding = finding_of(item)
    return item.region if isinstance(item, NotChecked) else "" if finding is None else finding.region


def _rules_of(item: Item) -> tuple[str, ...]:
    finding = finding_of(item)
    if finding is not None:
        return (finding.rule.id,)
    return tuple(rule.id for rule in item.rules) if isinstance(item, NotChecked) else ()


def _names_of(item: Item) -> tuple[str, ...]:
    finding = finding_of(item)
    if finding is not None:
        return (finding.name,)
    return item.names if isinstance(item, NotChecked) else ()


def _rule_of(item: Item) -> str:
    rules = _rules_of(item)
    return rules[0] if len(rules) == 1 else f"{len(rules)} rules"


def _name_of(item: Item) -> str:
    return some(names, 1) if (names := _names_of(item)) else ""


def _rank(item: Item) -> int:
    finding = finding_of(item)
    return len(Severity) if finding is None else finding.severity.rank


def what_of(item: Item) -> str:
    """What is so, or why it is not known."""
    finding = finding_of(item)
    return item.unread.why if isinstance(item, NotChecked) else "" if finding is None else finding.what


def _words(item: Item) -> tuple[str, ...]:
    return (*_rules_of(item), *_names_of(item), region_of(item), what_of(item))


def _item_cells(item: Item) -> Mapping[str, Cell]:
    name, rule = name_cell(_name_of(item)), Cell(shown(_rule_of(item)))
    region, what = Cell(shown(region_of(item)), "muted"), Cell(shown(what_of(item)))
    if isinstance(item, NotChecked):
        severity = Cell(Shown(f"{glyphs().unknown} unknown"), "warn")
        return {"severity": severity, "rule": rule, "name": name, "region": region, "what": what}
    severity = severity_cell(item.finding.severity if isinstance(item, Suppressed) else item.severity)
    cells = {"severity": severity, "rule": rule, "name": name, "region": region, "what": what}
    if isinstance(item, Suppressed):
        return {key: Cell(cell.text, "muted") for key, cell in cells.items()}
    return cells


def severity_cell(severity: Severity) -> Cell:
    """A severity as glyph and word."""
    look = LOOKS[severity]
    return Cell(Shown(f"{look.glyph} {severity}"), look.role)


def severity_line(report: Report | None, chosen: Severity | None) -> list[Cell]:
    """How many findings each severity has; the one that is filtered by stands out."""
    if report is None:
        return []
    cells = [Cell(Shown(" "))]
    for severity, number in report.counts().items():
        look = LOOKS[severity]
        role: Role = "muted" if not number or (chosen is not None and severity is not chosen) else look.role
        cells += [Cell(Shown(f"{look.glyph} {count(number)} {severity}"), role), BLANK, Cell(Shown("  "))]
    if report.not_checked:
        cells.append(Cell(Shown(f"{glyphs().unknown} {count(len(report.not_checked))} not checked  "), "warn"))
    if report.suppressed:
        cells.append(Cell(Shown(f"– {count(len(report.suppressed))} suppressed  "), "muted"))
    if report.expired:
        cells.append(Cell(Shown(f"{glyphs().warning} {count(len(report.expired))} expired"), "warn"))
    return cells
