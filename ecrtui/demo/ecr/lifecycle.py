"""ECR: lifecycle policies and their preview."""

from __future__ import annotations

from collections import Counter

from ecrtui.demo.ecr.expiry import previewed
from ecrtui.demo.ecr.lookup import find, invalid, repository
from ecrtui.demo.operations import ECR, Answer, Call, Json, ServiceError
from ecrtui.demo.paging import offset_page
from ecrtui.demo.registry import Preview, Repository
from ecrtui.domain.lifecycle import PolicyError, parse

_PREVIEW_SECONDS = 2.0
_PREVIEW_LIFE = 24 * 3600.0


def _check(text: str) -> None:
    try:
        parse(text)
    except PolicyError as error:
        problems = "; ".join(each.message for each in error.problems) or error.why
        raise ServiceError(
            "InvalidParameterException",
            "Invalid parameter at 'LifecyclePolicyText' failed to satisfy constraint: "
            f"'Lifecycle policy validation failure: {problems}'",
        ) from error


@ECR("GetLifecyclePolicy")
def get_lifecycle_policy(call: Call) -> Answer:
    source = repository(call)
    return {**_policy(call, source), "lastEvaluatedAt": source.lifecycle_evaluated_at}


@ECR("PutLifecyclePolicy")
def put_lifecycle_policy(call: Call) -> Answer:
    changed = repository(call)
    text = call.params["lifecyclePolicyText"]
    _check(text)
    changed.lifecycle, changed.lifecycle_evaluated_at = text, 0.0
    return _policy(call, changed)


@ECR("DeleteLifecyclePolicy")
def delete_lifecycle_policy(call: Call) -> Answer:
    changed = repository(call)
    answer = {**_policy(call, changed), "lastEvaluatedAt": changed.lifecycle_evaluated_at}
    changed.lifecycle = None
    return answer


def _policy(call: Call, repository: Repository) -> Json:
    if repository.lifecycle is None:
        raise ServiceError(
            "LifecyclePolicyNotFoundException",
            f"Lifecycle policy does not exist for the repository with name '{repository.name}' "
            f"in the registry with id '{call.account.id}'",
        )
    return {**_named(call, repository), "lifecyclePolicyText": repository.lifecycle}


@ECR("StartLifecyclePolicyPreview")
def start_lifecycle_policy_preview(call: Call) -> Answer:
    source = repository(call)
    if source.preview is not None and call.now < source.preview.ready_at:
        raise ServiceError(
            "LifecyclePolicyPreviewInProgressException",
            f"A lifecycle policy preview is in progress for the repository with name '{source.name}'",
        )
    text = call.get("lifecyclePolicyText") or _policy(call, source)["lifecyclePolicyText"]
    _check(text)
    source.preview = Preview(
        text=text,
        ready_at=call.now + _PREVIEW_SECONDS / call.account.speed,
        results=previewed(parse(text), list(source.images.values()), call.now),
    )
    return {**_named(call, source), "lifecyclePolicyText": text, "status": "IN_PROGRESS"}


@ECR("GetLifecyclePolicyPreview")
def get_lifecycle_policy_preview(call: Call) -> Answer:
    source = repository(call)
    preview = source.preview
    if preview is None:
        raise ServiceError(
            "LifecyclePolicyPreviewNotFoundException",
            f"There is no lifecycle policy preview for the repository with name '{source.name}'",
        )
    answer = {**_named(call, source), "lifecyclePolicyText": preview.text}
    if call.now < preview.ready_at:
        return {**answer, "status": "IN_PROGRESS"}
    if call.now > preview.ready_at + _PREVIEW_LIFE:
        return {**answer, "status": "EXPIRED"}
    results, token = _selected(call, source, preview)
    answer |= {"status": "COMPLETE", "previewResults": results, "summary": _summary(preview)}
    return {**answer, "nextToken": token} if token else answer


def _selected(call: Call, source: Repository, preview: Preview) -> tuple[list[Json], str | None]:
    """The page, or the named images, of a complete preview that meet its filter."""
    tag_status = call.get("filter", {}).get("tagStatus") or "ANY"
    results = [
        each for each in preview.results if tag_status == "ANY" or (tag_status == "TAGGED") == bool(each["imageTags"])
    ]
    wanted = call.get("imageIds")
    if wanted is None:
        scope = f"preview {source.name} {preview.ready_at}"
        page, token = offset_page(results, scope, call.get("nextToken"), call.get("maxResults", 100), ECR.invalid)
        return list(page), token
    if call.get("maxResults") is not None or call.get("nextToken") is not None:
        raise invalid("maxResults", "must not be used together with imageIds")
    digests = {found.digest for each in wanted if (found := find(source, each))}
    return [each for each in results if each["imageDigest"] in digests], None


def _summary(preview: Preview) -> Json:
    counts = Counter(each["action"]["type"] for each in preview.results)
    summary: Json = {"expiringImageTotalCount": counts["EXPIRE"]}
    if counts["TRANSITION"]:
        summary["transitioningImageTotalCounts"] = [
            {"targetStorageClass": "ARCHIVE", "imageTotalCount": counts["TRANSITION"]}
        ]
    return summary


def _named(call: Call, repository: Repository) -> Json:
    return {"registryId": call.account.id, "repositoryName": repository.name}
