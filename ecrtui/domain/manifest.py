"""Image manifests and indexes, read from the JSON that a registry sent (domain reference, section 9).

Everything in a manifest was written by whoever pushed it: members of the wrong type are left out or refused,
and no member is trusted to be small, true or present.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import msgspec

from ecrtui.domain.errors import AppError, ErrorKind

MANIFEST_BYTES = 4 * 1024 * 1024
"""ECR stores no larger manifest (BatchGetImage answers at most 4 MiB)."""

_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
_INDEX_ENDINGS = (".manifest.list.v2+json", ".image.index.v1+json")
_ENTRY_LIMIT = 10_000
_ATTESTATION = "attestation-manifest"
"""BuildKit's annotation of a child that is about another child."""


@dataclass(frozen=True, slots=True)
class LayerBlob:
    """One layer of an image: the digest and size of its compressed bytes."""

    digest: str
    size: int | None = None
    media_type: str = ""
    foreign: bool = False
    """Whether it is stored elsewhere (`urls`), not in the registry."""


@dataclass(frozen=True, slots=True)
class ChildManifest:
    """One entry of an index."""

    digest: str
    platform: str = ""
    """`linux/arm64/v8`; empty when the index does not say."""
    size: int | None = None
    """Bytes of the child's manifest, not of its image."""
    attestation: bool = False
    """Whether it is a BuildKit attestation about another entry, not an image."""
    about: str = ""
    """The digest that an attestation is about."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """One manifest or index."""

    media_type: str
    artifact_type: str = ""
    config_digest: str | None = None
    config_media_type: str = ""
    config_size: int | None = None
    layers: tuple[LayerBlob, ...] = ()
    children: tuple[ChildManifest, ...] = ()
    subject: str | None = None
    """The digest that this one refers to, when it is a referrer."""

    @property
    def is_index(self) -> bool:
        """Whether this is a manifest list or OCI index."""
        return bool(self.children) or self.media_type.endswith(_INDEX_ENDINGS)


def parse_manifest(text: str) -> Manifest:
    """Read a manifest; AppError (malformed) when it is none."""
    if len(text) > MANIFEST_BYTES:
        raise _malformed(f"it has {len(text):,} characters, and 4 MiB is the most that ECR stores")
    try:
        body = msgspec.json.decode(text)
    except (ValueError, RecursionError) as error:
        raise _malformed(f"it is not JSON ({error})") from error
    if not isinstance(body, dict):
        raise _malformed("it is not a JSON object")
    entries = body.get("manifests")
    layers = body.get("layers")
    config = _object(body.get("config"))
    if not isinstance(entries, list) and not isinstance(layers, list) and not config and "fsLayers" not in body:
        raise _malformed("it has neither layers nor manifests")
    return Manifest(
        media_type=_text(body.get("mediaType")) or _implied_type(body),
        artifact_type=_text(body.get("artifactType")) or _text(config.get("mediaType")),
        config_digest=_digest(config),
        config_media_type=_text(config.get("mediaType")),
        config_size=_size(config),
        layers=tuple(_layer(entry) for entry in _entries(layers)),
        children=tuple(_child(entry) for entry in _entries(entries)),
        subject=_digest(_object(body.get("subject"))),
    )


def verify(digest: str, text: str) -> bool:
    """Whether the manifest's bytes are those that the digest names."""
    return "sha256:" + sha256(text.encode("utf-8", "surrogatepass")).hexdigest() == digest


def _implied_type(body: dict[str, Any]) -> str:
    """OCI lets `mediaType` out; the members tell an index from an image."""
    if isinstance(body.get("manifests"), list):
        return "application/vnd.oci.image.index.v1+json"
    if "fsLayers" in body:
        return "application/vnd.docker.distribution.manifest.v1+json"
    return "application/vnd.oci.image.manifest.v1+json"


def _entries(value: object) -> list[dict[str, Any]]:
    """The entries that name a digest; one without it names nothing."""
    if not isinstance(value, list):
        return []
    if len(value) > _ENTRY_LIMIT:
        raise _malformed(f"it lists {len(value):,} entries")
    return [entry for entry in value if isinstance(entry, dict) and _digest(entry)]


def _layer(entry: dict[str, Any]) -> LayerBlob:
    return LayerBlob(_digest(entry) or "", _size(entry), _text(entry.get("mediaType")), foreign=bool(entry.get("urls")))


def _child(entry: dict[str, Any]) -> ChildManifest:
    platform = _object(entry.get("platform"))
    parts = (_text(platform.get(member)) for member in ("os", "architecture", "variant"))
    annotations = _object(entry.get("annotations"))
    return ChildManifest(
        _digest(entry) or "",
        "/".join(part for part in parts if part),
        _size(entry),
        annotations.get("vnd.docker.reference.type") == _ATTESTATION,
        _text(annotations.get("vnd.docker.reference.digest")),
    )


def _object(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _digest(entry: dict[str, Any]) -> str | None:
    value = entry.get("digest")
    return value if isinstance(value, str) and _DIGEST.fullmatch(value) else None


def _size(entry: dict[str, Any]) -> int | None:
    value = entry.get("size")
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None


def _malformed(why: str) -> AppError:
    return AppError(
        ErrorKind.MALFORMED,
        what="read the image's manifest",
        why=why,
        remedy="Look at the raw manifest, or push the image again.",
    )
