"""What stands in the indexes of an account, as far as their manifests were read: for good, since it never changes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from ecrtui.domain.manifest import ChildManifest
from ecrtui.services import browse

if TYPE_CHECKING:
    from ecrtui.ui.session import Session


class Children:
    """Of one session."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._known: dict[tuple[str, str], dict[str, tuple[ChildManifest, ...]]] = {}

    def of(self, region: str, repository: str) -> Mapping[str, tuple[ChildManifest, ...]]:
        """Those of a repository, by the digests of its indexes."""
        return self._known.get((region, repository), {})

    def add(self, region: str, repository: str, children: Mapping[str, tuple[ChildManifest, ...]]) -> None:
        """Indexes that were read for another reason are not read again."""
        self._known.setdefault((region, repository), {}).update(children)

    def load(self, region: str, repository: str, digest: str) -> None:
        """Read one index's manifest, once: AWS may count it as a pull."""
        if digest in self.of(region, repository):
            return

        async def look() -> None:
            read = await browse.load_children(self._session.account, region, repository, [digest])
            self.add(region, repository, read)
            self._session.app.show_soon()

        self._session.app.spawn(look, f"children {digest}", exclusive=True)
