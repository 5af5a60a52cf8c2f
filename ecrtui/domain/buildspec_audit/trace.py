"""The steps of a build as they would run, with what each pushes and what its words mean by then."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from ecrtui.domain.buildspec import Buildspec
from ecrtui.domain.buildsteps import Step, Variables
from ecrtui.domain.project import Project
from ecrtui.domain.pushcommands import CommandWalk, PushTarget
from ecrtui.domain.pushtargets import initial_variables
from ecrtui.domain.repository import Repository

DOCKER_LIKE = frozenset({"docker", "podman", "finch", "nerdctl", "buildah"})


@dataclass(frozen=True, slots=True)
class Seen:
    """One step, with the values that variables have by then."""

    step: Step
    words: tuple[str, ...]
    """Expanded; what is not known is left as it stands."""
    pushes: tuple[PushTarget, ...] = ()

    @property
    def line(self) -> int:
        """Where it stands in the buildspec."""
        return self.step.command.line

    @property
    def phase(self) -> str:
        """The phase that it is in."""
        return self.step.command.phase

    def mentions(self, pattern: re.Pattern[str]) -> bool:
        """Whether the whole line that it is in has the pattern somewhere."""
        return _mentions(pattern, self.step.command.text)

    @property
    def verbs(self) -> tuple[str, ...]:
        """The words that are no options, from the second on: `build`, `.` of `docker --debug build .`."""
        return tuple(word for word in self.step.words[1:] if not word.startswith("-"))

    def runs(self, *verbs: str) -> bool:
        """Whether it is docker or its kin with one of these as its first word, or first two (`buildx build`)."""
        return self.step.tool in DOCKER_LIKE and bool({" ".join(self.verbs[:1]), " ".join(self.verbs[:2])} & set(verbs))

    def values(self, *options: str) -> tuple[str, ...]:
        """The values of options as they stand there: `--platform X` or `--platform=X`."""
        words, found = self.step.words, []
        for at, word in enumerate(words):
            name, equals, value = word.partition("=")
            if name in options:
                found += [value] if equals else list(words[at + 1 : at + 2])
        return tuple(found)


@lru_cache(maxsize=64)
def _mentions(pattern: re.Pattern[str], text: str) -> bool:
    """Remembered: a line can have thousands of steps."""
    return pattern.search(text) is not None


@dataclass(frozen=True, slots=True)
class Trace:
    """A project, its buildspec, and the steps in the order in which they run."""

    project: Project
    spec: Buildspec
    repository: Repository | None
    """The one that the project is paired with."""
    account: str
    steps: tuple[Seen, ...]


def trace(project: Project, spec: Buildspec, repository: Repository | None, account: str) -> Trace:
    """Follow the commands of a buildspec."""
    variables = Variables(project, account, initial_variables(project, spec, account))
    walk = CommandWalk(variables)
    seen: list[Seen] = []
    for command in spec.commands:
        for step in variables.steps(command):
            before = len(walk.pushes)
            walk.run(step)
            words = tuple(variables.expand(word) for word in step.words)
            seen.append(Seen(step, words, tuple(walk.pushes[before:])))
    return Trace(project, spec, repository, account, tuple(seen))
