"""What rules judge by: one name's path, or one region, each part known or with the reason why it is not."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Generic, TypeVar

from ecrtui.domain.buildspec import Buildspec
from ecrtui.domain.errors import AppError, ErrorKind
from ecrtui.domain.image import Image
from ecrtui.domain.names import NamingRule
from ecrtui.domain.permission import Verdict
from ecrtui.domain.project import Project
from ecrtui.domain.registry import RegistrySettings, Replica
from ecrtui.domain.replication import Copy
from ecrtui.domain.repository import Repository
from ecrtui.domain.scan import ScanReport
from ecrtui.domain.usage import RepositoryUses, Use, UseIndex
from ecrtui.domain.verdict import Pairing

T = TypeVar("T", covariant=True)


@dataclass(frozen=True)  # no slots: on Python 3.11 a generic dataclass with slots cannot be made as Known[X]()
class Known(Generic[T]):
    """A part that was read."""

    value: T


@dataclass(frozen=True, slots=True)
class Unread:
    """A part that could not be read."""

    why: str
    """A clause: "ecr:DescribeImages is not allowed"."""
    action: str = ""
    """The IAM action to ask for; empty where no permission is what lacks."""


Fact = Known[T] | Unread


class NotRead(Exception):  # noqa: N818 - it is no error: the rule is not checked
    """A rule asked for parts that could not be read."""

    def __init__(self, *unread: Unread) -> None:
        super().__init__("; ".join(one.why for one in unread))
        self.unread = tuple(dict.fromkeys(unread))


NOT_ASKED = Unread("it was not asked for")

_REFUSED = re.compile(r"\b([a-z0-9-]+:[A-Z][A-Za-z]+) is not allowed\b")


def known(fact: Fact[T]) -> T:
    """The value of a part; `NotRead` where there is none."""
    if isinstance(fact, Unread):
        raise NotRead(fact)
    return fact.value


def unread_because(error: AppError, action: str = "") -> Unread:
    """Why a part could not be read; the `action` that was needed is named only where a permission lacks."""
    if error.kind is ErrorKind.DENIED and (missing := error.action or action):
        return Unread(f"{missing} is not allowed", missing)
    return Unread(error.why or str(error))


def unread_sentence(why: str) -> Unread:
    """A reason in words; the IAM action that it says is missing is the one to ask for."""
    found = _REFUSED.search(why)
    return Unread(why, found[1] if found else "")


@dataclass(frozen=True, slots=True)
class Around:
    """What all names of one region have in common."""

    region: str
    account: str = ""
    """The account id; empty where it is not known."""
    now: float = 0.0
    naming: NamingRule | None = None
    """The house rule for names; None is the recommended one."""
    projects: Fact[Sequence[Project]] = NOT_ASKED
    """All of them: a list that broke off is not known."""
    repositories: Fact[Sequence[Repository]] = NOT_ASKED
    uses: UseIndex = field(default_factory=lambda: UseIndex(()))
    """What was found to run images, in all regions in scope."""
    registries: Mapping[str, RegistrySettings] = field(default_factory=dict)
    """The registry's own settings in all regions in scope."""

    @property
    def settings(self) -> RegistrySettings:
        """The registry's settings in this region; a part that was not read is named in them."""
        parts = ("replication", "scanning", "pull_through", "templates", "blob_mounting")
        unread = RegistrySettings(self.region, unread=dict.fromkeys(parts, NOT_ASKED.why))
        return self.registries.get(self.region, unread)

    def require(self, part: str) -> RegistrySettings:
        """The registry's settings; `NotRead` where this part of them is not known."""
        if part in self.settings.unread:
            raise NotRead(unread_sentence(self.settings.unread[part]))
        return self.settings

    def require_all_uses(self) -> None:
        """`NotRead` where something could not be looked at for uses: no absence of a use is certain then."""
        if self.uses.unchecked:
            raise NotRead(*map(unread_sentence, self.uses.unchecked))


@dataclass(frozen=True)  # no slots: what is derived is remembered
class NameFacts:
    """One name in one region: its project, its repository, what is in it and what runs that."""

    around: Around
    pairing: Pairing
    buildspec: Fact[Buildspec] = NOT_ASKED
    """What the project runs, as far as it can be seen."""
    images: Fact[Sequence[Image]] = NOT_ASKED
    """All images of the repository, of any status."""
    bytes: Fact[int] = NOT_ASKED
    """The sum of the images' sizes as AWS reports them, those of indexes left out: an upper bound."""
    children: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """The digests of the children of each index, where they were read."""
    childless: Unread = Unread("which platforms an index has is not known")
    """Why an index is not among them."""
    lifecycle: Fact[str | None] = NOT_ASKED
    """The text of the lifecycle policy; None where none is set."""
    access: Fact[str | None] = NOT_ASKED
    """The text of the repository policy; None where none is set."""
    scans: Mapping[str, Fact[ScanReport]] = field(default_factory=dict)
    """Scans of the images that run, by digest."""
    copies: Sequence[Copy] = ()
    """The tags where the repository is replicated to."""
    replicas: Mapping[str, Sequence[Replica]] = field(default_factory=dict)
    """What AWS says of the replication of images that lack a copy, by digest, where it was asked."""
    permissions: Fact[Sequence[Verdict]] = NOT_ASKED
    """May the project's role push, may those who run the images pull?"""

    @property
    def name(self) -> str:
        """The name that project and repository share, or should."""
        return self.pairing.name

    @property
    def project(self) -> Project | None:
        """The project, where there is one."""
        return self.pairing.project

    @property
    def repository(self) -> Repository | None:
        """The repository, where there is one."""
        return self.pairing.repository

    @property
    def listed_images(self) -> int:
        """How many images were listed."""
        return len(self.images.value) if isinstance(self.images, Known) else 0

    @cached_property
    def by_digest(self) -> Mapping[str, Image]:
        """The images by digest; `NotRead` where they could not be listed."""
        return {image.digest: image for image in known(self.images)}

    @cached_property
    def by_tag(self) -> Mapping[str, Image]:
        """The images by tag; `NotRead` where they could not be listed."""
        return {tag: image for image in known(self.images) for tag in image.tags}

    @cached_property
    def uses(self) -> RepositoryUses | None:
        """What names the repository, by digest and by tag, whether or not the images are there."""
        if self.repository is None:
            return None
        return RepositoryUses(self.repository, self.around.uses.of(self.repository), self.children)

    @cached_property
    def used(self) -> Mapping[str, tuple[Use, ...]]:
        """Who uses which image, by digest; `NotRead` where the images could not be listed."""
        return {} if self.uses is None else self.uses.over(known(self.images))


@dataclass(frozen=True, slots=True)
class RegionFacts:
    """A region, with all its names."""

    around: Around
    names: tuple[NameFacts, ...] = ()
