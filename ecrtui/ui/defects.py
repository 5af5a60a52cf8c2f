"""Defects of ours in the background: an error that is told where the work belongs, never the end of the app."""

from __future__ import annotations

from ecrtui.crash import sentence
from ecrtui.domain.errors import AppError, ErrorKind, Executed


def unexpected(
    error: Exception,
    what: str = "go on with a task in the background",
    remedy: str = "r tries again.",
    executed: Executed = Executed.NO,
) -> AppError:
    """The defect as an error. Its words are left out: they may hold anything, a secret too."""
    why, remedy = sentence(error), f"This is a defect of ecrtui. {remedy}"
    return AppError(ErrorKind.LOCAL, what, why=why, remedy=remedy, executed=executed)
