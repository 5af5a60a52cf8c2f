"""Images with layers, and their manifests, for a `MemoryAccount`."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from memory import MANIFEST, NOW, an_image, digest_of

from ecrtui.domain.image import Image


def a_blob(name: str) -> str:
    """The digest of a layer."""
    return digest_of(f"blob {name}")


def a_layered_image(
    *tags: str, layers: Mapping[str, int], pushed_at: float = NOW - 3600.0, **settings: object
) -> tuple[Image, str]:
    """An image of these layers (bytes by name), and its manifest, which has the right digest."""
    body = {
        "schemaVersion": 2,
        "mediaType": MANIFEST,
        "config": {"digest": a_blob(f"config of {tags}{pushed_at}"), "size": 0},
        "layers": [{"digest": a_blob(name), "size": size} for name, size in layers.items()],
    }
    text = json.dumps(body)
    values = {"size": sum(layers.values()), **settings}
    return an_image(*tags, pushed_at=pushed_at, digest=digest_of(text), **values), text


def stocked(*layered: tuple[Image, str]) -> tuple[Sequence[Image], Mapping[str, str]]:
    """Images, and manifests by digest."""
    return [image for image, _ in layered], {image.digest: text for image, text in layered}
