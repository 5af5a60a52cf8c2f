"""The slices of the state: what each key addresses, and the type of its value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ecrtui.domain.audit.report import Report
from ecrtui.domain.build import Build
from ecrtui.domain.image import ImageListing
from ecrtui.domain.origin import Origin
from ecrtui.domain.project import Project
from ecrtui.domain.registry import RegistrySettings, Replica
from ecrtui.domain.repository import Repository, RepositoryListing
from ecrtui.domain.scan import ImageScan
from ecrtui.domain.usage import Usage
from ecrtui.services.browse import Summary
from ecrtui.services.contents import ReadManifest
from ecrtui.services.cost import Priced, Spending
from ecrtui.services.findings import Scan
from ecrtui.services.path_parts import PathParts
from ecrtui.services.permissions import PermissionReport
from ecrtui.services.ports import Identity, RegionStatus, StoredPolicy
from ecrtui.services.replication import Copies
from ecrtui.services.state import Key, State, value_of


@dataclass(frozen=True)
class IdentityKey(Key[Identity]):
    """Who we are."""


@dataclass(frozen=True)
class RegionsKey(Key[tuple[RegionStatus, ...]]):
    """The regions of the account."""


@dataclass(frozen=True)
class RepositoriesKey(Key[RepositoryListing]):
    """The repositories of one region."""

    region: str


@dataclass(frozen=True)
class SummariesKey(Key[Mapping[str, Summary]]):
    """Counts, sizes and last pushes of one region's repositories, by name."""

    region: str


@dataclass(frozen=True)
class ImagesKey(Key[ImageListing]):
    """The images of one repository."""

    region: str
    repository: str


@dataclass(frozen=True)
class ProjectsKey(Key[tuple[Project, ...]]):
    """The CodeBuild projects of one region."""

    region: str


@dataclass(frozen=True)
class RegistryKey(Key[RegistrySettings]):
    """The registry's own settings in one region."""

    region: str


@dataclass(frozen=True)
class LastBuildsKey(Key[Mapping[str, Build]]):
    """The last build of each project of one region, by project."""

    region: str


@dataclass(frozen=True)
class HistoryKey(Key[tuple[Build, ...]]):
    """The latest builds of one project, newest first."""

    region: str
    project: str


@dataclass(frozen=True)
class BuildsKey(Key[tuple[Build, ...]]):
    """The builds of one region that the feed follows: active, lately ended, newest."""

    region: str


@dataclass(frozen=True)
class UsageKey(Key[Usage]):
    """What runs images in one region."""

    region: str


@dataclass(frozen=True)
class OriginKey(Key[Origin | None]):
    """The build that made one image; None when nothing points to one."""

    region: str
    repository: str
    digest: str


@dataclass(frozen=True)
class PolicyKey(Key[StoredPolicy | None]):
    """The lifecycle policy of one repository; None where none is set."""

    region: str
    repository: str


@dataclass(frozen=True)
class RawKey(Key[Mapping[str, Any]]):
    """All that AWS says of one repository, or of one image of it."""

    region: str
    repository: str
    digest: str | None = None


@dataclass(frozen=True)
class ScansKey(Key[Mapping[str, Scan]]):
    """The scans of one repository's images, counts only, by digest: of those that were asked for."""

    region: str
    repository: str


@dataclass(frozen=True)
class FindingsKey(Key[ImageScan]):
    """The scan of one image with all its findings."""

    region: str
    repository: str
    digest: str


@dataclass(frozen=True)
class PricesKey(Key[Priced]):
    """What storage costs in one region."""

    region: str


@dataclass(frozen=True)
class SpendingKey(Key[Spending]):
    """What one repository keeps, or (None) a whole region: as reported, or measured by the manifests."""

    region: str
    repository: str | None


@dataclass(frozen=True)
class ManifestKey(Key[ReadManifest]):
    """The manifest of one image."""

    region: str
    repository: str
    digest: str


@dataclass(frozen=True)
class CopiesKey(Key[Copies]):
    """A repository's tags in the regions that it is replicated to, and in `regions`."""

    region: str
    repository: str
    regions: tuple[str, ...]


@dataclass(frozen=True)
class ReplicasKey(Key[tuple[Replica, ...]]):
    """What AWS says of the replication of one image."""

    region: str
    repository: str
    digest: str


@dataclass(frozen=True)
class PermissionsKey(Key[PermissionReport]):
    """Who may push to one repository and pull from it."""

    region: str
    repository: str


@dataclass(frozen=True)
class PathKey(Key[PathParts]):
    """The path of one name, part by part."""

    region: str
    name: str


@dataclass(frozen=True)
class AuditKey(Key[Report]):
    """The audit of some regions together."""

    regions: tuple[str, ...]


def repository_of(state: State, region: str, name: str) -> Repository | None:
    """One repository, as it is known now."""
    listing = value_of(state.get(RepositoriesKey(region)))
    row = None if listing is None else listing.find(name)
    return None if listing is None or row is None else listing.row(row)
