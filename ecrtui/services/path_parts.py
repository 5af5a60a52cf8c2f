"""What is known of one name, part by part, and what it is judged and quoted by."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from ecrtui.domain.build import Build
from ecrtui.domain.drift import Drift
from ecrtui.domain.errors import AppError, ErrorKind
from ecrtui.domain.image import ImageListing
from ecrtui.domain.pairing import Pairing
from ecrtui.domain.path import WAITING, Chain, PathFacts, Stock, Unread, chain
from ecrtui.domain.permission import Verdict
from ecrtui.domain.project import Project
from ecrtui.domain.registry import RegistrySettings
from ecrtui.domain.replication import created_on_push
from ecrtui.domain.repository import Repository
from ecrtui.domain.snippets import SnippetValues
from ecrtui.domain.usage import UseIndex
from ecrtui.services.ports import StoredPolicy
from ecrtui.services.state import Loadable, Loading, Partial, Ready, error_of, value_of

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class PathParts:
    """What is known of one name, part by part; a part that is still being asked for is Loading."""

    name: str
    region: str
    account_id: str = ""
    project: Loadable[Project | None] = field(default_factory=Loading)
    repository: Loadable[Repository | None] = field(default_factory=Loading)
    pairing: Pairing | None = None
    policy: Loadable[StoredPolicy | None] = field(default_factory=Loading)
    images: Loadable[ImageListing] = field(default_factory=Loading)
    builds: Loadable[tuple[Build, ...]] = field(default_factory=Loading)
    uses: UseIndex | None = None
    """What runs in the regions that were asked; None while they are."""
    rights: Loadable[tuple[Verdict, ...]] = field(default_factory=Loading)
    settings: Loadable[RegistrySettings | None] = field(default_factory=Loading)
    """The registry's, where the repository is missing."""
    stock: Stock | None = None
    drifts: tuple[Drift, ...] = ()
    parents: Mapping[str, str] = field(default_factory=dict)
    """The index that a platform's image belongs to, by its digest, where it was read."""
    joined: bool = False
    """Whether the drifts are all that there are."""
    pushed: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """The digests that builds pushed by their logs, by build id."""

    @property
    def errors(self) -> tuple[AppError, ...]:
        """What could not be read."""
        parts: tuple[Loadable[Any], ...] = (
            self.project,
            self.repository,
            self.policy,
            self.images,
            self.builds,
            self.rights,
            self.settings,
        )
        return tuple(dict.fromkeys(error for part in parts if (error := error_of(part)) is not None))


def facts_of(parts: PathParts, now: float) -> PathFacts:
    """What is known, as the judgement takes it."""
    settings, policy = value_of(parts.settings), _known(parts.policy)
    project, repository = _known(parts.project), _known(parts.repository)
    builds, rights = _known(parts.builds), _known(parts.rights)
    return PathFacts(
        parts.name,
        parts.region,
        now,
        pairing=parts.pairing,
        project=project,
        repository=repository,
        policy=policy.text if isinstance(policy, StoredPolicy) else policy,
        stock=_unread(parts.images) if parts.stock is None else parts.stock,
        builds=builds,
        drifts=parts.drifts,
        unchecked=() if parts.uses is None else parts.uses.unchecked,
        waiting=not parts.joined,
        rights=rights,
        parents=parts.parents,
        pushed=parts.pushed,
        created_on_push=settings is not None and bool(created_on_push(parts.name, settings)),
    )


def chain_of(parts: PathParts, now: float) -> Chain:
    """The path as it is known now."""
    return chain(facts_of(parts, now))


def snippet_values(parts: PathParts, digest: str = "") -> SnippetValues | None:
    """What snippets are about: the image with this digest, else the highest release or the newest; None without
    a repository."""
    repository, known = value_of(parts.repository), parts.stock or Stock()
    if repository is None:
        return None
    image = known.image(digest) or known.image(known.release) or known.image(known.newest)
    uses = () if parts.uses is None else parts.uses.of(repository)
    roles = [use.role for use in uses if use.kind == "apprunner-service" and use.role]
    return SnippetValues(repository, image, value_of(parts.project), roles[0] if roles else "")


def _known(slice_: Loadable[T]) -> T | Unread:
    match slice_:
        case Ready(value=value) | Partial(value=value):
            return value
        case Loading(value=value) if value is not None:
            return value
    return _unread(slice_)


def _unread(slice_: Loadable[Any]) -> Unread:
    error = error_of(slice_)
    return WAITING if error is None else Unread(reason(error), error.action)


def reason(error: AppError) -> str:
    """Why a part could not be read, in few words."""
    if error.kind is ErrorKind.DENIED and error.action:
        return f"{error.action} is not allowed"
    return error.why or str(error)
