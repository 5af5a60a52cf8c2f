"""How the tags of a repository are used, and how they should be protected.

Verdicts and advice: the domain reference, sections 1 (mutability, exclusion filters) and 10.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from ecrtui.domain.image import Image, ImageKind
from ecrtui.domain.mutability import Mutability
from ecrtui.domain.names import FILTER_LIMIT
from ecrtui.domain.pushcommands import PushTarget
from ecrtui.domain.repository import Repository
from ecrtui.domain.tags import TagKind, classify
from ecrtui.domain.usage import Use

DEPLOYABLE = frozenset({ImageKind.IMAGE, ImageKind.INDEX})
"""What something can run; signatures, charts and caches are named by other rules."""
MOVING = frozenset({TagKind.LATEST, TagKind.ENVIRONMENT, TagKind.FLOATING})
"""Tags that move by their nature."""
_MOVING_WORDS = frozenset(
    {
        *("main", "master", "trunk", "develop", "nightly", "edge", "canary", "stable", "next", "current", "live"),
        *("beta", "alpha", "rc", "preview", "release", "cache", "buildcache", "build-cache", "uat", "demo", "sandbox"),
    }
)
"""Other tags that are moved from build to build, as they are commonly named."""
_COSIGN_FILTER = "sha256-*"
"""Signatures are put again, under the same tag, with each further signer."""


# Verdicts on tags


@dataclass(frozen=True, slots=True)
class TagStrategy:
    """How the deployable images of a repository are named."""

    tagged: int
    """Deployable images with a tag."""
    unique: int
    """Those of them with a tag that names one build for good (a version or a commit)."""
    unnamed: tuple[Image, ...]
    """Those without one: what they are cannot be told once their tag moves."""
    only_latest: tuple[Image, ...]
    """Those of them whose only tag is `latest`."""
    kinds: Mapping[TagKind, int] = field(default_factory=dict)
    """How many tags there are of each kind."""


def strategy_of(images: Iterable[Image]) -> TagStrategy:
    """How the tagged images that can be deployed are named; referrers (signatures, SBOMs) are none."""
    kinds: Counter[TagKind] = Counter()
    unnamed: list[Image] = []
    tagged = 0
    for image in images:
        if not image.tags or image.subject is not None or image.kind not in DEPLOYABLE:
            continue
        tagged += 1
        classes = [classify(tag) for tag in image.tags]
        kinds.update(one.kind for one in classes)
        if not any(one.unique for one in classes):
            unnamed.append(image)
    only_latest = tuple(image for image in unnamed if image.tags == ("latest",))
    return TagStrategy(tagged, tagged - len(unnamed), tuple(unnamed), only_latest, dict(kinds))


@dataclass(frozen=True, slots=True)
class MovingUse:
    """A use that names a moving tag: what it runs changes without the use being changed, or drifts."""

    use: Use
    tag: str
    kind: TagKind
    """LATEST, ENVIRONMENT or FLOATING."""


def moving_uses(uses: Iterable[Use]) -> tuple[MovingUse, ...]:
    """The uses that name `latest` (also by naming no tag), an environment or a floating version."""
    found = []
    for use in uses:
        tag = use.reference.effective_tag
        kind = None if tag is None else classify(tag).kind
        if tag is not None and kind in MOVING:
            found.append(MovingUse(use, tag, kind))
    return tuple(found)


@dataclass(frozen=True, slots=True)
class FixedPush:
    """A push of the same tag with every build."""

    tag: str
    evidence: str
    """A clause that says where it is known from."""
    line: int | None = None
    """In the inline buildspec."""


def fixed_pushes(repository: Repository, pushes: Iterable[PushTarget]) -> tuple[FixedPush, ...]:
    """The pushes (`PushEvidence.pushes`) to this repository whose tag is the same in every build.

    A tag that a variable decides is not among them, unless its value is known and constant.
    """
    found: dict[str, FixedPush] = {}
    for target in pushes:
        reference = target.reference
        if reference is None or reference.unresolved or reference.digest or target.unresolved:
            continue
        same = (
            reference.repository == repository.name
            and reference.registry_id in ("", repository.registry_id)
            and reference.region in ("", repository.region)
        )
        if same and (tag := reference.effective_tag):
            found.setdefault(tag, FixedPush(tag, target.evidence, target.line))
    return tuple(found.values())


def failing_pushes(repository: Repository, pushes: Iterable[PushTarget]) -> tuple[FixedPush, ...]:
    """The fixed pushes that fail from the second build on: their tag cannot be moved (section 1)."""
    return tuple(push for push in fixed_pushes(repository, pushes) if is_fixed(repository, push.tag))


# Mutability


def is_fixed(repository: Repository, tag: str) -> bool:
    """Whether this tag, once it names an image, cannot be moved: mutability with its exclusions."""
    excluded = any(matches_filter(pattern, tag) for pattern in repository.exclusions)
    match repository.mutability:
        case Mutability.IMMUTABLE:
            return True
        case Mutability.IMMUTABLE_WITH_EXCLUSION:
            return not excluded
        case Mutability.MUTABLE_WITH_EXCLUSION:
            return excluded
        case _:
            return False


def matches_filter(pattern: str, text: str) -> bool:
    """ECR's wildcard filters: `*` stands for any characters, everything else for itself."""
    return _filter(pattern).fullmatch(text) is not None


