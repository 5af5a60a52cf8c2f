"""Lifecycle policies for the reader: sentences, problems, differences; and their text, safe to edit."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import lru_cache

from ecrtui.domain.errors import AppError
from ecrtui.domain.lifecycle import (
    DifferenceKind,
    Policy,
    PolicyError,
    Problem,
    differences,
    parse,
    same,
    sentence,
    to_json,
)
from ecrtui.domain.text import Shown, shown
from ecrtui.services.ports import StoredPolicy
from ecrtui.services.state import Failed, Idle, Loadable, Loading, Partial, Ready
from ecrtui.ui.present.facts import instant
from ecrtui.ui.present.problems import explanation
from ecrtui.ui.theme import Role, glyphs
from ecrtui.ui.widgets.policy_text import editable
from ecrtui.ui.widgets.rows import Cell
from ecrtui.ui.widgets.text_view import Line

_LABEL = 5


def pretty(text: str) -> str:
    """A policy's text laid out for reading: a valid one in its usual form, other JSON indented, the rest as it is."""
    try:
        return editable(to_json(parse(text)))
    except AppError:
        pass  # not valid by our rules: still readable as JSON, perhaps
    try:
        return editable(json.dumps(json.loads(text), indent=2, ensure_ascii=False))
    except (ValueError, RecursionError):
        return editable(text)


@lru_cache(64)
def policy_of(text: str | None) -> Policy | None:
    """The policy of a text; None where there is none, or it is not valid."""
    try:
        return None if text is None else parse(text)
    except AppError:
        return None


@lru_cache(256)
def alike(one: str, other: str) -> bool:
    """Whether two texts are the same policy, however they are laid out."""
    if one == other:
        return True
    known = policy_of(one)
    return known is not None and same(known, policy_of(other))


def stored_lines(policy: Loadable[StoredPolicy | None], now: float) -> tuple[Line, ...]:
    """The stored policy as sentences, a rule each; or why there are none."""
    match policy:
        case Ready(value=None) | Partial(value=None):
            return (_line("none: images stay for ever", "warn"), _line("T fills in a template, E writes one", "muted"))
        case Ready(value=StoredPolicy() as stored) | Partial(value=StoredPolicy() as stored):
            return _sentences(stored, now)
        case Loading(value=StoredPolicy() as stored):
            return _sentences(stored, now)
        case Loading():
            return (_line("loading the policy…", "muted"),)
        case Failed(error=error):
            return (*((cell,) for cell in explanation(error)), _line("r tries again", "muted"))
        case Idle():
            return (_line("not loaded: r loads it", "muted"),)
    raise AssertionError(policy)


def _sentences(stored: StoredPolicy, now: float) -> tuple[Line, ...]:
    try:
        lines = policy_sentences(parse(stored.text))
    except PolicyError as error:
        more = f" (1 of {len(error.problems)})" if len(error.problems) > 1 else ""
        lines = (
            _line(f"{glyphs().warning} set, but it is not what ECR documents{more}", "warn"),
            _line(str(error.problems[0])),
        )
    ran = "never ran yet" if stored.evaluated_at is None else f"last ran {instant(stored.evaluated_at, now)}"
    return (*lines, (_label(""), Cell(shown(ran), "muted")))


def policy_sentences(policy: Policy) -> tuple[Line, ...]:
    """One numbered sentence a rule, in the order in which they act."""
    return tuple((_label(str(rule.priority)), Cell(shown(sentence(rule)))) for rule in policy.ordered)


def difference_lines(stored: str | None, draft: str) -> tuple[Line, ...]:
    """What applying the draft would change, a sentence a rule; nothing while one of the two cannot be read."""
    wanted = policy_of(draft)
    if wanted is None or (stored is not None and policy_of(stored) is None):
        return ()
    found = differences(policy_of(stored), wanted)
    if not found:
        return ()
    looks = {DifferenceKind.ADDED: ("+", "good"), DifferenceKind.REMOVED: ("-", "bad")}
    lines: list[Line] = [_line("")]
    heading = "the draft would change" if stored is not None else "the draft would set"
    lines.append(_line(f" {heading} {len(found)} {'rule' if len(found) == 1 else 'rules'}:", "strong"))
    for one in found:
        sign, role = looks.get(one.kind, (glyphs().differs, "warn"))
        lines.append((Cell(shown(f" {sign:<{_LABEL - 3}}"), role), Cell(shown(one.text))))  # type: ignore[arg-type]
    return tuple(lines)


def problem_lines(problems: Sequence[Problem], current: int | None = None) -> tuple[Line, ...]:
    """What is wrong with the draft, a line each; the `current` one is pointed out."""
    lines = []
    for number, problem in enumerate(problems):
        here = number == current
        place = "text" if problem.line is None else f"{problem.line}:{problem.column}"
        sign = glyphs().cursor if here else " "
        label = Cell(shown(f"{sign}{place:<7}"), "bad")
        words = f"{problem.subject}{problem.message}. {problem.remedy}"
        lines.append((label, Cell(shown(words), "strong" if here else "plain")))
    return tuple(lines)


def _label(text: str) -> Cell:
    return Cell(shown(f"{text:>{_LABEL - 2}}  "), "muted")


def _line(text: str, role: Role = "plain") -> Line:
    return (Cell(shown(text), role),)


def draft_word(text: str, problems: Sequence[Problem], same: bool) -> tuple[Shown, Role]:
    """How the draft stands: as stored, edited, or with problems."""
    if not text.strip():
        return Shown("empty"), "muted"
    if problems:
        number = len(problems)
        return shown(f"{glyphs().missing} {number} problem{'s' if number > 1 else ''}"), "bad"
    return (
        (shown(f"{glyphs().ok} as stored"), "muted") if same else (shown(f"{glyphs().ok} valid, not applied"), "warn")
    )
