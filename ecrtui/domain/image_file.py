"""The images in a file that `aws ecr describe-images` wrote."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import NoReturn

from ecrtui.domain.errors import AppError, ErrorKind
from ecrtui.domain.image import Image
from ecrtui.domain.instants import instant

_TOKENS = ("nextToken", "NextToken")
"""ECR's own, and that of `aws … --max-items`."""
_SURROGATE = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class ImageFile:
    """What a file of images holds."""

    images: tuple[Image, ...]
    more: bool = False
    """Whether it is one page only: AWS gave a token for the next one."""


def read_images(text: str, where: str = "") -> ImageFile:
    """The images of `{"imageDetails": […]}` or of a bare list, in their order.

    Instants are ISO 8601 (UTC where no offset is given) or epoch seconds; unknown members are ignored.
    Entries with one digest that differ in their tags only become one image. `where` names the file in the
    error: AppError (invalid) with the number of the entry, from 0, and the member.
    """
    images: dict[str, Image] = {}
    entries, more = _entries(text, where)
    for index, entry in enumerate(entries):
        image = _Entry(entry, index, where).image()
        known = images.setdefault(image.digest, image)
        if known is not image:
            if replace(known, tags=()) != replace(image, tags=()):
                _refuse(
                    where,
                    f"imageDetails[{index}].imageDigest: {image.digest[:80]} is there twice, differently",
                )
            images[image.digest] = replace(known, tags=tuple(dict.fromkeys(known.tags + image.tags)))
    return ImageFile(tuple(images.values()), more)


def _refuse(where: str, why: str) -> NoReturn:
    raise AppError(
        ErrorKind.INVALID,
        what="read the images",
        where=where,
        why=why,
        remedy="Give the JSON that `aws ecr describe-images` writes.",
    )


def _entries(text: str, where: str) -> tuple[list[object], bool]:
    """The entries, and whether there are more than this page's."""
    try:
        document = json.loads(text.removeprefix("\ufeff"))
    except json.JSONDecodeError as error:
        _refuse(where, f"line {error.lineno}, column {error.colno}: not JSON: {error.msg.lower()}")
    except RecursionError:
        _refuse(where, "the JSON is nested too deep")
    except ValueError:
        _refuse(where, "the JSON holds a number of absurd length")
    more = False
    if isinstance(document, dict):
        if "imageDetails" not in document:
            _refuse(where, "imageDetails is missing")
        more = any(document.get(token) for token in _TOKENS)
        document = document["imageDetails"]
    if not isinstance(document, list):
        _refuse(where, "the images must be a list")
    return document, more


class _Entry:
    """One entry of the file: its members, taken out by type."""

    def __init__(self, value: object, index: int, where: str) -> None:
        self._index = index
        self._where = where
        if not isinstance(value, dict):
            _refuse(where, f"imageDetails[{index}] must be an object")
        self._members: dict[str, object] = value

    def image(self) -> Image:
        scan = self._mapping("imageScanStatus").get("status")
        digest = self._text("imageDigest")
        if not digest:
            self._refuse("imageDigest", "is missing")
        return Image(
            digest=digest,
            tags=self._tags(),
            size=self._size(),
            pushed_at=self._instant("imagePushedAt"),
            pulled_at=self._instant("lastRecordedPullTime"),
            media_type=self._text("imageManifestMediaType"),
            artifact_type=self._text("artifactMediaType"),
            status=self._text("imageStatus") or "ACTIVE",
            subject=self._text("subjectManifestDigest") or None,
            archived_at=self._instant("lastArchivedAt"),
            activated_at=self._instant("lastActivatedAt"),
            scan_status=scan if isinstance(scan, str) else None,
            severities=self._severities(),
        )

    def _refuse(self, member: str, why: str) -> NoReturn:
        _refuse(self._where, f"imageDetails[{self._index}].{member} {why}")

    def _text(self, member: str) -> str:
        value = self._members.get(member)
        if value is None:
            return ""
        if not isinstance(value, str):
            self._refuse(member, "must be a text")
        if _SURROGATE.search(value):
            self._refuse(member, "holds half a character (a lone surrogate)")
        return value

    def _tags(self) -> tuple[str, ...]:
        value = self._members.get("imageTags")
        if value is None:
            return ()
        if not isinstance(value, list) or not all(isinstance(tag, str) and tag for tag in value):
            self._refuse("imageTags", "must be a list of texts")
        if any(_SURROGATE.search(tag) for tag in value):
            self._refuse("imageTags", "holds half a character (a lone surrogate)")
        return tuple(dict.fromkeys(value))

    def _size(self) -> int | None:
        value = self._members.get("imageSizeInBytes")
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 2**63:
            self._refuse("imageSizeInBytes", "must be a whole number of bytes")
        return value

    def _instant(self, member: str) -> float | None:
        value = self._members.get(member)
        if value is None:
            return None
        if isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) < 1e12:
            return float(value)
        at = instant(value) if isinstance(value, str) else None
        if at is None:
            self._refuse(member, "must be an ISO 8601 time (2026-05-04T18:13:01+09:00) or epoch seconds")
        return at

    def _mapping(self, member: str) -> Mapping[str, object]:
        value = self._members.get(member)
        if value is None:
            return {}
        if not isinstance(value, dict):
            self._refuse(member, "must be an object")
        return value

    def _severities(self) -> tuple[tuple[str, int], ...] | None:
        counts = self._mapping("imageScanFindingsSummary").get("findingSeverityCounts")
        if not isinstance(counts, dict):
            return None
        sound = ((name, number) for name, number in counts.items() if isinstance(number, int))
        return tuple(sorted((str(name), int(number)) for name, number in sound))
