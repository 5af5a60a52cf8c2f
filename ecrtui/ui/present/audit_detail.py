"""One row of the audit in full, and what can be copied of it."""

from __future__ import annotations

from collections.abc import Sequence

from ecrtui.domain.audit.report import NotChecked, Suppressed
from ecrtui.domain.audit.rule import Finding
from ecrtui.domain.text import Shown, shown
from ecrtui.ui.present.audit import Item, finding_of, severity_cell, what_of
from ecrtui.ui.present.copying import Copyable
from ecrtui.ui.present.facts import fact, keys_line, wrapped
from ecrtui.ui.widgets.rows import BLANK, Cell
from ecrtui.ui.widgets.text_view import Line


def item_lines(item: Item, helps: Sequence[tuple[Shown, str]], room: int) -> tuple[Line, ...]:
    """A finding in full: what, why, what to do, the command; of what was not checked, what to ask for."""
    if isinstance(item, NotChecked):
        return _not_checked_lines(item, room)
    finding = item.finding if isinstance(item, Suppressed) else item
    place = Cell(shown(f"   {finding.region}   "), "muted")
    title = Cell(shown(finding.name or finding.region), "strong")
    lines: list[Line] = [(title, place, severity_cell(finding.severity), Cell(shown(f"   {finding.rule.id}"), "muted"))]
    lines += wrapped("what", finding.what, room, "strong")
    if isinstance(item, Suppressed):
        until = f", until {item.by.until.isoformat()}" if item.by.until else ""
        lines += wrapped("accepted", f"{item.by.reason}{until}", room, "muted")
    lines += wrapped("why", finding.rule.why, room)
    lines += wrapped("do", finding.remedy, room)
    lines += wrapped("command", finding.command, room, "accent") if finding.command else []
    lines += [keys_line(helps)] if helps else []
    lines.append((BLANK,))
    lines += [fact("rule", finding.rule.title)]
    lines += [fact("line", _place(finding))] if finding.line is not None else []
    lines += [fact("image", finding.digest)] if finding.digest else []
    lines += [fact("resource", finding.arn)] if finding.arn else []
    lines += [fact("more", finding.rule.docs, "muted")]
    return tuple(lines)


def _place(finding: Finding) -> str:
    return f"{finding.line} of {finding.file or 'the inline buildspec'}"


def _not_checked_lines(item: NotChecked, room: int) -> tuple[Line, ...]:
    title = Cell(shown(", ".join(item.names) if item.names else item.region), "strong")
    lines: list[Line] = [(title, Cell(shown(f"   {item.region}   "), "muted"), Cell(Shown("? not checked"), "warn"))]
    lines += wrapped("because", item.unread.why, room, "strong")
    if item.unread.action:
        lines += wrapped("do", f"Allow {item.unread.action}, then audit again.", room)
    lines += wrapped("rules", ", ".join(rule.id for rule in item.rules), room)
    return tuple(lines)


def item_copies(item: Item) -> tuple[Copyable, ...]:
    """What can be copied of a row: the command that mends it first, or the action to ask for."""
    finding = finding_of(item)
    if finding is None:
        action = item.unread.action if isinstance(item, NotChecked) else ""
        return (*((Copyable("IAM action", action),) if action else ()), Copyable("reason", what_of(item)))
    return (
        *((Copyable("command", finding.command),) if finding.command else ()),
        Copyable("remedy", finding.remedy),
        Copyable("what", finding.what),
        *((Copyable("resource ARN", finding.arn),) if finding.arn else ()),
    )
