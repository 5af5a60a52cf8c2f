"""What a policy would do to the images of a repository, now: an estimate; AWS's own preview is authoritative.

Follows the ECR user guide, "How lifecycle policies work", as written out in the domain reference, section 2:

- every rule is evaluated against all images as if no other rule acted;
- an image belongs to the first rule that selects it (by tags and storage class), whether or not that rule
  marks it; later rules never act on it, but count it;
- an image that a manifest list names cannot go before that list: it stays in this run, also when the list
  goes in it;
- referrers (signatures, SBOMs) are selected by no rule and follow their subject within a day.

Where AWS leaves the order of equal push times open, ours is: by digest, the lower one counts as newer.
Children of an index count towards the number that a rule keeps (AWS does not say). An image without the
instant by which a rule judges is not judged: it stays, and does not count.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import isfinite

from ecrtui.domain.image import Image
from ecrtui.domain.lifecycle.policy import ActionType, CountType, Policy, Selection, StorageClass
from ecrtui.domain.lifecycle.selecting import Selector, storage_of

DAY = 86_400.0


@dataclass(frozen=True, slots=True)
class Mark:
    """An image that goes: by which rule, how, and why."""

    image: Image
    rule_priority: int
    action: ActionType
    reason: str

    @property
    def digest(self) -> str:
        """The image's digest."""
        return self.image.digest

    @property
    def tags(self) -> tuple[str, ...]:
        """The image's tags."""
        return self.image.tags


@dataclass(frozen=True, slots=True)
class Protected:
    """An image that a rule would mark, kept because a manifest list names it."""

    image: Image
    parent: str
    """Digest of the (first) list that names it."""
    rule_priority: int
    reason: str


@dataclass(frozen=True, slots=True)
class Follower:
    """A referrer whose subject goes: it follows within 24 hours, without a mark of its own."""

    image: Image
    action: ActionType


@dataclass(frozen=True)
class Evaluation:
    """What a policy would do. Every image is in `marks` or in `kept`, both in the order of the images.

    Sums and counts are worked out once: they are shown again and again, of a hundred thousand images too.
    """

    marks: tuple[Mark, ...]
    kept: tuple[Image, ...]
    """All that are not marked, with the protected, the undated and the followers."""
    protected: tuple[Protected, ...]
    undated: tuple[Image, ...]
    """Images without the instant by which their rule judges: kept, because nothing can be said of them."""
    followers: tuple[Follower, ...]
    unread: tuple[Image, ...]
    """Indexes whose children were not given: what they name may be marked here and spared by AWS."""

    @cached_property
    def bytes_freed(self) -> int:
        """Compressed bytes of the images that expire. Shared layers count repeatedly: an upper bound."""
        return _bytes(mark.image for mark in self._with(ActionType.EXPIRE))

    @cached_property
    def bytes_archived(self) -> int:
        """Compressed bytes of the images that move to the archive: an upper bound."""
        return _bytes(mark.image for mark in self._with(ActionType.TRANSITION))

    @cached_property
    def expiring(self) -> int:
        """How many images expire."""
        return sum(1 for _ in self._with(ActionType.EXPIRE))

    @cached_property
    def archiving(self) -> int:
        """How many images move to the archive."""
        return sum(1 for _ in self._with(ActionType.TRANSITION))

    def by_rule(self) -> dict[int, int]:
        """How many images each rule marks, by priority, in ascending order."""
        counts: dict[int, int] = {}
        for mark in self.marks:
            counts[mark.rule_priority] = counts.get(mark.rule_priority, 0) + 1
        return dict(sorted(counts.items()))

    def to_answer(self) -> dict[str, list[dict[str, object]]]:
        """The headless answer: `marked` (digest, tags, rule priority, action type) and `kept`."""
        marked: list[dict[str, object]] = [
            {
                "digest": mark.digest,
                "tags": list(mark.tags),
                "rule": mark.rule_priority,
                "action": str(mark.action),
            }
            for mark in self.marks
        ]
        kept: list[dict[str, object]] = [{"digest": image.digest, "tags": list(image.tags)} for image in self.kept]
        return {"marked": marked, "kept": kept}

    def _with(self, action: ActionType) -> Iterator[Mark]:
        return (mark for mark in self.marks if mark.action is action)


def evaluate(
    policy: Policy,
    images: Sequence[Image],
    now: float,
    children: Mapping[str, Collection[str]] | None = None,
) -> Evaluation:
    """What `policy` would do to all images of one repository at `now` (epoch seconds).

    `children` names the digests in each manifest list, by the list's digest; the caller fetches them.
    """
    wanted, undated = _wanted(policy, images, now)
    parents = _parents(images, children or {})
    marks: dict[int, Mark] = {}
    protected = []
    for index, mark in sorted(wanted.items()):
        parent = _holding_parent(mark, parents.get(mark.digest, ()))
        if parent is None:
            marks[index] = mark
        else:
            reason = f"{parent} names it; it can go in a later run, after that list"
            protected.append(Protected(mark.image, parent, mark.rule_priority, reason))
    return Evaluation(
        marks=tuple(marks.values()),
        kept=tuple(image for index, image in enumerate(images) if index not in marks),
        protected=tuple(protected),
        undated=tuple(images[index] for index in sorted(undated)),
        followers=tuple(_followers(images, marks.values())),
        unread=tuple(image for image in images if image.is_index and image.digest not in (children or {})),
    )


