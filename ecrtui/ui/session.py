"""One opened account in the app, and what can be loaded of it. A session ends when the profile changes."""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator, Mapping, Sequence
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, Any, TypeVar

from ecrtui.domain.build import Build
from ecrtui.domain.errors import AppError, ErrorKind
from ecrtui.domain.repository import RepositoryListing
from ecrtui.services import browse, builds, compare
from ecrtui.services.browse import Summary
from ecrtui.services.changes import Gateway
from ecrtui.services.ports import Account, Identity, Journal, RegionStatus
from ecrtui.services.slices import (
    HistoryKey,
    IdentityKey,
    ImagesKey,
    LastBuildsKey,
    PolicyKey,
    ProjectsKey,
    RawKey,
    RegionsKey,
    RegistryKey,
    RepositoriesKey,
    SummariesKey,
    UsageKey,
)
from ecrtui.services.state import (
    Changed,
    Failed,
    Key,
    Loadable,
    Loading,
    Partial,
    Ready,
    value_of,
)
from ecrtui.ui.children import Children
from ecrtui.ui.desks.workplace import choose_regions
from ecrtui.ui.feed import Feed
from ecrtui.ui.following import Following
from ecrtui.ui.loads import Loads
from ecrtui.ui.looking_back import look_back
from ecrtui.ui.recovery import recover
from ecrtui.ui.scans import Scans
from ecrtui.ui.stored import Stored
from ecrtui.ui.uses import Uses

if TYPE_CHECKING:
    from ecrtui.ui.app import EcrtuiApp

T = TypeVar("T")

_SUMMARIES_AT_ONCE = 1_000
"""Repositories of a region whose images are counted unasked."""


