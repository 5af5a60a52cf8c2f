"""The images of a repository as `aws ecr describe-images` prints them (JSON, both versions of the CLI)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from math import isfinite
from typing import Any

from ecrtui.domain.image import Image
from ecrtui.headless.inputs import bad_input, read_text
from ecrtui.headless.printers import note
from ecrtui.headless.words import instant

_REMEDY = (
    "Save it with: aws ecr describe-images --repository-name NAME --filter imageStatus=ANY --output json"
)
_WHAT = "the images"


class _Wrong(Exception):  # noqa: N818
    """A member that is not what describe-images prints."""


def read_images(path: str) -> tuple[Image, ...]:
    """The images in a file, in its order; a digest that is there again is left out."""
    details = _details(path, read_text(path, _WHAT))
    images: dict[str, Image] = {}
    for index, detail in enumerate(details):
        try:
            image = _image(detail)
        except _Wrong as error:
            raise bad_input(path, _WHAT, f"imageDetails[{index}]{error}", _REMEDY) from None
        images.setdefault(image.digest, image)
    return tuple(images.values())


def _details(path: str, text: str) -> list[Any]:
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise bad_input(path, _WHAT, f"this is not JSON: {error}", _REMEDY) from None
    if isinstance(document, dict):
        if document.get("nextToken"):
            note(f"{path} holds one page of the images only: what it does not hold is not counted")
        document = document.get("imageDetails")
    if not isinstance(document, list):
        raise bad_input(path, _WHAT, "there is no list imageDetails in it", _REMEDY)
    return document


def _image(detail: Any) -> Image:
    if not isinstance(detail, dict):
        raise _Wrong(" is not an object")
    digest = _text(detail, "imageDigest")
    if not digest:
        raise _Wrong(".imageDigest is missing")
    size = detail.get("imageSizeInBytes")
    if size is not None and (not isinstance(size, int) or isinstance(size, bool) or size < 0):
        raise _Wrong(".imageSizeInBytes is not a whole number")
    return Image(
        digest=digest,
        tags=_tags(detail),
        size=size,
        pushed_at=_instant(detail, "imagePushedAt"),
        pulled_at=_instant(detail, "lastRecordedPullTime"),
        media_type=_text(detail, "imageManifestMediaType"),
        artifact_type=_text(detail, "artifactMediaType"),
        status=_text(detail, "imageStatus") or "ACTIVE",
        subject=_text(detail, "subjectManifestDigest") or None,
        archived_at=_instant(detail, "lastArchivedAt"),
        activated_at=_instant(detail, "lastActivatedAt"),
    )


def _text(detail: Mapping[str, Any], member: str) -> str:
    value = detail.get(member)
    if value is not None and not isinstance(value, str):
        raise _Wrong(f".{member} is not a text")
    return value or ""


def _tags(detail: Mapping[str, Any]) -> tuple[str, ...]:
    tags = detail.get("imageTags") or []
    if not isinstance(tags, list) or any(not isinstance(tag, str) for tag in tags):
        raise _Wrong(".imageTags is not a list of texts")
    return tuple(tags)


def _instant(detail: Mapping[str, Any], member: str) -> float | None:
    """Epoch seconds of ISO 8601 (version 2 of the CLI) or of a number (version 1)."""
    value = detail.get(member)
    if value is None:
        return None
    if isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value):
        return float(value)
    moment = instant(value) if isinstance(value, str) else None
    if moment is None:
        raise _Wrong(f".{member} is no instant")
    return moment
