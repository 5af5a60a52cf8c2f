"""Manifests of the embedded account: made whole, so that the digest of each is the sha256 of its text."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from hashlib import sha256

DOCKER_IMAGE = "application/vnd.docker.distribution.manifest.v2+json"
DOCKER_LIST = "application/vnd.docker.distribution.manifest.list.v2+json"
OCI_IMAGE = "application/vnd.oci.image.manifest.v1+json"
OCI_INDEX = "application/vnd.oci.image.index.v1+json"
INDEX_TYPES = frozenset({DOCKER_LIST, OCI_INDEX})
DOCKER_CONFIG = "application/vnd.docker.container.image.v1+json"
OCI_CONFIG = "application/vnd.oci.image.config.v1+json"
_EMPTY = "application/vnd.oci.empty.v1+json"


@dataclass(frozen=True, slots=True)
class Layer:
    """One layer: digest and size of its compressed blob, digest of what it unpacks to, and its command."""

    digest: str
    size: int
    diff_id: str
    command: str = ""


@dataclass(frozen=True, slots=True)
class Artifact:
    """A manifest with what ECR derives from it."""

    manifest: str
    media_type: str
    artifact_type: str
    size: int
    """Compressed bytes: configuration and layers; of an index the largest of its children."""
    digest: str
    subject: str | None = None
    children: tuple[str, ...] = ()
    layers: tuple[Layer, ...] = ()
    config_digest: str = ""
    config: str = field(default="", repr=False)


def digest_of(text: str) -> str:
    """The digest by which a registry knows this text."""
    return "sha256:" + sha256(text.encode()).hexdigest()


def layer(seed: str, size: int, command: str = "") -> Layer:
    """A layer that differs from every other seed's."""
    return Layer(
        digest="sha256:" + sha256(f"blob {seed}".encode()).hexdigest(),
        size=size,
        diff_id="sha256:" + sha256(f"diff {seed}".encode()).hexdigest(),
        command=command,
    )


def image(
    layers: tuple[Layer, ...],
    *,
    created: str,
    architecture: str = "amd64",
    os: str = "linux",
    oci: bool = False,
    env: tuple[str, ...] = (),
    labels: dict[str, str] | None = None,
) -> Artifact:
    """A container image of these layers; `created` is RFC 3339."""
    config = _configuration(layers, created, architecture, os, env, labels or {})
    config_digest = digest_of(config)
    kind, layer_type = (
        (OCI_CONFIG, "application/vnd.oci.image.layer.v1.tar+gzip")
        if oci
        else (DOCKER_CONFIG, "application/vnd.docker.image.rootfs.diff.tar.gzip")
    )
    blobs = ",".join(f'{{"mediaType":"{layer_type}","size":{each.size},"digest":"{each.digest}"}}' for each in layers)
    manifest = (
        f'{{"schemaVersion":2,"mediaType":"{OCI_IMAGE if oci else DOCKER_IMAGE}",'
        f'"config":{{"mediaType":"{kind}","size":{len(config)},"digest":"{config_digest}"}},"layers":[{blobs}]}}'
    )
    return Artifact(
        manifest=manifest,
        media_type=OCI_IMAGE if oci else DOCKER_IMAGE,
        artifact_type=kind,
        size=len(config) + sum(each.size for each in layers),
        digest=digest_of(manifest),
        layers=layers,
        config_digest=config_digest,
        config=config,
    )


def _configuration(
    layers: tuple[Layer, ...], created: str, architecture: str, os: str, env: tuple[str, ...], labels: dict[str, str]
) -> str:
    """The text of an image's configuration."""
    return json.dumps(
        {
            "architecture": architecture,
            "os": os,
            "created": created,
            "config": {
                "Env": ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", *env],
                "Cmd": ["/app/run"],
                "WorkingDir": "/app",
                "Labels": labels,
            },
            "rootfs": {"type": "layers", "diff_ids": [each.diff_id for each in layers]},
            "history": [{"created": created, "created_by": each.command} for each in layers],
        },
        separators=(",", ":"),
    )


