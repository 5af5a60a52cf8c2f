"""ECR: putting, deleting and archiving images, and the blobs that they are made of."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from hashlib import sha256
from typing import Any
from uuid import uuid4

from ecrtui.demo.artifacts import INDEX_TYPES, digest_of
from ecrtui.demo.ecr.lookup import check_identifier, check_tag, find, image, invalid, repository
from ecrtui.demo.ecr.replication import replicate
from ecrtui.demo.operations import ECR, Answer, Call, Json, ServiceError
from ecrtui.demo.registry import Repository, StoredImage


@ECR("PutImage")
def put_image(call: Call) -> Answer:
    target = repository(call)
    text, tag = call.params["imageManifest"], call.get("imageTag")
    manifest = _parsed(text)
    digest = digest_of(text)
    if call.get("imageDigest", digest) != digest:
        raise ServiceError(
            "ImageDigestDoesNotMatchException",
            f"The image digest provided '{call.params['imageDigest']}' does not match the digest of the "
            f"manifest '{digest}'",
        )
    if tag is not None:
        check_tag(tag)
    check_put(target, call.account.id, digest, tag)
    media_type = call.get("imageManifestMediaType") or manifest.get("mediaType") or ""
    known = target.images.get(digest)
    if known is None:
        target.push(_new_image(call, target, text, manifest, media_type))
    elif known.status != "ACTIVE":
        target.put(replace(known, status="ACTIVE", activated_at=call.now))
    if tag is not None:
        target.tag(digest, tag)
    replicate(call.account, target, digest, call.now)
    identifier = {"imageDigest": digest} if tag is None else {"imageDigest": digest, "imageTag": tag}
    return {
        "image": {
            "registryId": call.account.id,
            "repositoryName": target.name,
            "imageId": identifier,
            "imageManifest": text,
            "imageManifestMediaType": media_type,
        }
    }


def check_put(target: Repository, account: str, digest: str, tag: str | None) -> None:
    """Refuse a push that an immutable tag forbids, or that would change nothing."""
    known = target.images.get(digest)
    archived = known is not None and known.status != "ACTIVE"
    if tag is not None and tag in target.tagged and target.immutable(tag):
        raise ServiceError(
            "ImageTagAlreadyExistsException",
            f"The image tag '{tag}' already exists in the '{target.name}' repository and cannot be "
            "overwritten because the repository is immutable.",
        )
    if known is not None and not archived and (tag is None or tag in known.tags):
        named = f"digest '{digest}'" + (f" and tag '{tag}'" if tag else "")
        raise ServiceError(
            "ImageAlreadyExistsException",
            f"Image with {named} already exists in the repository with name '{target.name}' "
            f"in registry with id '{account}'",
        )


def _parsed(text: str) -> Json:
    try:
        manifest: Any = json.loads(text)
    except ValueError:
        manifest = None
    if not isinstance(manifest, dict):
        raise invalid("imageManifest", "Invalid JSON syntax")
    return manifest


def _new_image(call: Call, target: Repository, text: str, manifest: Json, media_type: str) -> StoredImage:
    if media_type in INDEX_TYPES or "manifests" in manifest:
        return _new_index(call, target, text, manifest, media_type)
    config = manifest.get("config") or {}
    blobs = [config, *(manifest.get("layers") or [])]
    known = known_blobs(target)
    missing = [blob.get("digest") for blob in blobs if blob.get("digest") not in known]
    if missing:
        raise ServiceError(
            "LayersNotFoundException",
            f"Layers with digests '{missing}' required for pushing image into repository with name "
            f"'{target.name}' in the registry with id '{call.account.id}' do not exist",
        )
    return StoredImage(
        digest=digest_of(text),
        manifest=text,
        media_type=media_type,
        artifact_type=manifest.get("artifactType") or config.get("mediaType") or "",
        size=sum(known[blob["digest"]] for blob in blobs),
        pushed_at=call.now,
        subject=(manifest.get("subject") or {}).get("digest"),
    )


def _new_index(call: Call, target: Repository, text: str, manifest: Json, media_type: str) -> StoredImage:
    children = [str(each.get("digest")) for each in manifest.get("manifests") or []]
    missing = [each for each in children if each not in target.images]
    if missing:
        raise ServiceError(
            "ReferencedImagesNotFoundException",
            f"Images with digests '{missing}' required for pushing image into repository with name "
            f"'{target.name}' in the registry with id '{call.account.id}' do not exist",
        )
    return StoredImage(
        digest=digest_of(text),
        manifest=text,
        media_type=media_type,
        artifact_type=manifest.get("artifactType") or "",
        size=max((target.images[each].size for each in children), default=0),
        pushed_at=call.now,
        subject=(manifest.get("subject") or {}).get("digest"),
        children=tuple(children),
    )


def known_blobs(target: Repository) -> dict[str, int]:
    """Sizes of all blobs in a repository by digest: uploaded ones and those of its manifests."""
    known = dict(target.blobs)
    for stored in target.images.values():
        manifest = json.loads(stored.manifest)
        for blob in [manifest.get("config"), *(manifest.get("layers") or [])]:
            if blob:
                known[blob["digest"]] = blob["size"]
    return known


@ECR("BatchDeleteImage")
def batch_delete_image(call: Call) -> Answer:
    target = repository(call)
    deleted: list[Json] = []
    failures: list[Json] = []
    for identifier in call.params["imageIds"]:
        gone, failure = _delete(target, identifier)
        deleted.extend(gone)
        if failure:
            failures.append({"imageId": identifier, **failure})
    return {"imageIds": deleted, "failures": failures}


def _delete(target: Repository, identifier: Json) -> tuple[list[Json], Json]:
    """What one identifier deletes, or why it does not."""
    try:
        check_identifier(identifier)
    except ServiceError as error:
        code = "InvalidImageDigest" if identifier.get("imageDigest") else "MissingDigestAndTag"
        return [], {"failureCode": code, "failureReason": error.message}
    digest, tag = identifier.get("imageDigest"), identifier.get("imageTag")
    found = find(target, identifier)
    if found is None:
        if digest in target.images and tag in target.tagged:
            reason = "Requested image tag does not match the image digest"
            return [], {"failureCode": "ImageTagDoesNotMatchDigest", "failureReason": reason}
        return [], {"failureCode": "ImageNotFound", "failureReason": "Requested image not found"}
    if tag is not None and len(found.tags) > 1:
        target.untag(tag)
        return [{"imageDigest": found.digest, "imageTag": tag}], {}
    if parents := target.parents(found.digest):
        reason = f"Requested image referenced by manifest list: [{', '.join(parents)}]"
        return [], {"failureCode": "ImageReferencedByManifestList", "failureReason": reason}
    target.remove(found.digest)
    gone = [{"imageDigest": found.digest, "imageTag": each} for each in found.tags]
    return gone or [{"imageDigest": found.digest}], {}


@ECR("UpdateImageStorageClass")
def update_image_storage_class(call: Call) -> Answer:
    target = repository(call)
    found = image(call, target, call.params["imageId"])
    if target.parents(found.digest):
        raise ServiceError(
            "ImageStorageClassUpdateNotSupportedException",
            "The storage class of an image that a manifest list references cannot be updated",
        )
    if call.params["targetStorageClass"] == "ARCHIVE":
        changed = replace(found, status="ARCHIVED", archived_at=call.now)
    else:
        changed = replace(found, status="ACTIVE", activated_at=call.now)
    target.put(changed)
    return {
        "registryId": call.account.id,
        "repositoryName": target.name,
        "imageId": {"imageDigest": found.digest},
        "imageStatus": changed.status,
    }


@ECR("BatchCheckLayerAvailability")
def batch_check_layer_availability(call: Call) -> Answer:
    known = known_blobs(repository(call))
    return {
        "layers": [
            {"layerDigest": each, "layerSize": known[each], "layerAvailability": "AVAILABLE"}
            if each in known
            else {"layerDigest": each, "layerAvailability": "UNAVAILABLE"}
            for each in call.params["layerDigests"]
        ],
        "failures": [],
    }


@ECR("GetDownloadUrlForLayer")
def get_download_url_for_layer(call: Call) -> Answer:
    source, digest = repository(call), call.params["layerDigest"]
    if digest not in known_blobs(source):
        raise ServiceError(
            "LayersNotFoundException",
            f"The layer with digest '{digest}' does not exist in the repository with name '{source.name}'",
        )
    path = f"/_demo/blobs/{call.region.name}/{source.name}/{digest}"
    return {"downloadUrl": call.url + path, "layerDigest": digest}


@ECR("InitiateLayerUpload")
def initiate_layer_upload(call: Call) -> Answer:
    repository(call)
    upload = str(uuid4())
    call.region.registry.uploads[upload] = bytearray()
    return {"uploadId": upload, "partSize": 20 * 1024 * 1024}


@ECR("UploadLayerPart")
def upload_layer_part(call: Call) -> Answer:
    target, received = repository(call), _upload(call)
    if call.params["partFirstByte"] != len(received):
        raise ServiceError("InvalidLayerPartException", f"The part must begin at byte {len(received)}")
    received += base64.b64decode(call.params["layerPartBlob"])
    return {
        "registryId": call.account.id,
        "repositoryName": target.name,
        "uploadId": call.params["uploadId"],
        "lastByteReceived": len(received) - 1,
    }


@ECR("CompleteLayerUpload")
def complete_layer_upload(call: Call) -> Answer:
    target, received = repository(call), _upload(call)
    digest = "sha256:" + sha256(received).hexdigest()
    if not received:
        raise ServiceError("EmptyUploadException", "The layer upload contains no data")
    if digest not in call.params["layerDigests"]:
        raise ServiceError("InvalidLayerException", f"The digest of the uploaded layer is {digest}")
    if digest in target.blobs:
        raise ServiceError("LayerAlreadyExistsException", f"Layer with digest '{digest}' already exists")
    target.blobs[digest] = len(received)
    if len(received) < 1_000_000 and received.lstrip()[:1] == b"{":
        target.configs[digest] = received.decode(errors="replace")
    del call.region.registry.uploads[call.params["uploadId"]]
    return {
        "registryId": call.account.id,
        "repositoryName": target.name,
        "uploadId": call.params["uploadId"],
        "layerDigest": digest,
    }


def _upload(call: Call) -> bytearray:
    upload: str = call.params["uploadId"]
    if upload not in call.region.registry.uploads:
        raise ServiceError("UploadNotFoundException", f"The upload with id '{upload}' does not exist")
    return call.region.registry.uploads[upload]
