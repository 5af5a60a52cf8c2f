"""What runs an image: the join of uses and images, by digest first, then by tag.

Rules: domain reference, section 4.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from itertools import islice
from math import isnan
from operator import attrgetter
from typing import Literal

from ecrtui.domain.image import Image, ImageListing
from ecrtui.domain.reference import DOCKER_HUB, Reference
from ecrtui.domain.repository import Repository

Children = Mapping[str, Sequence[str]]
"""The digests of the children of each index, by the index's digest."""


UseKind = Literal["ecs-service", "ecs-task", "apprunner-service", "lambda-function"]

KIND_WORDS: Mapping[UseKind, str] = {
    "ecs-service": "service",
    "ecs-task": "task",
    "apprunner-service": "App Runner service",
    "lambda-function": "Lambda function",
}
"""How each kind is called in a sentence."""


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
    fargate: bool = False
    """Whether it can run on Fargate alone, where no instance pulls in the role's stead."""

    @property
    def label(self) -> str:
        """`service shop/pet-web (3 running)`, `Lambda function resize`: running tasks are ECS's alone."""
        what = f"{KIND_WORDS[self.kind]} {self.name}"
        return f"{what} ({self.running} running)" if self.kind.startswith("ecs") else what

    @property
    def running_digest(self) -> str | None:
        """The digest that runs, also when only the reference tells it."""
        return self.digest or self.reference.digest

    @property
    def next_tag(self) -> str | None:
        """The tag that decides what it pulls next; None when a digest does.

        Lambda resolves a tag when code is deployed: from then on the tag means nothing to it.
        """
        if self.kind == "lambda-function" and self.digest is not None:
            return None
        return self.reference.effective_tag


@dataclass(frozen=True, slots=True)
class Usage:
    """Every use that was found, and what could not be checked: an image counts as in use while that is so."""

    uses: tuple[Use, ...] = ()
    unchecked: tuple[str, ...] = ()
    """Reasons, as sentences."""


class UseIndex:
    """The uses of several regions by the repository that they name: one look-up for each repository."""

    def __init__(self, usages: Iterable[Usage]) -> None:
        found = tuple(usages)
        self.uses = tuple(use for usage in found for use in usage.uses)
        self.unchecked = tuple(dict.fromkeys(reason for usage in found for reason in usage.unchecked))
        """What could not be checked, as sentences: every image may be in use while there is one."""
        self._by_place: dict[tuple[str, str, str] | str, list[Use]] = {}
        for use in self.uses:
            self._by_place.setdefault(_place_of(use.reference), []).append(use)

    def of(self, repository: Repository) -> tuple[Use, ...]:
        """The uses whose references name exactly this repository: account, region and name."""
        key = (repository.registry_id, repository.region, repository.name)
        return (*self._by_place.get(key, ()), *self._by_place.get(repository.uri, ()))

    def naming(self, reference: Reference) -> tuple[Use, ...]:
        """The uses of the repository that a reference names, in whatever registry; its tag and digest are ignored."""
        return tuple(self._by_place.get(_place_of(reference), ()))


class RepositoryUses:
    """The uses of one repository's images.

    Account, region and name must be the repository's exactly. A use counts for the digest that runs, for an
    index that holds it or that it holds, and (`by_tag`) for the image that its tag names now: the next task
    pulls that one, also when another digest still runs.
    """

    def __init__(self, repository: Repository, uses: Iterable[Use], children: Children | None = None) -> None:
        key, uri = (repository.registry_id, repository.region, repository.name), repository.uri
        self.uses = tuple(use for use in uses if _place_of(use.reference) in (key, uri))
        self.children: Children = children or {}
        self.parents: dict[str, list[str]] = {}
        for index, digests in self.children.items():
            for digest in digests:
                self.parents.setdefault(digest, []).append(index)
        self.by_digest: dict[str, list[Use]] = {}
        """Uses by each digest that they count for: the one that runs, its indexes, its children."""
        self.by_tag: dict[str, list[Use]] = {}
        """Uses (marked `by_tag`) by the tag that decides what they pull next."""
        self.tags = frozenset(tag for use in self.uses if (tag := use.reference.effective_tag))
        """Every tag that a use names, also where it decides nothing any more."""
        for use in dict.fromkeys(self.uses):
            self._add(use)

    def _add(self, use: Use) -> None:
        if digest := use.running_digest:
            family = (digest, *self.parents.get(digest, ()), *self.children.get(digest, ()))
            for one in dict.fromkeys(family):
                self.by_digest.setdefault(one, []).append(use)
        if tag := use.next_tag:
            self.by_tag.setdefault(tag, []).append(_by_tag(use))

    def of(self, image: Image) -> tuple[Use, ...]:
        """The uses of one image, those by digest first."""
        return self._joined(self.by_digest.get(image.digest, ()), image.tags)

    def _joined(self, by_digest: Sequence[Use], tags: Iterable[str]) -> tuple[Use, ...]:
        """Those by digest, and those by these tags which are not among them."""
        found = list(by_digest)
        seen: set[tuple[str, str, str, Reference]] | None = None
        for tag in tags:
            for use in self.by_tag.get(tag, ()):
                seen = {_identity(one) for one in found} if seen is None else seen
                if _identity(use) not in seen:
                    seen.add(_identity(use))
                    found.append(use)
        return tuple(found)

    def over(self, images: Iterable[Image]) -> dict[str, tuple[Use, ...]]:
        """The uses of all these images by digest; an image that nothing uses is left out.

        The children of an index that a tag names are used with it.
        """
        found = {image.digest: uses for image in images if (uses := self.of(image))}
        for index, uses in tuple(found.items()):
            for child in self.children.get(index, ()):
                found[child] = _merged(found.get(child, ()), uses)
        return found


