"""The commands of a buildspec one by one, with the variables as they are by then.

Variables are followed as far as simple assignments tell their values.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from ecrtui.domain.buildspec import Command
from ecrtui.domain.project import Project
from ecrtui.domain.reference import substitute
from ecrtui.domain.shell import closing_parenthesis, joined_commands

VALUE_LIMIT = 4_096
"""A longer value of a variable is not followed."""

_OWN_ACCOUNT = re.compile(
    r"(?:\$\(|`)\s*(?:aws\s+sts\s+get-caller-identity[^)`]*Account[^)`]*"
    r"|echo\s+\W*CODEBUILD_BUILD_ARN\W*\|\s*(?:cut|awk)[^)`]*(?:-f\s*5|\$5)[^)`]*)[)`]"
)
_OWN_REGION = re.compile(
    r"(?:\$\(|`)\s*(?:aws\s+configure\s+get\s+region|echo\s+\W*CODEBUILD_BUILD_ARN\W*\|\s*"
    r"(?:cut|awk)[^)`]*(?:-f\s*4|\$4)[^)`]*)[)`]"
)
_OWN_NAME = re.compile(
    r"\$\{CODEBUILD_BUILD_ID%%?:\*\}"
    r"|(?:\$\(|`)\s*echo\s+\W*CODEBUILD_BUILD_ID\W*\|\s*(?:cut|awk)[^)`]*(?:-f\s*1|\$1)[^)`]*[)`]"
)
_ANSWERED_CHARACTERS = 16_384
_ASSIGNMENT = re.compile(r"([A-Za-z_]\w*)=(.*)", re.DOTALL)
_ASSIGNERS = frozenset({"export", "declare", "local", "readonly", "typeset"})
_SUBSTITUTION = re.compile(r"\$\(|`")


@dataclass(frozen=True, slots=True)
class Step:
    """One simple command, without the assignments before it."""

    command: Command
    """The line of the buildspec that it is in."""
    words: tuple[str, ...]
    """As they stand there, quotes taken off; empty where there are only assignments."""
    operator: str = ""
    """What joins it to the next: `|`, `||`, `&&`, `;`, `&` or nothing."""
    assignments: tuple[tuple[str, str], ...] = ()
    """Names and values as they stand there, of `X=…` and `export X=…`."""

    @property
    def tool(self) -> str:
        """What it runs, without its folder; empty when it only assigns."""
        return self.words[0].rpartition("/")[2] if self.words else ""


class Variables:
    """The values of variables, followed through the commands of a build in their order."""

    def __init__(self, project: Project, account: str, known: dict[str, str]) -> None:
        self._project = project
        self._account = account
        self._known = known

    def steps(self, command: Command) -> Iterator[Step]:
        """The steps of one line; each one's assignments hold by the time that the next is given."""
        for words, operator in joined_commands(self._own_values(command.text)):
            step = _step(command, words, operator)
            for name, value in () if step.words else step.assignments:
                self._set(name, value)
            yield step

    def expand(self, text: str) -> str:
        """The text with the values that are known now; `$(…)` stands for what a command prints."""
        return substitute(_without_commands(text), self._known)[0]

    def _own_values(self, text: str) -> str:
        """Commands that ask for the project's own account, region or name, answered."""
        if len(text) > _ANSWERED_CHARACTERS:
            return text
        if self._account:
            text = _OWN_ACCOUNT.sub(lambda _: self._account, text)
        text = _OWN_REGION.sub(lambda _: self._project.region, text)
        return _OWN_NAME.sub(lambda _: self._project.name, text)

    def _set(self, name: str, value: str) -> None:
        expanded = self.expand(value)
        if len(expanded) <= VALUE_LIMIT:
            self._known[name] = expanded
        else:
            self._known.pop(name, None)


def _step(command: Command, words: list[str], operator: str) -> Step:
    """`X=…` and `export X=…` have no words but assignments; `X=… command` has both."""
    exports = words[0] in _ASSIGNERS
    assignments: list[tuple[str, str]] = []
    rest = words[1:] if exports else words
    while rest and (exports or _ASSIGNMENT.fullmatch(rest[0])):
        match = _ASSIGNMENT.fullmatch(rest[0])
        assignments += [(match[1], match[2])] if match else []
        rest = rest[1:]
    return Step(command, tuple(rest), operator, tuple(assignments))


def _without_commands(text: str) -> str:
    """The text with `$(…)` for every command substitution: what they print is not known."""
    if "$(" not in text and "`" not in text:
        return text
    parts: list[str] = []
    at = 0
    while match := _SUBSTITUTION.search(text, at):
        parts += [text[at : match.start()], "$(…)"]
        at = closing_parenthesis(text, match.end()) if match[0] == "$(" else text.find("`", match.end()) + 1
        if at <= match.start():
            at = len(text)
    return "".join([*parts, text[at:]])
