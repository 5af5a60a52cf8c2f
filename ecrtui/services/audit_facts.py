"""The facts of an audit: what is asked once a region, once a repository, and once all names are known.

What no rule needs is not asked for. A part that is refused becomes an `Unread` with its reason; it costs the
rules that need it, and nothing else.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from ecrtui.domain.audit import actions
from ecrtui.domain.audit.facts import (
    NOT_ASKED,
    Around,
    Fact,
    Known,
    NameFacts,
    NotRead,
    Unread,
    known,
    unread_because,
)
from ecrtui.domain.audit.rule import Rule
from ecrtui.domain.audit.rules.lifecycle import stored_evaluation
from ecrtui.domain.audit.rules.scanning import running_images
from ecrtui.domain.buildspec import Buildspec, BuildspecKind, parse_buildspec
from ecrtui.domain.errors import AppError, ErrorKind
from ecrtui.domain.image import Image, ImageListing
from ecrtui.domain.names import NamingRule
from ecrtui.domain.pairing import pair
from ecrtui.domain.project import Project
from ecrtui.domain.registry import Destination, RegistrySettings
from ecrtui.domain.replication import replicated_to
from ecrtui.domain.repository import Repository
from ecrtui.domain.scan import ScanReport, report_in
from ecrtui.domain.usage import ListedUses, RepositoryUses, UseIndex
from ecrtui.domain.verdict import Pairing, RegionFacts
from ecrtui.services.audit_joins import with_copies, with_permissions, with_replicas
from ecrtui.services.browse import load_children, load_images, load_repositories
from ecrtui.services.buildspecs import read_buildspec
from ecrtui.services.compare import facts_of, load_projects
from ecrtui.services.findings import scan
from ecrtui.services.ports import Account, Clock
from ecrtui.services.state import Loadable, Ready, error_of
from ecrtui.services.usage import load_uses, named_indexes, possible_parents

T = TypeVar("T")

_FEW_IMAGES = 10
"""The lifecycle policy of a smaller repository is asked for only where it is in use."""
_SCANS_AT_ONCE = 4
_MOST_INDEXES = 100
"""Indexes that are read of one repository: as many as one call takes."""


@dataclass(frozen=True, slots=True)
class Survey:
    """What is known of all regions before a single repository was looked at."""

    arounds: Mapping[str, Around]
    pairings: tuple[Pairing, ...]


class Gathering:
    """Asks for the facts that some rules need, and keeps what was refused."""

    def __init__(
        self,
        account: Account,
        regions: Iterable[str],
        rules: Collection[Rule[Any]],
        naming: NamingRule | None,
        clock: Clock,
    ) -> None:
        self.account = account
        self.regions = tuple(regions)
        self.clock = clock
        self.errors: list[AppError] = []
        self.own = ""
        """The account's id; empty where it cannot be asked."""
        self._naming = naming
        self._needed = frozenset(action for rule in rules for action in rule.needs)

    def _wants(self, needed: Sequence[str]) -> bool:
        return not self._needed.isdisjoint(needed)

    async def _fact(self, asking: Awaitable[T], action: str) -> Fact[T]:
        try:
            return Known(await asking)
        except AppError as error:
            self._note(error)
            return unread_because(error, action)

    def _note(self, error: AppError) -> None:
        """Keep one refusal of a kind and region: forty repositories are not forty errors.

        What is not there is no failure of asking: the rules that miss it say so.
        """
        if error.kind is ErrorKind.NOT_FOUND:
            return
        kind = (error.kind, error.action or error.code, error.where)
        if all((other.kind, other.action or other.code, other.where) != kind for other in self.errors):
            self.errors.append(error)

    # Once a region

    async def survey(self) -> Survey:
        """The regions' projects and repositories, paired; who uses images; the registries' settings; prices."""
        identity = await self._fact(self.account.identity(), "sts:GetCallerIdentity")
        self.own = identity.value.account if isinstance(identity, Known) else ""
        sides, uses, settings = await asyncio.gather(
            asyncio.gather(*(self._sides(region) for region in self.regions)),
            self._uses(),
            asyncio.gather(*(self._settings(region) for region in self.regions)),
        )
        registries = {one.region: one for one in settings if one is not None}
        arounds = {
            facts.region: Around(
                facts.region,
                self.own,
                self.clock(),
                self._naming,
                _side(facts.projects.rows, facts.projects.complete, facts.projects.error, actions.PROJECTS),
                _side(
                    facts.repositories.rows,
                    facts.repositories.complete,
                    facts.repositories.error,
                    actions.REPOSITORIES,
                ),
                uses,
                registries,
            )
            for facts in sides
        }
        pairings = await asyncio.to_thread(pair, sides)
        return Survey(arounds, tuple(one for one in pairings if one.name))

    async def _sides(self, region: str) -> RegionFacts:
        projects, repositories = await asyncio.gather(
            _last(load_projects(self.account, region, clock=self.clock)),
            _last(load_repositories(self.account, region, clock=self.clock)),
        )
        for error in (error_of(projects), error_of(repositories)):
            if error is not None:
                self._note(error)
        return facts_of(region, self.own, projects, repositories, {})

    async def _uses(self) -> UseIndex:
        if not self._wants(actions.USES):
            return UseIndex(())
        return await load_uses(self.account, self.regions, clock=self.clock)

    async def _settings(self, region: str) -> RegistrySettings | None:
        needed = (*actions.TEMPLATES, *actions.PULL_THROUGH, *actions.SCANNING, *actions.REPLICATION)
        if not self._wants(needed):
            return None
        settings = await self._fact(self.account.registry(region).settings(), actions.REPLICATION[0])
        return settings.value if isinstance(settings, Known) else None

    # Once a repository

    async def name(self, around: Around, pairing: Pairing) -> NameFacts:
        """All facts of one name but those that need the other names."""
        facts = NameFacts(around, pairing, buildspec=await self._buildspec(pairing.project))
        repository = pairing.repository
        if repository is None:
            return facts
        listed, access = await asyncio.gather(self._listing(repository), self._access(repository))
        if isinstance(listed, Unread):
            return replace(facts, images=listed, bytes=listed, access=access)
        listing = listed.value
        images = await asyncio.to_thread(lambda: [listing.row(row) for row in range(len(listing))])
        stored = sum(image.size or 0 for image in images if not image.is_index)
        facts = replace(facts, images=Known(images), bytes=Known(stored), access=access)
        in_use = facts.uses is not None and bool(facts.uses.uses)
        if in_use or len(images) >= _FEW_IMAGES:
            facts = replace(facts, lifecycle=await self._lifecycle(repository))
        if in_use:
            facts = await self._with_children(facts, repository, listing)
            facts = await self._with_scans(facts, repository)
        return facts

    async def _listing(self, repository: Repository) -> Fact[ImageListing]:
        if not self._wants(actions.IMAGES):
            return NOT_ASKED
        name, region = repository.name, repository.region
        loaded = await _last(load_images(self.account, region, name, clock=self.clock))
        if isinstance(loaded, Ready):
            return Known(loaded.value)
        error = error_of(loaded)
        if error is None:
            return NOT_ASKED
        self._note(error)
        return unread_because(error, actions.IMAGES[0])

    async def _access(self, repository: Repository) -> Fact[str | None]:
        if not self._wants(actions.ACCESS):
            return NOT_ASKED
        asking = self.account.registry(repository.region).repository_policy(repository.name)
        return await self._fact(asking, actions.ACCESS[0])

    async def _lifecycle(self, repository: Repository) -> Fact[str | None]:
        if not self._wants(actions.LIFECYCLE):
            return NOT_ASKED
        asking = self.account.registry(repository.region).lifecycle_policy(repository.name)
        stored = await self._fact(asking, actions.LIFECYCLE[0])
        if isinstance(stored, Unread):
            return stored
        return Known(None if stored.value is None else stored.value.text)

    async def _buildspec(self, project: Project | None) -> Fact[Buildspec]:
        """What the project runs: inline, or from S3 where it is kept there."""
        if project is None:
            return NOT_ASKED
        spec = parse_buildspec(project.buildspec)
        if spec.kind is not BuildspecKind.S3 or not self._wants(actions.STORED):
            return Known(spec)
        return await self._fact(read_buildspec(self.account.builds(project.region), project), actions.STORED[0])

    # What runs

    async def _with_children(self, facts: NameFacts, repository: Repository, listing: ImageListing) -> NameFacts:
        """Read the indexes on which it depends what runs; all of them only where the policy seems to remove that."""
        if not self._wants(actions.MANIFESTS):
            return facts
        indexes = await asyncio.to_thread(_indexes, facts, repository, listing)
        facts = await self._reading(facts, repository, indexes)
        if await asyncio.to_thread(_seems_to_remove, facts):
            indexes = [image.digest for image in known(facts.images) if image.is_index]
            facts = await self._reading(facts, repository, indexes)
        return facts

    async def _reading(self, facts: NameFacts, repository: Repository, indexes: Sequence[str]) -> NameFacts:
        if not set(indexes) - facts.children.keys():
            return facts
        missing = [digest for digest in indexes if digest not in facts.children]
        asking = load_children(self.account, repository.region, repository.name, missing)
        found = await self._fact(asking, actions.MANIFESTS[0])
        if isinstance(found, Unread):
            return replace(facts, childless=found)
        read = {digest: tuple(child.digest for child in children) for digest, children in found.value.items()}
        return replace(facts, children={**facts.children, **read})

    async def _with_scans(self, facts: NameFacts, repository: Repository) -> NameFacts:
        if not self._wants(actions.SCANS):
            return facts
        slots = asyncio.Semaphore(_SCANS_AT_ONCE)

        async def ask(image: Image) -> Fact[ScanReport]:
            async with slots:
                asking = scan(self.account, repository.region, repository.name, image.digest, counts_only=True)
                return await self._fact(asking, actions.SCANS[0])

        images = [image for image in running_images(facts) if report_in(image) is None]
        reports = await asyncio.gather(*(ask(image) for image in images))
        return replace(facts, scans={image.digest: report for image, report in zip(images, reports, strict=True)})

    # When all names are known

    def kept(self, facts: NameFacts) -> NameFacts:
        """What is needed of a name until all are known: its images only where they are compared with copies."""
        here = Destination(facts.around.region, self.own)
        settings = facts.around.registries
        copied = replicated_to(facts.name, facts.around.settings) or any(
            here in (replicated_to(facts.name, other) or ()) for other in settings.values()
        )
        if copied or isinstance(facts.images, Unread):
            return facts
        return replace(facts, images=NOT_ASKED, children={}, scans={})

    async def joined(self, names: Sequence[NameFacts], arounds: Mapping[str, Around]) -> list[NameFacts]:
        """What roles may do, each simulated once; and the copies of each repository, from what was listed."""
        complete = list(names)
        if self._wants(actions.SIMULATION):
            complete, errors = await with_permissions(self.account, self.own, complete)
            for error in errors:
                self._note(error)
        if self._wants(actions.REPLICATION):
            complete = await asyncio.to_thread(with_copies, complete, self.own, arounds)
            complete = await with_replicas(self.account, complete)
        return complete


def _side(rows: Sequence[T], complete: bool, error: AppError | None, needed: Sequence[str]) -> Fact[Sequence[T]]:
    if complete:
        return Known(rows)
    return NOT_ASKED if error is None else unread_because(error, needed[0])


async def _last(states: AsyncIterator[Loadable[T]]) -> Loadable[T]:
    """The end of a load."""
    return [state async for state in states][-1]


def _indexes(facts: NameFacts, repository: Repository, listing: ImageListing) -> Sequence[str]:
    """The indexes that decide what runs: those that used tags name, that run, or that may hold what runs."""
    listed = ListedUses(RepositoryUses(repository, facts.around.uses.of(repository)), listing)
    return list(dict.fromkeys((*named_indexes(listed), *possible_parents(listed))))[:_MOST_INDEXES]


def _seems_to_remove(facts: NameFacts) -> bool:
    """Whether the policy marks something that is used, while not all indexes were read that may protect it."""
    try:
        evaluation = stored_evaluation(facts)
    except NotRead:
        return False
    if evaluation is None or not evaluation.unread:
        return False
    return any(mark.digest in facts.used for mark in evaluation.marks)
