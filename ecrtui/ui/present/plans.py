"""Planned changes and their outcomes as lines."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from ecrtui.domain.change import Change, ChangeResult, Outcome
from ecrtui.domain.errors import AppError
from ecrtui.domain.text import Shown, shown
from ecrtui.ui.present.problems import explanation
from ecrtui.ui.theme import Role, glyphs
from ecrtui.ui.widgets.rows import Cell
from ecrtui.ui.widgets.text_view import Line

_REGIONS_NAMED = 6
_INDENT = "    "


@dataclass(frozen=True, slots=True)
class Place:
    """Where changes would be made: raw strings, as AWS and the configuration have them."""

    account: str
    arn: str = ""
    profile: str = ""
    endpoint: str = ""
    """Empty for AWS's own."""


def plan_lines(place: Place, changes: Sequence[Change], notes: Sequence[Cell] = ()) -> tuple[Line, ...]:
    """A plan: where, how many of what, warnings, every change, and the same as commands."""
    lines: list[Line] = [_labelled("account", _account(place), "strong")]
    lines.append(_labelled("region" if len(_regions(changes)) == 1 else "regions", _region_names(changes), "strong"))
    if place.endpoint:
        lines.append(_labelled("endpoint", place.endpoint, "warn"))
    if place.arn:
        lines.append(_labelled("as", place.arn, "muted"))
    lines.append(_labelled("calls", _calls(changes)))
    lines += [(note,) for note in notes]
    lines.append(_blank())
    for change in changes:
        lines.append(_line(f"{glyphs().waiting} {change.title}", "strong"))
        lines.append(_line(f"{_INDENT}{change.call.action} in {change.region}", "muted"))
    return (*lines, _blank(), *_command_lines(changes))


def progress_lines(changes: Sequence[Change], results: Sequence[ChangeResult], *, sending: bool) -> tuple[Line, ...]:
    """Every change with its outcome so far; `results` are of the first changes, in order."""
    lines: list[Line] = []
    for number, change in enumerate(changes):
        if number < len(results):
            lines += _outcome_lines(results[number])
        elif sending and number == len(results):
            doing = "creating…" if change.call.operation == "CreateRepository" else "sending"
            lines.append(_line(f"{glyphs().running} {doing:10} {change.title}", "strong"))
        elif sending:
            lines.append(_line(f"{glyphs().waiting} waiting    {change.title}", "muted"))
        else:
            lines.append(_line(f"{glyphs().unknown} unknown    {change.title}", "warn"))
    return tuple(lines)


def commands_text(changes: Sequence[Change]) -> str:
    """The `aws` commands that do the same, a line each, quoted for a POSIX shell."""
    return "\n".join(change.command for change in changes)


def confirm_word(changes: Sequence[Change]) -> str:
    """What has to be typed: the one word that the changes ask for, or `all N` where they ask for several."""
    words = {change.confirm_word for change in changes if change.confirm_word}
    return f"all {len(changes)}" if len(words) > 1 else next(iter(words), "")


def tally(results: Sequence[ChangeResult]) -> tuple[Cell, ...]:
    """How many changes ended how, for the title of a finished plan."""
    counts = Counter(result.outcome for result in results)
    cells: list[Cell] = []
    for outcome in Outcome:
        if number := counts[outcome]:
            glyph, role = _LOOKS[outcome]
            cells.append(Cell(Shown(f"{glyph} {number} {_WORDS[outcome]}   "), role))
    return tuple(cells)


def result_lines(result: ChangeResult) -> tuple[Line, ...]:
    """One change that was tried, in full: its outcome, where, the call, the request, the error, the command."""
    change = result.change
    lines = [*_outcome_lines(result), _labelled("where", f"{change.target} in {change.region}", "muted")]
    lines.append(_labelled("call", change.call.action, "muted"))
    if result.request_id:
        lines.append(_labelled("request", result.request_id, "muted"))
    return (*lines, _blank(), *_command_lines([change]))


_WORDS = {
    Outcome.DONE: "done",
    Outcome.ALREADY: "already so",
    Outcome.DIFFERS: "differs",
    Outcome.REFUSED: "not sent",
    Outcome.FAILED: "failed",
    Outcome.UNKNOWN: "unknown",
}
_LOOKS: dict[Outcome, tuple[str, Role]] = {
    Outcome.DONE: (glyphs().ok, "good"),
    Outcome.ALREADY: ("=", "good"),
    Outcome.DIFFERS: (glyphs().differs, "warn"),
    Outcome.REFUSED: (glyphs().missing, "warn"),
    Outcome.FAILED: (glyphs().missing, "bad"),
    Outcome.UNKNOWN: (glyphs().unknown, "warn"),
}


def outcome_title(result: ChangeResult) -> Cell:
    """A change and its outcome on one line."""
    glyph, role = _LOOKS[result.outcome]
    return Cell(shown(f"{glyph} {_WORDS[result.outcome]:<11}{result.change.title}"), role)


def _outcome_lines(result: ChangeResult) -> list[Line]:
    lines: list[Line] = [(outcome_title(result),)]
    error = result.error if isinstance(result.error, AppError) else None
    if result.detail and (error is None or result.detail != error.why):
        lines.append(_line(f"{_INDENT}{result.detail}", "muted"))
    if error is not None:
        lines += [(Cell(Shown(_INDENT + cell.text), cell.role),) for cell in explanation(error)]
    elif result.error is not None:
        lines.append(_line(f"{_INDENT}{result.error}", "bad"))
    return lines


def _command_lines(changes: Sequence[Change]) -> list[Line]:
    heading = "The same with the AWS CLI (c copies):"
    return [_line(heading, "muted"), *(_line(f"  {change.command}") for change in changes)]


def _account(place: Place) -> str:
    return f"{place.account or 'unknown'} (profile {place.profile})" if place.profile else place.account


def _regions(changes: Sequence[Change]) -> list[str]:
    return list(dict.fromkeys(change.region for change in changes))


def _region_names(changes: Sequence[Change]) -> str:
    names = _regions(changes)
    rest = len(names) - _REGIONS_NAMED
    named = ", ".join(names[:_REGIONS_NAMED])
    return f"{named} and {rest} more" if rest > 0 else named


def _calls(changes: Sequence[Change]) -> str:
    counts = Counter(change.call.action for change in changes)
    return ", ".join(f"{number} {action}" for action, number in counts.items())


def _labelled(label: str, value: str, role: Role = "plain") -> Line:
    return _line(f"{label:<9}{value}", role)


def _line(text: str, role: Role = "plain") -> Line:
    return (Cell(shown(text), role),)


def _blank() -> Line:
    return (Cell(Shown("")),)