@lru_cache(maxsize=1_024)
def _filter(pattern: str) -> re.Pattern[str]:
    return re.compile(".*".join(map(re.escape, re.split(r"\*+", pattern))), re.DOTALL)


@dataclass(frozen=True, slots=True)
class MutabilityAdvice:
    """What the tag mutability of a repository should be, and why."""

    mutability: Mutability
    """IMMUTABLE_WITH_EXCLUSION, or IMMUTABLE where nothing has to move."""
    exclusions: tuple[str, ...]
    """The filters for the tags that must go on moving; at most five."""
    unique: int
    """Images with a unique tag that can be overwritten as it is."""
    failing: tuple[str, ...] = ()
    """Tags that the pipeline pushes with every build, and that cannot be moved as it is."""
    left_out: tuple[str, ...] = ()
    """Moving tags for which there is no filter left: they could not be moved any more."""
    unsure: tuple[str, ...] = ()
    """Tags of which it cannot be told whether they move: they would be fixed."""

    @property
    def why(self) -> str:
        """Clauses without a full stop."""
        said = []
        if self.failing:
            said.append(f"every build pushes {', '.join(self.failing)}, which fails from the second one on")
        if self.unique:
            number = "1 image bears a version or commit as its tag" if self.unique == 1 else ""
            number = number or f"{self.unique:,} images bear a version or commit as their tag"
            said.append(f"{number}, which anybody who may push can move to another image")
        return "; ".join(said)

    @property
    def setting(self) -> str:
        """`IMMUTABLE, except latest, production`."""
        return mutability_words(self.mutability, self.exclusions)


def mutability_words(mutability: str, exclusions: Sequence[str]) -> str:
    """`IMMUTABLE, except latest`, `MUTABLE`."""
    word = mutability.removesuffix("_WITH_EXCLUSION")
    return f"{word}, except {', '.join(exclusions)}" if exclusions else word


def mutability_advice(
    repository: Repository, images: Iterable[Image], *, moved: Iterable[str] = (), used: Iterable[Use] = ()
) -> MutabilityAdvice | None:
    """The advice for a repository whose unique tags can be overwritten; None where there is none to give.

    `moved` are tags that its pipeline is known to push again and again (`fixed_pushes`), `used` are its uses: an
    environment that is named by one comes first where filters are short.
    """
    tags: dict[str, None] = {}
    unique = 0
    branches: set[str] = set()
    for image in images:
        tags.update(dict.fromkeys(image.tags))
        free = [one for tag in image.tags if (one := classify(tag)).unique and not is_fixed(repository, tag)]
        unique += bool(free)
        branches.update(one.branch for one in free if one.branch)
    if not unique:
        return None
    pushed = tuple(dict.fromkeys(moved))
    named = [tag for use in used if (tag := use.reference.effective_tag)]
    needed = _needed_filters(tags, {*branches, *pushed}, [*pushed, *named])
    kept, left_out = needed[:FILTER_LIMIT], needed[FILTER_LIMIT:]
    if repository.mutability == _immutable(kept) and set(repository.exclusions) == set(kept):
        return None
    others = [tag for tag in tags if classify(tag).kind is TagKind.OTHER and tag not in needed]
    # `main-bdeaede` has no digit to know it for a commit by, but its siblings tell.
    unsure = tuple(tag for tag in others if tag.rpartition("-")[0] not in branches)
    return MutabilityAdvice(_immutable(kept), tuple(kept), unique, (), tuple(left_out), unsure)


def unblocking_advice(repository: Repository, moved: Iterable[str]) -> MutabilityAdvice | None:
    """The advice for a repository in which a tag that its pipeline pushes with every build cannot be moved.

    What is excluded already stays so. None where nothing fails, or the repository's exclusions are what is fixed.
    """
    failing = tuple(dict.fromkeys(tag for tag in moved if is_fixed(repository, tag)))
    if not failing or repository.mutability == Mutability.MUTABLE_WITH_EXCLUSION:
        return None
    needed = list(dict.fromkeys((*repository.exclusions, *failing)))
    kept, left_out = needed[:FILTER_LIMIT], needed[FILTER_LIMIT:]
    if set(kept) == set(repository.exclusions):
        return None
    return MutabilityAdvice(_immutable(kept), tuple(kept), 0, failing, tuple(left_out))


def _immutable(filters: Sequence[str]) -> Mutability:
    return Mutability.IMMUTABLE_WITH_EXCLUSION if filters else Mutability.IMMUTABLE


def _needed_filters(tags: Iterable[str], moving: set[str], first: Sequence[str]) -> list[str]:
    """The filters that moving tags need, the most important first: `latest`, what is pushed or named, the rest."""
    wanted: dict[str, int] = {}
    for tag in [*first, *tags]:
        kind = classify(tag).kind
        if kind is TagKind.COSIGN:
            wanted.setdefault(_COSIGN_FILTER, 2)
        elif kind in MOVING or tag in moving or tag.lower() in _MOVING_WORDS:
            wanted.setdefault(tag, 0 if kind is TagKind.LATEST else 1 if tag in first else _FILTER_RANK.get(kind, 3))
    return sorted(wanted, key=lambda text: (wanted[text], text))


_FILTER_RANK = {TagKind.ENVIRONMENT: 2, TagKind.FLOATING: 4}
