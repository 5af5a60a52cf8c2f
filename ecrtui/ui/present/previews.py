"""What a lifecycle policy would do, in sentences."""

from __future__ import annotations

from ecrtui.domain.cost import money
from ecrtui.domain.lifecycle import ActionType
from ecrtui.domain.tags import ordered
from ecrtui.domain.text import Shown, shown
from ecrtui.domain.units import count, size
from ecrtui.services.lifecycle import Preview
from ecrtui.services.state import Failed, Idle, Loadable, Loading
from ecrtui.ui.present.fates import Fate, Seen, SeenByAws
from ecrtui.ui.present.policies import alike
from ecrtui.ui.present.problems import state_word
from ecrtui.ui.theme import glyphs
from ecrtui.ui.widgets.rows import Cell
from ecrtui.ui.widgets.text_view import Line

_NAMED = 3
"""Images in use, or differences, that the summary names; the list has all."""


def summary_lines(seen: Seen) -> tuple[Line, ...]:
    """What goes, what it saves, what blocks it, and what could not be judged."""
    preview = seen.preview
    lines: list[Line] = [(Cell(shown(headline(preview)), "strong"),), (verdict(preview),)]
    lines += [(Cell(Shown("  ")), Cell(shown(reason), "bad")) for reason in preview.reasons[:_NAMED]]
    if (more := len(preview.reasons) - _NAMED) > 0:
        lines.append((Cell(shown(f"  and {more} more"), "bad"),))
    lines += [(Cell(shown(note), "muted"),) for note in notes_of(seen)]
    return tuple(lines)


def headline(preview: Preview) -> str:
    """`expires 120 of 412, 9.8 GB at most; archives 0; about $0.98 a month`."""
    evaluation = preview.evaluation
    words = f"expires {count(evaluation.expiring)} of {count(len(preview.listing))}"
    if evaluation.expiring:
        freed = preview.freed
        words += f", {size(evaluation.bytes_freed)} at most" if freed is None else f", {size(freed.bytes)} by manifests"
    words += f"; archives {count(evaluation.archiving)}"
    if evaluation.archiving:
        words += f", {size(evaluation.bytes_archived)}"
    if preview.monthly_saving and evaluation.marks:
        words += f"; about {money(preview.monthly_saving)} a month"
    return words


def verdict(preview: Preview) -> Cell:
    """Whether the policy may be put: `2 in use: blocked`."""
    if preview.blocked and preview.in_use:
        return Cell(shown(f"{glyphs().missing} {count(len(preview.in_use))} in use: blocked"), "bad")
    if preview.blocked:
        return Cell(shown(f"{glyphs().missing} what is in use could not be checked: blocked"), "bad")
    if not preview.evaluation.marks:
        return Cell(shown(f"{glyphs().ok} nothing goes now"), "good")
    return Cell(shown(f"{glyphs().ok} none of them is in use"), "good")


def notes_of(seen: Seen) -> tuple[str, ...]:
    """What to know about the figures: what is protected, not dated, not read, and where uses were looked for."""
    evaluation = seen.preview.evaluation
    notes = []
    if number := len(evaluation.protected):
        notes.append(f"{count(number)} stay because an index names them: they can go in a later run")
    if number := len(evaluation.undated):
        notes.append(f"{count(number)} have no date to be judged by, and stay")
    if number := len(evaluation.followers):
        notes.append(f"{count(number)} signatures and the like follow their image within a day")
    if (number := len(evaluation.unread)) and evaluation.marks:
        notes.append(f"{count(number)} indexes could not be read: AWS may spare what they name")
    where = f"; uses looked for in {', '.join(seen.checked)}" if seen.checked else ""
    notes.append(f"an estimate: AWS runs policies within a day{where}")
    return tuple(notes)


def aws_lines(slice_: Loadable[SeenByAws], text: str) -> tuple[Line, ...]:
    """AWS's own preview beside ours: that it runs, why there is none, that it agrees, or in what it does not."""
    match slice_:
        case Idle():
            return ()
        case Loading():
            return ((Cell(Shown("AWS's own preview runs; it may take a minute…"), "muted"),),)
        case Failed(error=error):
            return ((Cell(shown(f"AWS's preview: {state_word(error)}"), "warn"),),)
    seen = slice_.value
    if not alike(seen.policy_text, text):
        return ((Cell(Shown("AWS's preview was of another text: a asks again"), "muted"),),)
    if seen.preview.report is None:
        return ((Cell(shown(f"AWS gave no preview: {seen.preview.reason}"), "warn"),),)
    found = seen.preview.differences
    if not found:
        number = len(seen.preview.report.marks)
        return ((Cell(shown(f"{glyphs().ok} AWS's own preview agrees: {count(number)} go"), "good"),),)
    lines: list[Line] = [
        (Cell(shown(f"{glyphs().differs} AWS's own preview differs in {len(found)}; V shows them"), "warn"),)
    ]
    lines += [(Cell(shown(f"  {sentence}"), "warn"),) for sentence in found[:_NAMED]]
    return tuple(lines)


def fate_lines(fate: Fate) -> tuple[Line, ...]:
    """One image and why it goes or stays."""
    name = ", ".join(ordered(fate.image.tags)) or fate.image.digest
    verb = {None: "stays", ActionType.EXPIRE: "expires", ActionType.TRANSITION: "goes to the archive"}[fate.action]
    by = "" if fate.rule is None or fate.action is None else f" by rule {fate.rule}"
    why = f": {fate.reason}" if fate.reason else ""
    lines: list[Line] = [(Cell(shown(f"{name} {verb}{by}{why}")),)]
    if fate.uses:
        uses = ", ".join(use.label + (" by tag" if use.by_tag else "") for use in fate.uses)
        lines.append((Cell(shown(f"used by {uses}"), "bad" if fate.goes else "good"),))
    return tuple(lines)