class ListedUses:
    """The uses of a listing's images by row, kept up with a listing that grows.

    Joined from the uses' side: one look at the tags of each row, one look-up for each digest that is used. So
    100,000 images and 5,000 uses take some ten milliseconds, and no `Image` is made.
    """

    def __init__(self, uses: RepositoryUses, listing: ImageListing) -> None:
        self.uses = uses
        self.listing = listing
        self._known = 0
        self._holders: dict[str, int] = {}
        self._rows: dict[int, tuple[Use, ...]] = {}

    @property
    def rows(self) -> Mapping[int, tuple[Use, ...]]:
        """The uses by row, those by digest first; a row that nothing uses is left out."""
        self._catch_up()
        return self._rows

    def holder(self, tag: str) -> int | None:
        """The row that one of the used tags names now."""
        self._catch_up()
        return self._holders.get(tag)

    @property
    def named_rows(self) -> tuple[int, ...]:
        """The rows that used tags name now."""
        self._catch_up()
        return tuple(dict.fromkeys(self._holders.values()))

    def _catch_up(self) -> None:
        start, end = self._known, len(self.listing)
        if start == end:
            return
        self._known = end
        if self.uses.tags:
            self._find_holders(self.uses.tags, start, end)
        self._rows = self._joined()

    def _find_holders(self, used: frozenset[str], start: int, end: int) -> None:
        """Whom the used tags name; of two rows (the tag moved while the pages came) the one pushed later."""
        unused, pushed = used.isdisjoint, self.listing.pushed
        rows = enumerate(islice(self.listing.tags, start, end), start)
        for row, tags in [(row, tags) for row, tags in rows if not unused(tags)]:
            for tag in used.intersection(tags):
                former = self._holders.get(tag)
                if former is None or isnan(pushed[former]) or pushed[row] >= pushed[former]:
                    self._holders[tag] = row

    def _joined(self) -> dict[int, tuple[Use, ...]]:
        find = self.listing.find
        found: dict[int, tuple[Use, ...]] = {}
        for digest, uses in self.uses.by_digest.items():
            if (row := find(digest)) is not None:
                found[row] = tuple(uses)
        for tag, row in self._holders.items():
            if by_tag := self.uses.by_tag.get(tag):
                found[row] = _merged(found.get(row, ()), tuple(by_tag))
        return self._with_platforms(found)

    def _with_platforms(self, found: dict[int, tuple[Use, ...]]) -> dict[int, tuple[Use, ...]]:
        """What indexes are used by uses their platforms too: another task may pull another one."""
        find, spread = self.listing.find, dict(found)
        for index, children in self.uses.children.items():
            row = find(index)
            uses = () if row is None else found.get(row, ())
            for child in children if uses else ():
                if (of_child := find(child)) is not None:
                    spread[of_child] = _merged(spread.get(of_child, ()), uses)
        return spread


def used_by(
    repository: Repository,
    images: Iterable[Image],
    uses: Iterable[Use],
    children: Children | None = None,
) -> dict[str, tuple[Use, ...]]:
    """The uses of a repository's images by digest (`RepositoryUses.over`).

    For many questions about one repository build `RepositoryUses` once.
    """
    return RepositoryUses(repository, uses, children).over(images)


def registry_words(reference: Reference) -> str:
    """What registry a reference names, in words: Docker Hub, ECR Public, the ECR of an account and region."""
    if reference.is_ecr:
        return f"ECR of account {reference.registry_id} in {reference.region}"
    if reference.host == DOCKER_HUB:
        return "Docker Hub"
    return "ECR Public" if reference.host == _ECR_PUBLIC else reference.host


_ECR_PUBLIC = "public.ecr.aws"


_NAMES = tuple(one.name for one in fields(Use))
_VALUES = attrgetter(*_NAMES)
_MARK = _NAMES.index("by_tag")
_BY_TAG = attrgetter("by_tag")


def _by_tag(use: Use) -> Use:
    """The use, marked. `dataclasses.replace` takes twice as long, and this is done for thousands."""
    values = list(_VALUES(use))
    values[_MARK] = True
    return Use(*values)


def _merged(uses: tuple[Use, ...], more: tuple[Use, ...]) -> tuple[Use, ...]:
    """Both, a use that is among them by several ways once only, and by its digest where that is one of them."""
    if not uses:
        return more
    kept = uses
    if any(use.by_tag for use in uses):
        proven = {_identity(use) for use in more if not use.by_tag}
        kept = tuple(use for use in uses if not use.by_tag or _identity(use) not in proven)
    there = {_identity(use) for use in kept}
    return tuple(sorted((*kept, *(use for use in more if _identity(use) not in there)), key=_BY_TAG))


def _place_of(reference: Reference) -> tuple[str, str, str] | str:
    """The repository that a reference names, so that it can be compared: never by a part of it."""
    if reference.is_ecr:
        return reference.registry_id, reference.region, reference.repository
    return f"{reference.host}/{reference.repository}"


def _identity(use: Use) -> tuple[str, str, str, Reference]:
    return (use.kind, use.region, use.name, use.reference)
