"""A registry's own settings in one region: replication, scanning, pull-through caches, creation templates.

Sources: the ECR API's DescribeRegistry, GetRegistryScanningConfiguration, DescribePullThroughCacheRules,
DescribeRepositoryCreationTemplates and GetAccountSetting (domain reference, sections 1, 8 and 11).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

PARTS = ("replication", "scanning", "pull_through", "templates", "blob_mounting")
"""The parts of a registry's settings, each read by itself."""


@dataclass(frozen=True, slots=True)
class Destination:
    """Where a rule replicates to."""

    region: str
    registry_id: str


@dataclass(frozen=True, slots=True)
class ReplicationRule:
    """One replication rule; without prefixes it holds for every repository."""

    destinations: tuple[Destination, ...]
    prefixes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ScanningRule:
    """How the repositories that one of the filters matches are scanned."""

    frequency: str
    """SCAN_ON_PUSH, CONTINUOUS_SCAN or MANUAL."""
    filters: tuple[str, ...]
    """WILDCARD filters: `*`, `prod-*`; without `*` a part of the name, as AWS matches them."""


@dataclass(frozen=True, slots=True)
class PullThroughRule:
    """Repositories under `prefix` are filled from an upstream registry when they are pulled."""

    prefix: str
    upstream: str
    """The upstream registry's host."""


@dataclass(frozen=True, slots=True)
class CreationTemplate:
    """The settings of repositories that AWS creates by itself under `prefix` (`ROOT` for all others)."""

    prefix: str
    applied_for: tuple[str, ...]
    """REPLICATION, PULL_THROUGH_CACHE, CREATE_ON_PUSH."""


@dataclass(frozen=True, slots=True)
class RegistrySettings:
    """What is set for a whole registry. A part that could not be read is empty and named in `unread`."""

    region: str
    registry_id: str = ""
    replication: tuple[ReplicationRule, ...] = ()
    scan_type: str = ""
    """BASIC or ENHANCED; empty when it is not known."""
    scanning: tuple[ScanningRule, ...] = ()
    pull_through: tuple[PullThroughRule, ...] = ()
    templates: tuple[CreationTemplate, ...] = ()
    blob_mounting: bool | None = None
    """Whether layers are stored once for the whole registry; None when it is not known."""
    unread: Mapping[str, str] = field(default_factory=dict)
    """Why a part could not be read, by part (one of `PARTS`).

    A refused part's reason begins with the IAM action: `ecr:DescribeRegistry is not allowed`."""


@dataclass(frozen=True, slots=True)
class Replica:
    """The state of one image's replication to one destination (DescribeImageReplicationStatus)."""

    destination: Destination
    status: str
    """IN_PROGRESS, COMPLETE or FAILED."""
    why: str = ""
