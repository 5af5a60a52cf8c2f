"""The builds feed of the app: one poll a region, whose updates move the state."""

from __future__ import annotations

import time
from contextlib import aclosing
from typing import TYPE_CHECKING, cast

from ecrtui.services.builds import BuildFeed, FeedUpdate
from ecrtui.services.slices import BuildsKey
from ecrtui.services.state import Failed, Loadable, Partial, Ready, value_of

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from ecrtui.domain.build import Build
    from ecrtui.ui.session import Session


class Feed:
    """Polls the builds of the regions in scope, and puts what it learns into the session's state."""

    def __init__(self, session: Session, regions: tuple[str, ...]) -> None:
        self.session = session
        self.regions = regions
        self._feed = BuildFeed(session.account, regions)

    async def run(self) -> None:
        """Poll until cancelled."""
        updates = cast("AsyncGenerator[FeedUpdate, None]", self._feed.run())
        async with aclosing(updates):
            async for update in updates:
                for build in update.builds:
                    self.session.following.update(build)
                self.session.put(BuildsKey(update.region), self._slice(update))

    def expect(self, build_id: str, region: str) -> None:
        """A build was started: look for it at once."""
        self._feed.focus(build_id, region)

    def poke(self) -> None:
        """Poll at once."""
        self._feed.poke()

    def _slice(self, update: FeedUpdate) -> Loadable[tuple[Build, ...]]:
        now = time.time()
        if update.error is None:
            return Ready(update.builds, now)
        known = value_of(self.session.state.get(BuildsKey(update.region)))
        return Failed(update.error, now) if known is None else Partial(known, update.error, now)