def _wanted(policy: Policy, images: Sequence[Image], now: float) -> tuple[dict[int, Mark], set[int]]:
    """What the rules mark by themselves, and what they cannot judge; by index into `images`."""
    order = sorted(range(len(images)), key=lambda index: _newest_first(images[index]))
    ranked = [images[index] for index in order]
    selector = Selector(ranked)
    used = {rule.selection.count_type for rule in policy.rules}
    instants = {count_type: [_instant(count_type, image) for image in ranked] for count_type in used}
    free = set(range(len(ranked)))
    wanted: dict[int, Mark] = {}
    undated: set[int] = set()
    for rule in policy.ordered:
        selected = selector.select(rule.selection)
        owned = selected & free
        if not owned:
            continue
        free -= owned
        known = instants[rule.selection.count_type]
        undated.update(order[rank] for rank in owned if known[rank] is None)
        for rank, reason in _going(rule.selection, selected, owned, known, now):
            wanted[order[rank]] = Mark(ranked[rank], rule.priority, rule.action, reason)
    return wanted, undated


def _going(
    selection: Selection,
    selected: Collection[int],
    owned: Collection[int],
    instants: Sequence[float | None],
    now: float,
) -> Iterator[tuple[int, str]]:
    """Which of its own images a rule marks, and why. Ranks count from the newest image."""
    limit = selection.count_number
    if selection.count_type is CountType.COUNT:
        dated = [rank for rank in sorted(selected) if instants[rank] is not None]
        for number, rank in enumerate(dated[limit:], limit + 1):
            if rank in owned:
                yield rank, f"number {number:,} from the newest; the rule keeps {limit:,}"
        return
    event = _EVENTS[selection.count_type]
    for rank in owned:
        instant = instants[rank]
        if instant is not None and now - instant > limit * DAY:
            days = int((now - instant) / DAY)
            yield rank, f"{event} {days:,} days ago, the rule goes by {limit:,}"


_EVENTS = {
    CountType.PUSHED: "pushed",
    CountType.PULLED: "last used",
    CountType.TRANSITIONED: "archived",
}


def _instant(count_type: CountType, image: Image) -> float | None:
    """The instant by which a rule judges an image: reference, section 2, evaluation 4 and 5."""
    match count_type:
        case CountType.TRANSITIONED:
            return _finite(image.archived_at)
        case CountType.PULLED:
            used = [at for at in (_finite(image.pulled_at), _finite(image.activated_at)) if at is not None]
            # Restored and not pulled since: the restore counts. That is the later of the two.
            return max(used) if used else _finite(image.pushed_at)
        case _:
            return _pushed(image)


def _pushed(image: Image) -> float | None:
    """When an image was pushed, or last restored from the archive."""
    restored = _finite(image.activated_at)
    return _finite(image.pushed_at) if restored is None else restored


def _finite(instant: float | None) -> float | None:
    return instant if instant is not None and isfinite(instant) else None


def _newest_first(image: Image) -> tuple[float, str]:
    pushed = _pushed(image)
    return (float("inf") if pushed is None else -pushed, image.digest)


def _parents(images: Sequence[Image], children: Mapping[str, Collection[str]]) -> dict[str, list[Image]]:
    """The lists that name each digest, among the images that are there."""
    parents: dict[str, list[Image]] = {}
    for image in images:
        for child in children.get(image.digest, ()):
            if child != image.digest:
                parents.setdefault(child, []).append(image)
    return parents


def _holding_parent(mark: Mark, parents: Iterable[Image]) -> str | None:
    """A list that keeps an image in place: any for expiring, one not yet archived for archiving."""
    for parent in parents:
        if mark.action is ActionType.EXPIRE or storage_of(parent) is not StorageClass.ARCHIVE:
            return parent.digest
    return None


def _followers(images: Sequence[Image], marks: Iterable[Mark]) -> Iterator[Follower]:
    """Referrers whose subject, or their subject's subject, is marked."""
    fate: dict[str, ActionType | None] = {mark.digest: mark.action for mark in marks}
    subjects = {image.digest: image.subject for image in images if image.subject is not None}
    for image in images:
        if image.subject is None:
            continue
        chain: dict[str, None] = {}
        digest = image.digest
        while digest not in fate and digest not in chain and digest in subjects:
            chain[digest] = None
            digest = subjects[digest]
        found = fate.get(digest)
        fate.update(dict.fromkeys(chain, found))
        if found is not None:
            yield Follower(image, found)


def _bytes(images: Iterable[Image]) -> int:
    return sum(image.size or 0 for image in images)
