"""The overview of a repository or an image."""

from __future__ import annotations

from collections.abc import Sequence

from ecrtui.domain.image import Image
from ecrtui.domain.text import Shown
from ecrtui.services.slices import HistoryKey, PolicyKey, SummariesKey
from ecrtui.services.state import Failed, Idle, value_of
from ecrtui.ui.panes.tabs.tab import View
from ecrtui.ui.present.detail import image_lines, repository_lines
from ecrtui.ui.present.facts import fact
from ecrtui.ui.present.used_by import origin_words
from ecrtui.ui.widgets.text_view import Line


class OverviewTab:
    """What matters most."""

    title = Shown("Overview")

    def offered(self, digest: str | None) -> bool:
        """Always."""
        return True

    def load(self, view: View) -> None:
        """The lifecycle policy, and the builds that may have made the image."""
        if isinstance(view.state.get(PolicyKey(*view.place)), Idle | Failed):
            view.session.load_policy(*view.place)
        if isinstance(view.state.get(HistoryKey(*view.place)), Idle | Failed):
            view.session.load_history(*view.place)

    def lines(self, view: View) -> Sequence[Line]:
        """Of the image, else of the repository."""
        repository, image = view.repository, view.image
        if image is not None:
            return _image(view, image, "" if repository is None else repository.uri)
        if repository is None:
            return (fact("repository", view.key.name),)
        summaries = value_of(view.state.get(SummariesKey(view.key.region))) or {}
        policy = view.state.get(PolicyKey(*view.place))
        return repository_lines(repository, summaries.get(view.key.name), policy, view.now)


def _image(view: View, image: Image, uri: str) -> Sequence[Line]:
    known = view.session.children.of(*view.place)
    uses = view.session.uses.of(*view.place)
    origin = view.session.uses.origin(*view.place, image)
    return image_lines(
        image, uri, uses.drift_of(image), uses.unchecked, known.get(image.digest), origin_words(origin), view.now
    )
