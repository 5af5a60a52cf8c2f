"""Rules about what runs: the image must be there, and be the one that is meant."""

from __future__ import annotations

from collections.abc import Iterator

from ecrtui.domain.audit import docs
from ecrtui.domain.audit.actions import IMAGES, MANIFESTS, PULL_THROUGH, REPOSITORIES, USES
from ecrtui.domain.audit.facts import NameFacts, NotRead, RegionFacts, Unread, known
from ecrtui.domain.audit.rule import Found, Rule, Severity
from ecrtui.domain.audit.words import image_name, short, user, users
from ecrtui.domain.change import ApiCall
from ecrtui.domain.drift import Drift, DriftState, drift_of
from ecrtui.domain.image import Image
from ecrtui.domain.origin import origin_of
from ecrtui.domain.replication import cached_from
from ecrtui.domain.units import age
from ecrtui.domain.usage import Use


def _repository_gone(facts: RegionFacts) -> Iterator[Found]:
    """Uses of a repository of this registry that does not exist."""
    around = facts.around
    gone: dict[str, list[Use]] = {}
    names = {repository.name for repository in known(around.repositories)}
    for use in around.uses.uses:
        reference = use.reference
        here = (reference.registry_id, reference.region) == (around.account, around.region)
        if here and reference.repository not in names and cached_from(reference.repository, around.settings) is None:
            gone.setdefault(reference.repository, []).append(use)
    if gone:
        around.require("pull_through")
    for name, uses in sorted(gone.items()):
        yield Found(f"{users(uses)} an image of {name}, which does not exist", key=name, name=name)
    around.require_all_uses()


def _drift(facts: NameFacts) -> Iterator[Found]:
    unknown = []
    for drift in _drifts(facts):
        use, named, running = drift.use, drift.named, drift.running
        if drift.state is DriftState.UNKNOWN:
            unknown.append(Unread(f"{user(use)}: {drift.why}"))
        if drift.state is not DriftState.DRIFT or named is None or running is None:
            continue
        now = facts.around.now
        pushed = "" if named.pushed_at is None else f", pushed {age(now - named.pushed_at)} ago"
        older = drift.running_image
        aged = "" if older is None or older.pushed_at is None else f" of {age(now - older.pushed_at)} ago"
        runs = f"{user(use)} in {use.region} runs {short(running)}{_commit(older)}{aged}"
        yield Found(
            f"{runs}, and {drift.tag} names {short(named.digest)}{_commit(named)}{pushed}",
            key=f"{use.kind} {use.region} {use.name} {drift.tag}",
            digest=running,
            command=_deploy(use),
        )
    facts.around.require_all_uses()
    if unknown:
        raise NotRead(*unknown)


def _commit(image: Image | None) -> str:
    """The commit that a tag of the image names; the build of it is in the name's path."""
    origin = None if image is None else origin_of(image, ())
    return f" (commit {origin.commit[:7]})" if origin is not None else ""


def _drifts(facts: NameFacts) -> Iterator[Drift]:
    for use in dict.fromkeys(() if facts.uses is None else facts.uses.uses):
        tag, running = use.reference.effective_tag, use.running_digest
        yield drift_of(
            use,
            facts.by_tag.get(tag) if tag else None,
            facts.by_digest.get(running) if running else None,
            facts.children,
        )


def _deploy(use: Use) -> str | None:
    """The command that starts what the tag names now; None where there is none as simple."""
    if use.kind != "ecs-service":
        return None
    cluster, _, service = use.name.partition("/")
    parameters = {"cluster": cluster, "service": service, "forceNewDeployment": True}
    return ApiCall("ecs", "UpdateService", parameters).command(use.region)


def _image_missing(facts: NameFacts) -> Iterator[Found]:
    for use in dict.fromkeys(() if facts.uses is None else facts.uses.uses):
        tag, digest = use.next_tag, use.reference.digest or use.digest
        missing = f"names the tag {tag}" if tag is not None and tag not in facts.by_tag else ""
        if tag is None and digest is not None and digest not in facts.by_digest:
            missing = f"needs the digest {short(digest)}"
        if missing:
            what = f"{user(use)} in {use.region} {missing}, which is not there"
            yield Found(what, key=f"{use.kind} {use.region} {use.name} {missing}")
    facts.around.require_all_uses()


def _archived_in_use(facts: NameFacts) -> Iterator[Found]:
    if facts.uses is not None and facts.uses.uses:
        for image in known(facts.images):
            if image.status != "ACTIVE" and (uses := facts.used.get(image.digest)):
                yield Found(
                    f"{image_name(image)} is {image.status.lower()}, and {users(uses)} it",
                    key=image.digest,
                    digest=image.digest,
                    command=_restore(facts, image.digest),
                )
    facts.around.require_all_uses()


def _restore(facts: NameFacts, digest: str) -> str:
    parameters = {"repositoryName": facts.name, "imageId": {"imageDigest": digest}, "targetStorageClass": "STANDARD"}
    return ApiCall("ecr", "UpdateImageStorageClass", parameters).command(facts.around.region)


RULES = (
    Rule(
        "drift",
        "What runs is not what its tag names",
        Severity.HIGH,
        "repository",
        (*IMAGES, *USES, *MANIFESTS),
        "The tag was moved and nothing was deployed: the next task that starts is another image than those beside it.",
        "Deploy what the tag names, or put the tag back on what runs.",
        "ecrtui usage {name} --region {region}",
        _drift,
        docs=docs.PULLING,
    ),
    Rule(
        "image-missing",
        "What runs names an image that is not there",
        Severity.HIGH,
        "repository",
        (*IMAGES, *USES),
        "It runs on until a task is replaced; then nothing can be pulled, and the service is down.",
        "Push the tag again, or let the task definition or function name an image that is there.",
        "ecrtui build {name} --region {region} --watch",
        _image_missing,
        docs=docs.PULLING,
    ),
    Rule(
        "archived-in-use",
        "An archived image is in use",
        Severity.HIGH,
        "repository",
        (*IMAGES, *USES),
        "Archived images cannot be pulled: the next task that starts fails.",
        "Restore the image, and let the lifecycle policy spare what is in use.",
        "aws ecr update-image-storage-class --region {region} --repository-name {name} "
        "--image-id imageDigest=DIGEST --target-storage-class STANDARD",
        _archived_in_use,
        docs=docs.LIFECYCLE,
    ),
)

REGION_RULES = (
    Rule(
        "repository-gone",
        "What runs names a repository that does not exist",
        Severity.HIGH,
        "region",
        (*REPOSITORIES, *PULL_THROUGH, *USES),
        "It runs on until a task is replaced; then nothing can be pulled, and the service is down.",
        "Create the repository and push the image, or let the task definition name another one.",
        "ecrtui create {name} --region {region}",
        _repository_gone,
        "path",
        docs=docs.PULLING,
    ),
)
