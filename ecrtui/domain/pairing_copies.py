"""Repositories that AWS fills by itself: replicas of another region's, and caches of another registry.

They need no project of their name. Replicas are named by the registry's settings of the region that copies, caches
by those of their own; a region whose settings were not asked for says nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from ecrtui.domain.registry import Destination
from ecrtui.domain.replication import cached_from, replicated_to
from ecrtui.domain.repository import Repository
from ecrtui.domain.verdict import RegionFacts, Verdict

READ_REPLICATION = "ecr:DescribeRegistry"


@dataclass(frozen=True, slots=True)
class Filled:
    """How a repository comes to its images without a project."""

    verdict: Verdict
    """REPLICA or CACHE; UNKNOWN where it may be a replica, and the rules could not be read."""
    evidence: str
    source: str = ""
    """The region, or the host of the registry, that the images come from."""
    suggestion: str = ""


class Copies:
    """The rules of all regions that are compared."""

    def __init__(self, regions: Sequence[RegionFacts]) -> None:
        self._regions = [(facts, frozenset(one.name for one in facts.repositories.rows)) for facts in regions]

    def of(self, repository: Repository, here: RegionFacts) -> Filled | None:
        """What fills a repository; None where no rule that is known does."""
        if here.registry is not None and (rule := cached_from(repository.name, here.registry)) is not None:
            evidence = f"a pull-through cache rule fills it from {rule.upstream}"
            return Filled(Verdict.CACHE, evidence, rule.upstream)
        others = [one for one in self._regions if _is_another(one[0], here)]
        found = [made for facts, names in others if (made := _replica(repository, facts, names)) is not None]
        return next((one for one in found if one.verdict is Verdict.REPLICA), next(iter(found), None))

    def not_looked_at(self, here: RegionFacts) -> list[str]:
        """What stands against certainty that nothing fills a repository, as clauses."""
        if here.registry is None:
            return []
        said = []
        if (why := here.registry.unread.get("pull_through", "")) != "":
            said.append(f"whether it is a pull-through cache is not checked: {why}")
        others = [facts for facts, _ in self._regions if _is_another(facts, here)]
        if not others:
            said.append(f"whether it is a replica is not checked: {here.region} alone is compared")
        for facts in others:
            why = "" if facts.registry is None else facts.registry.unread.get("replication", "")
            if why and not facts.repositories.complete:
                said.append(f"whether it is a replica of one in {facts.region} is not checked: {why}")
        return said


def _is_another(facts: RegionFacts, here: RegionFacts) -> bool:
    return facts.region != here.region and facts.account == here.account


def _replica(repository: Repository, source: RegionFacts, names: Collection[str]) -> Filled | None:
    """What is known of one region that may copy the repository; `names` are the repositories there."""
    listed = repository.name in names
    if source.registry_awaited:
        still = f"what {source.region} replicates is still being read"
        return Filled(Verdict.UNKNOWN, still) if listed else None
    destinations = () if source.registry is None else replicated_to(repository.name, source.registry)
    if destinations is None:
        assert source.registry is not None
        return _not_checked(source.region, source.registry.unread["replication"]) if listed else None
    # A rule whose source is gone copies nothing any more; in a list that is not whole it may yet be.
    if Destination(repository.region, repository.registry_id) in destinations and (
        listed or not source.repositories.complete
    ):
        evidence = f"the replication rules of {source.region} copy {repository.name} here"
        return Filled(Verdict.REPLICA, evidence, source.region)
    return None


def _not_checked(region: str, why: str) -> Filled:
    return Filled(
        Verdict.UNKNOWN,
        f"whether it is a replica of the one in {region} is not checked: {why}",
        suggestion=f"Allow {READ_REPLICATION} in {region}, then compare again.",
    )