class Session(Loads):
    """The account in use, and every load that was started for it."""

    def __init__(self, app: EcrtuiApp, account: Account, journal: Journal, generation: int) -> None:
        super().__init__(app, generation)
        self.account = account
        self.journal = journal
        self.children = Children(self)
        self.gateway = Gateway(account, journal)
        self.following = Following(app, account)
        self.scans = Scans(self)
        self.stored = Stored(self)
        self.uses = Uses(self)
        self.feed: Feed | None = None
        self.watched: set[tuple[str, str]] = set()
        """Region and name of the repositories that are watched."""
        self._uncounted: dict[str, dict[str, None]] = {}
        """By region the repositories that are still to be counted."""
        account.network.on_return(partial(recover, self))

    def load_again(self, key: Key[Any]) -> None:
        """Load a slice as it was loaded last; a listing that broke off goes on."""
        if isinstance(key, ImagesKey):
            self.resume_images(key.region, key.repository)
        else:
            super().load_again(key)

    def stop(self, key: Key[Any]) -> bool:
        stopped = super().stop(key)
        if stopped and isinstance(key, SummariesKey):
            self._uncounted.pop(key.region, None)
        return stopped

    def end(self) -> None:
        """Cancel everything that runs for this account."""
        self.app.workers.cancel_group(self.app, "builds feed")
        self.app.workers.cancel_group(self.app, "look back")
        super().end()
        for place in self.watched:
            self.app.workers.cancel_group(self.app, f"watch {place}")
        self.following.end()

    def look_back(self) -> None:
        """See, beside everything else, what became of changes that were cut off."""
        self.app.spawn(partial(look_back, self), "look back", exclusive=True)

    # The regions in scope

    def scope_changed(self, scope: tuple[str, ...]) -> None:
        """Other regions are marked: load what is not there, and move the builds feed."""
        for region in scope:
            self.load_region(region)
        if self.feed is not None:
            self.feed_builds(scope)

    def load_region(self, region: str, again: bool = False) -> None:
        """Load what Explore shows of a region, unless it is there already."""
        if again or not self.asked(ProjectsKey(region)):
            self.load_projects(region)
        if again or not self.asked(UsageKey(region)):
            self.load_usage(region)
        repositories = self.state.get(RepositoriesKey(region))
        if again or not self.asked(RepositoriesKey(region)) or isinstance(repositories, Failed):
            self.load_repositories(region)
        elif isinstance(repositories, Ready) and not self.asked(SummariesKey(region)):
            self._summarise(repositories.value)

    def _summarise(self, listing: RepositoryListing) -> None:
        self.load_summaries(listing.region, listing.names[:_SUMMARIES_AT_ONCE])

    def feed_builds(self, scope: tuple[str, ...], *, poke: bool = False) -> None:
        """Keep the builds of these regions moving from now on; with `poke`, look at once."""
        if self.feed is not None and self.feed.regions == scope:
            if poke:
                self.feed.poke()
        elif scope:
            self.feed = Feed(self, scope)
            self.app.spawn(self.feed.run, "builds feed", exclusive=True)

    def follow_up(self, event: Changed) -> None:
        """Load what is wanted next, now that this is known."""
        if not isinstance(event.value, Ready):
            return
        if isinstance(event.key, RepositoriesKey) and event.key.region in self.app.scope:
            self._summarise(event.value.value)
        elif isinstance(event.key, ImagesKey):
            self.stored.listed(event.key)
        elif isinstance(event.key, RegionsKey):
            self._survey(event.value.value)

    def _survey(self, regions: Sequence[RegionStatus]) -> None:
        """Count the repositories of the other regions; where none is marked, have one chosen.

        While there are no usable credentials, these are what is missing: who has logged in is asked for the region.
        """
        usable = [region.name for region in regions if not region.refusal]
        if not self.app.scope and self.account.login.problem is None:
            choose_regions(self.app, unasked=True)
        for region in usable:
            if region not in self.app.scope:
                self.load_repositories(region)

    # What can be loaded

    def load_identity(self) -> None:
        """Who we are, asked anew."""
        self.once(IdentityKey(), self._identity)

    def load_regions(self) -> None:
        """The regions of the account."""
        self.once(RegionsKey(), self._regions)

    def load_repositories(self, region: str) -> None:
        """The repositories of a region; then their counts and sizes."""
        self.fill(RepositoriesKey(region), partial(browse.load_repositories, self.account, region))

    def load_summaries(self, region: str, names: Sequence[str]) -> None:
        """Counts, sizes and last pushes of these repositories, as they come."""
        waiting = self._uncounted[region] = dict.fromkeys(names)
        self.fill(SummariesKey(region), partial(self._summaries, region, waiting), keep=False)

    def count_first(self, region: str, names: Sequence[str]) -> None:
        """Count these repositories, and then those that are still to be counted."""
        self.load_summaries(region, [*dict.fromkeys([*names, *self._uncounted.get(region, ())])])

    def count_uncounted(self, region: str, names: Sequence[str]) -> None:
        """Count those of these repositories next that never were."""
        counted = value_of(self.state.get(SummariesKey(region)))
        if counted is None:
            return
        missing = [name for name in names if name not in counted]
        if missing != [*islice(self._uncounted.get(region, ()), len(missing))]:
            self.count_first(region, missing)

    def load_images(self, region: str, repository: str) -> None:
        """All images of a repository; goes on where a stopped or broken load left off."""
        key = ImagesKey(region, repository)
        self.fill(key, partial(browse.load_images, self.account, region, repository))

    def resume_images(self, region: str, repository: str) -> None:
        """Go on with a listing that was stopped or that broke off; load anew when it cannot be resumed."""
        key = ImagesKey(region, repository)
        cut_off = self.state.get(key)
        if not isinstance(cut_off, Partial) or cut_off.resume is None:
            self.load_images(region, repository)
            return
        self.fill(key, lambda: browse.load_images(self.account, region, repository, resume=cut_off), keep=False)

    def look_again(self, region: str, repository: str) -> None:
        """Something came to a repository, or went: count it anew, and list its images anew where they are shown."""
        listing = value_of(self.state.get(RepositoriesKey(region)))
        if listing is None or listing.find(repository) is None:
            return
        self.count_first(region, [repository])
        if value_of(self.state.get(ImagesKey(region, repository))) is not None:
            self.load_images(region, repository)

    def load_projects(self, region: str) -> None:
        """The CodeBuild projects of a region."""
        self.fill(ProjectsKey(region), partial(compare.load_projects, self.account, region))

    def load_registry(self, region: str) -> None:
        """The registry's own settings: what it makes by itself."""
        self.once(RegistryKey(region), lambda: compare.load_registry(self.account, region))

    def load_last_builds(self, region: str, projects: Sequence[str]) -> None:
        """The last build of each of these projects."""

        async def ask() -> Loadable[Mapping[str, Build]]:
            return await compare.load_last_builds(self.account, region, projects)

        self.ask(LastBuildsKey(region), ask)

    def load_history(self, region: str, project: str) -> None:
        """The latest builds of one project."""
        self.once(HistoryKey(region, project), lambda: builds.history(self.account, region, project))

    def load_usage(self, region: str) -> None:
        """What runs images in a region."""

        async def ask() -> Loadable[Any]:
            return await browse.load_usage(self.account, region)

        self.ask(UsageKey(region), ask)

    def load_policy(self, region: str, repository: str) -> None:
        """The lifecycle policy of one repository."""
        registry = self.account.registry(region)
        self.once(PolicyKey(region, repository), lambda: registry.lifecycle_policy(repository))

    def load_raw(self, key: RawKey) -> None:
        """All that AWS says of one repository or image, asked anew. Where that image is gone, so is its row soon."""

        async def ask() -> Mapping[str, Any]:
            if key.digest is None:
                return await browse.raw_repository(self.account, key.region, key.repository)
            try:
                return await browse.raw_image(self.account, key.region, key.repository, key.digest)
            except AppError as error:
                if error.kind is ErrorKind.NOT_FOUND:
                    self.look_again(key.region, key.repository)
                raise

        self.once(key, ask)

    def stop_region(self, region: str) -> bool:
        """Stop what loads of a region."""
        return any([self.stop(key) for key in (RepositoriesKey(region), SummariesKey(region))])

    # How they are asked for

    async def _identity(self) -> Identity:
        return await self.account.identity(fresh=True)

    async def _regions(self) -> tuple[RegionStatus, ...]:
        return await self.account.regions()

    async def _summaries(
        self, region: str, waiting: dict[str, None]
    ) -> AsyncGenerator[Loadable[Mapping[str, Summary]], None]:
        former: Mapping[str, Summary] = value_of(self.state.get(SummariesKey(region))) or {}
        known = dict(former)
        async for name, summary in browse.load_summaries(self.account, region, [*waiting]):
            known[name] = summary
            waiting.pop(name, None)
            yield Loading(dict(known), rows=len(known))
        yield Ready(known, time.time())
