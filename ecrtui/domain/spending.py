"""What is paid for, by repository, by what the tags say, and by age."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from ecrtui.domain.cost import Prices, monthly_archive, monthly_storage
from ecrtui.domain.storage import Amount, Holdings
from ecrtui.domain.tags import TagKind, classify
from ecrtui.domain.units import DAY

K = TypeVar("K", bound=Hashable)


class TagGroup(StrEnum):
    """What the tags of an image say it is for; the first that one of them says."""

    RELEASE = "release"
    """A version: `v1.2.3`, `1.2`."""
    ENVIRONMENT = "environment"
    """Where it runs: `production`, `staging`."""
    BRANCH = "branch"
    """A commit, or the build of a branch: `main-4f2a91c`."""
    OTHER = "other"
    """Any other tag, `latest` too."""
    UNTAGGED = "untagged"


_GROUPS = {
    TagKind.SEMVER: TagGroup.RELEASE,
    TagKind.FLOATING: TagGroup.RELEASE,
    TagKind.ENVIRONMENT: TagGroup.ENVIRONMENT,
    TagKind.SHA: TagGroup.BRANCH,
    TagKind.BRANCH_SHA: TagGroup.BRANCH,
}
_ORDER = tuple(TagGroup)


class AgeGroup(StrEnum):
    """How long ago an image was pushed."""

    WEEK = "under 7d"
    MONTH = "7d to 30d"
    QUARTER = "30d to 90d"
    YEAR = "90d to 1y"
    OLDER = "over 1y"
    UNKNOWN = "unknown"


_SPANS = (
    (7 * DAY, AgeGroup.WEEK),
    (30 * DAY, AgeGroup.MONTH),
    (90 * DAY, AgeGroup.QUARTER),
    (365 * DAY, AgeGroup.YEAR),
)


@dataclass(frozen=True, slots=True)
class Part:
    """Images of one repository with one kind of tags, pushed within one span of time."""

    region: str
    repository: str
    tags: TagGroup
    age: AgeGroup

    @property
    def recent(self) -> bool:
        """Whether they were pushed in the last 30 days."""
        return self.age in (AgeGroup.WEEK, AgeGroup.MONTH)


@dataclass(frozen=True, slots=True)
class Spend:
    """What some images keep, and what those of them keep that were pushed in the last 30 days."""

    amount: Amount
    recent: Amount


def age_group(pushed_at: float | None, now: float) -> AgeGroup:
    """The span of time in which an image was pushed."""
    if pushed_at is None or pushed_at != pushed_at:  # NaN stands for an instant that AWS did not send
        return AgeGroup.UNKNOWN
    return next((group for limit, group in _SPANS if now - pushed_at < limit), AgeGroup.OLDER)


def tag_group(tags: Iterable[str]) -> TagGroup:
    """What the tags of one image say; cosign's, which name the image that it is about, say nothing."""
    kinds = [kind for kind in map(classify, tags) if kind.kind is not TagKind.COSIGN]
    groups = [TagGroup.BRANCH if kind.branch else _GROUPS.get(kind.kind, TagGroup.OTHER) for kind in kinds]
    return min(groups, key=_ORDER.index, default=TagGroup.UNTAGGED)


def cosign_subject(tags: Iterable[str]) -> str | None:
    """The digest that an image with a tag such as `sha256-….sig` is about."""
    tag = next((tag for tag in tags if classify(tag).kind is TagKind.COSIGN), None)
    return None if tag is None else f"sha256:{tag[7:71]}"


def tag_groups(tags: Mapping[str, Sequence[str]], owners: Mapping[str, Sequence[str]]) -> dict[str, TagGroup]:
    """The group of every image of a repository, by digest.

    `owners` names the indexes that hold an image, and the image that it is about: what has no tags of its own
    is of their group.
    """
    groups = {digest: tag_group(own) for digest, own in tags.items()}
    for digest in owners:
        if groups.get(digest) is TagGroup.UNTAGGED:
            groups[digest] = _inherited(digest, groups, owners, frozenset())
    return groups


def _inherited(
    digest: str, groups: Mapping[str, TagGroup], owners: Mapping[str, Sequence[str]], seen: frozenset[str]
) -> TagGroup:
    """The first group of those that hold an image, and of those that hold them; manifests may name each other."""
    group = groups.get(digest, TagGroup.UNTAGGED)
    if group is not TagGroup.UNTAGGED or digest in seen:
        return group
    above = (_inherited(owner, groups, owners, seen | {digest}) for owner in owners.get(digest, ()))
    return min(above, key=_ORDER.index, default=TagGroup.UNTAGGED)


def spend_by(holdings: Holdings[Part], key: Callable[[Part], K]) -> dict[K, Spend]:
    """What the images of each key keep. Layers that two keys share count for both: the sum may exceed the total."""
    recent = holdings.by(lambda part: key(part) if part.recent else None)
    return {one: Spend(amount, recent.get(one, Amount())) for one, amount in holdings.by(key).items()}


def spend(holdings: Holdings[Part]) -> Spend:
    """What all images keep."""
    return Spend(holdings.of(), holdings.of(lambda part: part.recent))


def monthly(amount: Amount, prices: Prices) -> float:
    """Dollars a month for what is kept."""
    return monthly_storage(amount.bytes - amount.archived, prices) + monthly_archive(amount.archived, prices)


def monthly_saving(amount: Amount, prices: Prices) -> float:
    """Dollars a month that deleting these images saves."""
    return monthly_storage(amount.own - amount.own_archived, prices) + monthly_archive(amount.own_archived, prices)
