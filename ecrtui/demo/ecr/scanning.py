"""ECR: image scans, how they stand at an instant, and how they are configured."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Any

from ecrtui.demo.artifacts import DOCKER_CONFIG, OCI_CONFIG
from ecrtui.demo.ecr.lookup import image, repository
from ecrtui.demo.ecr.vulnerabilities import enhanced, enhanced_severity, findings
from ecrtui.demo.operations import ECR, Answer, Call, Json, ServiceError
from ecrtui.demo.paging import offset_page
from ecrtui.demo.registry import Registry, Repository, StoredImage, wildcard

_SCAN_SECONDS = 8.0
_WAITING_SECONDS = 3.0
"""For how long after its push an image waits for enhanced scanning."""
_EXPIRES_SECONDS = 90 * 86_400.0
"""For how long after its push (or last pull) enhanced scanning goes on."""
_DESCRIPTIONS = {
    "COMPLETE": "The scan was completed successfully.",
    "ACTIVE": "Continuous scan is selected for image.",
    "IN_PROGRESS": "The scan is in progress.",
    "PENDING": "The image is waiting to be scanned.",
    "FAILED": "The scan could not be completed: layer could not be extracted.",
    "UNSUPPORTED_IMAGE": "The operating system or the image type is not supported.",
    "SCAN_ELIGIBILITY_EXPIRED": "The image was pushed too long ago to be scanned continuously.",
    "FINDINGS_UNAVAILABLE": "The findings of the image are not available.",
    "LIMIT_EXCEEDED": "The limit of scans has been exceeded.",
    "IMAGE_ARCHIVED": "The image is archived.",
}


def scan_status(call: Call, source: Repository, scanned: StoredImage) -> Json | None:
    """The `imageScanStatus` of an image at the instant of the call; None when it was never scanned."""
    status = _status(call, source, scanned)
    return None if status is None else {"status": status, "description": _DESCRIPTIONS[status]}


def _status(call: Call, source: Repository, scanned: StoredImage) -> str | None:
    enhanced = call.region.registry.scan_type == "ENHANCED"
    if scanned.status != "ACTIVE":
        return "IMAGE_ARCHIVED"
    if _scanned_at(call, scanned) is None:
        return None
    if not _scannable(scanned):
        return "UNSUPPORTED_IMAGE"
    if enhanced and call.now < scanned.pushed_at + _WAITING_SECONDS / call.account.speed:
        return "PENDING"
    if call.now < _scanned_until(call, scanned):
        return "IN_PROGRESS"
    if scanned.digest in source.troubles:
        return source.troubles[scanned.digest]
    if not enhanced:
        return "COMPLETE"
    used_at = max(scanned.pushed_at, scanned.pulled_at or 0.0)
    return "ACTIVE" if call.now < used_at + _EXPIRES_SECONDS else "SCAN_ELIGIBILITY_EXPIRED"


def findings_summary(call: Call, source: Repository, scanned: StoredImage) -> Json:
    """The counts and instants of a scan that answers."""
    severities = [each["severity"] for each in findings(source, scanned)]
    if call.region.registry.scan_type == "ENHANCED":
        severities = [enhanced_severity(each) for each in severities]
    return {
        "imageScanCompletedAt": _scanned_until(call, scanned),
        "vulnerabilitySourceUpdatedAt": _scanned_at(call, scanned),
        "findingSeverityCounts": dict(Counter(severities)),
    }


def _scanned_at(call: Call, scanned: StoredImage) -> float | None:
    """When a scan began: enhanced scanning takes every image by itself."""
    if scanned.scanned_at is None and call.region.registry.scan_type == "ENHANCED":
        return scanned.pushed_at
    return scanned.scanned_at


def _scanned_until(call: Call, scanned: StoredImage) -> float:
    return (_scanned_at(call, scanned) or 0.0) + _SCAN_SECONDS / call.account.speed


@ECR("DescribeImageScanFindings")
def describe_image_scan_findings(call: Call) -> Answer:
    source = repository(call)
    scanned = image(call, source, call.params["imageId"])
    answer: Json = {
        "registryId": call.account.id,
        "repositoryName": source.name,
        "imageId": _identifier(scanned, call.params["imageId"]),
    }
    status = scan_status(call, source, scanned)
    if status is None:
        raise ServiceError(
            "ScanNotFoundException",
            f"Image scan does not exist for the image with '{answer['imageId']}' in the repository with "
            f"name '{source.name}' in the registry with id '{call.account.id}'",
        )
    answer["imageScanStatus"] = status
    if status["status"] not in ("ACTIVE", "COMPLETE"):
        return answer
    page, token = offset_page(
        findings(source, scanned),
        f"scan {scanned.digest}",
        call.get("nextToken"),
        call.get("maxResults", 100),
        ECR.invalid,
    )
    listed: Json = {"findings": list(page)}
    if status["status"] == "ACTIVE":
        listed = {
            "enhancedFindings": [enhanced(call, source, scanned, each, _scanned_until(call, scanned)) for each in page]
        }
    answer["imageScanFindings"] = {**findings_summary(call, source, scanned), **listed}
    return {**answer, "nextToken": token} if token else answer


def _identifier(found: StoredImage, asked: Json) -> Json:
    tag = asked.get("imageTag")
    return {"imageDigest": found.digest, "imageTag": tag} if tag else {"imageDigest": found.digest}


def _scannable(image: StoredImage) -> bool:
    return image.artifact_type in (DOCKER_CONFIG, OCI_CONFIG) and not any(tag.endswith(".sig") for tag in image.tags)


@ECR("StartImageScan")
def start_image_scan(call: Call) -> Answer:
    source = repository(call)
    scanned = image(call, source, call.params["imageId"])
    if call.region.registry.scan_type == "ENHANCED":
        raise ServiceError("ValidationException", "This feature is disabled: the registry is set to enhanced scanning")
    if scanned.status != "ACTIVE":
        raise ServiceError("ImageArchivedException", "The image is archived and cannot be scanned")
    if not _scannable(scanned):
        raise ServiceError("UnsupportedImageTypeException", "The image is of a type that cannot be scanned")
    if scanned.scanned_at is not None and call.now < scanned.scanned_at + 86_400:
        raise ServiceError("LimitExceededException", "The scan quota per image has been exceeded. Wait and try again.")
    source.troubles.pop(scanned.digest, None)
    source.put(replace(scanned, scanned_at=call.now))
    return {
        "registryId": call.account.id,
        "repositoryName": source.name,
        "imageId": _identifier(scanned, call.params["imageId"]),
        "imageScanStatus": {"status": "IN_PROGRESS"},
    }


@ECR("BatchGetRepositoryScanningConfiguration")
def batch_get_repository_scanning_configuration(call: Call) -> Answer:
    registry = call.region.registry
    found, failures = [], []
    for name in call.params["repositoryNames"]:
        if name in registry.repositories:
            found.append(_effective(registry, registry.repositories[name]))
        else:
            failures.append(
                {
                    "repositoryName": name,
                    "failureCode": "REPOSITORY_NOT_FOUND",
                    "failureReason": f"The repository with name '{name}' does not exist",
                }
            )
    return {"scanningConfigurations": found, "failures": failures}


def _effective(registry: Registry, repository: Repository) -> Json:
    frequency, filters = "MANUAL" if registry.scan_type == "BASIC" else "SCAN_ON_PUSH", []
    for rule in registry.scan_rules:
        applied = [each for each in rule["repositoryFilters"] if _matches(each["filter"], repository.name)]
        if applied:
            frequency, filters = rule["scanFrequency"], applied
            break
    if not registry.scan_rules and repository.scan_on_push:
        frequency = "SCAN_ON_PUSH"
    return {
        "repositoryArn": repository.arn,
        "repositoryName": repository.name,
        "scanOnPush": frequency != "MANUAL",
        "scanFrequency": frequency,
        "appliedScanFilters": filters,
    }


def _matches(pattern: str, name: str) -> bool:
    """Whether a scanning filter is about a repository; without `*` it may stand anywhere in the name."""
    return bool(wildcard(pattern).fullmatch(name)) if "*" in pattern else pattern in name


@ECR("GetRegistryScanningConfiguration")
def get_registry_scanning_configuration(call: Call) -> Answer:
    return {"registryId": call.account.id, "scanningConfiguration": _configuration(call.region.registry)}


@ECR("PutRegistryScanningConfiguration")
def put_registry_scanning_configuration(call: Call) -> Answer:
    registry = call.region.registry
    registry.scan_type = call.get("scanType", registry.scan_type)
    registry.scan_rules = list(call.get("rules", []))
    for each in registry.repositories.values():
        each.details.clear()
    return {"registryScanningConfiguration": _configuration(registry)}


def _configuration(registry: Registry) -> dict[str, Any]:
    return {"scanType": registry.scan_type, "rules": registry.scan_rules}
