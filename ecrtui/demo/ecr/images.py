"""ECR: listing and describing images, and their manifests."""

from __future__ import annotations

import json
from bisect import bisect_left
from collections.abc import Iterator
from itertools import islice

import msgspec

from ecrtui.demo.artifacts import INDEX_TYPES
from ecrtui.demo.ecr.lookup import (
    check_identifier,
    find,
    image,
    image_not_found,
    invalid,
    repository,
)
from ecrtui.demo.ecr.scanning import findings_summary, scan_status
from ecrtui.demo.operations import ECR, Answer, Call, Json, ServiceError
from ecrtui.demo.paging import after, decode, encode
from ecrtui.demo.registry import Repository, StoredImage

_encode = msgspec.json.encode


def _detail(call: Call, repository: Repository, image: StoredImage) -> bytes:
    """One DescribeImages item as JSON, encoded once for as long as the image stays as it is."""
    encoded = repository.details.get(image.digest)
    if encoded is None:
        described = _described(call, repository, image)
        encoded = _encode(described)
        if described.get("imageScanStatus", {}).get("status") not in ("IN_PROGRESS", "PENDING"):
            repository.details[image.digest] = encoded
    return encoded


def _described(call: Call, repository: Repository, image: StoredImage) -> Json:
    detail: Json = {
        "registryId": call.account.id,
        "repositoryName": repository.name,
        "imageDigest": image.digest,
        "imageSizeInBytes": image.size,
        "imagePushedAt": image.pushed_at,
        "imageManifestMediaType": image.media_type,
        "imageStatus": image.status,
    }
    if image.tags:
        detail["imageTags"] = list(image.tags)
    optional = {
        "artifactMediaType": image.artifact_type or None,
        "lastRecordedPullTime": image.pulled_at,
        "subjectManifestDigest": image.subject,
        "lastArchivedAt": image.archived_at,
        "lastActivatedAt": image.activated_at,
    }
    detail.update((name, value) for name, value in optional.items() if value is not None)
    if call.region.registry.scan_type == "ENHANCED":
        detail |= _scan_result(call, repository, image)
    return detail


def _scan_result(call: Call, repository: Repository, image: StoredImage) -> Json:
    """What DescribeImages says of an enhanced scan; of AWS's own basic scans it says nothing."""
    status = scan_status(call, repository, image)
    if status is None:
        return {}
    if status["status"] != "ACTIVE":
        return {"imageScanStatus": status}
    return {"imageScanStatus": status, "imageScanFindingsSummary": findings_summary(call, repository, image)}


@ECR("DescribeImages")
def describe_images(call: Call) -> Answer:
    listed = repository(call)
    wanted = call.get("imageIds")
    if wanted is not None:
        if call.get("maxResults") is not None or call.get("nextToken") is not None:
            raise invalid("maxResults", "must not be used together with imageIds")
        return _details(call, listed, [_visible(call, listed, each) for each in wanted], None)
    order = listed.order()
    start = after(order, f"images {listed.name}", call.get("nextToken"), ECR.invalid)
    size = call.get("maxResults", 100)
    page: list[StoredImage] = []
    for digest in islice(order, start, None):
        candidate = listed.images[digest]
        if not _passes(call, candidate):
            continue
        if len(page) == size:
            return _details(call, listed, page, encode(f"images {listed.name}", page[-1].digest))
        page.append(candidate)
    return _details(call, listed, page, None)


def _details(call: Call, listed: Repository, page: list[StoredImage], token: str | None) -> bytes:
    body = b",".join([_detail(call, listed, each) for each in page])
    tail = b"]}" if token is None else b'],"nextToken":' + _encode(token) + b"}"
    return b'{"imageDetails":[' + body + tail


def _visible(call: Call, listed: Repository, identifier: Json) -> StoredImage:
    found = image(call, listed, identifier)
    if not _passes(call, found):
        raise image_not_found(call, listed, identifier)
    return found


def _passes(call: Call, image: StoredImage) -> bool:
    """Whether an image meets `filter`; without one only active images do."""
    wanted = call.get("filter", {})
    status = wanted.get("imageStatus") or "ACTIVE"
    tagged = wanted.get("tagStatus") or "ANY"
    return status in ("ANY", image.status) and (tagged == "ANY" or (tagged == "TAGGED") == bool(image.tags))


