"""Asking for the parts of a path: what depends on nothing else first, and side by side."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any, TypeVar

from ecrtui.domain.drift import Drift, Drifts
from ecrtui.domain.errors import AppError, ErrorKind
from ecrtui.domain.image import ImageListing
from ecrtui.domain.names import can_name_project, can_name_repository
from ecrtui.domain.pairing import LastImage, RegionFacts, Side, pair
from ecrtui.domain.path import stock
from ecrtui.domain.permission import actors
from ecrtui.domain.permission_verdicts import verdicts
from ecrtui.domain.project import Project
from ecrtui.domain.registry import RegistrySettings
from ecrtui.domain.repository import Repository
from ecrtui.domain.usage import ListedUses, RepositoryUses, UseIndex
from ecrtui.domain.verdict import Verdict
from ecrtui.services.browse import IndexChildren, load_children, load_images, load_usage
from ecrtui.services.builds import history
from ecrtui.services.compare import load_projects
from ecrtui.services.path_elsewhere import rules_of, targets_of
from ecrtui.services.path_parts import PathParts, reason
from ecrtui.services.permissions import repository_policy, simulate
from ecrtui.services.ports import Account, Clock
from ecrtui.services.state import Failed, Loadable, Partial, Ready, error_of, value_of
from ecrtui.services.usage import PushesRead, named_indexes, possible_parents, prove_origin

T = TypeVar("T")

_BUILDS = 100
"""Builds of the project that are looked through for the ones that made images: one page."""
_INDEXES = 50
"""Indexes whose manifests are read, since what runs may be a platform of them."""
_PROVEN = 6
"""Images whose builds' logs are read, to prove where they come from."""


class PathCache:
    """What never changes, kept from one load to the next: what indexes hold, and what the logs of builds tell."""

    def __init__(self, account: Account) -> None:
        self.indexes = IndexChildren()
        self.pushes = PushesRead(account)


