"""Manifests and indexes, true ones and hostile ones."""

from __future__ import annotations

import json
from hashlib import sha256
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecrtui.domain.errors import AppError, ErrorKind
from ecrtui.domain.manifest import ChildManifest, LayerBlob, parse_manifest, verify

ONE, TWO, THREE = (f"sha256:{digit * 64}" for digit in "123")
OCI_CONFIG = "application/vnd.oci.image.config.v1+json"
OCI_INDEX = "application/vnd.oci.image.index.v1+json"


def text(**members: Any) -> str:
    return json.dumps({"schemaVersion": 2} | members)


def test_an_image() -> None:
    manifest = parse_manifest(
        text(
            mediaType="application/vnd.oci.image.manifest.v1+json",
            config={"mediaType": OCI_CONFIG, "digest": ONE, "size": 7},
            layers=[
                {"mediaType": "application/vnd.oci.image.layer.v1.tar+gzip", "digest": TWO, "size": 9},
                {"digest": THREE, "urls": ["https://elsewhere"]},
            ],
        )
    )
    assert (manifest.config_digest, manifest.config_size, manifest.artifact_type) == (ONE, 7, OCI_CONFIG)
    assert manifest.layers == (
        LayerBlob(TWO, 9, "application/vnd.oci.image.layer.v1.tar+gzip"),
        LayerBlob(THREE, None, "", foreign=True),
    )
    assert not manifest.is_index


def test_an_index_with_platforms_and_an_attestation() -> None:
    manifest = parse_manifest(
        text(
            manifests=[
                {
                    "digest": ONE,
                    "size": 5,
                    "platform": {"os": "linux", "architecture": "arm64", "variant": "v8"},
                },
                {"digest": TWO},
                {
                    "digest": THREE,
                    "platform": {"os": "unknown", "architecture": "unknown"},
                    "annotations": {
                        "vnd.docker.reference.type": "attestation-manifest",
                        "vnd.docker.reference.digest": ONE,
                    },
                },
            ]
        )
    )
    assert manifest.is_index
    assert manifest.media_type == OCI_INDEX
    assert manifest.children == (
        ChildManifest(ONE, "linux/arm64/v8", 5),
        ChildManifest(TWO),
        ChildManifest(THREE, "unknown/unknown", None, attestation=True, about=ONE),
    )


def test_a_referrer_and_its_subject() -> None:
    manifest = parse_manifest(
        text(artifactType="application/vnd.cncf.notary.signature", layers=[], subject={"digest": TWO})
    )
    assert (manifest.artifact_type, manifest.subject) == ("application/vnd.cncf.notary.signature", TWO)


@pytest.mark.parametrize(
    "bad",
    [
        "",
        "{",
        "[]",
        "null",
        "{}",
        '"text"',
        '{"layers": "many"}',
        "[" * 100_000,
        '{"layers":' * 50_000,
        text(layers=[{"digest": ONE}] * 10_001),
        '{"layers": []' + " " * (4 * 1024 * 1024) + "}",
    ],
)
def test_what_is_no_manifest_is_refused(bad: str) -> None:
    with pytest.raises(AppError) as caught:
        parse_manifest(bad)
    assert caught.value.kind is ErrorKind.MALFORMED


def test_members_of_wrong_types_are_left_out() -> None:
    manifest = parse_manifest(
        text(
            mediaType=7,
            config={"digest": "sha256:short", "size": -1},
            layers=[{"digest": ONE, "size": True}, {"digest": "x"}, "text", None, {"digest": [ONE]}],
            subject="sha256:",
        )
    )
    assert (manifest.config_digest, manifest.config_size, manifest.subject) == (None, None, None)
    assert manifest.layers == (LayerBlob(ONE),)


def test_a_digest_is_of_the_exact_bytes() -> None:
    body = text(layers=[], note="ü")
    digest = "sha256:" + sha256(body.encode()).hexdigest()
    assert verify(digest, body)
    assert not verify(digest, body + "\n")
    assert not verify(digest.upper(), body)
    assert not verify(ONE, "\ud800")


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.just(ONE),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["digest", "size", "platform", "os", "annotations"]), inner, max_size=3)
    ),
    max_leaves=12,
)


@settings(max_examples=150, deadline=None)
@given(st.dictionaries(st.sampled_from(["mediaType", "config", "layers", "manifests", "subject"]), _JSON))
def test_any_json_is_read_or_refused(members: dict[str, Any]) -> None:
    try:
        manifest = parse_manifest(text(**members))
    except AppError as error:
        assert error.kind is ErrorKind.MALFORMED  # noqa: PT017
        return
    assert all(layer.digest.startswith("sha256:") for layer in manifest.layers)
