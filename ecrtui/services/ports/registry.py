"""ECR."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from ecrtui.domain.image import Image, ImageListing
from ecrtui.domain.registry import RegistrySettings, Replica
from ecrtui.domain.repository import Repository, RepositoryListing
from ecrtui.domain.scan import ScanReport
from ecrtui.services.ports.json import Json


@dataclass(frozen=True, slots=True)
class Page:
    """Progress of a listing after one more page."""

    pages: int
    rows: int
    """Rows in the listing so far, all pages together."""
    token: str | None
    """Where to resume; None when the listing is complete."""


@dataclass(frozen=True, slots=True)
class ImageId:
    """An image by digest or by tag (exactly one of them)."""

    digest: str = ""
    tag: str = ""


@dataclass(frozen=True, slots=True)
class StoredPolicy:
    """A repository's lifecycle policy as stored."""

    text: str
    evaluated_at: float | None = None
    """Epoch seconds of AWS's last run; None when it never ran."""


@dataclass(frozen=True, slots=True)
class PreviewMark:
    """One image of AWS's own lifecycle preview."""

    digest: str
    tags: tuple[str, ...]
    action: str
    """`expire` or `transition`."""
    rule: int | None


@dataclass(frozen=True, slots=True)
class PreviewReport:
    """AWS's own lifecycle preview: `status` is IN_PROGRESS, COMPLETE, EXPIRED or FAILED."""

    status: str
    marks: tuple[PreviewMark, ...] = ()


class Registry(Protocol):
    """ECR in one region."""

    def list_repositories(self, into: RepositoryListing, resume: str | None = None) -> AsyncIterator[Page]:
        """Append all repositories to `into`, page by page (1,000 each)."""
        ...

    def list_images(self, into: ImageListing, resume: str | None = None) -> AsyncIterator[Page]:
        """Append all images (any status) of `into.repository`, page by page (1,000 each)."""
        ...

    async def repository(self, name: str) -> Repository:
        """One repository; NOT_FOUND when there is none of that name."""
        ...

    async def images(self, repository: str, ids: Sequence[ImageId]) -> tuple[Image, ...]:
        """The images of these ids that exist; any number of ids, asked for by 100."""
        ...

    async def manifests(self, repository: str, digests: Sequence[str]) -> Mapping[str, str]:
        """Manifest texts by digest, of those that could be read. Counts as a pull at AWS: only on demand."""
        ...

    async def configuration(self, repository: str, digest: str) -> bytes:
        """The configuration blob of an image, of at most a MiB; it comes from S3, over a link that ECR signs.

        Counts as a pull at AWS: only on demand.
        """
        ...

    async def lifecycle_policy(self, repository: str) -> StoredPolicy | None:
        """The lifecycle policy, or None where none is set."""
        ...

    async def lifecycle_preview(self, repository: str) -> PreviewReport:
        """AWS's preview, started before by a change; NOT_FOUND when none was."""
        ...

    async def repository_policy(self, name: str) -> str | None:
        """The repository policy's text as stored, or None where none is set."""
        ...

    async def settings(self) -> RegistrySettings:
        """The registry's own settings in this region; what cannot be read is named in them, never raised."""
        ...

    async def scan(self, repository: str, digest: str, *, counts_only: bool = False) -> ScanReport:
        """The scan of one image with all findings, or (one call) with their counts alone.

        NOT_FOUND when it was never scanned.
        """
        ...

    async def replicas(self, repository: str, digest: str) -> tuple[Replica, ...]:
        """Where one image is replicated to, and how far that is."""
        ...

    async def tags(self, arn: str) -> Mapping[str, str]:
        """The AWS tags of a repository."""
        ...

    async def raw_repository(self, name: str) -> Json:
        """All that AWS says of one repository."""
        ...

    async def raw_image(self, repository: str, digest: str) -> Json:
        """All that AWS says of one image."""
        ...
