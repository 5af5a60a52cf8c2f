"""The policies of a repository: its lifecycle, AWS's preview of that, and who may use it."""

from __future__ import annotations

from typing import Any

from ecrtui.aws.call import Caller
from ecrtui.aws.paging import pages
from ecrtui.aws.values import instant, member, objects, text, texts
from ecrtui.domain.errors import AppError
from ecrtui.services.ports import PreviewMark, PreviewReport, StoredPolicy

_MARKS = 100
"""Rows a page of a preview (ECR API)."""


async def lifecycle_policy(caller: Caller, repository: str) -> StoredPolicy | None:
    """The lifecycle policy, or None where none is set."""
    try:
        answer = await caller.read(
            "GetLifecyclePolicy",
            {"repositoryName": repository},
            f"read the lifecycle policy of {repository}",
            required={"lifecyclePolicyText": str},
        )
    except AppError as error:
        if error.code.startswith("LifecyclePolicyNotFound"):
            return None
        raise
    evaluated = instant(answer.get("lastEvaluatedAt"))
    return StoredPolicy(answer["lifecyclePolicyText"], evaluated or None)  # 1970 is AWS's "never"


async def lifecycle_preview(caller: Caller, repository: str) -> PreviewReport:
    """AWS's preview, started before by a change; NOT_FOUND when none was."""
    what = f"read the lifecycle preview of {repository}"

    async def fetch(token: str | None) -> tuple[dict[str, Any], str | None]:
        asked = {"repositoryName": repository, "maxResults": _MARKS} | ({"nextToken": token} if token else {})
        answer = await caller.read("GetLifecyclePolicyPreview", asked, what, required={"status": str})
        return answer, text(answer.get("nextToken")) or None

    status, marks = "", []
    async for answer, _ in pages(fetch, what, caller.region):
        status = answer["status"]
        marks += [_mark(value) for value in objects(answer.get("previewResults"))]
    return PreviewReport(status, tuple(marks))


def _mark(value: dict[str, Any]) -> PreviewMark:
    rule = value.get("appliedRulePriority")
    return PreviewMark(
        text(value.get("imageDigest")),
        texts(value.get("imageTags")),
        text(member(value, "action", "type")).lower(),
        rule if isinstance(rule, int) else None,
    )


async def repository_policy(caller: Caller, repository: str) -> str | None:
    """The repository policy's text as stored, or None where none is set."""
    try:
        answer = await caller.read(
            "GetRepositoryPolicy",
            {"repositoryName": repository},
            f"read the repository policy of {repository}",
            required={"policyText": str},
        )
    except AppError as error:
        if error.code.startswith("RepositoryPolicyNotFound"):
            return None
        raise
    found: str = answer["policyText"]
    return found
