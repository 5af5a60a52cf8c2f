"""Findings on the screen: as rows, in full, and why they are not known."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ecrtui.domain.errors import AppError
from ecrtui.domain.scan import (
    NEVER_SCANNED,
    ImageScan,
    PlatformScan,
    ScanReport,
    counts_of,
    fixable,
    rank,
    standing,
    unlisted,
)
from ecrtui.domain.scan_comparison import CHANGES, FIXED, NEW, Comparison
from ecrtui.domain.scan_rows import VALUES, FindingRow, order, words
from ecrtui.domain.text import Shown, shown
from ecrtui.domain.units import age
from ecrtui.ui.present.facts import fact
from ecrtui.ui.present.problems import explanation
from ecrtui.ui.present.scans import answers, counts_words, word_of
from ecrtui.ui.present.source import SortValue, ValueRows
from ecrtui.ui.theme import Role
from ecrtui.ui.widgets.columns import Column
from ecrtui.ui.widgets.rows import BLANK, Cell
from ecrtui.ui.widgets.text_view import Line

# Findings as rows

_CHANGE = Column("change", Shown("CHANGE"), minimum=9, ideal=11)
_PLATFORM = Column("platform", Shown("PLATFORM"), minimum=11, ideal=12, priority=6)
_COLUMNS = (
    Column("severity", Shown("SEVERITY"), minimum=10, ideal=15),
    Column("id", Shown("ID"), minimum=14, ideal=16),
    Column("package", Shown("PACKAGE"), minimum=8, ideal=18, maximum=40, priority=1),
    Column("installed", Shown("INSTALLED"), minimum=9, ideal=18, maximum=36, priority=4),
    Column("fixed", Shown("FIXED IN"), minimum=9, ideal=18, maximum=30, priority=2),
    Column("fix", Shown("FIX"), minimum=7, ideal=7, priority=5),
    Column("score", Shown("SCORE"), minimum=5, ideal=5, align="right", priority=3),
)
_LINK = Column("link", Shown("LINK"), minimum=56, ideal=64, maximum=None, priority=8)
_GLYPHS = {"CRITICAL": "✗", "HIGH": "⚠", "MEDIUM": "·", "LOW": "·"}
_ROLES: Mapping[str, Role] = {"CRITICAL": "bad", "HIGH": "warn", "MEDIUM": "plain"}


def columns_of(rows: Sequence[FindingRow]) -> tuple[Column, ...]:
    """The columns: the change in a comparison, the platform of an index."""
    change = (_CHANGE,) if any(row.change for row in rows) else ()
    platform = (_PLATFORM,) if any(row.platform for row in rows) else ()
    return (*change, *_COLUMNS, *platform, _LINK)


class FindingRows(ValueRows[tuple[int, FindingRow]]):
    """Findings as a source; they never change, so that they are sorted and folded once."""

    def __init__(self, rows: Sequence[FindingRow]) -> None:
        super().__init__(
            list(enumerate(rows)),
            key=lambda one: one[0],
            cells=self._cells_of,
            words=lambda one: words(one[1]),
            sorts={},
        )
        self.rows = tuple(rows)
        self._stamp = object()
        self._makers = [_MAKERS[column.key] for column in columns_of(rows)]

    @property
    def stamp(self) -> object:
        return self._stamp

    def terms(self) -> Mapping[str, Callable[[int], Any]]:
        rows = self.rows
        return {name: _by_number(rows, get) for name, get in VALUES.items()}

    def sort_value(self, column: str, /) -> SortValue | None:
        get = _SORTS.get(column)
        return None if get is None else _by_number(self.rows, get)

    def _cells_of(self, one: tuple[int, FindingRow]) -> Sequence[Cell]:
        return tuple(make(one[1]) for make in self._makers)


def _by_number(rows: Sequence[FindingRow], get: Callable[[FindingRow], Any]) -> Callable[[int], Any]:
    return lambda index: get(rows[index])


def severity_cell(severity: str) -> Cell:
    """A severity with its glyph."""
    glyph = _GLYPHS.get(severity, "?" if rank(severity) != rank("INFORMATIONAL") else "·")
    return Cell(shown(f"{glyph} {severity.lower()}"), _ROLES.get(severity, "muted"))


def _change_cell(row: FindingRow) -> Cell:
    glyph, role = _CHANGES.get(row.change, ("=", "muted"))
    return Cell(shown(f"{glyph} {row.change}"), role)


def _installed_cell(row: FindingRow) -> Cell:
    return Cell(shown(f"{row.former} → {row.finding.version or '?'}" if row.former else row.finding.version))


def _fix_cell(row: FindingRow) -> Cell:
    words_ = {"YES": "yes", "NO": "no", "PARTIAL": "partial"}
    said = words_.get(row.finding.fix_available, "yes" if row.finding.fixed_in else "?")
    return Cell(shown(said), "plain" if fixable(row.finding) else "muted")


def _score_cell(row: FindingRow) -> Cell:
    return BLANK if row.finding.score is None else Cell(shown(f"{row.finding.score:.1f}"), "number")


_CHANGES: Mapping[str, tuple[str, Role]] = {NEW: ("+", "bad"), FIXED: ("✓", "good")}
_MAKERS: Mapping[str, Callable[[FindingRow], Cell]] = {
    "change": _change_cell,
    "severity": lambda row: severity_cell(row.severity),
    "id": lambda row: Cell(shown(row.finding.id), "name"),
    "package": lambda row: Cell(shown(row.finding.package)),
    "installed": _installed_cell,
    "fixed": lambda row: Cell(shown(row.finding.fixed_in)),
    "fix": _fix_cell,
    "score": _score_cell,
    "platform": lambda row: Cell(shown(row.platform), "muted"),
    "link": lambda row: Cell(shown(row.finding.link), "muted"),
}
_SORTS: Mapping[str, Callable[[FindingRow], Any]] = {
    "change": lambda row: (CHANGES.index(row.change) if row.change in CHANGES else -1, order(row)),
    "severity": lambda row: (rank(row.severity), -(row.finding.score or 0.0)),
    "id": lambda row: row.finding.id,
    "package": lambda row: row.finding.package,
    "installed": lambda row: row.finding.version,
    "fixed": lambda row: row.finding.fixed_in,
    "fix": lambda row: {True: 0, None: 1, False: 2}[fixable(row.finding)],
    "score": lambda row: -1.0 if row.finding.score is None else row.finding.score,
    "platform": lambda row: row.platform,
    "link": lambda row: row.finding.link,
}


# What stands over and under the rows


def scan_note(scan: ImageScan, now: float) -> Shown:
    """`2C 5H 11M, basic scanning 2h ago`: the worst platform, the scanner, and when."""
    worst = scan.worst
    if worst is None or worst.report is None:
        return Shown("")
    counts = counts_of(worst.report) or {}
    kind = "enhanced" if worst.report.enhanced else "basic"
    when = "" if worst.report.completed_at is None else f" {age(now - worst.report.completed_at)} ago"
    which = f" ({worst.platform})" if len(scan.parts) > 1 else ""
    return shown(f"{counts_words(counts) or 'none'}{which}, {kind} scanning{when}")


def comparison_note(comparison: Comparison, image: Shown, baseline: Shown) -> Shown:
    """`v2 against v1: 3 new, 5 fixed, 20 remaining`."""
    counts = ", ".join(f"{number:,} {change}" for change, number in comparison.counts.items())
    return shown(f"{image} against {baseline}: {counts}")


def silence(scan: ImageScan) -> tuple[Shown, Role]:
    """Which platforms do not answer, for the heading; empty when all do."""
    silent = [part for part in scan.parts if not answers(part.scan)]
    if not silent:
        return Shown(""), "muted"
    if len(scan.parts) == 1:
        return shown(f"? {word_of(silent[0].scan)}"), "warn"
    named = ", ".join(f"{part.platform or part.digest[:19]} {word_of(part.scan)}" for part in silent)
    return shown(f"? {named}"), "warn"


def why_empty(scan: ImageScan) -> tuple[Cell, ...]:
    """What stands in the place of findings: none, or why they are not known and what can be done."""
    lines: list[Cell] = []
    for part in scan.parts:
        lines += _why(part)
    return tuple(lines) or (Cell(Shown("no platform of the index is known"), "warn"),)


def _why(part: PlatformScan) -> list[Cell]:
    where = f"{part.platform}: " if part.platform else ""
    if isinstance(part.scan, AppError):
        return [*([Cell(shown(where), "strong")] if where else []), *explanation(part.scan)]
    if part.scan.answers:
        return _answered(part.scan, where)
    why = standing(part.scan.status)
    said = "" if part.scan.status == NEVER_SCANNED else f" ({part.scan.status})"
    lines = [Cell(shown(f"{where}? not known: {why.sentence}{said}"), "warn")]
    if part.scan.why:
        lines.append(Cell(shown(f"AWS says: {part.scan.why}")))
    can_start = part.scan.status in (NEVER_SCANNED, "FAILED")
    lines.append(Cell(shown(why.remedy + (" N starts one." if can_start else "")), "strong"))
    return lines


def _answered(report: ScanReport, where: str) -> list[Cell]:
    if missing := unlisted(report):
        said = f"{where}? AWS counts {counts_words(counts_of(report) or {})}, and lists no {', '.join(missing)} finding"
        return [Cell(shown(said), "warn")]
    return [Cell(shown(f"{where}✓ scanned, and nothing was found"), "good")]


def finding_lines(row: FindingRow) -> tuple[Line, ...]:
    """One finding in full."""
    one = row.finding
    exploit = {True: "one is known", False: "none is known", None: "not said"}[one.exploit_available]
    fix = {True: one.fix_available.lower() or "yes", False: "no", None: "not said"}[fixable(one)]
    lines = [
        fact("severity", f"{row.severity.lower()}{'' if one.score is None else f', score {one.score:.1f}'}", "strong"),
        fact("package", one.package or "not said"),
        fact("installed", (f"{row.former} → " if row.former else "") + (one.version or "not said")),
        fact("fixed in", one.fixed_in or ("no fix yet" if fixable(one) is False else "not said")),
        fact("fix", fix),
        fact("exploit", exploit),
    ]
    if row.platform:
        lines.append(fact("platform", row.platform))
    if row.change:
        lines.append(fact("change", row.change))
    return (*lines, fact("image", row.digest, "muted"), (Cell(shown(one.title)),), (Cell(shown(one.link), "name"),))


def finding_line(row: FindingRow | None) -> tuple[Cell, ...]:
    """The finding under the cursor on one line: its title, else its link."""
    if row is None:
        return ()
    return (Cell(shown(f" {row.finding.title or row.finding.link}"), "muted"),)
