"""What a rule is, and what it finds."""

from __future__ import annotations

import hashlib
import re
import shlex
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Generic, Literal, TypeVar

F = TypeVar("F")


class Severity(StrEnum):
    """How bad it is, in the words of scanners, the worst first."""

    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"
    INFO = "info"

    @property
    def rank(self) -> int:
        """0 for the worst."""
        return _ORDER.index(self)

    def reaches(self, least: Severity) -> bool:
        """Whether it is `least` or worse."""
        return self.rank <= least.rank


_ORDER = tuple(Severity)

Subject = Literal["project", "repository", "name", "region"]
"""What a rule judges; a name is a project, a repository, or both."""

Place = Literal["explore", "compare", "lifecycle", "path"]
"""The screen on which a finding is looked into, or mended."""


@dataclass(frozen=True, slots=True)
class Found:
    """What a rule says of one thing; all else stands in its declaration."""

    what: str
    """A clause without a full stop: what is so."""
    key: str = ""
    """What tells it from the rule's other findings about this name, and stays the same from run to run."""
    severity: Severity | None = None
    """Where it is not the rule's own."""
    remedy: str = ""
    """What to do about this one; empty: the rule's own remedy."""
    command: str | None = None
    """The command that mends this one; empty: there is none; None: the rule's own."""
    name: str = ""
    """The repository or project that it is about, where a rule about a region means one."""
    digest: str = ""
    """The image that it is about."""
    arn: str = ""
    """The resource that it is about; empty: the project or repository."""
    file: str = ""
    """Where `line` is: a buildspec's path or object; empty for an inline one."""
    line: int | None = None
    """A line of the buildspec, from 1."""


@dataclass(frozen=True)  # no slots: on Python 3.11 a generic dataclass with slots cannot be made as Rule[X]()
class Rule(Generic[F]):
    """One rule, declared once: the audit, its exports and the page of all rules come from this."""

    id: str
    title: str
    severity: Severity
    of: Subject
    needs: tuple[str, ...]
    """The IAM actions by which its facts are read."""
    why: str
    remedy: str
    command: str
    """The command that mends it, with `{name}`, `{region}`, `{arn}` to be filled in; empty where there is none."""
    check: Callable[[F], Iterable[Found]]
    """The findings; raises `facts.NotRead` at the first fact that it lacks."""
    opens: Place = "explore"
    docs: str = ""
    """A page of AWS's documentation about it."""
    last: bool = False
    """Whether its facts are complete only when all names were looked at."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that breaks a rule."""

    rule: Rule[Any]
    severity: Severity
    account: str
    region: str
    name: str
    """The repository's or project's; empty where it is about the region."""
    what: str
    remedy: str
    command: str
    key: str = ""
    arn: str = ""
    digest: str = ""
    file: str = ""
    line: int | None = None

    @property
    def fingerprint(self) -> str:
        """The same from run to run, as long as the same thing breaks the same rule."""
        parts = (self.rule.id, self.account, self.region, self.name, self.key)
        return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()


_PLACEHOLDER = re.compile(r"\{(name|region|arn)\}")


def filled(command: str, values: Mapping[str, str]) -> str:
    """A rule's command for one finding, quoted for a POSIX shell."""
    return _PLACEHOLDER.sub(lambda match: shlex.quote(values[match[1]]), command)
