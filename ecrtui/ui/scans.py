"""What a session asks of image scans: counts of the images in sight, findings of the one that is looked at."""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from typing import TYPE_CHECKING

from ecrtui.domain.errors import AppError
from ecrtui.domain.image import Image
from ecrtui.domain.scan import ImageScan
from ecrtui.services import findings
from ecrtui.services.browse import IndexChildren
from ecrtui.services.findings import Scan
from ecrtui.services.slices import FindingsKey, ScansKey
from ecrtui.services.state import Loadable, Loading, Ready, value_of

if TYPE_CHECKING:
    from ecrtui.ui.session import Session

_FRESH = 900.0
"""Seconds for which counts that answer are kept over a refresh."""


class Scans:
    """The scans of one account session."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._place: tuple[str, str] | None = None
        """The repository whose counts were asked for last."""
        self._waiting: tuple[str, ...] = ()
        """The digests whose counts are on their way."""
        self._answered: dict[str, float] = {}
        """When the counts of a digest came."""
        self.indexes = IndexChildren()

    def count(self, region: str, repository: str, digests: Sequence[str]) -> None:
        """Ask for the counts of these images, in this order, unless they are known or on their way.

        What is on its way for others, which are out of sight by now, is stopped.
        """
        if self._place not in (None, (region, repository)):
            self.leave()
        key = ScansKey(region, repository)
        known: Mapping[str, Scan] = value_of(self._session.state.get(key)) or {}
        missing = [digest for digest in digests if digest not in known]
        if not set(missing) <= set(self._waiting):
            self._place, self._waiting = (region, repository), tuple(missing)
            self._session.fill(key, self._counts(key, self._waiting, known), keep=False)

    def leave(self) -> None:
        """Another repository is looked at: what is on its way for this one is stopped."""
        if self._place is not None:
            self._session.stop(ScansKey(*self._place))
            self._place, self._waiting = None, ()

    def look_again(self, region: str, repository: str) -> None:
        """Forget what did not answer, and what is old: it is asked for again when it is in sight."""
        key, oldest = ScansKey(region, repository), time.time() - _FRESH
        known = value_of(self._session.state.get(key))
        if known is None or self._waiting:
            return
        kept: Mapping[str, Scan] = {
            digest: scan
            for digest, scan in known.items()
            if not isinstance(scan, AppError) and scan.answers and self._answered.get(digest, 0.0) > oldest
        }
        self._session.put(key, Ready(kept, time.time()))

    async def _counts(
        self, key: ScansKey, digests: tuple[str, ...], former: Mapping[str, Scan]
    ) -> AsyncGenerator[Loadable[Mapping[str, Scan]], None]:
        known = dict(former)
        try:
            yield Loading(dict(known), rows=len(known))
            counts = findings.load_counts(self._session.account, key.region, key.repository, digests)
            async with aclosing(counts):
                async for digest, scan in counts:
                    known[digest] = scan
                    self._answered[digest] = time.time()
                    yield Loading(dict(known), rows=len(known))
            yield Ready(known, time.time())
        finally:
            if self._waiting is digests:
                self._waiting = ()

    def load_findings(self, region: str, repository: str, image: Image) -> None:
        """All findings of an image; of an index, those of its platforms."""

        async def ask() -> ImageScan:
            return await findings.load_scan(self._session.account, region, repository, image, cache=self.indexes)

        self._session.once(FindingsKey(region, repository, image.digest), ask)
