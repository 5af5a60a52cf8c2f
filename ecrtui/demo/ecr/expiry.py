"""What a lifecycle policy would do to stored images, in the words of AWS's preview."""

from __future__ import annotations

from ecrtui.demo.operations import Json
from ecrtui.demo.registry import StoredImage
from ecrtui.domain.image import Image
from ecrtui.domain.lifecycle import ActionType, Mark, Policy, evaluate


def previewed(policy: Policy, images: list[StoredImage], now: float) -> list[Json]:
    """The `previewResults` of a policy: only the images that it marks, newest first."""
    children = {image.digest: image.children for image in images if image.children}
    marks = evaluate(policy, [_image(each) for each in images], now, children).marks
    return [_result(each) for each in sorted(marks, key=lambda mark: (-(mark.image.pushed_at or 0), mark.digest))]


def _image(stored: StoredImage) -> Image:
    return Image(
        digest=stored.digest,
        tags=stored.tags,
        size=stored.size,
        pushed_at=stored.pushed_at,
        pulled_at=stored.pulled_at,
        media_type=stored.media_type,
        artifact_type=stored.artifact_type,
        status=stored.status,
        subject=stored.subject,
        archived_at=stored.archived_at,
        activated_at=stored.activated_at,
    )


def _result(mark: Mark) -> Json:
    expires = mark.action is ActionType.EXPIRE
    return {
        "imageTags": list(mark.tags),
        "imageDigest": mark.digest,
        "imagePushedAt": mark.image.pushed_at,
        "action": {"type": "EXPIRE"} if expires else {"type": "TRANSITION", "targetStorageClass": "ARCHIVE"},
        "appliedRulePriority": mark.rule_priority,
        "storageClass": "ARCHIVE" if mark.image.status == "ARCHIVED" else "STANDARD",
    }
