"""What a session asks of what is stored: sizes and prices, manifests, and copies in other regions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

from ecrtui.services import contents, cost, replication
from ecrtui.services.contents import ContentsCache, ReadManifest
from ecrtui.services.cost import Priced
from ecrtui.services.slices import (
    CopiesKey,
    ImagesKey,
    ManifestKey,
    PricesKey,
    ReplicasKey,
    RepositoriesKey,
    SpendingKey,
    repository_of,
)
from ecrtui.services.state import Failed, Idle, Loading, Ready, value_of

if TYPE_CHECKING:
    from ecrtui.ui.session import Session


class Stored:
    """The storage of one account session."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self.contents = ContentsCache()
        self._measured: set[SpendingKey] = set()
        """What was measured, or is being."""
        self._waiting: dict[ImagesKey, dict[str, Callable[[], None]]] = {}
        """What is asked as soon as the images are listed."""

    def listed(self, images: ImagesKey) -> None:
        """The images of a repository are all there: ask what waited for them."""
        for ask in self._waiting.pop(images, {}).values():
            ask()

    def load_prices(self, region: str) -> None:
        """What storage costs in a region, once."""
        if not self._session.asked(PricesKey(region)):
            account = self._session.account

            async def ask() -> Priced:
                return await cost.load_prices(account, region)

            self._session.once(PricesKey(region), ask)

    def count(self, region: str, name: str) -> None:
        """What a repository keeps by the sizes that AWS reports, unless it was measured."""
        images = ImagesKey(region, name)
        if isinstance(self._session.state.get(images), Idle | Loading):
            self._waiting.setdefault(images, {})["count"] = lambda: self.count(region, name)
            return
        slice_ = self._session.state.get(SpendingKey(region, name))
        known = value_of(slice_)
        if not isinstance(slice_, Loading) and not (known is not None and known.measured):
            self._spend(region, name, measure=False)

    def measure(self, region: str, name: str | None) -> None:
        """What a repository or (None) a region keeps by all manifests: AWS may count reading them as pulls."""
        self._measured.add(SpendingKey(region, name))
        self._spend(region, name, measure=True)

    def stop(self, region: str, name: str | None) -> bool:
        """Stop a measurement, and go back to what was known before; False when none runs."""
        key = SpendingKey(region, name)
        stopped = self._session.stop(key)
        if stopped and key in self._measured and value_of(self._session.state.get(key)) is None and name is not None:
            self._spend(region, name, measure=False)
        self._measured.discard(key)
        return stopped

    def _spend(self, region: str, name: str | None, measure: bool) -> None:
        session = self._session
        listing = value_of(session.state.get(RepositoriesKey(region)))
        if listing is None:
            return
        repositories = [row for row in map(listing.row, range(len(listing))) if name in (None, row.name)]
        images = {row.name: session.state.get(ImagesKey(region, row.name)) for row in repositories}
        listings = {one: slice_.value for one, slice_ in images.items() if isinstance(slice_, Ready)}
        loads = partial(
            cost.load_spending,
            session.account,
            region,
            repositories,
            measure=measure,
            cache=self.contents,
            listings=listings,
        )
        session.fill(SpendingKey(region, name), loads)

    def load_manifest(self, region: str, name: str, digest: str) -> None:
        """The manifest of an image, once."""
        key = ManifestKey(region, name, digest)
        if isinstance(self._session.state.get(key), Idle | Failed):

            async def ask() -> ReadManifest:
                return await contents.load_manifest(self._session.account, region, name, digest)

            self._session.once(key, ask)

    def load_copies(self, region: str, name: str, regions: Sequence[str]) -> None:
        """A repository's tags elsewhere; asked anew each time."""
        session = self._session
        repository = repository_of(session.state, region, name)
        key, images = CopiesKey(region, name, tuple(regions)), ImagesKey(region, name)
        listed = session.state.get(images)
        if isinstance(listed, Failed):
            session.put(key, listed)
        elif isinstance(listed, Idle | Loading):
            self._waiting.setdefault(images, {})["copies"] = lambda: self.load_copies(region, name, regions)
        elif repository is not None and not isinstance(session.state.get(key), Loading):
            listing = listed.value
            session.once(key, lambda: replication.load_copies(session.account, repository, listing, regions=regions))

    def load_replicas(self, region: str, name: str, digest: str) -> None:
        """What AWS says of an image's replication, once."""
        key = ReplicasKey(region, name, digest)
        if isinstance(self._session.state.get(key), Idle | Failed):
            account = self._session.account
            self._session.once(key, lambda: replication.load_replicas(account, region, name, digest))
