"""Rules about lifecycle policies, and about what gathers without them."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence

from ecrtui.domain.audit import docs
from ecrtui.domain.audit.actions import IMAGES, LIFECYCLE, MANIFESTS, USES
from ecrtui.domain.audit.facts import NameFacts, NotRead, Unread, known
from ecrtui.domain.audit.rule import Found, Rule, Severity
from ecrtui.domain.audit.words import counted, image_name, users
from ecrtui.domain.errors import AppError
from ecrtui.domain.image import Image, ImageKind
from ecrtui.domain.lifecycle import ActionType, Evaluation, evaluate, parse
from ecrtui.domain.units import MINUTE

_LEAST_IMAGES = 10
"""A repository with fewer images does not need a policy, nor does a share of them say anything."""
_MOST_UNTAGGED = 0.5
_PUSHED_TOGETHER = 15 * MINUTE


def _no_policy(facts: NameFacts) -> Iterator[Found]:
    number = len(known(facts.images))
    if number >= _LEAST_IMAGES and known(facts.lifecycle) is None:
        yield Found(f"nothing ever removes one of its {counted(number, 'image')}")


def _deletes_running(facts: NameFacts) -> Iterator[Found]:
    known(facts.images)
    if facts.uses is None or not facts.uses.uses:
        facts.around.require_all_uses()
        return
    if evaluation := stored_evaluation(facts):
        for mark in evaluation.marks:
            if uses := facts.used.get(mark.digest):
                goes = "deletes" if mark.action is ActionType.EXPIRE else "archives"
                yield Found(
                    f"rule {mark.rule_priority} {goes} {image_name(mark.image)}, and {users(uses)} it",
                    key=mark.digest,
                    digest=mark.digest,
                )
        if evaluation.marks:
            facts.around.require_all_uses()
        if evaluation.marks and evaluation.unread:
            raise NotRead(facts.childless)


def stored_evaluation(facts: NameFacts) -> Evaluation | None:
    """What the policy that is set would do now; None where none is set."""
    text = known(facts.lifecycle)
    if text is None:
        return None
    images = known(facts.images)
    try:
        return evaluate(parse(text), images, facts.around.now, facts.children)
    except AppError as error:
        raise NotRead(Unread(f"the policy that is set cannot be read: {error.why or error}")) from error


def _untagged_share(facts: NameFacts) -> Iterator[Found]:
    images = [image for image in known(facts.images) if _counts(image)]
    untagged = loose(images)
    if len(untagged) >= _LEAST_IMAGES and len(untagged) > _MOST_UNTAGGED * len(images):
        yield Found(f"{counted(len(untagged), 'image')} of {len(images):,} bear no tag")


def _counts(image: Image) -> bool:
    """Whether it is an image by itself, and no signature or SBOM of another."""
    return image.subject is None and image.kind in (ImageKind.IMAGE, ImageKind.INDEX)


def loose(images: Sequence[Image]) -> list[Image]:
    """The untagged images that are not likely to be platforms of an index.

    To know would mean to read every manifest, which counts as a pull; platforms are pushed just before their index.
    """
    indexes = sorted(image.pushed_at for image in images if image.is_index and image.pushed_at is not None)
    return [image for image in images if not image.tags and not _pushed_with(image, indexes)]


def _pushed_with(image: Image, indexes: Sequence[float]) -> bool:
    at = image.pushed_at
    if image.is_index or at is None:
        return False
    after = bisect_left(indexes, at - _PUSHED_TOGETHER)
    return after < len(indexes) and indexes[after] < at + _PUSHED_TOGETHER


RULES = (
    Rule(
        "lifecycle-deletes-running",
        "The lifecycle policy removes an image that is in use",
        Severity.CRITICAL,
        "repository",
        (*IMAGES, *LIFECYCLE, *USES, *MANIFESTS),
        "ECR does not look at what runs: within a day the image is gone, and no further task can start from it.",
        "Let the policy spare it: keep releases apart from builds, keep more, or deploy a newer image first.",
        "ecrtui lifecycle preview {name} --region {region}",
        _deletes_running,
        "lifecycle",
        docs=docs.LIFECYCLE,
    ),
    Rule(
        "no-lifecycle-policy",
        "A repository that only grows",
        Severity.MEDIUM,
        "repository",
        (*IMAGES, *LIFECYCLE),
        "Every push is paid for, for ever; old images are scanned, replicated and looked through for nothing. "
        f"Repositories of fewer than {_LEAST_IMAGES} images are no findings.",
        "Set a policy: keep releases, expire what branches leave behind.",
        "ecrtui lifecycle put {name} --region {region} --template keep-releases",
        _no_policy,
        "lifecycle",
        docs=docs.LIFECYCLE,
    ),
    Rule(
        "untagged-share",
        "More untagged images than tagged ones",
        Severity.LOW,
        "repository",
        IMAGES,
        "An image without a tag can be found by nobody: it is mostly what a moved tag left behind, and is paid for.",
        "Expire untagged images after a few days.",
        "ecrtui lifecycle put {name} --region {region} --template expire-untagged",
        _untagged_share,
        "lifecycle",
        docs=docs.LIFECYCLE,
    ),
)
