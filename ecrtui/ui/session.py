"""One opened account in the app: its generation, and the loads that fill the state.

A session ends when the profile changes. Its loads are cancelled then, and what still arrives carries the old
generation and is dropped by `reduce`: nothing of the old account can appear afterwards.
"""

from __future__ import annotations

import time
from asyncio import CancelledError
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import aclosing
from functools import partial
from itertools import count, islice
from typing import TYPE_CHECKING, Any, TypeVar, cast

from ecrtui.domain.build import Build
from ecrtui.domain.errors import AppError
from ecrtui.domain.manifest import ChildManifest
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
    Idle,
    Key,
    Loadable,
    Loading,
    Partial,
    Ready,
    State,
    error_of,
    reduce,
    stopped,
    value_of,
)
from ecrtui.ui.desks.workplace import choose_regions
from ecrtui.ui.feed import Feed
from ecrtui.ui.following import Following
from ecrtui.ui.looking_back import look_back
from ecrtui.ui.scans import Scans
from ecrtui.ui.stored import Stored
from ecrtui.ui.uses import Uses

if TYPE_CHECKING:
    from ecrtui.ui.app import EcrtuiApp

T = TypeVar("T")

_SUMMARIES_AT_ONCE = 1_000
"""Repositories of a region whose images are counted unasked."""


