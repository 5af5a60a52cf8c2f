"""ECR: repositories, their settings, policies and AWS tags."""

from __future__ import annotations

import json
from typing import Any

from ecrtui.demo.ecr.lookup import by_arn, invalid, repository
from ecrtui.demo.operations import ECR, Answer, Call, Json, ServiceError
from ecrtui.demo.paging import after, encode
from ecrtui.demo.registry import Repository

_INVALID = ECR.invalid


def _described(call: Call, repository: Repository) -> Json:
    encryption = {"encryptionType": repository.encryption}
    if repository.kms_key:
        encryption["kmsKey"] = repository.kms_key
    answer: Json = {
        "repositoryArn": repository.arn,
        "registryId": call.account.id,
        "repositoryName": repository.name,
        "repositoryUri": repository.uri,
        "createdAt": repository.created_at,
        "imageTagMutability": repository.mutability,
        "imageScanningConfiguration": {"scanOnPush": repository.scan_on_push},
        "encryptionConfiguration": encryption,
    }
    if repository.exclusions:
        answer["imageTagMutabilityExclusionFilters"] = _filters(repository)
    return answer


def _filters(repository: Repository) -> list[Json]:
    return [{"filterType": "WILDCARD", "filter": each} for each in repository.exclusions]


@ECR("DescribeRepositories")
def describe_repositories(call: Call) -> Answer:
    names = call.get("repositoryNames")
    if names is not None:
        if call.get("maxResults") is not None or call.get("nextToken") is not None:
            raise invalid("maxResults", "must not be used together with repositoryNames")
        return {"repositories": [_described(call, repository(call, name)) for name in names]}
    ordered = sorted(call.region.registry.repositories)
    start = after(ordered, "repositories", call.get("nextToken"), _INVALID)
    page = ordered[start : start + call.get("maxResults", 100)]
    answer: Json = {"repositories": [_described(call, repository(call, name)) for name in page]}
    if start + len(page) < len(ordered):
        answer["nextToken"] = encode("repositories", page[-1])
    return answer


@ECR("CreateRepository")
def create_repository(call: Call) -> Answer:
    name = call.params["repositoryName"]
    if name in call.region.registry.repositories:
        raise ServiceError(
            "RepositoryAlreadyExistsException",
            f"The repository with name '{name}' already exists in the registry with id '{call.account.id}'",
        )
    mutability, exclusions = _mutability(call)
    labels = _labels(call.get("tags", []), {})
    encryption = call.get("encryptionConfiguration", {"encryptionType": "AES256"})
    if encryption.get("kmsKey") and encryption["encryptionType"] == "AES256":
        raise invalid("encryptionConfiguration", "must not name a KMS key with encryption type AES256")
    made = call.account.new_repository(call.region.name, name, call.now)
    made.mutability, made.exclusions, made.labels = mutability, exclusions, labels
    made.scan_on_push = bool(call.get("imageScanningConfiguration", {}).get("scanOnPush"))
    made.encryption = encryption["encryptionType"]
    if made.encryption != "AES256":
        default = f"arn:aws:kms:{call.region.name}:{call.account.id}:key/7a1b9c3d-52e4-4f06-8a7d-0c1e2f3a4b5c"
        made.kms_key = encryption.get("kmsKey") or default
    return {"repository": _described(call, made)}


def _mutability(call: Call) -> tuple[str, tuple[str, ...]]:
    mutability = call.get("imageTagMutability", "MUTABLE")
    filters = call.get("imageTagMutabilityExclusionFilters", [])
    if mutability.endswith("_WITH_EXCLUSION") != bool(filters):
        raise invalid(
            "imageTagMutabilityExclusionFilters",
            "must be given exactly with IMMUTABLE_WITH_EXCLUSION or MUTABLE_WITH_EXCLUSION",
        )
    return mutability, tuple(each["filter"] for each in filters)


@ECR("DeleteRepository")
def delete_repository(call: Call) -> Answer:
    doomed = repository(call)
    if doomed.images and not call.get("force"):
        raise ServiceError(
            "RepositoryNotEmptyException",
            f"The repository with name '{doomed.name}' in registry with id '{call.account.id}' "
            "cannot be deleted because it still contains images",
        )
    del call.region.registry.repositories[doomed.name]
    return {"repository": _described(call, doomed)}


@ECR("PutImageTagMutability")
def put_image_tag_mutability(call: Call) -> Answer:
    changed = repository(call)
    changed.mutability, changed.exclusions = _mutability(call)
    answer = {**_named(call, changed), "imageTagMutability": changed.mutability}
    if changed.exclusions:
        answer["imageTagMutabilityExclusionFilters"] = _filters(changed)
    return answer


@ECR("PutImageScanningConfiguration")
def put_image_scanning_configuration(call: Call) -> Answer:
    changed = repository(call)
    changed.scan_on_push = bool(call.params["imageScanningConfiguration"].get("scanOnPush"))
    return {
        **_named(call, changed),
        "imageScanningConfiguration": {"scanOnPush": changed.scan_on_push},
    }


@ECR("GetRepositoryPolicy")
def get_repository_policy(call: Call) -> Answer:
    return _policy_answer(call, repository(call))


@ECR("SetRepositoryPolicy")
def set_repository_policy(call: Call) -> Answer:
    changed = repository(call)
    text = call.params["policyText"]
    check_policy_text(text)
    changed.policy = text
    return _policy_answer(call, changed)


@ECR("DeleteRepositoryPolicy")
def delete_repository_policy(call: Call) -> Answer:
    changed = repository(call)
    answer = _policy_answer(call, changed)
    changed.policy = None
    return answer


def _policy_answer(call: Call, repository: Repository) -> Json:
    if repository.policy is None:
        raise ServiceError(
            "RepositoryPolicyNotFoundException",
            f"Repository policy does not exist for the repository with name '{repository.name}' "
            f"in the registry with id '{call.account.id}'",
        )
    return {**_named(call, repository), "policyText": repository.policy}


def check_policy_text(text: str) -> None:
    """Refuse what is not the JSON of a policy with statements."""
    try:
        document: Any = json.loads(text)
    except ValueError:
        document = None
    statements = document.get("Statement") if isinstance(document, dict) else None
    if not isinstance(statements, list | dict) or not statements:
        raise invalid("PolicyText", "Invalid repository policy provided")


def _named(call: Call, repository: Repository) -> Json:
    return {"registryId": call.account.id, "repositoryName": repository.name}


@ECR("ListTagsForResource")
def list_tags_for_resource(call: Call) -> Answer:
    return {"tags": [{"Key": key, "Value": value} for key, value in by_arn(call).labels.items()]}


@ECR("TagResource")
def tag_resource(call: Call) -> Answer:
    tagged = by_arn(call)
    tagged.labels = _labels(call.params["tags"], tagged.labels)
    return {}


@ECR("UntagResource")
def untag_resource(call: Call) -> Answer:
    tagged = by_arn(call)
    gone = set(call.params["tagKeys"])
    tagged.labels = {key: value for key, value in tagged.labels.items() if key not in gone}
    return {}


def _labels(tags: list[Json], present: dict[str, str]) -> dict[str, str]:
    for tag in tags:
        if not tag["Key"] or tag["Key"].lower().startswith("aws:"):
            raise ServiceError("InvalidTagParameterException", "Tag keys must not be empty or start with 'aws:'")
    labels = {**present, **{tag["Key"]: tag["Value"] for tag in tags}}
    if len(labels) > 50:
        raise ServiceError("TooManyTagsException", "A repository can have at most 50 tags")
    return labels