@ECR("ListImages")
def list_images(call: Call) -> Answer:
    listed = repository(call)
    scope, token = f"list {listed.name}", call.get("nextToken")
    given = decode(scope, token, ECR.invalid) if token else ""
    pairs = list(islice(_pairs(call, listed, given), call.get("maxResults", 100) + 1))
    page = pairs[: call.get("maxResults", 100)]
    answer: Json = {"imageIds": [_identifier(digest, tag) for digest, tag in page]}
    if len(pairs) > len(page):
        answer["nextToken"] = encode(scope, " ".join(page[-1]))
    return answer


def _pairs(call: Call, listed: Repository, given: str) -> Iterator[tuple[str, str]]:
    """Digests with each of their tags (or none) that come after the pair that was given last."""
    order = listed.order()
    for digest in islice(order, bisect_left(order, given.partition(" ")[0]), None):
        if _passes(call, listed.images[digest]):
            for tag in sorted(listed.images[digest].tags) or [""]:
                if f"{digest} {tag}" > given:
                    yield digest, tag


def _identifier(digest: str, tag: str | None) -> Json:
    return {"imageDigest": digest, "imageTag": tag} if tag else {"imageDigest": digest}


@ECR("BatchGetImage")
def batch_get_image(call: Call) -> Answer:
    listed = repository(call)
    images: list[Json] = []
    failures: list[Json] = []
    for identifier in call.params["imageIds"]:
        found, failure = _manifest(call, listed, identifier)
        if found is not None:
            images.append(_with_manifest(call, listed, found, identifier.get("imageTag")))
        else:
            failures.append({"imageId": identifier, **failure})
    return {"images": images, "failures": failures}


def _manifest(call: Call, listed: Repository, identifier: Json) -> tuple[StoredImage | None, Json]:
    try:
        check_identifier(identifier)
    except ServiceError as error:
        code = "InvalidImageDigest" if identifier.get("imageDigest") else "MissingDigestAndTag"
        return None, {"failureCode": code, "failureReason": error.message}
    found = find(listed, identifier)
    if found is None:
        return None, {"failureCode": "ImageNotFound", "failureReason": "Requested image not found"}
    if found.status != "ACTIVE":
        reason = "Requested image is archived and cannot be pulled"
        return None, {"failureCode": "ImageInaccessible", "failureReason": reason}
    return _accepted(listed, found, call.get("acceptedMediaTypes")), {}


def _accepted(listed: Repository, found: StoredImage, accepted: list[str] | None) -> StoredImage:
    """The image itself, or for a caller that cannot read an index, its first platform."""
    if accepted and found.media_type in INDEX_TYPES and found.media_type not in accepted:
        for child in found.children:
            if listed.images[child].media_type in accepted:
                return listed.images[child]
    return found


def _with_manifest(call: Call, listed: Repository, found: StoredImage, tag: str | None) -> Json:
    return {
        "registryId": call.account.id,
        "repositoryName": listed.name,
        "imageId": _identifier(found.digest, tag),
        "imageManifest": found.manifest,
        "imageManifestMediaType": found.media_type,
    }


@ECR("ListImageReferrers")
def list_image_referrers(call: Call) -> Answer:
    listed = repository(call)
    subject = call.params["subjectId"]["imageDigest"]
    wanted = call.get("filter", {})
    types = wanted.get("artifactTypes")
    status = wanted.get("artifactStatus") or "ACTIVE"
    found = [
        each
        for each in (listed.images[digest] for digest in listed.order())
        if each.subject == subject and (not types or each.artifact_type in types) and status in ("ANY", each.status)
    ]
    keys = [each.digest for each in found]
    scope = f"referrers {subject}"
    start = after(keys, scope, call.get("nextToken"), ECR.invalid)
    end = start + call.get("maxResults", 20)
    answer: Json = {"referrers": [_referrer(each) for each in found[start:end]]}
    if end < len(found):
        answer["nextToken"] = encode(scope, keys[end - 1])
    return answer


def _referrer(image: StoredImage) -> Json:
    return {
        "digest": image.digest,
        "mediaType": image.media_type,
        "artifactType": image.artifact_type,
        "size": len(image.manifest),
        "annotations": json.loads(image.manifest).get("annotations", {}),
        "artifactStatus": image.status,
    }
