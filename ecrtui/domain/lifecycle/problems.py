"""What is wrong with a policy's text: one `Problem` for each violated rule, gathered in a `Report`."""

from __future__ import annotations

from dataclasses import dataclass

from ecrtui.domain.errors import AppError
from ecrtui.domain.lifecycle.source import line_and_column


@dataclass(frozen=True, slots=True)
class Problem:
    """One violated rule of ECR: which rule of the policy, where in the text, what, and what to do."""

    message: str
    remedy: str
    rule: int | None = None
    """Number of the rule in the text, from 1; None when the policy as a whole is meant."""
    priority: int | None = None
    """That rule's `rulePriority`, where it has a valid one."""
    path: str = ""
    """The member, `rules[2].selection.countNumber`; indices from 0, as in JSON paths."""
    line: int | None = None
    """From 1, as `column`; None when the text as a whole is meant."""
    column: int | None = None

    def __str__(self) -> str:
        place = "" if self.line is None else f"line {self.line}, column {self.column}: "
        return f"{place}{self.subject}{self.message}. {self.remedy}"

    @property
    def subject(self) -> str:
        """`rule 2 (priority 10): `, or empty for the policy as a whole."""
        if self.rule is None:
            return ""
        priority = "" if self.priority is None else f" (priority {self.priority})"
        return f"rule {self.rule}{priority}: "


@dataclass(eq=False)
class PolicyError(AppError):
    """A text that is no valid policy, with every problem."""

    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class _Finding:
    at: int | None
    path: str
    rule: int | None
    message: str
    remedy: str


class Report:
    """Findings about one text, by index; they become problems when the rules' priorities are known."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._findings: list[_Finding] = []
        self.priorities: dict[int, int] = {}
        """Valid `rulePriority` by rule number."""

    def add(self, at: int | None, path: str, rule: int | None, message: str, remedy: str) -> None:
        """Note one violation at an index of the text."""
        self._findings.append(_Finding(at, path, rule, message, remedy))

    def problems(self) -> tuple[Problem, ...]:
        """All problems in the order of the text."""
        ordered = sorted(self._findings, key=lambda finding: -1 if finding.at is None else finding.at)
        return tuple(self._problem(finding) for finding in ordered)

    def _problem(self, finding: _Finding) -> Problem:
        line = column = priority = None
        if finding.at is not None:
            line, column = line_and_column(self._text, finding.at)
        if finding.rule is not None:
            priority = self.priorities.get(finding.rule)
        return Problem(finding.message, finding.remedy, finding.rule, priority, finding.path, line, column)