class Gathering:
    """One load; `parts` is what is known now, `news` is set whenever that changes."""

    def __init__(
        self, account: Account, parts: PathParts, regions: Sequence[str], cache: PathCache, clock: Clock
    ) -> None:
        self.parts = parts
        self.news = asyncio.Event()
        self._account = account
        self._registry = account.registry(parts.region)
        self._builds = account.builds(parts.region)
        self._regions = tuple(dict.fromkeys((parts.region, *regions)))
        self._cache = cache
        self._clock = clock
        self._rules: Mapping[str, RegistrySettings] = {}
        """What fills a repository of which no project bears the name: the registries' rules, by region."""

    def _put(self, **changes: Any) -> None:
        self.parts = replace(self.parts, **changes)
        self.news.set()

    async def run(self) -> None:
        """Everything, what depends on nothing else first."""
        sides = asyncio.gather(self._load_identity(), self._load_project(), self._load_repository())
        await asyncio.gather(self._after_sides(sides), self._load_uses())
        await asyncio.gather(self._join(), self._load_rights())
        await self._prove()

    async def run_for_snippets(self) -> None:
        """What snippets are made of, and no more."""
        await asyncio.gather(self._load_identity(), self._load_project(), self._load_repository())
        await asyncio.gather(self._load_images(), self._load_uses())

    async def _after_sides(self, sides: Awaitable[Any]) -> None:
        await sides
        await self._load_rules()
        await self._pair()
        await asyncio.gather(self._load_policy(), self._load_images(), self._load_builds(), self._load_settings())
        await self._pair()

    async def _asked(self, asking: Awaitable[T]) -> Loadable[T]:
        try:
            return Ready(await asking, self._clock())
        except AppError as error:
            return Failed(error, self._clock())

    async def _if_there(self, asking: Awaitable[T]) -> Loadable[T | None]:
        """None for what does not exist."""
        try:
            return Ready(await asking, self._clock())
        except AppError as error:
            return Ready(None, self._clock()) if _is_missing(error) else Failed(error, self._clock())

    # The sides

    async def _load_identity(self) -> None:
        who = value_of(await self._asked(self._account.identity()))
        self._put(account_id="" if who is None else who.account)

    async def _load_project(self) -> None:
        name = self.parts.name
        found: Loadable[Project | None] = Ready(None, self._clock())
        if can_name_project(name):
            found = await self._if_there(self._builds.project(name))
        self._put(project=found)

    async def _load_repository(self) -> None:
        name = self.parts.name
        found: Loadable[Repository | None] = Ready(None, self._clock())
        if can_name_repository(name):
            found = await self._if_there(self._registry.repository(name))
        self._put(repository=found)

    async def _pair(self) -> None:
        """Judge the pair, with what else has to be known of other names."""
        parts = self.parts
        projects = [project] if (project := value_of(parts.project)) is not None else await self._pushers()
        regions = await targets_of(self._account, project, parts) if project is not None else {}
        own = value_of(parts.repository)
        regions.setdefault(parts.region, []).extend([own] if own is not None else [])
        facts = [
            RegionFacts(
                region,
                parts.account_id,
                self._side(parts.project, projects) if region == parts.region else Side[Project](),
                self._side(parts.repository if region == parts.region else Ready(None, 0.0), rows),
                self._last_images() if region == parts.region else {},
                self._rules.get(region),
            )
            for region, rows in regions.items()
        ]
        unlisted = Side[Repository](complete=False)
        facts += [
            RegionFacts(region, parts.account_id, repositories=unlisted, registry=rules)
            for region, rules in self._rules.items()
            if region not in regions
        ]
        found = await asyncio.to_thread(pair, facts)
        ours = [one for one in found if one.region == parts.region and one.name in (parts.name, "")]
        self._put(pairing=ours[0] if ours else None)

    async def _load_rules(self) -> None:
        parts = self.parts
        if value_of(parts.repository) is not None and isinstance(parts.project, Ready) and parts.project.value is None:
            self._rules = await rules_of(self._account, self._regions)

    @staticmethod
    def _side(known: Loadable[Any], rows: Sequence[T]) -> Side[T]:
        return Side(rows, isinstance(known, Ready), error_of(known))

    async def _pushers(self) -> Sequence[Project]:
        """The projects of the region, where none bears the name: one of them may push here all the same."""
        if value_of(self.parts.repository) is None or not isinstance(self.parts.project, Ready):
            return ()
        return value_of(await last(load_projects(self._account, self.parts.region, clock=self._clock))) or ()

    def _last_images(self) -> Mapping[str, LastImage | None]:
        listing = value_of(self.parts.images)
        if listing is None or not isinstance(self.parts.images, Ready):
            return {}
        return {self.parts.name: LastImage(listing.digest(0)) if len(listing) else None}

    # What belongs to them

    async def _load_policy(self) -> None:
        if isinstance(self.parts.repository, Ready) and self.parts.repository.value is None:
            self._put(policy=Ready(None, self._clock()))
        else:
            self._put(policy=await self._asked(self._registry.lifecycle_policy(self.parts.name)))

    async def _load_images(self) -> None:
        region, name = self.parts.region, self.parts.name
        if isinstance(self.parts.repository, Ready) and self.parts.repository.value is None:
            self._put(images=Ready(ImageListing(region, name), self._clock()))
            return
        self._put(images=await last(load_images(self._account, region, name, clock=self._clock)))
        await self._restock(())

    async def _load_builds(self) -> None:
        """Those of the project; the images of a replica are built where it comes from."""
        parts, region = self.parts, ""
        if value_of(parts.project) is not None:
            region = parts.region
        elif parts.pairing is not None and parts.pairing.verdict is Verdict.REPLICA:
            region = parts.pairing.source
        if not region:
            self._put(builds=Ready((), self._clock()))
            return
        self._put(builds=await self._asked(history(self._account, region, parts.name, _BUILDS)))

    async def _load_settings(self) -> None:
        if value_of(self.parts.project) is None or value_of(self.parts.repository) is not None:
            self._put(settings=Ready(None, self._clock()))
        else:
            self._put(settings=await self._asked(self._registry.settings()))

    # What runs

    async def _load_uses(self) -> None:
        loaded = await asyncio.gather(*(load_usage(self._account, region) for region in self._regions))
        self._put(uses=UseIndex([usage for slice_ in loaded if (usage := value_of(slice_)) is not None]))

    async def _join(self) -> None:
        """What runs beside what is there, with the platforms of the indexes that this depends on."""
        parts = self.parts
        listing = value_of(parts.images)
        if parts.uses is None or listing is None:
            listing = ImageListing(parts.region, parts.name)
        repository = value_of(parts.repository) or self._expected()
        uses = () if parts.uses is None else parts.uses.of(repository)
        listed = ListedUses(RepositoryUses(repository, uses), listing)
        wanted = [*dict.fromkeys((*named_indexes(listed), *possible_parents(listed)))][:_INDEXES]
        children: Mapping[str, Sequence[Any]] = {}
        with suppress(AppError):  # unread platforms leave the drift of what names them unknown, and it says so
            children = await load_children(self._account, parts.region, parts.name, wanted, cache=self._cache.indexes)
        known = {digest: tuple(child.digest for child in kids) for digest, kids in children.items()}
        listed = ListedUses(RepositoryUses(repository, uses, known), listing)
        drifts = await asyncio.to_thread(Drifts(listed, complete=isinstance(parts.images, Ready)).all)
        parents = {digest: index for index, kids in known.items() for digest in kids}
        self._put(drifts=drifts, parents=parents, joined=True)
        await self._restock(drifts)

    def _expected(self) -> Repository:
        """The repository that uses may name though it is not there."""
        return Repository(self.parts.name, self.parts.region, self.parts.account_id, "", "")

    async def _restock(self, drifts: Sequence[Drift]) -> None:
        listing = value_of(self.parts.images)
        if listing is None:
            return
        digests = [digest for drift in drifts if (digest := drift.running)]
        digests += [parent for digest in digests if (parent := self.parts.parents.get(digest))]
        tags = [tag for drift in drifts if (tag := drift.tag)]
        error = error_of(self.parts.images)
        why = "" if isinstance(self.parts.images, Ready) else reason(error) if error else "the load was stopped"
        self._put(stock=await asyncio.to_thread(stock, listing, digests, tags, why))

    # Who may

    async def _load_rights(self) -> None:
        parts = self.parts
        repository = value_of(parts.repository)
        if repository is None:
            self._put(rights=Ready((), self._clock()))
            return
        uses = () if parts.uses is None else parts.uses.of(repository)
        who = actors(repository.arn, value_of(parts.project), uses, parts.account_id)
        policy, answers = await asyncio.gather(
            repository_policy(self._account, parts.region, parts.name),
            simulate(self._account.permissions(), [(repository.arn, who)], parts.account_id),
        )
        found = verdicts(repository.arn, who, policy, answers)
        refused = [error for error in (policy, *answers.values()) if isinstance(error, AppError)]
        refused = [error for error in refused if not _is_missing(error)]
        at = self._clock()
        self._put(rights=Partial(found, refused[0], at) if refused else Ready(found, at))

    # Where images come from

    async def _prove(self) -> None:
        """Read the logs of the builds that may have made the images that matter most."""
        parts, builds = self.parts, value_of(self.parts.builds)
        if parts.stock is None or not builds:
            return
        matter = {parts.parents.get(drift.running or "", drift.running) for drift in parts.drifts}
        matter |= {parts.stock.newest, parts.stock.release}
        matter |= {drift.named.digest for drift in parts.drifts if drift.named is not None}
        pushes = self._cache.pushes
        for image in sorted(parts.stock.images, key=lambda image: image.digest not in matter)[:_PROVEN]:
            await prove_origin(pushes, image, builds)
            self._put(pushed=dict(pushes.known))


async def last(states: AsyncIterator[Loadable[T]]) -> Loadable[T]:
    """The end of a load."""
    return [state async for state in states][-1]


def _is_missing(error: AppError) -> bool:
    return error.kind is ErrorKind.NOT_FOUND
