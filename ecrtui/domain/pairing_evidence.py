"""Why a verdict on a pair is not certain, in words: what of a project cannot be seen, and which side is not whole."""

from __future__ import annotations

from ecrtui.domain.buildspec import Buildspec, BuildspecKind
from ecrtui.domain.project import Project
from ecrtui.domain.pushtargets import PushEvidence
from ecrtui.domain.repository import Repository
from ecrtui.domain.verdict import Side


def what_is_not_seen(pushes: PushEvidence) -> list[str]:
    """What stands between us and certainty."""
    said = [target.evidence for target in pushes.targets if target.reference is None]
    if (hidden := _unseen_buildspec(pushes.buildspec)) is not None:
        said.append(hidden)
    elif not pushes.targets and pushes.buildspec.seen:
        said.append("its buildspec shows no push")
    return said


def _unseen_buildspec(spec: Buildspec) -> str | None:
    match spec.kind:
        case BuildspecKind.DEFAULT:
            return "the buildspec is the source's buildspec.yml: the push target cannot be seen"
        case BuildspecKind.FILE:
            return f"the buildspec is the file {spec.location}: the push target cannot be seen"
        case BuildspecKind.S3:
            return f"the buildspec is in S3 ({spec.location}): the push target cannot be seen"
        case BuildspecKind.INLINE if spec.problems and not spec.seen:
            return f"the inline buildspec cannot be read: {spec.problems[0].sentence}"
    return None


def why_unknown(side: Side[Project] | Side[Repository], what: str, action: str, region: str) -> tuple[str, str]:
    """Why nothing can be said, and what to do about it."""
    if side.error is None:
        return f"the {what} of {region} are still being read", ""
    missing = side.error.action or action
    why = side.error.why or side.error.code or side.error.kind.value
    remedy = side.error.remedy or f"Allow {missing} in {region}, then compare again."
    return f"the {what} of {region} cannot be read ({missing}): {why}", remedy
