"""The banner of credentials that are lost, and the lines of the dialog that gets them back."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import replace

from ecrtui.domain.errors import AppError, ErrorKind
from ecrtui.domain.text import Shown, shorten_middle, shown
from ecrtui.services.ports import CodeQuestion
from ecrtui.ui.present.problems import explanation
from ecrtui.ui.widgets.rows import Cell
from ecrtui.ui.widgets.text_view import Line

_WHY, _REMEDY = 110, 130
"""Cells for each sentence of AWS's, so that the keys stand on the banner's four lines also at 80 columns."""


def banner(problem: AppError, keys: Sequence[tuple[Shown, str]]) -> tuple[Cell, ...]:
    """What is wrong and what to do, in a sentence or two. `keys` are those that help, with what they do."""
    return (
        *_sentences(problem),
        Cell(shown(f" {', '.join(f'{key} {does}' for key, does in keys)}."), "muted"),
    )


def waiting_banner(waited_for: str, problem: AppError | None) -> tuple[Cell, ...]:
    """Who keeps one waiting for credentials; `problem` is what was wrong before."""
    asking = Cell(shown(f" Trying {waited_for} for credentials, Esc stops."), "warn")
    return (asking,) if problem is None else (*_sentences(problem), asking)


def _sentences(problem: AppError) -> tuple[Cell, Cell]:
    why = (problem.why if problem.kind is ErrorKind.CREDENTIALS and problem.why else str(problem)).rstrip(".")
    return (
        Cell(shorten_middle(shown(f" {why[:1].upper()}{why[1:]}."), _WHY), "bad"),
        Cell(shorten_middle(shown(f" {problem.remedy}"), _REMEDY), "strong"),
    )


def ending(code: int) -> str:
    """How a command ended that did not do what it should."""
    return f"ended with {code}" if code > 0 else f"was ended by signal {-code}"


def written(command: Sequence[str]) -> str:
    """A command as a shell takes it."""
    return shlex.join(command)


def login_lines(problem: AppError | None, command: Sequence[str]) -> tuple[Line, ...]:
    """Why one logs in, and with what."""
    told = None if problem is None else replace(problem, remedy="" if command else problem.remedy)
    why = () if told is None else tuple((cell,) for cell in explanation(told))
    if not command:
        return (*why, (Cell(Shown("No command logs this profile in: renew its keys, or take another profile.")),))
    return (*why, (Cell(shown(f"command  {written(command)}"), "accent"),))


def question(asked: CodeQuestion) -> tuple[Cell, ...]:
    """Whose code is asked for."""
    return (
        Cell(shown(f"The profile {asked.profile} takes the role {asked.role}, which asks for a code of ")),
        Cell(shown(asked.device), "strong"),
    )
