"""The state of an ECR registry in one region: repositories, the images in them, and their tags.

Images are values; a repository swaps them and keeps its indexes true. Nothing here knows a protocol.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field, replace

from ecrtui.demo.artifacts import Artifact
from ecrtui.demo.operations import Json


@dataclass(frozen=True, slots=True)
class StoredImage:
    """One image of a repository as ECR keeps it. Instants are epoch seconds, sizes compressed bytes."""

    digest: str
    manifest: str
    media_type: str
    artifact_type: str
    size: int
    pushed_at: float
    tags: tuple[str, ...] = ()
    pulled_at: float | None = None
    status: str = "ACTIVE"
    archived_at: float | None = None
    activated_at: float | None = None
    subject: str | None = None
    children: tuple[str, ...] = ()
    scanned_at: float | None = None

    @property
    def config_digest(self) -> str:
        """The digest of its configuration; empty for an index."""
        return str((json.loads(self.manifest).get("config") or {}).get("digest", ""))

    @classmethod
    def of(
        cls, artifact: Artifact, pushed_at: float, tags: tuple[str, ...] = (), pulled_at: float | None = None
    ) -> StoredImage:
        """The image that a push of this artefact makes."""
        return cls(
            digest=artifact.digest,
            manifest=artifact.manifest,
            media_type=artifact.media_type,
            artifact_type=artifact.artifact_type,
            size=artifact.size,
            pushed_at=pushed_at,
            tags=tags,
            pulled_at=pulled_at,
            subject=artifact.subject,
            children=artifact.children,
        )


@dataclass(slots=True)
class Preview:
    """A lifecycle policy preview: computed when it was asked for, answered from `ready_at` on."""

    text: str
    ready_at: float
    results: list[Json]


@dataclass(slots=True)
class Repository:
    """One repository. `images` is kept by digest; change it only through the methods."""

    name: str
    arn: str
    uri: str
    created_at: float
    mutability: str = "MUTABLE"
    exclusions: tuple[str, ...] = ()
    scan_on_push: bool = False
    encryption: str = "AES256"
    kms_key: str | None = None
    labels: dict[str, str] = field(default_factory=dict)
    """The AWS tags of the repository."""
    policy: str | None = None
    lifecycle: str | None = None
    lifecycle_evaluated_at: float = 0.0
    preview: Preview | None = None
    images: dict[str, StoredImage] = field(default_factory=dict)
    tagged: dict[str, str] = field(default_factory=dict)
    """Digest by tag."""
    blobs: dict[str, int] = field(default_factory=dict)
    """Sizes of the blobs that were uploaded without (yet) standing in a manifest."""
    configs: dict[str, str] = field(default_factory=dict)
    """Texts of image configurations by digest."""
    details: dict[str, bytes] = field(default_factory=dict)
    """Encoded DescribeImages items by digest: a cache."""
    troubles: dict[str, str] = field(default_factory=dict)
    """Scan statuses of images whose scans did not end well, by digest."""
    grave: set[str] = field(default_factory=set)
    """Digests of images in which a scan finds everything that there is to find."""
    _order: list[str] | None = None

    @property
    def region(self) -> str:
        """The region of its registry."""
        return self.arn.split(":")[3]

    def order(self) -> list[str]:
        """All digests, sorted: the (arbitrary looking) order of AWS's answers."""
        if self._order is None:
            self._order = sorted(self.images)
        return self._order

    def put(self, image: StoredImage) -> None:
        """Add an image, or replace the one of its digest; its tags move here from where they were."""
        former = self.images.get(image.digest)
        if former is None:
            self._order = None
        else:
            for tag in former.tags:
                if tag not in image.tags:
                    del self.tagged[tag]
        for tag in image.tags:
            owner = self.tagged.get(tag)
            if owner is not None and owner != image.digest:
                self._drop_tag(owner, tag)
            self.tagged[tag] = image.digest
        self.images[image.digest] = image
        self.details.pop(image.digest, None)

    def push(self, image: StoredImage) -> None:
        """Add a new image; it is scanned at once where the repository is set so."""
        self.put(replace(image, scanned_at=image.pushed_at) if self.scan_on_push else image)

    def tag(self, digest: str, tag: str) -> None:
        """Give this tag to this image; the image that had it keeps its other tags, or becomes untagged."""
        image = self.images[digest]
        if tag not in image.tags:
            self.put(replace(image, tags=(*image.tags, tag)))

    def untag(self, tag: str) -> None:
        """Take a tag away; the image stays."""
        self._drop_tag(self.tagged.pop(tag), tag)

    def remove(self, digest: str) -> None:
        """Delete an image with all its tags."""
        for tag in self.images.pop(digest).tags:
            del self.tagged[tag]
        self.details.pop(digest, None)
        self._order = None

    def parents(self, digest: str) -> list[str]:
        """The indexes that hold this image."""
        return [each.digest for each in self.images.values() if digest in each.children]

    def immutable(self, tag: str) -> bool:
        """Whether this tag, once given, can never move: exclusion filters turn the base setting round."""
        excluded = any(wildcard(pattern).fullmatch(tag) for pattern in self.exclusions)
        base = self.mutability.startswith("IMMUTABLE")
        return base != (excluded and self.mutability.endswith("_WITH_EXCLUSION"))

    def _drop_tag(self, digest: str, tag: str) -> None:
        image = self.images[digest]
        self.images[digest] = replace(image, tags=tuple(each for each in image.tags if each != tag))
        self.details.pop(digest, None)


def wildcard(pattern: str) -> re.Pattern[str]:
    """A `*` pattern, anchored, everything else literal."""
    return re.compile(".*".join(re.escape(part) for part in pattern.split("*")))


@dataclass(slots=True)
class Registry:
    """The private registry of one region."""

    repositories: dict[str, Repository] = field(default_factory=dict)
    scan_type: str = "BASIC"
    scan_rules: list[Json] = field(default_factory=list)
    policy: str | None = None
    replication: list[Json] = field(default_factory=list)
    """Its replication rules."""
    replicated_since: float = 0.0
    """When they were set; images that were pushed before stay where they are."""
    replication_failures: dict[tuple[str, str, str], str] = field(default_factory=dict)
    """Failure codes by repository, digest and destination region."""
    cache_rules: list[Json] = field(default_factory=list)
    templates: list[Json] = field(default_factory=list)
    settings: dict[str, str] = field(default_factory=dict)
    uploads: dict[str, bytearray] = field(default_factory=dict)
