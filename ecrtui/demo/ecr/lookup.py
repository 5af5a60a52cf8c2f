"""What most ECR operations begin with: the repository that is meant, the images that are meant."""

from __future__ import annotations

import re

from ecrtui.demo.operations import Call, Json, ServiceError
from ecrtui.demo.registry import Repository, StoredImage

_DIGEST = re.compile(r"[a-zA-Z0-9-_+.]+:[a-fA-F0-9]+")
_TAG = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,127}")


def invalid(place: str, constraint: str) -> ServiceError:
    """ECR's refusal of one parameter."""
    return ServiceError(
        "InvalidParameterException",
        f"Invalid parameter at '{place}' failed to satisfy constraint: '{constraint}'",
    )


def repository(call: Call, name: str | None = None) -> Repository:
    """The repository of a call, which must exist in this account's registry."""
    name = call.params["repositoryName"] if name is None else name
    registry_id = call.get("registryId", call.account.id)
    found = call.region.registry.repositories.get(name)
    if found is None or registry_id != call.account.id:
        raise ServiceError(
            "RepositoryNotFoundException",
            f"The repository with name '{name}' does not exist in the registry with id '{registry_id}'",
        )
    return found


def by_arn(call: Call) -> Repository:
    """The repository of a tagging call's `resourceArn`."""
    arn = call.params["resourceArn"]
    prefix = f"arn:aws:ecr:{call.region.name}:{call.account.id}:repository/"
    if not arn.startswith(prefix):
        raise invalid("resourceArn", "must be the ARN of a repository in this region and registry")
    return repository(call, arn.removeprefix(prefix))


def find(repository: Repository, identifier: Json) -> StoredImage | None:
    """The image that a digest, a tag or both name; None when there is none, or they disagree."""
    digest, tag = identifier.get("imageDigest"), identifier.get("imageTag")
    if digest is None:
        digest = repository.tagged.get(tag or "")
    image = repository.images.get(digest or "")
    if image is None or (tag is not None and tag not in image.tags):
        return None
    return image


def check_identifier(identifier: Json) -> None:
    """Refuse an image identifier that can name nothing."""
    digest, tag = identifier.get("imageDigest"), identifier.get("imageTag")
    if digest is None and tag is None:
        raise ServiceError(
            "InvalidParameterException", "Invalid request parameters: both tag and digest cannot be null"
        )
    if digest is not None and not _DIGEST.fullmatch(digest):
        raise invalid("imageDigest", f"must satisfy regular expression '{_DIGEST.pattern}'")


def check_tag(tag: str) -> None:
    """Refuse a tag that no registry accepts."""
    if not _TAG.fullmatch(tag):
        raise invalid("imageTag", f"must satisfy regular expression '{_TAG.pattern}'")


def image_not_found(call: Call, repository: Repository, identifier: Json) -> ServiceError:
    """ECR's words for an image that is not there."""
    named = ", ".join(f"{key}:'{identifier.get(key) or 'null'}'" for key in ("imageDigest", "imageTag"))
    return ServiceError(
        "ImageNotFoundException",
        f"The image with imageId {{{named}}} does not exist within the repository with name "
        f"'{repository.name}' in the registry with id '{call.account.id}'",
    )


def image(call: Call, repository: Repository, identifier: Json) -> StoredImage:
    """The one image that a call is about."""
    check_identifier(identifier)
    found = find(repository, identifier)
    if found is None:
        raise image_not_found(call, repository, identifier)
    return found
