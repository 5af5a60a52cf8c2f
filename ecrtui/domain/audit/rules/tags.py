"""Rules about tags: what they say, whether they can move, and who relies on one that does."""

from __future__ import annotations

from collections.abc import Iterator

from ecrtui.domain.audit import docs
from ecrtui.domain.audit.actions import IMAGES, PROJECTS, REPOSITORIES, USES
from ecrtui.domain.audit.facts import NameFacts, known
from ecrtui.domain.audit.rule import Found, Rule, Severity
from ecrtui.domain.audit.words import counted, image_name, some, user
from ecrtui.domain.change import ApiCall
from ecrtui.domain.mutability import Mutability
from ecrtui.domain.names import FILTER_LIMIT
from ecrtui.domain.pushtargets import push_evidence
from ecrtui.domain.tagging import failing_pushes, fixed_pushes, moving_uses, mutability_advice, strategy_of
from ecrtui.domain.tags import TagKind

_FEW = 0.05
"""Below this share of the tagged images it is an oversight, no lack of a strategy."""


def _tag_strategy(facts: NameFacts) -> Iterator[Found]:
    strategy = strategy_of(known(facts.images))
    if strategy.unnamed:
        names = some([image_name(image) for image in strategy.unnamed])
        few = len(strategy.unnamed) < _FEW * strategy.tagged and not strategy.only_latest
        number = f"{counted(len(strategy.unnamed), 'tagged image')} of {strategy.tagged:,}"
        yield Found(
            f"{number} without a version or commit among the tags: {names}", severity=Severity.INFO if few else None
        )


def _latest_in_production(facts: NameFacts) -> Iterator[Found]:
    yield from _moving(facts, TagKind.LATEST)


def _moving_tag_in_use(facts: NameFacts) -> Iterator[Found]:
    yield from _moving(facts, TagKind.ENVIRONMENT, TagKind.FLOATING)


def _moving(facts: NameFacts, *kinds: TagKind) -> Iterator[Found]:
    uses = () if facts.uses is None else facts.uses.uses
    for use in dict.fromkeys(moving.use for moving in moving_uses(uses) if moving.kind in kinds):
        if use.next_tag is None:
            continue
        named = "no tag, which means latest" if use.reference.tag is None else f"the tag {use.reference.tag}"
        yield Found(f"{user(use)} in {use.region} names {named}", key=f"{use.kind} {use.region} {use.name}")
    facts.around.require_all_uses()


def _immutable_conflict(facts: NameFacts) -> Iterator[Found]:
    if facts.repository is None or facts.project is None:
        return
    pushes = push_evidence(facts.project, facts.around.account).pushes
    for push in failing_pushes(facts.repository, pushes):
        what = f"every build pushes {push.tag}, which cannot be moved once it is there: {push.evidence}"
        yield Found(what, key=push.tag, line=push.line, command=_excluding(facts, push.tag))


def _excluding(facts: NameFacts, tag: str) -> str | None:
    """The command that lets the tag move; None where the filters are used up."""
    assert facts.repository is not None
    fixed = facts.repository.mutability in (Mutability.IMMUTABLE, Mutability.IMMUTABLE_WITH_EXCLUSION)
    exclusions = (*facts.repository.exclusions, tag) if fixed else ()
    if not fixed or len(exclusions) > FILTER_LIMIT:
        return None
    return _mutability(facts, Mutability.IMMUTABLE_WITH_EXCLUSION, exclusions)


def _mutable_tags(facts: NameFacts) -> Iterator[Found]:
    assert facts.repository is not None
    pushes = () if facts.project is None else push_evidence(facts.project, facts.around.account).pushes
    advice = mutability_advice(
        facts.repository,
        known(facts.images),
        moved=[push.tag for push in fixed_pushes(facts.repository, pushes)],
        used=() if facts.uses is None else facts.uses.uses,
    )
    if advice is not None:
        yield Found(advice.why, command=_mutability(facts, advice.mutability, advice.exclusions))


def _mutability(facts: NameFacts, mutability: str, exclusions: tuple[str, ...]) -> str:
    parameters: dict[str, object] = {"repositoryName": facts.name, "imageTagMutability": str(mutability)}
    if exclusions:
        filters = [{"filterType": "WILDCARD", "filter": each} for each in exclusions]
        parameters["imageTagMutabilityExclusionFilters"] = filters
    return ApiCall("ecr", "PutImageTagMutability", parameters).command(facts.around.region)


_MUTABILITY = (
    "aws ecr put-image-tag-mutability --region {region} --repository-name {name} "
    "--image-tag-mutability IMMUTABLE_WITH_EXCLUSION "
    "--image-tag-mutability-exclusion-filters filterType=WILDCARD,filter=latest"
)

RULES = (
    Rule(
        "latest-in-production",
        "What runs names latest",
        Severity.HIGH,
        "repository",
        (*REPOSITORIES, *USES),
        "Nobody can say what runs, two tasks of one service may differ, and there is nothing to roll back to.",
        "Let the task definition or function name a version, a commit or a digest.",
        "ecrtui path {name} --region {region}",
        _latest_in_production,
        docs=docs.MUTABILITY,
    ),
    Rule(
        "immutable-conflict",
        "A pipeline pushes a tag that cannot be moved",
        Severity.HIGH,
        "repository",
        (*REPOSITORIES, *PROJECTS),
        "The first push goes through; every one after it fails, even of the same image.",
        "Push unique tags, or exclude this one from immutability.",
        _MUTABILITY,
        _immutable_conflict,
        docs=docs.MUTABILITY,
    ),
    Rule(
        "tag-strategy",
        "Images without a tag that tells what they are",
        Severity.MEDIUM,
        "repository",
        IMAGES,
        "Once their tag moves nobody can say which commit they are of, and nothing can name them again.",
        "Tag every build with its version, or its branch and commit.",
        "ecrtui path {name} --region {region}",
        _tag_strategy,
        docs=docs.MUTABILITY,
    ),
    Rule(
        "moving-tag-in-use",
        "What runs names an environment or a moving version",
        Severity.LOW,
        "repository",
        (*REPOSITORIES, *USES),
        "What is started next may be another image than what runs beside it.",
        "Let the task definition name a version or a digest, and keep the environment's tag for people.",
        "ecrtui path {name} --region {region}",
        _moving_tag_in_use,
        docs=docs.MUTABILITY,
    ),
    Rule(
        "mutable-tags",
        "Versions and commits that can be overwritten",
        Severity.MEDIUM,
        "repository",
        (*REPOSITORIES, *IMAGES, *USES),
        "A tag that names one build for good can be moved to another image by anybody who may push.",
        "Make the tags immutable, with exclusions for those that move.",
        _MUTABILITY,
        _mutable_tags,
        docs=docs.MUTABILITY,
    ),
)
