"""Images of a repository: one value, the columns that hold many, and what kind of artefact each is."""

from __future__ import annotations

from array import array
from dataclasses import dataclass
from enum import StrEnum
from math import isnan, nan
from sys import intern

ABSENT = nan
"""An instant that AWS did not send, in a column of instants."""

_DIGEST_BYTES = 32
_INDEX_TYPES = frozenset(
    {
        "application/vnd.docker.distribution.manifest.list.v2+json",
        "application/vnd.oci.image.index.v1+json",
    }
)
_IMAGE_CONFIGS = frozenset(
    {"application/vnd.docker.container.image.v1+json", "application/vnd.oci.image.config.v1+json", ""}
)


class ImageKind(StrEnum):
    """What a manifest is (domain reference, section 9)."""

    IMAGE = "image"
    INDEX = "index"
    HELM = "Helm chart"
    SIGNATURE = "signature"
    ATTESTATION = "attestation"
    SBOM = "SBOM"
    CACHE = "build cache"
    SOCI = "SOCI index"
    OTHER = "artefact"


@dataclass(frozen=True, slots=True)
class Image:
    """One image (manifest) of a repository. Instants are epoch seconds, sizes compressed bytes."""

    digest: str
    tags: tuple[str, ...] = ()
    size: int | None = None
    pushed_at: float | None = None
    pulled_at: float | None = None
    media_type: str = ""
    artifact_type: str = ""
    status: str = "ACTIVE"
    """ACTIVE, ARCHIVED or ACTIVATING; anything else as AWS sent it."""
    subject: str | None = None
    """The digest that this one refers to (a signature's image), when it is a referrer."""
    archived_at: float | None = None
    activated_at: float | None = None
    scan_status: str | None = None
    severities: tuple[tuple[str, int], ...] | None = None
    """Finding counts by severity; None when AWS sent none (unknown, not zero)."""

    @property
    def kind(self) -> ImageKind:
        """What this manifest is, from its types and, for cosign, its tag."""
        return classify(self.media_type, self.artifact_type, self.tags)

    @property
    def is_index(self) -> bool:
        """Whether this is a manifest list or OCI index."""
        return self.media_type in _INDEX_TYPES


def classify(media_type: str, artifact_type: str, tags: tuple[str, ...] = ()) -> ImageKind:
    """The kind of a manifest from its media type, artefact type and tags."""
    if kind := _cosign_kind(tags):
        return kind
    if "soci" in artifact_type:
        return ImageKind.SOCI
    if media_type in _INDEX_TYPES:
        return ImageKind.INDEX
    if artifact_type in _IMAGE_CONFIGS:
        return ImageKind.IMAGE
    for part, kind in _ARTIFACT_PARTS:
        if part in artifact_type:
            return kind
    return ImageKind.OTHER


_ARTIFACT_PARTS = (
    ("helm.config", ImageKind.HELM),
    ("notary.signature", ImageKind.SIGNATURE),
    ("cosign", ImageKind.SIGNATURE),
    ("sigstore", ImageKind.SIGNATURE),
    ("in-toto", ImageKind.ATTESTATION),
    ("spdx", ImageKind.SBOM),
    ("cyclonedx", ImageKind.SBOM),
    ("buildkit.cacheconfig", ImageKind.CACHE),
)
_COSIGN_SUFFIXES = {"sig": ImageKind.SIGNATURE, "att": ImageKind.ATTESTATION, "sbom": ImageKind.SBOM}


def _cosign_kind(tags: tuple[str, ...]) -> ImageKind | None:
    for tag in tags:
        if tag.startswith("sha256-") and tag[71:72] == ".":
            return _COSIGN_SUFFIXES.get(tag[72:])
    return None


class ImageListing:
    """Images of one repository as columns: append only, so that `version` is the number of rows.

    Digests are 32 bytes each, instants and sizes are arrays, repeated strings are interned. An `Image` is
    built only for a row that is shown or asked for. A digest that is not sha256 hex is kept as it came.
    """

    def __init__(self, region: str, repository: str) -> None:
        self.region = region
        self.repository = repository
        self.tags: list[tuple[str, ...]] = []
        self.sizes = array("q")
        """Compressed bytes; -1 when AWS sent none."""
        self.pushed = array("d")
        self.pulled = array("d")
        self.media_types: list[str] = []
        self.artifact_types: list[str] = []
        self.statuses: list[str] = []
        self.subjects: dict[int, str] = {}
        self.archived: dict[int, float] = {}
        self.activated: dict[int, float] = {}
        self.scans: dict[int, tuple[str | None, tuple[tuple[str, int], ...] | None]] = {}
        self._digests = bytearray()
        self._odd_digests: dict[int, str] = {}
        self._index: dict[bytes | str, int] = {}

    def __len__(self) -> int:
        return len(self.tags)

    @property
    def version(self) -> int:
        """Grows with every change; equal versions of one listing hold equal rows."""
        return len(self.tags)

    def add(
        self,
        digest: str,
        tags: tuple[str, ...],
        size: int | None,
        pushed_at: float | None,
        pulled_at: float | None,
        media_type: str,
        artifact_type: str,
        status: str,
    ) -> bool:
        """Append one image; False (and no change) when its digest is already listed (pages may overlap)."""
        row = len(self.tags)
        packed = _pack(digest)
        if self._index.setdefault(digest if packed is None else packed, row) != row:
            return False
        if packed is None:
            self._odd_digests[row] = digest
            packed = bytes(_DIGEST_BYTES)
        self._digests += packed
        self.tags.append(tags)
        self.sizes.append(-1 if size is None else size)
        self.pushed.append(nan if pushed_at is None else pushed_at)
        self.pulled.append(nan if pulled_at is None else pulled_at)
        self.media_types.append(intern(media_type))
        self.artifact_types.append(intern(artifact_type))
        self.statuses.append(intern(status))
        return True

    def digest(self, index: int) -> str:
        """The digest of one row, as AWS sent it."""
        if odd := self._odd_digests.get(index):
            return odd
        start = index * _DIGEST_BYTES
        return "sha256:" + self._digests[start : start + _DIGEST_BYTES].hex()

    def find(self, digest: str) -> int | None:
        """The row of the image with this digest."""
        packed = _pack(digest)
        return self._index.get(digest if packed is None else packed)

    def added_since(self, former: ImageListing) -> frozenset[str]:
        """The digests of the images that `former` did not have yet."""
        return frozenset(self.digest(self._index[key]) for key in self._index.keys() - former._index.keys())

    def row(self, index: int) -> Image:
        """The value of one row."""
        size, pushed, pulled = self.sizes[index], self.pushed[index], self.pulled[index]
        scan_status, severities = self.scans.get(index, (None, None))
        return Image(
            digest=self.digest(index),
            tags=self.tags[index],
            size=None if size < 0 else size,
            pushed_at=None if isnan(pushed) else pushed,
            pulled_at=None if isnan(pulled) else pulled,
            media_type=self.media_types[index],
            artifact_type=self.artifact_types[index],
            status=self.statuses[index],
            subject=self.subjects.get(index),
            archived_at=self.archived.get(index),
            activated_at=self.activated.get(index),
            scan_status=scan_status,
            severities=severities,
        )


def _pack(digest: str) -> bytes | None:
    """The 32 bytes of a canonical sha256 digest, or None for anything else."""
    if len(digest) != 71 or not digest.startswith("sha256:"):
        return None
    try:
        packed = bytes.fromhex(digest[7:])
    except ValueError:
        return None
    return packed if len(packed) == _DIGEST_BYTES and digest[7:].islower() | digest[7:].isdigit() else None
