"""The layers of an image, from its manifest."""

from __future__ import annotations

from collections.abc import Sequence

from ecrtui.domain.text import Shown
from ecrtui.services.slices import ImagesKey, ManifestKey
from ecrtui.services.state import value_of
from ecrtui.ui.panes.tabs.tab import View
from ecrtui.ui.present.layers import layer_lines
from ecrtui.ui.widgets.text_view import Line


class LayersTab:
    """The manifest is read when the tab is opened: AWS may count that as a pull of this image."""

    title = Shown("Layers")

    def offered(self, digest: str | None) -> bool:
        """For images."""
        return digest is not None

    def load(self, view: View) -> None:
        """The manifest."""
        if view.digest is not None:
            view.session.stored.load_manifest(*view.place, view.digest)

    def lines(self, view: View) -> Sequence[Line]:
        """Layers, or the platforms of an index."""
        image = view.image
        if image is None:
            return ()
        listing = value_of(view.state.get(ImagesKey(*view.place)))
        return layer_lines(view.state.get(ManifestKey(*view.place, image.digest)), image, listing)