class Session:
    """The account in use, and every load that was started for it."""

    def __init__(self, app: EcrtuiApp, account: Account, journal: Journal, generation: int) -> None:
        self.app = app
        self.account = account
        self.journal = journal
        self.generation = generation
        self._children: dict[tuple[str, str], dict[str, tuple[ChildManifest, ...]]] = {}
        self.gateway = Gateway(account, journal)
        self.following = Following(app, account)
        self.scans = Scans(self)
        self.stored = Stored(self)
        self.uses = Uses(self)
        self.feed: Feed | None = None
        self.watched: set[tuple[str, str]] = set()
        """Region and name of the repositories that are watched."""
        self._latest: dict[Key[Any], int] = {}
        self._numbers = count(1)
        self._uncounted: dict[str, dict[str, None]] = {}
        """By region the repositories that are still to be counted."""

    @property
    def state(self) -> State:
        """What is known now."""
        return self.app.state

    def put(self, key: Key[T], value: Loadable[T]) -> None:
        """Move one slice of the state on, have it shown, and load what is wanted next."""
        event = Changed(self.generation, key, value)
        before, state = error_of(self.app.state.get(key)), reduce(self.app.state, event)
        if state is not self.app.state:
            error = error_of(value)
            if error is not None and error is not before:
                self.app.note(error)
            self.app.show(state, loading=isinstance(value, Loading))
            self.follow_up(event)

    def asked(self, key: Key[Any]) -> bool:
        """Whether a load of one slice was ever started: it stays Idle for a moment after that."""
        return key in self._latest

    def forget(self, key: Key[Any]) -> None:
        """A slice that failed counts as never asked for; what was there before stays."""
        self._latest.pop(key, None)
        if isinstance(self.state.get(key), Failed):
            self.put(key, Idle())

    def stop(self, key: Key[Any]) -> bool:
        """Stop the load of one slice, keeping what came; False when none runs."""
        if not isinstance(self.state.get(key), Loading):
            return False
        if isinstance(key, SummariesKey):
            self._uncounted.pop(key.region, None)
        self.app.workers.cancel_group(self.app, self._group(key))
        return True

    def end(self) -> None:
        """Cancel everything that runs for this account."""
        self.app.workers.cancel_group(self.app, "builds feed")
        self.app.workers.cancel_group(self.app, "look back")
        for key in self._latest:
            self.app.workers.cancel_group(self.app, self._group(key))
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
        """Count the repositories of the other regions; where none is marked, have one chosen."""
        usable = [region.name for region in regions if not region.refusal]
        if not self.app.scope:
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
        self.fill(RepositoriesKey(region), browse.load_repositories(self.account, region))

    def load_summaries(self, region: str, names: Sequence[str]) -> None:
        """Counts, sizes and last pushes of these repositories, as they come."""
        waiting = self._uncounted[region] = dict.fromkeys(names)
        self.fill(SummariesKey(region), self._summaries(region, waiting), keep=False)

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
        self.fill(key, browse.load_images(self.account, region, repository))

    def resume_images(self, region: str, repository: str) -> None:
        """Go on with a listing that was stopped or that broke off; load anew when it cannot be resumed."""
        key = ImagesKey(region, repository)
        partial = self.state.get(key)
        if not isinstance(partial, Partial) or partial.resume is None:
            self.load_images(region, repository)
            return
        self.fill(key, browse.load_images(self.account, region, repository, resume=partial), keep=False)

    def look_again(self, region: str, repository: str) -> None:
        """Something was pushed to a repository: count it anew, and list its images anew where they are shown."""
        listing = value_of(self.state.get(RepositoriesKey(region)))
        if listing is None or listing.find(repository) is None:
            return
        self.count_first(region, [repository])
        if value_of(self.state.get(ImagesKey(region, repository))) is not None:
            self.load_images(region, repository)

    def load_projects(self, region: str) -> None:
        """The CodeBuild projects of a region."""
        self.fill(ProjectsKey(region), compare.load_projects(self.account, region))

    def load_registry(self, region: str) -> None:
        """The registry's own settings: what it makes by itself."""
        self.once(RegistryKey(region), lambda: compare.load_registry(self.account, region))

    def load_last_builds(self, region: str, projects: Sequence[str]) -> None:
        """The last build of each of these projects."""

        async def ask() -> Loadable[Mapping[str, Build]]:
            return await compare.load_last_builds(self.account, region, projects)

        self._ask(LastBuildsKey(region), ask)

    def load_history(self, region: str, project: str) -> None:
        """The latest builds of one project."""
        self.once(HistoryKey(region, project), lambda: builds.history(self.account, region, project))

    def load_usage(self, region: str) -> None:
        """What runs images in a region."""

        async def ask() -> Loadable[Any]:
            return await browse.load_usage(self.account, region)

        self._ask(UsageKey(region), ask)

    def load_policy(self, region: str, repository: str) -> None:
        """The lifecycle policy of one repository."""
        registry = self.account.registry(region)
        self.once(PolicyKey(region, repository), lambda: registry.lifecycle_policy(repository))

    def load_raw(self, key: RawKey) -> None:
        """All that AWS says of one repository or image, asked anew."""

        async def ask() -> Mapping[str, Any]:
            if key.digest is None:
                return await browse.raw_repository(self.account, key.region, key.repository)
            return await browse.raw_image(self.account, key.region, key.repository, key.digest)

        self.once(key, ask)

    def children(self, region: str, repository: str) -> Mapping[str, tuple[ChildManifest, ...]]:
        """The children of a repository's indexes, as far as their manifests were read."""
        return self._children.get((region, repository), {})

    def know_children(self, region: str, repository: str, children: Mapping[str, tuple[ChildManifest, ...]]) -> None:
        """Indexes that were read for another reason are not read again."""
        self._children.setdefault((region, repository), {}).update(children)

    def load_children(self, region: str, repository: str, digest: str) -> None:
        """Read one index's manifest, once: AWS may count it as a pull."""
        known = self._children.setdefault((region, repository), {})
        if digest in known:
            return

        async def read() -> None:
            known.update(await browse.load_children(self.account, region, repository, [digest]))
            self.app.show_soon()

        self.app.spawn(read, f"children {digest}", exclusive=True)

    def stop_region(self, region: str) -> bool:
        """Stop what loads of a region."""
        return any([self.stop(key) for key in (RepositoriesKey(region), SummariesKey(region))])

    # How a load runs

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

    def once(self, key: Key[T], ask: Callable[[], Awaitable[T]]) -> None:
        """Ask for a slice whose answer comes whole."""

        async def loadable() -> Loadable[T]:
            try:
                return Ready(await ask(), time.time())
            except AppError as error:
                return Failed(error, time.time())

        self._ask(key, loadable)

    def _ask(self, key: Key[T], ask: Callable[[], Awaitable[Loadable[T]]]) -> None:
        async def once() -> AsyncGenerator[Loadable[T], None]:
            yield Loading()
            yield await ask()

        self.fill(key, once())

    def fill(self, key: Key[T], loads: AsyncIterator[Loadable[T]], keep: bool = True) -> None:
        """Run `loads` into the slice; the newest load of a slice wins."""
        number = next(self._numbers)
        self._latest[key] = number
        before = self.state.get(key) if keep else None
        self.app.spawn(partial(self._run, key, loads, number, before), self._group(key), exclusive=True)

    async def _run(
        self, key: Key[T], loads: AsyncIterator[Loadable[T]], number: int, before: Loadable[T] | None
    ) -> None:
        held = before if isinstance(before, Ready | Partial) else None
        last: Loadable[T] = Idle()
        try:
            async with aclosing(cast("AsyncGenerator[Loadable[T], None]", loads)):
                async for last in loads:
                    self._put_latest(key, number, _held(held, last))
        except CancelledError:
            self._put_latest(key, number, stopped(last, time.time()) if held is None else held)
            raise

    def _put_latest(self, key: Key[T], number: int, value: Loadable[T]) -> None:
        if self._latest.get(key) == number:
            self.put(key, value)

    @staticmethod
    def _group(key: Key[Any]) -> str:
        return f"load {key}"


def _held(held: Ready[T] | Partial[T] | None, new: Loadable[T]) -> Loadable[T]:
    """What a reload shows: the former rows until the new ones are complete, and the former ones if it fails."""
    if held is None:
        return new
    if isinstance(new, Loading):
        return Loading(held.value, new.pages, new.rows)
    if isinstance(new, Failed):
        return Partial(held.value, new.error, held.at, stale=isinstance(held, Ready) or held.stale)
    return new
