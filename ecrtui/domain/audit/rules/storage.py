"""Rules about what is kept, what that costs, and where else it should be."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ecrtui.domain.audit import docs
from ecrtui.domain.audit.actions import IMAGES, REPLICATION, USES
from ecrtui.domain.audit.facts import Known, NameFacts, NotRead, RegionFacts, Unread, known
from ecrtui.domain.audit.rule import Found, Rule, Severity
from ecrtui.domain.audit.words import counted, some
from ecrtui.domain.cost import OUTLIER_FACTOR, money, monthly_storage, outliers
from ecrtui.domain.replication import CopyState, Gap, replicated_to, replication_gaps
from ecrtui.domain.units import DAY, age

_UNUSED_AFTER = 90 * DAY


def _unused(facts: NameFacts) -> Iterator[Found]:
    images = known(facts.images)
    touched = [
        at for image in images for at in (image.pushed_at, image.pulled_at, image.activated_at) if at is not None
    ]
    if not touched or facts.around.now - max(touched) < _UNUSED_AFTER:
        return
    if facts.uses is not None and not facts.uses.uses:
        facts.around.require_all_uses()
        last = age(facts.around.now - max(touched))
        yield Found(f"neither pushed to nor pulled from for {last}; nothing runs {_of_its(len(images))}")


def _of_its(number: int) -> str:
    return "its image" if number == 1 else f"any of its {counted(number, 'image')}"


def _cost_outlier(facts: RegionFacts) -> Iterator[Found]:
    stored = {one.name: one.bytes.value for one in facts.names if isinstance(one.bytes, Known)}
    arns = {one.name: one.repository.arn for one in facts.names if one.repository is not None}
    for outlier in outliers(stored):
        dollars, middle = monthly_storage(outlier.bytes), monthly_storage(round(outlier.median))
        share = outlier.bytes / sum(stored.values())
        yield Found(
            f"up to {money(dollars)} a month, {share:.0%} of the region; the median is {money(middle)}",
            key=outlier.name,
            name=outlier.name,
            arn=arns.get(outlier.name, ""),
        )
    if lacking := [one.bytes for one in facts.names if one.repository is not None and isinstance(one.bytes, Unread)]:
        raise NotRead(*lacking)


def _replication_gap(facts: NameFacts) -> Iterator[Found]:
    facts.around.require("replication")
    if not replicated_to(facts.name, facts.around.settings):
        return
    gaps: dict[tuple[str, CopyState], list[Gap]] = {}
    around, images = facts.around, known(facts.images)
    for gap in replication_gaps(facts.name, around.region, images, facts.copies, around.now, facts.replicas):
        place = f"{gap.destination.region} {gap.destination.registry_id}"
        gaps.setdefault((place, gap.state), []).append(gap)
    for (place, state), found in sorted(gaps.items()):
        yield _gap(found, place, state)
    unseen = [copy for copy in facts.copies if copy.digests is None]
    if unseen:
        raise NotRead(*(Unread(f"the copies in {copy.destination.region}: {copy.why}") for copy in unseen))


def _gap(gaps: Sequence[Gap], place: str, state: CopyState) -> Found:
    where = gaps[0].destination.region
    tags, number = some([gap.tag for gap in gaps]), counted(len(gaps), "tag")
    words = {
        CopyState.MISSING: f"{number} missing in {where}: {tags}",
        CopyState.DIFFERS: f"{number} name another image in {where}: {tags}",
        CopyState.FAILED: f"AWS could not replicate {number} to {where}: {tags}",
    }
    severity = Severity.LOW if state is CopyState.MISSING else None
    return Found(words[state], key=f"{place} {state}", severity=severity)


RULES = (
    Rule(
        "replication-gap",
        "A copy in another region is not the same",
        Severity.MEDIUM,
        "repository",
        (*REPLICATION, *IMAGES),
        "What is deployed there is not what is deployed here, or cannot start at all. Rules copy only what is pushed "
        "after they were made: tags that are merely missing weigh less.",
        "Push the tags again: replication does not catch up by itself.",
        "ecrtui build {name} --region {region} --watch",
        _replication_gap,
        last=True,
        docs=docs.REPLICATION,
    ),
    Rule(
        "unused",
        "A repository that nobody used for 90 days",
        Severity.LOW,
        "repository",
        (*IMAGES, *USES),
        "It is paid for, scanned and looked at, and serves nobody. Pulls by what is not looked at here (EKS, people) "
        "count by their time.",
        "Archive or delete it, after asking its owner.",
        "ecrtui lifecycle put {name} --region {region} --template archive-unused",
        _unused,
        docs=docs.LIFECYCLE,
    ),
)

REGION_RULES = (
    Rule(
        "cost-outlier",
        "A repository that costs far more than the others",
        Severity.LOW,
        "region",
        IMAGES,
        f"At least {OUTLIER_FACTOR:.0f} times the region's median: often a build that pushes what it should not, or "
        "a policy that is missing. Shared layers count repeatedly, prices are the dated table's: an upper bound.",
        "Look at its largest images and its lifecycle policy.",
        "ecrtui cost {name} --region {region}",
        _cost_outlier,
        "lifecycle",
        docs=docs.LIFECYCLE,
    ),
)
