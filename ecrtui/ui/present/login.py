"""The banner of credentials that are lost, and the lines of the dialog that gets them back."""

from __future__ import annotations

import shlex
from collections.abc import Sequence

from ecrtui.domain.errors import AppError
from ecrtui.domain.text import Shown, shorten_middle, shown
from ecrtui.services.ports import CodeQuestion
from ecrtui.ui.present.problems import explanation
from ecrtui.ui.widgets.rows import Cell
from ecrtui.ui.widgets.text_view import Line

_LONGEST = 90
"""Cells for each sentence of AWS's, so that the keys stand on the banner's three lines also at 80 columns."""


def banner(problem: AppError, keys: Sequence[tuple[Shown, str]]) -> tuple[Cell, ...]:
    """What is wrong and what to do, in a sentence or two. `keys` are those that help, with what they do."""
    why = f"{problem.why or problem}".rstrip(".")
    return (
        Cell(shorten_middle(shown(f" {why[:1].upper()}{why[1:]}."), _LONGEST), "bad"),
        Cell(shorten_middle(shown(f" {problem.remedy}"), _LONGEST), "strong"),
        Cell(shown(f" {',  '.join(f'{key} {does}' for key, does in keys)}."), "muted"),
        Cell(Shown(" What is shown stays, and is of before.")),
    )


def written(command: Sequence[str]) -> str:
    """A command as a shell takes it."""
    return shlex.join(command)


def login_lines(problem: AppError | None, command: Sequence[str]) -> tuple[Line, ...]:
    """Why one logs in, and with what."""
    why = () if problem is None else tuple((cell,) for cell in explanation(problem))
    if not command:
        return (*why, (Cell(Shown("No command logs this profile in: renew its keys, or take another profile.")),))
    return (*why, (Cell(shown(f"command  {written(command)}"), "accent"),))


def question(asked: CodeQuestion) -> tuple[Cell, ...]:
    """Whose code is asked for."""
    return (
        Cell(shown(f"The profile {asked.profile} takes the role {asked.role}, which asks for a code of ")),
        Cell(shown(asked.device), "strong"),
    )
