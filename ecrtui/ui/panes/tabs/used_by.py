"""What runs an image, or the images of a repository, and whether it drifted from its tag."""

from __future__ import annotations

from collections.abc import Sequence

from ecrtui.domain.drift import Drift
from ecrtui.domain.image import Image
from ecrtui.domain.text import Shown
from ecrtui.services.slices import HistoryKey, ImagesKey
from ecrtui.services.state import Failed, Idle
from ecrtui.ui.panes.tabs.tab import View
from ecrtui.ui.present.used_by import origin_words, used_by_lines
from ecrtui.ui.widgets.text_view import Line

_MOST_TRACED = 8
"""Images whose builds are looked for in logs."""


class UsedByTab:
    """Uses in every region in scope, with drift and the builds behind it."""

    title = Shown("Used by")

    def offered(self, digest: str | None) -> bool:
        """Always: of a repository, the uses of all its images."""
        return True

    def load(self, view: View) -> None:
        """The images, the builds, and the platforms of indexes that are in question."""
        if isinstance(view.state.get(ImagesKey(*view.place)), Idle):
            view.session.load_images(*view.place)
        if isinstance(view.state.get(HistoryKey(*view.place)), Idle | Failed):
            view.session.load_history(*view.place)
        view.session.uses.read_indexes(*view.place, parents=True)

    def lines(self, view: View) -> Sequence[Line]:
        """A paragraph each, what drifted first."""

        def made(image: Image) -> str:
            return origin_words(view.session.uses.origin(*view.place, image))

        uses, drifts = view.session.uses.of(*view.place), _drifts(view)
        # What runs is known when images and uses have come; each image is traced once.
        view.session.uses.trace(*view.place, _images(drifts, view.image)[:_MOST_TRACED])
        return used_by_lines(drifts, uses, made, view.now, image=view.image)


def _drifts(view: View) -> Sequence[Drift]:
    uses, image = view.session.uses.of(*view.place), view.image
    return uses.all() if image is None else uses.drift_of(image)


def _images(drifts: Sequence[Drift], image: Image | None) -> list[Image]:
    """The images that are shown, those of what drifted first."""
    shown = [image] if image is not None else []
    shown += [one for drift in drifts for one in (drift.running_image, drift.named) if one is not None]
    return list({one.digest: one for one in shown}.values())
