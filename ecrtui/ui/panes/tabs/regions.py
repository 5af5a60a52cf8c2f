"""A repository's tags in the other regions."""

from __future__ import annotations

from collections.abc import Sequence

from ecrtui.domain.text import Shown
from ecrtui.services.slices import CopiesKey, ReplicasKey
from ecrtui.ui.panes.tabs.tab import View
from ecrtui.ui.present.copies import copies_lines, replica_lines
from ecrtui.ui.widgets.text_view import Line


class RegionsTab:
    """Replication as the registry's rules say, and as the digests of the tags there show."""

    title = Shown("Regions")

    def offered(self, digest: str | None) -> bool:
        """Always."""
        return True

    def load(self, view: View) -> None:
        """The rules, the tags in the other regions, and what AWS says of the image."""
        view.session.stored.load_copies(*view.place, view.scope)
        if view.digest is not None:
            view.session.stored.load_replicas(*view.place, view.digest)

    def lines(self, view: View) -> Sequence[Line]:
        """Of the image, or of the newest tagged ones."""
        copies = view.state.get(CopiesKey(*view.place, view.scope))
        if view.digest is None:
            return copies_lines(copies, view.key.name, view.now)
        replicas = view.state.get(ReplicasKey(*view.place, view.digest))
        registry_id = "" if view.repository is None else view.repository.registry_id
        return (*replica_lines(replicas, registry_id), *copies_lines(copies, view.key.name, view.now, view.image))