def attestation(of: Artifact, seed: str) -> Artifact:
    """BuildKit's provenance of one platform's image; it stands in the index beside that image."""
    return _document(
        seed,
        "application/vnd.in-toto+json",
        size=6_200,
        config_type=OCI_CONFIG,
        annotations={"in-toto.io/predicate-type": "https://slsa.dev/provenance/v0.2"},
    )


def index(
    children: tuple[tuple[Artifact, str], ...], attestations: tuple[tuple[Artifact, Artifact], ...] = ()
) -> Artifact:
    """An OCI index of (image, architecture) and of (attestation, the image that it is about)."""
    manifests: list[dict[str, object]] = [
        {
            "mediaType": child.media_type,
            "size": len(child.manifest),
            "digest": child.digest,
            "platform": {"architecture": architecture, "os": "linux"},
        }
        for child, architecture in children
    ]
    manifests += [
        {
            "mediaType": proof.media_type,
            "size": len(proof.manifest),
            "digest": proof.digest,
            "annotations": {
                "vnd.docker.reference.digest": about.digest,
                "vnd.docker.reference.type": "attestation-manifest",
            },
            "platform": {"architecture": "unknown", "os": "unknown"},
        }
        for proof, about in attestations
    ]
    manifest = json.dumps({"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": manifests}, separators=(",", ":"))
    members = [child for child, _ in children] + [proof for proof, _ in attestations]
    return Artifact(
        manifest=manifest,
        media_type=OCI_INDEX,
        artifact_type="",
        size=max(child.size for child in members),
        digest=digest_of(manifest),
        children=tuple(child.digest for child in members),
    )


def cosign_signature(subject: Artifact) -> Artifact:
    """A cosign signature in the old form: an image of its own, found by the tag `sha256-<hex>.sig`."""
    return _document(
        "sig " + subject.digest,
        "application/vnd.dev.cosign.simplesigning.v1+json",
        size=254,
        config_type=OCI_CONFIG,
        annotations={"dev.cosignproject.cosign/signature": "MEUCIQDv"},
    )


def referrer(subject: Artifact, artifact_type: str, size: int, annotations: dict[str, str]) -> Artifact:
    """An artefact that names its subject (a notation signature, an SBOM)."""
    return _document(
        artifact_type + subject.digest,
        artifact_type,
        size=size,
        artifact_type=artifact_type,
        subject=subject,
        annotations=annotations,
    )


def helm_chart(name: str, version: str) -> Artifact:
    """A Helm chart pushed with `helm push`."""
    return _document(
        f"{name} {version}",
        "application/vnd.cncf.helm.chart.content.v1.tar+gzip",
        size=7_930,
        config_type="application/vnd.cncf.helm.config.v1+json",
        annotations={"org.opencontainers.image.title": name, "org.opencontainers.image.version": version},
    )


def _document(
    seed: str,
    layer_type: str,
    *,
    size: int,
    config_type: str = _EMPTY,
    artifact_type: str = "",
    subject: Artifact | None = None,
    annotations: dict[str, str],
) -> Artifact:
    config = json.dumps({"seed": seed}) if config_type != _EMPTY else "{}"
    blob = layer(seed, size)
    body: dict[str, object] = {
        "schemaVersion": 2,
        "mediaType": OCI_IMAGE,
        "config": {"mediaType": config_type, "size": len(config), "digest": digest_of(config)},
        "layers": [{"mediaType": layer_type, "size": size, "digest": blob.digest}],
        "annotations": annotations,
    }
    if artifact_type:
        body["artifactType"] = artifact_type
    if subject is not None:
        body["subject"] = {
            "mediaType": subject.media_type,
            "size": len(subject.manifest),
            "digest": subject.digest,
        }
    manifest = json.dumps(body, separators=(",", ":"))
    return Artifact(
        manifest=manifest,
        media_type=OCI_IMAGE,
        artifact_type=artifact_type or config_type,
        size=len(config) + size,
        digest=digest_of(manifest),
        subject=subject.digest if subject else None,
        layers=(blob,),
        config_digest=digest_of(config),
        config=config,
    )
