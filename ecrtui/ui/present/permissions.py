"""Who may push to a repository and pull from it, as lines: the verdict, what is missing, and what mends it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence

from ecrtui.domain.errors import AppError, ErrorKind
from ecrtui.domain.permission import Access, Gap, Mend, Verdict
from ecrtui.domain.policy_document import PolicyProblem, Statement, parse, wide_open
from ecrtui.domain.policy_words import laid_out, sentence
from ecrtui.domain.text import Shown, shown
from ecrtui.services.permissions import PermissionReport
from ecrtui.services.state import Failed, Idle, Loadable, Loading, Partial, Ready
from ecrtui.ui.present.facts import fact
from ecrtui.ui.present.problems import explanation
from ecrtui.ui.present.verdicts import Look
from ecrtui.ui.theme import Role, glyphs
from ecrtui.ui.widgets.rows import Cell
from ecrtui.ui.widgets.text_view import Line

LOOKS: Mapping[Access, Look] = {
    Access.BROKEN: Look(glyphs().missing, "broken", "broken", "bad"),
    Access.UNKNOWN: Look(glyphs().unknown, "unknown", "unknown", "warn"),
    Access.NOT_CHECKED: Look(glyphs().unknown, "not checked", "not checked", "warn"),
    Access.OK: Look(glyphs().ok, "ok", "ok", "good"),
}
"""Every verdict, the one that asks most for something to be done first."""
_ORDER = {access: number for number, access in enumerate(LOOKS)}
_LABEL = 14
_BLANK: Line = (Cell(Shown("")),)


def permission_lines(slice_: Loadable[PermissionReport]) -> tuple[Line, ...]:
    """All that is known of a repository's permissions, how well, or why not."""
    match slice_:
        case Ready(value=report) | Partial(value=report) | Loading(value=PermissionReport() as report):
            return (*_verdict_lines(report), _BLANK, *_policy_lines(report))
        case Failed(error=error):
            return tuple((cell,) for cell in explanation(error))
        case Loading() | Idle():
            return (fact("", "asking IAM and ECR…", "muted"),)
    raise AssertionError(slice_)


def mends_of(report: PermissionReport) -> tuple[Mend, ...]:
    """The policies that mend something, each once, as they stand on the screen."""
    mends = [mend for verdict in _sorted(report.verdicts) for mend in verdict.mends]
    return tuple({(mend.place, mend.name, mend.text): mend for mend in mends}.values())


def _sorted(verdicts: Iterable[Verdict]) -> list[Verdict]:
    return sorted(verdicts, key=lambda verdict: _ORDER[verdict.access])


def _verdict_lines(report: PermissionReport) -> Iterable[Line]:
    for number, verdict in enumerate(_sorted(report.verdicts)):
        if number and verdict.access is not Access.OK:
            yield _BLANK
        yield from _one(verdict)
    if report.project is None and not any(error.what.startswith("describe the project") for error in report.errors):
        yield _labelled("–", "no project of this name pushes here", "muted")
    if not any(verdict.actor.kind != "codebuild" for verdict in report.verdicts):
        yield _labelled("–", "nothing was found that pulls from here", "muted")
    for reason in report.unchecked:
        yield _labelled(f"{glyphs().unknown} not checked", reason, "warn")
    for error in report.errors:
        yield _labelled(f"{glyphs().unknown} not read", f"{error}{_asking_for(error)}", "warn")


def _asking_for(error: AppError) -> str:
    return f" (ask for {error.action})" if error.kind is ErrorKind.DENIED and error.action else ""


def _one(verdict: Verdict) -> Iterable[Line]:
    look, actor = LOOKS[verdict.access], verdict.actor
    yield (
        Cell(shown(f"{look.glyph} {look.word:<{_LABEL - 2}}"), look.role),
        Cell(shown(f"{actor.purpose} as {actor.label}"), "strong"),
    )
    for where in actor.used_in:
        yield _labelled("", where, "muted")
    for line in _gaps(verdict.gaps):
        yield _labelled("", line, "bad")
    if not verdict.gaps:
        yield _labelled("", verdict.reason, "muted" if verdict.access is Access.OK else look.role)
    for mend in verdict.mends:
        yield _labelled("c copies", f"{mend.title}:", "strong")
        for statement in mend.statements:
            yield _labelled("", json.dumps(statement), "plain")


def _gaps(gaps: Iterable[Gap]) -> Iterable[str]:
    """What is missing or denied, by where: `missing in the role's policies: ecr:PutImage`."""
    actions: dict[str, list[str]] = {}
    for gap in gaps:
        by = f"{gap.by} of " if gap.by else ""
        where = f"denied by {by}{gap.place}" if gap.denied else f"missing in {gap.place}"
        actions.setdefault(where, []).append(gap.action)
    return (f"{where}: {', '.join(named)}" for where, named in actions.items())


def _policy_lines(report: PermissionReport) -> Sequence[Line]:
    policy = report.policy
    if isinstance(policy, AppError):
        return (_labelled("policy", "the repository policy could not be read", "warn"),)
    if policy is None:
        return (_labelled("policy", "no repository policy: the roles' own policies decide", "muted"),)
    document = parse(policy)
    if isinstance(document, PolicyProblem):
        lines = [_labelled("policy", f"set, but it cannot be read: {document}", "warn")]
    else:
        lines = [_statement(statement) for statement in document.statements]
    return (*lines, _BLANK, *_json(laid_out(policy)))


def _statement(statement: Statement) -> Line:
    label = f"policy {statement.number}"
    if wide_open(statement):
        return _labelled(label, f"{glyphs().warning} {sentence(statement)}", "warn")
    return _labelled(label, sentence(statement), "plain")


def _json(text: str) -> Iterable[Line]:
    return (_labelled("", line, "plain") for line in text.splitlines())


def _labelled(label: str, text: str, role: Role) -> Line:
    return (Cell(shown(f"{label:<{_LABEL}}"), "muted"), Cell(shown(text), role))
