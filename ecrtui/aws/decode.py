"""The hot lists, straight from the body of an answer into columns.

A page is decoded by msgspec in one go. Where one row is not as the model says (an instant as text, a size
that is no number), the page is read by the standard JSON parser, row by row: what is wrong in a row is left
out of that row, and only a row without its identity is lost, and counted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Annotated, Any

import msgspec

from ecrtui.aws.values import (
    LARGEST,
    LAST_INSTANT,
    check_members,
    count,
    instant,
    lenient_object,
    member,
    objects,
    text,
    texts,
)
from ecrtui.domain.image import Image, ImageListing
from ecrtui.domain.repository import Repository, RepositoryListing

_Instant = Annotated[float, msgspec.Meta(ge=0, le=LAST_INSTANT)]
_Size = Annotated[int, msgspec.Meta(ge=0, le=LARGEST)]


@dataclass(frozen=True, slots=True)
class Rows:
    """What one page added to a listing."""

    added: int
    repeated: int
    """Rows that were listed before."""
    lost: int
    """Rows without an identity, which cannot be listed."""
    token: str | None
    """Where the next page starts; None after the last."""


class _ScanStatus(msgspec.Struct, gc=False):
    status: str | None = None


class _ScanSummary(msgspec.Struct, gc=False):
    counts: dict[str, int] | None = msgspec.field(name="findingSeverityCounts", default=None)


class _ImageRow(msgspec.Struct, rename="camel", gc=False):
    image_digest: str
    image_tags: tuple[str, ...] | None = ()
    image_size_in_bytes: _Size | None = None
    image_pushed_at: _Instant | None = None
    last_recorded_pull_time: _Instant | None = None
    image_manifest_media_type: str | None = None
    artifact_media_type: str | None = None
    image_status: str | None = None
    subject_manifest_digest: str | None = None
    last_archived_at: _Instant | None = None
    last_activated_at: _Instant | None = None
    image_scan_status: _ScanStatus | None = None
    image_scan_findings_summary: _ScanSummary | None = None


class _ImagePage(msgspec.Struct, rename="camel"):
    image_details: list[_ImageRow]
    next_token: str | None = None


class _ExclusionFilter(msgspec.Struct, gc=False):
    filter: str


class _Scanning(msgspec.Struct, gc=False):
    on_push: bool | None = msgspec.field(name="scanOnPush", default=None)


class _Encryption(msgspec.Struct, gc=False):
    kind: str = msgspec.field(name="encryptionType", default="AES256")
    key: str | None = msgspec.field(name="kmsKey", default=None)


class _RepositoryRow(msgspec.Struct, rename="camel", gc=False):
    repository_name: str
    registry_id: str = ""
    repository_arn: str = ""
    repository_uri: str = ""
    created_at: _Instant | None = None
    image_tag_mutability: str = "MUTABLE"
    exclusions: tuple[_ExclusionFilter, ...] | None = msgspec.field(
        name="imageTagMutabilityExclusionFilters", default=()
    )
    image_scanning_configuration: _Scanning | None = None
    encryption_configuration: _Encryption | None = None


class _RepositoryPage(msgspec.Struct, rename="camel"):
    repositories: list[_RepositoryRow]
    next_token: str | None = None


class _ImageId(msgspec.Struct, rename="camel", gc=False):
    image_digest: str = ""
    image_tag: str = ""


class _ImageIdPage(msgspec.Struct, rename="camel"):
    image_ids: list[_ImageId]
    next_token: str | None = None


_image_page = msgspec.json.Decoder(_ImagePage)
_repository_page = msgspec.json.Decoder(_RepositoryPage)
_image_id_page = msgspec.json.Decoder(_ImageIdPage)


def images_into(listing: ImageListing) -> Callable[[bytes], Rows]:
    """A decoder of DescribeImages pages that appends to `listing`."""

    def decode(body: bytes) -> Rows:
        try:
            page = _image_page.decode(body)
        except (msgspec.DecodeError, UnicodeDecodeError):
            return _images_leniently(body, listing)
        added = _append(listing, page.image_details)
        return Rows(added, len(page.image_details) - added, 0, page.next_token or None)

    return decode


def _append(listing: ImageListing, rows: Iterable[_ImageRow]) -> int:
    """Append rows, and answer how many were new. Runs a hundred thousand times: one loop, no calls of our own."""
    add, first = listing.add, len(listing)
    index = first
    for row in rows:
        if not add(
            row.image_digest,
            row.image_tags or (),
            row.image_size_in_bytes,
            row.image_pushed_at,
            row.last_recorded_pull_time,
            row.image_manifest_media_type or "",
            row.artifact_media_type or "",
            row.image_status or "ACTIVE",
        ):
            continue
        if row.subject_manifest_digest:
            listing.subjects[index] = row.subject_manifest_digest
        if row.last_archived_at is not None:
            listing.archived[index] = row.last_archived_at
        if row.last_activated_at is not None:
            listing.activated[index] = row.last_activated_at
        if row.image_scan_status or row.image_scan_findings_summary:
            listing.scans[index] = _scan(row)
        index += 1
    return index - first


def _scan(row: _ImageRow) -> tuple[str | None, tuple[tuple[str, int], ...] | None]:
    status = row.image_scan_status.status if row.image_scan_status else None
    counts = row.image_scan_findings_summary.counts if row.image_scan_findings_summary else None
    return status, None if counts is None else tuple(counts.items())


def _images_leniently(body: bytes, listing: ImageListing) -> Rows:
    page = check_members(lenient_object(body), {"imageDetails": list})
    rows = [row for value in page["imageDetails"] if (row := _image_row(value)) is not None]
    lost = len(page["imageDetails"]) - len(rows)
    added = _append(listing, rows)
    return Rows(added, len(rows) - added, lost, text(page.get("nextToken")) or None)


def _image_row(value: Any) -> _ImageRow | None:
    """A row of whatever is right in an object; None without a digest."""
    digest = text(member(value, "imageDigest"))
    if not digest:
        return None
    counts = member(value, "imageScanFindingsSummary", "findingSeverityCounts")
    return _ImageRow(
        image_digest=digest,
        image_tags=texts(value.get("imageTags")),
        image_size_in_bytes=count(value.get("imageSizeInBytes")),
        image_pushed_at=instant(value.get("imagePushedAt")),
        last_recorded_pull_time=instant(value.get("lastRecordedPullTime")),
        image_manifest_media_type=text(value.get("imageManifestMediaType")),
        artifact_media_type=text(value.get("artifactMediaType")),
        image_status=text(value.get("imageStatus")),
        subject_manifest_digest=text(value.get("subjectManifestDigest")),
        last_archived_at=instant(value.get("lastArchivedAt")),
        last_activated_at=instant(value.get("lastActivatedAt")),
        image_scan_status=_ScanStatus(text(member(value, "imageScanStatus", "status")) or None),
        image_scan_findings_summary=_ScanSummary(_counts(counts)),
    )


def _counts(value: Any) -> dict[str, int] | None:
    if not isinstance(value, dict):
        return None
    return {name: size for name, size in value.items() if count(size) is not None}


def image(value: dict[str, Any]) -> Image | None:
    """One image of an answer as AWS sent it; None without a digest."""
    row = _image_row(value)
    if row is None:
        return None
    listing = ImageListing("", "")
    _append(listing, [row])
    return listing.row(0)


def repositories_into(listing: RepositoryListing) -> Callable[[bytes], Rows]:
    """A decoder of DescribeRepositories pages that appends to `listing`."""

    def decode(body: bytes) -> Rows:
        try:
            page = _repository_page.decode(body)
        except (msgspec.DecodeError, UnicodeDecodeError):
            return _repositories_leniently(body, listing)
        added = sum(_add_repository(listing, row) for row in page.repositories)
        return Rows(added, len(page.repositories) - added, 0, page.next_token or None)

    return decode


def _add_repository(listing: RepositoryListing, row: _RepositoryRow) -> bool:
    encryption = row.encryption_configuration or _Encryption()
    return listing.add(
        row.repository_name,
        row.registry_id,
        row.repository_arn,
        row.repository_uri,
        row.created_at,
        row.image_tag_mutability,
        tuple(exclusion.filter for exclusion in row.exclusions or ()),
        row.image_scanning_configuration.on_push if row.image_scanning_configuration else None,
        encryption.kind,
        encryption.key,
    )


def _repositories_leniently(body: bytes, listing: RepositoryListing) -> Rows:
    page = check_members(lenient_object(body), {"repositories": list})
    rows = [row for value in page["repositories"] if (row := _repository_row(value)) is not None]
    lost = len(page["repositories"]) - len(rows)
    added = sum(_add_repository(listing, row) for row in rows)
    return Rows(added, len(rows) - added, lost, text(page.get("nextToken")) or None)


def _repository_row(value: Any) -> _RepositoryRow | None:
    """A row of whatever is right in an object; None without a name."""
    name = text(member(value, "repositoryName"))
    if not name:
        return None
    scan = member(value, "imageScanningConfiguration", "scanOnPush")
    encryption = value.get("encryptionConfiguration")
    return _RepositoryRow(
        repository_name=name,
        registry_id=text(value.get("registryId")),
        repository_arn=text(value.get("repositoryArn")),
        repository_uri=text(value.get("repositoryUri")),
        created_at=instant(value.get("createdAt")),
        image_tag_mutability=text(value.get("imageTagMutability")) or "MUTABLE",
        exclusions=tuple(
            _ExclusionFilter(text(item.get("filter")))
            for item in objects(value.get("imageTagMutabilityExclusionFilters"))
        ),
        image_scanning_configuration=_Scanning(scan if isinstance(scan, bool) else None),
        encryption_configuration=_Encryption(
            text(member(encryption, "encryptionType")) or "AES256", text(member(encryption, "kmsKey")) or None
        ),
    )


def repository(value: dict[str, Any], region: str) -> Repository | None:
    """One repository of an answer as AWS sent it; None without a name."""
    row = _repository_row(value)
    if row is None:
        return None
    listing = RepositoryListing(region)
    _add_repository(listing, row)
    return listing.row(0)


def image_ids(body: bytes) -> tuple[list[tuple[str, str]], str | None]:
    """A ListImages page: pairs of digest and tag (empty when untagged), and the token of the next page."""
    try:
        page = _image_id_page.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError):
        answer = check_members(lenient_object(body), {"imageIds": list})
        pairs = [(text(item.get("imageDigest")), text(item.get("imageTag"))) for item in objects(answer["imageIds"])]
        return [pair for pair in pairs if pair[0]], text(answer.get("nextToken")) or None
    return [(item.image_digest, item.image_tag) for item in page.image_ids], page.next_token or None
