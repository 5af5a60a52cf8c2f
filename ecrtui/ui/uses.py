"""What a session knows of what runs the images of a repository, and of where they come from."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from functools import partial
from typing import TYPE_CHECKING

from ecrtui.domain.build import Build
from ecrtui.domain.drift import Drifts
from ecrtui.domain.errors import AppError, ErrorKind
from ecrtui.domain.image import Image
from ecrtui.domain.origin import Origin, origin_of
from ecrtui.domain.usage import ListedUses, RepositoryUses, Usage, UseIndex
from ecrtui.services import builds, usage
from ecrtui.services.browse import load_children
from ecrtui.services.slices import HistoryKey, ImagesKey, OriginKey, UsageKey, repository_of
from ecrtui.services.state import Loadable, Partial, Ready, error_of, value_of
from ecrtui.services.usage import PushesRead, named_indexes, possible_parents
from ecrtui.ui.present.source import Same
from ecrtui.ui.present.uses import NOT_KNOWN, ImageUses

if TYPE_CHECKING:
    from ecrtui.ui.session import Session

_KEPT = 2
"""Repositories whose join is remembered: the one on the screen, and the one before."""
_MOST_AT_ONCE = 100
"""Indexes whose manifests are read unasked: one call."""


class Uses:
    """The uses of one account session, joined with images as they are asked for."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._index: tuple[tuple[Same, ...], UseIndex] = ((), UseIndex(()))
        self._joined: dict[tuple[str, str], tuple[tuple[object, ...], ImageUses]] = {}
        self._asked: set[str] = set()
        """Indexes whose manifests were asked for."""
        self._pushes = PushesRead(session.account)
        self._older: dict[tuple[str, str], Sequence[Build]] = {}
        """More builds of projects than their history shows."""

    def of(self, region: str, name: str) -> ImageUses:
        """What is known of a repository's uses: its images may run in any region in scope."""
        state, scope = self._session.state, self._session.app.scope
        repository = repository_of(state, region, name)
        slice_ = state.get(ImagesKey(region, name))
        listing = value_of(slice_)
        if repository is None or listing is None:
            return NOT_KNOWN
        known = {one: value_of(state.get(UsageKey(one))) for one in scope}
        index = self._index_of([found for found in known.values() if found is not None])
        complete = isinstance(slice_, Ready) or (isinstance(slice_, Partial) and slice_.stale)
        children = self._session.children.of(region, name)
        missing = tuple(_missing(one, state.get(UsageKey(one))) for one, found in known.items() if found is None)
        made_of = (Same(index), Same(listing), repository, len(children), complete, tuple(known), missing)
        made = self._joined.get((region, name))
        if made is None or made[0] != made_of:
            platforms = {digest: tuple(kid.digest for kid in kids) for digest, kids in children.items()}
            listed = ListedUses(RepositoryUses(repository, index.of(repository), platforms), listing)
            made = made_of, ImageUses(Drifts(listed, complete=complete), (*index.unchecked, *missing), scope)
            self._joined.pop((region, name), None)
            self._joined[region, name] = made
            while len(self._joined) > _KEPT:
                self._joined.pop(next(iter(self._joined)))
        return made[1]

    def _index_of(self, usages: Sequence[Usage]) -> UseIndex:
        made_of = tuple(Same(one) for one in usages)
        if self._index[0] != made_of:
            self._index = made_of, UseIndex(usages)
        return self._index[1]

    # Indexes: what runs may be a platform of what a tag names

    def read_indexes(self, region: str, name: str, *, parents: bool = False) -> None:
        """Read the indexes that decide whether something drifted; `parents`: also those that may hold what runs.

        Those in use are pulled anyway; of the others AWS counts it as a pull, so that somebody has to ask.
        """
        if isinstance(self._session.state.get(ImagesKey(region, name)), Ready):
            self._session.app.spawn(partial(self._read_indexes, region, name, parents), f"indexes {region} {name}")

    async def _read_indexes(self, region: str, name: str, parents: bool) -> None:
        await asyncio.sleep(0)  # the join of a large repository is a piece of its own
        drifts = self.of(region, name).drifts
        if drifts is None:
            return
        wanted = [*named_indexes(drifts.listed), *(possible_parents(drifts.listed) if parents else ())]
        known = self._session.children.of(region, name)
        missing = [digest for digest in dict.fromkeys(wanted) if digest not in known and digest not in self._asked]
        if missing := missing[:_MOST_AT_ONCE]:
            self._asked.update(missing)
            try:
                found = await load_children(self._session.account, region, name, missing)
            except AppError:
                return  # drift stays unknown, and says why; `e` on the index tells the error
            self._session.children.add(region, name, found)
            self._session.app.show_soon()

    # Where images come from

    def trace(self, region: str, name: str, images: Iterable[Image]) -> None:
        """Find the builds that made these images, by their logs where that can be."""
        for image in dict.fromkeys(self._built(region, name, image) for image in images):
            key = OriginKey(region, name, image.digest)
            if not self._session.asked(key):
                self._session.once(key, partial(self._origin, region, name, image))

    async def _origin(self, region: str, name: str, image: Image) -> Origin | None:
        return await usage.prove_origin(self._pushes, image, await self._builds(region, name, image))

    async def _builds(self, region: str, name: str, image: Image) -> Sequence[Build]:
        """The builds that may have made an image: the latest, or more where it is older than those."""
        latest = value_of(self._session.state.get(HistoryKey(region, name)))
        known: Sequence[Build] = latest or ()
        if known and (image.pushed_at or 0.0) >= min(build.started_at or 0.0 for build in known):
            return known
        if (region, name) not in self._older:
            # Where there is no project, it may be a replica: its images are built where it comes from.
            elsewhere = (other for other in self._session.app.scope if other != region)
            for place in (region, *elsewhere):
                if repository_of(self._session.state, place, name) is not None:
                    self._older[region, name] = await self._history(place, name)
                    if self._older[region, name]:
                        break
        return self._older.get((region, name), ())

    async def _history(self, region: str, name: str) -> Sequence[Build]:
        try:
            return await builds.history(self._session.account, region, name, usage.BUILDS_LOOKED_AT)
        except AppError as error:
            if error.kind is not ErrorKind.NOT_FOUND:
                raise
            return ()

    def origin(self, region: str, name: str, image: Image) -> Origin | None:
        """Where an image comes from, as well as it is known now."""
        image = self._built(region, name, image)
        slice_ = self._session.state.get(OriginKey(region, name, image.digest))
        if isinstance(slice_, Ready):
            return slice_.value
        known = value_of(self._session.state.get(HistoryKey(region, name)))
        return origin_of(image, known or ())

    def _built(self, region: str, name: str, image: Image) -> Image:
        """What a build's log names: the index where the image is a platform of one."""
        drifts = self.of(region, name).drifts
        return image if drifts is None else drifts.built(image)


def _missing(region: str, slice_: Loadable[Usage]) -> str:
    """Why it is not known what runs in a region."""
    error = error_of(slice_)
    return f"{region}: what runs there is still loading" if error is None else f"{region}: {error.why or error}"
