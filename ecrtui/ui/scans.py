"""What a session asks of image scans: counts of the images in sight, findings of the one that is looked at."""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from ecrtui.domain.errors import AppError
from ecrtui.domain.image import Image
from ecrtui.domain.scan import ImageScan, counts_of
from ecrtui.services import findings
from ecrtui.services.browse import IndexChildren
from ecrtui.services.findings import Scan
from ecrtui.services.slices import FindingsKey, ScansKey
from ecrtui.services.state import Loadable, Loading, Ready

if TYPE_CHECKING:
    from ecrtui.ui.session import Session

_FRESH = 900.0
"""Seconds for which counts that answer are kept over a refresh."""


class Scans:
    """The scans of one account session."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._known: dict[tuple[str, str], dict[str, Scan]] = {}
        """Counts by region and repository, by digest; the slices are copies of it."""
        self._place: tuple[str, str] | None = None
        """The repository whose counts were asked for last."""
        self._waiting: tuple[str, ...] = ()
        """The digests whose counts are on their way."""
        self._answered: dict[str, float] = {}
        """When the counts of a digest came."""
        self._old: set[str] = set()
        """Digests that are to be asked for again."""
        self.indexes = IndexChildren()

    def count(self, region: str, repository: str, digests: Sequence[str]) -> None:
        """Ask for the counts of these images, in this order, unless they are known or on their way.

        What is on its way for others, which are out of sight by now, is stopped.
        """
        if self._place not in (None, (region, repository)):
            self.leave()
        known = self._known.setdefault((region, repository), {})
        missing = [digest for digest in digests if digest not in known or digest in self._old]
        if not set(missing) <= set(self._waiting):
            self._place, self._waiting = (region, repository), tuple(missing)
            key = ScansKey(region, repository)
            self._session.fill(key, partial(self._counts, key, self._waiting, known), keep=False)

    def leave(self) -> None:
        """Another repository is looked at: what is on its way for this one is stopped."""
        if self._place is not None:
            self._session.stop(ScansKey(*self._place))
            self._place, self._waiting = None, ()

    def look_again(self, region: str, repository: str) -> None:
        """What did not answer, and what is old, is asked for again when it is next in sight."""
        oldest = time.time() - _FRESH
        for digest, scan in self._known.get((region, repository), {}).items():
            if isinstance(scan, AppError) or not scan.answers or self._answered.get(digest, 0.0) < oldest:
                self._old.add(digest)
        self._session.app.show_soon()

    def look_everywhere_again(self) -> None:
        """As `look_again`, for all repositories."""
        for place in self._known:
            self.look_again(*place)

    def _learn(self, region: str, repository: str, digest: str, scan: Scan) -> None:
        counts = scan if isinstance(scan, AppError) else replace(scan, counts=counts_of(scan) or {}, findings=())
        self._known.setdefault((region, repository), {})[digest] = counts
        self._answered[digest] = time.time()
        self._old.discard(digest)

    def _show(self, region: str, repository: str) -> None:
        known: Mapping[str, Scan] = dict(self._known.get((region, repository), {}))
        loading = self._waiting and self._place == (region, repository)
        value: Loadable[Mapping[str, Scan]] = Loading(known) if loading else Ready(known, time.time())
        self._session.put(ScansKey(region, repository), value)

    async def _counts(
        self, key: ScansKey, digests: tuple[str, ...], known: Mapping[str, Scan]
    ) -> AsyncGenerator[Loadable[Mapping[str, Scan]], None]:
        try:
            yield Loading(dict(known), rows=len(known))
            counts = findings.load_counts(self._session.account, key.region, key.repository, digests)
            async with aclosing(counts):
                async for digest, scan in counts:
                    self._learn(key.region, key.repository, digest, scan)
                    yield Loading(dict(known), rows=len(known))
            yield Ready(dict(known), time.time())
        finally:
            if self._waiting is digests:
                self._waiting = ()

    # Findings

    def load_findings(self, region: str, repository: str, image: Image) -> None:
        """All findings of an image; of an index, those of its platforms. Its counts are known with them."""

        async def ask() -> ImageScan:
            account = self._session.account
            scan = await findings.load_scan(account, region, repository, image, cache=self.indexes)
            for part in scan.parts:
                self._learn(region, repository, part.digest, part.scan)
            self._session.children.add(region, repository, self.indexes.known([image.digest]))
            self._show(region, repository)
            return scan

        self._session.once(FindingsKey(region, repository, image.digest), ask)
