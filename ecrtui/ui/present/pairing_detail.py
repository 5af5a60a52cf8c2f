"""A pairing in full: what to do, and why."""

from __future__ import annotations

from collections.abc import Sequence

from ecrtui.domain.pairing import Pairing, Verdict
from ecrtui.domain.text import Shown, shown
from ecrtui.services.browse import Summary
from ecrtui.ui.present.facts import fact, instant, keys_line, wrapped
from ecrtui.ui.present.pairings import Beside, build_status, verdict_cell
from ecrtui.ui.present.verdicts import LOOKS
from ecrtui.ui.widgets.rows import Cell
from ecrtui.ui.widgets.text_view import Line


def pairing_lines(pairing: Pairing, beside: Beside, helps: Sequence[tuple[Shown, str]], room: int) -> tuple[Line, ...]:
    """A pairing in full: verdict, what to do, the keys that help (key, what it does), and the evidence."""
    look = LOOKS[pairing.verdict]
    verdict = verdict_cell(pairing, beside)
    if pairing.verdict is Verdict.REPLICA:
        verdict = Cell(shown(f"{verdict.text} of {pairing.source}"), verdict.role)
    title = shown(pairing.name or pairing.region)
    place = Cell(shown(f"   {pairing.region}   " if pairing.name else "   "), "muted")
    lines: list[Line] = [(Cell(title, "strong"), place, verdict)]
    if pairing.suggestion:
        lines += wrapped("do", pairing.suggestion, room, "strong" if look.role in ("bad", "warn") else "plain")
    if helps:
        lines.append(keys_line(helps))
    for number, clause in enumerate(pairing.evidence):
        lines += wrapped("because" if number == 0 else "", clause, room)
    if pairing.certainty == "by-name" and pairing.verdict is Verdict.PAIRED:
        lines += wrapped("certainty", "by its name only: nothing that can be seen proves the push", room, "muted")
    lines.append((Cell(Shown("")),))
    return (*lines, *_facts(pairing, beside))


def _facts(pairing: Pairing, beside: Beside) -> list[Line]:
    lines: list[Line] = []
    if (project := pairing.project) is not None:
        source = f"{project.source_type} {project.source_location}".strip()
        lines.append(fact("project", project.arn or project.name))
        lines += [fact("source", source)] if source else []
        if (build := beside.build(pairing)) is not None:
            lines.append(fact("last build", f"{build_status(build)}, started {instant(build.started_at, beside.now)}"))
    if (repository := pairing.repository) is not None:
        lines.append(fact("repository", repository.uri))
        summary = beside.summary(pairing)
        if summary is not None and summary.last_push is not None:
            tag = summary.last_tag or "<untagged>"
            lines.append(fact("last image", f"{tag}, pushed {instant(summary.last_push, beside.now)}"))
        lines += [fact("images", _images(summary))] if summary is not None else []
    return lines


def _images(summary: Summary) -> str:
    if summary.error is not None:
        return f"unknown: {summary.error.why or summary.error}"
    return str(summary.images)
