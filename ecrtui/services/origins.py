"""Where many images come from: the builds of their projects, and the logs of a bounded number of them."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from ecrtui.domain.build import Build
from ecrtui.domain.errors import AppError, ErrorKind
from ecrtui.domain.image import Image
from ecrtui.domain.origin import Origin, candidates, origin_of
from ecrtui.services.builds import history
from ecrtui.services.ports import Account
from ecrtui.services.usage import BUILDS_LOOKED_AT, PushesRead, prove_origin

MOST_PROVEN = 24
"""Images whose builds' logs are read in one go: at most three logs each."""
_AT_ONCE = 4


@dataclass(frozen=True, slots=True)
class Stored:
    """An image, and the repository that it is in."""

    region: str
    name: str
    image: Image

    @property
    def key(self) -> tuple[str, str, str]:
        """What tells it from all others."""
        return self.region, self.name, self.image.digest


@dataclass(frozen=True, slots=True)
class Traced:
    """Where an image comes from, as far as it was looked up."""

    origin: Origin | None = None
    looked_up: bool = True
    """Whether the logs of the builds that may have made it were read; if not, they may yet prove it."""


NOT_TRACED = Traced()


@dataclass(frozen=True, slots=True)
class Origins:
    """Where images come from, and which projects' builds could not be read (each reason once)."""

    found: Mapping[tuple[str, str, str], Traced]
    errors: tuple[AppError, ...] = ()

    def of(self, region: str, name: str, image: Image | None) -> Traced:
        """Of one of the images that were traced; nothing for None."""
        return NOT_TRACED if image is None else self.found[region, name, image.digest]


async def trace_origins(account: Account, images: Iterable[Stored], most: int = MOST_PROVEN) -> Origins:
    """The builds that made these images, those that come first proven by logs where they can be.

    For each repository two calls read the latest builds of its project; the images of a replica are built by the
    project of its name in another of these regions. Never raises AppError.
    """
    wanted = list({one.key: one for one in images}.values())
    places = list(dict.fromkeys((one.region, one.name) for one in wanted))
    builds, errors = await _histories(account, places)
    provable = [one for one in wanted if candidates(one.image, builds[one.region, one.name])]
    proven = {one.key for one in provable[:most]}
    left_out = {one.key for one in provable[most:]}
    pushes, slots = PushesRead(account), asyncio.Semaphore(_AT_ONCE)

    async def trace(one: Stored) -> Traced:
        known = builds[one.region, one.name]
        if one.key not in proven:
            return Traced(origin_of(one.image, known), looked_up=one.key not in left_out)
        async with slots:
            return Traced(await prove_origin(pushes, one.image, known))

    traced = await asyncio.gather(*(trace(one) for one in wanted))
    return Origins({one.key: found for one, found in zip(wanted, traced, strict=True)}, errors)


async def _histories(
    account: Account, places: Sequence[tuple[str, str]]
) -> tuple[Mapping[tuple[str, str], Sequence[Build]], tuple[AppError, ...]]:
    """The latest builds by region and name; where there is no project, those of another region's."""
    slots, errors = asyncio.Semaphore(_AT_ONCE), dict[tuple[str, str], AppError]()

    async def ask(region: str, name: str) -> Sequence[Build]:
        async with slots:
            try:
                return await history(account, region, name, BUILDS_LOOKED_AT)
            except AppError as error:
                if error.kind is not ErrorKind.NOT_FOUND:
                    errors.setdefault((region, error.action or error.why), error)
                return ()

    own = dict(zip(places, await asyncio.gather(*(ask(*place) for place in places)), strict=True))
    elsewhere = {name: builds for (_, name), builds in own.items() if builds}
    return {place: builds or elsewhere.get(place[1], ()) for place, builds in own.items()}, tuple(errors.values())
