"""The facts of an audit that need all names at once: what roles may do, and how copies stand to their origin."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace

from ecrtui.domain.audit.facts import Around, Known, NameFacts, Unread
from ecrtui.domain.errors import AppError, ErrorKind
from ecrtui.domain.permission import Actor, Simulated, Simulations, actors
from ecrtui.domain.permission_verdicts import verdicts
from ecrtui.domain.registry import Destination, Replica
from ecrtui.domain.replication import Copy, replicated_to, replication_gaps
from ecrtui.services.permissions import simulate
from ecrtui.services.ports import Account, Registry

_MOST_ASKED = 5
"""Images of a repository whose replication is asked for, one by one."""


async def with_permissions(
    account: Account, own: str, names: Sequence[NameFacts]
) -> tuple[list[NameFacts], list[AppError]]:
    """What the roles of all names may do, each simulated once, and what was refused; `own` is the account's id."""
    who: dict[str, tuple[Actor, ...]] = {}
    for facts in names:
        if facts.repository is not None and facts.uses is not None:
            who[facts.repository.arn] = actors(facts.repository.arn, facts.project, facts.uses.uses, own)
    simulations = await simulate(account.permissions(), who.items(), own)
    by_resource = _by_resource(simulations)

    def judged(facts: NameFacts) -> NameFacts:
        if facts.repository is None or not (acting := who.get(facts.repository.arn, ())):
            return replace(facts, permissions=Known(()))
        policy = facts.access.value if isinstance(facts.access, Known) else _as_error(facts.access)
        said = by_resource(facts.repository.arn, [actor.caller.role for actor in acting])
        return replace(facts, permissions=Known(verdicts(facts.repository.arn, acting, policy, said)))

    errors = [answer for answer in simulations.values() if isinstance(answer, AppError)]
    return await asyncio.to_thread(lambda: [judged(facts) for facts in names]), errors


def _by_resource(simulations: Simulations) -> Callable[[str, Iterable[str]], Simulations]:
    """What was simulated for one repository and some roles: a role may be that of a thousand projects."""
    index: dict[tuple[str, str], list[Simulated]] = {}
    for role, answer in simulations.items():
        for one in () if isinstance(answer, AppError) else answer:
            index.setdefault((role, one.resource), []).append(one)

    def of(repository_arn: str, roles: Iterable[str]) -> Simulations:
        found: dict[str, Sequence[Simulated] | AppError] = {}
        for role in roles:
            answer = simulations.get(role)
            if isinstance(answer, AppError):
                found[role] = answer
            elif answer is not None:
                found[role] = [*index.get((role, "*"), ()), *index.get((role, repository_arn), ())]
        return found

    return of


def _as_error(unread: Unread) -> AppError:
    """A reason as the verdicts on permissions take it."""
    kind = ErrorKind.DENIED if unread.action else ErrorKind.SERVICE
    return AppError(kind, "read the repository policy", why=unread.why, action=unread.action)


def with_copies(names: Sequence[NameFacts], own: str, arounds: Mapping[str, Around]) -> list[NameFacts]:
    """The tags of each repository where rules replicate it to, from what was listed in these regions."""
    listed = {(facts.around.region, facts.name): facts for facts in names if facts.repository is not None}

    def copy(destination: Destination, name: str) -> Copy:
        if destination.registry_id != own:
            return Copy(destination, None, f"the registry of account {destination.registry_id} cannot be seen")
        around = arounds.get(destination.region)
        if around is None:
            return Copy(destination, None, f"{destination.region} is not among the regions that are audited")
        there = listed.get((destination.region, name))
        if there is None and isinstance(around.repositories, Unread):
            return Copy(destination, None, around.repositories.why)
        if there is None:
            return Copy(destination, {}, "there is no repository of that name")
        if isinstance(there.images, Unread):
            return Copy(destination, None, there.images.why)
        return Copy(destination, {tag: image.digest for tag, image in there.by_tag.items()})

    return [
        replace(
            facts,
            copies=tuple(copy(place, facts.name) for place in replicated_to(facts.name, facts.around.settings) or ()),
        )
        for facts in names
    ]


async def with_replicas(account: Account, names: Sequence[NameFacts]) -> list[NameFacts]:
    """What AWS says of images that lack a copy, a few a repository; what it does not say stays merely missing."""
    return list(await asyncio.gather(*(_with_replicas(account, facts) for facts in names)))


async def _with_replicas(account: Account, facts: NameFacts) -> NameFacts:
    if facts.repository is None or not facts.copies or not isinstance(facts.images, Known):
        return facts
    region = facts.around.region
    gaps = replication_gaps(facts.name, region, facts.images.value, facts.copies, facts.around.now)
    digests = list(dict.fromkeys(gap.digest for gap in gaps))[:_MOST_ASKED]
    registry = account.registry(region)
    asked = await asyncio.gather(*(_replicas(registry, facts.name, digest) for digest in digests))
    return replace(facts, replicas=dict(zip(digests, asked, strict=True)))


async def _replicas(registry: Registry, name: str, digest: str) -> Sequence[Replica]:
    """Empty where AWS does not say: the gap itself is known without it."""
    try:
        return await registry.replicas(name, digest)
    except AppError:
        return ()
