"""What runs an image: the join of uses and images, by digest first, then by tag.

Rules: domain reference, section 4.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from ecrtui.domain.image import Image
from ecrtui.domain.reference import Reference
from ecrtui.domain.repository import Repository

type_children = Mapping[str, Sequence[str]]
"""The digests of the children of each index, by the index's digest."""


UseKind = Literal["ecs-service", "ecs-task", "apprunner-service", "lambda-function"]


@dataclass(frozen=True, slots=True)
class Use:
    """One thing that runs, or will run, an image."""

    kind: UseKind
    name: str
    """Cluster and service, or cluster and task: `shop/pet-web`; the service's or function's name elsewhere."""
    region: str
    """Where it runs; the image's registry may be elsewhere (`reference`)."""
    reference: Reference
    digest: str | None = None
    """The digest that runs; None when AWS does not say."""
    running: int = 0
    """Tasks that run now; one that is scaled to nothing still needs its image."""
    by_tag: bool = False
    """Whether only the tag says that it is this image (set by the join)."""
    role: str = ""
    """ARN of the role that pulls it: ECS's execution role, App Runner's access role; empty when it has none."""
    deployed_at: float | None = None
    """When this deployment (revision, version) was made."""
    auto_deploys: bool = False
    """Whether a push to the tag deploys it by itself (App Runner)."""

    @property
    def label(self) -> str:
        """`service shop/pet-web (3 running)`."""
        what = "service" if self.kind == "ecs-service" else "task"
        return f"{what} {self.name} ({self.running} running)"


@dataclass(frozen=True, slots=True)
class Usage:
    """Every use that was found, and what could not be checked: an image counts as in use while that is so."""

    uses: tuple[Use, ...] = ()
    unchecked: tuple[str, ...] = ()
    """Reasons, as sentences."""


class RepositoryUses:
    """The uses of one repository's images.

    Account, region and name must be the repository's exactly. A use counts for the digest that runs, for an
    index that holds it or that it holds, and (`by_tag`) for the image that its tag names now: the next task
    pulls that one, also when another digest still runs.
    """

    def __init__(self, repository: Repository, uses: Iterable[Use], children: type_children | None = None) -> None:
        self._children = children or {}
        self._by_digest: dict[str, list[Use]] = {}
        self._by_tag: dict[str, list[Use]] = {}
        for use in uses:
            if _same_repository(use.reference, repository):
                self._add(use)

    def _add(self, use: Use) -> None:
        digest = use.digest or use.reference.digest
        if digest is not None:
            indexes = [index for index, digests in self._children.items() if digest in digests]
            for one in dict.fromkeys((digest, *indexes, *self._children.get(digest, ()))):
                self._by_digest.setdefault(one, []).append(replace(use, by_tag=False))
        tag = use.reference.effective_tag
        if tag is not None:
            self._by_tag.setdefault(tag, []).append(replace(use, by_tag=True))

    def of(self, image: Image) -> tuple[Use, ...]:
        """The uses of one image, those by digest first."""
        found = {_identity(use): use for use in self._by_digest.get(image.digest, ())}
        for tag in image.tags:
            for use in self._by_tag.get(tag, ()):
                found.setdefault(_identity(use), use)
        return tuple(sorted(found.values(), key=lambda use: use.by_tag))

    def over(self, images: Iterable[Image]) -> dict[str, tuple[Use, ...]]:
        """The uses of all these images by digest; an image that nothing uses is left out.

        The children of an index that a tag names are used with it.
        """
        found = {image.digest: uses for image in images if (uses := self.of(image))}
        for index, uses in tuple(found.items()):
            for child in self._children.get(index, ()):
                known = found.get(child, ())
                there = {_identity(use) for use in known}
                added = tuple(use for use in uses if _identity(use) not in there)
                if added:
                    found[child] = (*known, *added)
        return found


def used_by(
    repository: Repository,
    images: Iterable[Image],
    uses: Iterable[Use],
    children: type_children | None = None,
) -> dict[str, tuple[Use, ...]]:
    """The uses of a repository's images by digest (`RepositoryUses.over`).

    For many questions about one repository build `RepositoryUses` once.
    """
    return RepositoryUses(repository, uses, children).over(images)


def _same_repository(reference: Reference, repository: Repository) -> bool:
    if reference.is_ecr:
        return (reference.registry_id, reference.region, reference.repository) == (
            repository.registry_id,
            repository.region,
            repository.name,
        )
    return f"{reference.host}/{reference.repository}" == repository.uri


def _identity(use: Use) -> tuple[str, str, str, Reference]:
    return (use.kind, use.region, use.name, use.reference)
