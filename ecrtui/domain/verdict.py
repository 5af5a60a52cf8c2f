"""What Compare says: a verdict for each name, and the facts that it is drawn from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Generic, Literal, TypeVar

from ecrtui.domain.errors import AppError
from ecrtui.domain.project import Project
from ecrtui.domain.reference import Reference
from ecrtui.domain.registry import RegistrySettings
from ecrtui.domain.repository import Repository

T = TypeVar("T")


class Verdict(StrEnum):
    """What a pairing is."""

    PAIRED = "paired"
    MISSING_REPOSITORY = "missing-repository"
    CREATED_ON_PUSH = "created-on-push"
    """There is no repository, and none is needed: a creation template makes it at the first push."""
    NO_PROJECT = "no-project"
    REPLICA = "replica"
    """There is no project, and none is needed: another region's replication rules copy the repository here."""
    CACHE = "cache"
    """There is no project, and none is needed: a pull-through cache rule fills the repository."""
    PUSHES_ELSEWHERE = "pushes-elsewhere"
    NAME_CANNOT_PAIR = "name-cannot-pair"
    NOT_A_CONTAINER_BUILD = "not-a-container-build"
    NEVER_PUSHED = "never-pushed"
    UNKNOWN = "unknown"


HEALTHY = frozenset(
    {Verdict.PAIRED, Verdict.CREATED_ON_PUSH, Verdict.NOT_A_CONTAINER_BUILD, Verdict.REPLICA, Verdict.CACHE}
)
"""The verdicts that call for nothing."""


@dataclass(frozen=True)  # no slots: on Python 3.11 a generic dataclass with slots cannot be made as Side[X]()
class Side(Generic[T]):
    """One side of a region, as far as it was read."""

    rows: Sequence[T] = ()
    complete: bool = True
    error: AppError | None = None
    """Why it is not complete; None while it is still being read."""


@dataclass(frozen=True, slots=True)
class LastImage:
    """The newest image of a repository. The instant is epoch seconds."""

    digest: str
    tag: str | None = None
    pushed_at: float | None = None


@dataclass(frozen=True, slots=True)
class RegionFacts:
    """What is known of one region."""

    region: str
    account: str = ""
    """The account id; empty where it is not known."""
    projects: Side[Project] = field(default_factory=lambda: Side[Project]())
    repositories: Side[Repository] = field(default_factory=lambda: Side[Repository]())
    last_images: Mapping[str, LastImage | None] = field(default_factory=dict)
    """By repository, where it was looked up: None where there is no image."""
    registry: RegistrySettings | None = None
    """The registry's own settings: creation templates, replication, caches; None where they were not asked for."""
    registry_awaited: bool = False
    """Whether these settings are still being read: what depends on them is unknown until then."""


@dataclass(frozen=True, slots=True)
class Pairing:
    """One name in one region.

    A region of which nothing could be listed has one pairing with an empty name, so that it is not passed over.
    """

    name: str
    region: str
    verdict: Verdict
    project: Project | None = None
    repository: Repository | None = None
    target: Reference | None = None
    """Where the project pushes to, where that is known."""
    evidence: tuple[str, ...] = ()
    """Clauses, the most telling first."""
    suggestion: str = ""
    """What to do, as an imperative sentence; empty where there is nothing."""
    certainty: Literal["proven", "by-name"] = "proven"
    """`by-name`: nothing but the equal names says that the project pushes here."""
    last_image: LastImage | None = None
    source: str = ""
    """Of a replica the region that it is copied from, of a cache the upstream registry's host."""
