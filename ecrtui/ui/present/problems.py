"""Errors as sentences: what went wrong, where, why, and what can be done."""

from __future__ import annotations

from ecrtui.domain.errors import AppError, ErrorKind, Executed
from ecrtui.domain.text import Shown, shown
from ecrtui.ui.widgets.rows import Cell

_STATES = {
    ErrorKind.CREDENTIALS: "no valid credentials",
    ErrorKind.REGION_DISABLED: "off",
    ErrorKind.DENIED: "denied",
    ErrorKind.THROTTLED: "throttled",
    ErrorKind.NETWORK: "no connection",
    ErrorKind.TIMEOUT: "timed out",
    ErrorKind.MALFORMED: "malformed answer",
    ErrorKind.NOT_FOUND: "not found",
}


def state_word(error: AppError) -> Shown:
    """The error in one or two words, for a heading or a cell: `denied`."""
    return shown(_STATES.get(error.kind, "failed"))


def headline(error: AppError) -> Shown:
    """The error on one line."""
    return shown(str(error))


def notice(error: AppError) -> Shown:
    """The error and its remedy on one line, for a toast."""
    return shown(f"{_sentence(str(error))} {error.remedy}".strip())


def explanation(error: AppError) -> tuple[Cell, ...]:
    """The error in full, a line each: what, why, whether it took effect, the missing action, the remedy."""
    lines = [Cell(shown(_capital(f"cannot {error.what}")), "bad")]
    if error.where:
        lines.append(Cell(shown(f"where    {error.where}"), "muted"))
    if error.why:
        lines.append(Cell(shown(f"why      {error.why}")))
    if error.action:
        lines.append(Cell(shown(f"missing  {error.action}"), "warn"))
    if error.executed is not Executed.NO:
        lines.append(Cell(shown(f"sent     {_EXECUTED[error.executed]}"), "warn"))
    if error.request_id:
        lines.append(Cell(shown(f"request  {error.request_id}"), "muted"))
    if error.remedy:
        lines.append(Cell(shown(f"do       {error.remedy}"), "strong"))
    return tuple(lines)


_EXECUTED = {
    Executed.YES: "yes: the change took effect",
    Executed.UNKNOWN: "perhaps: it is not known whether the change took effect",
}


def _sentence(text: str) -> str:
    return text if text.endswith((".", "!", "?")) else text + "."


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
