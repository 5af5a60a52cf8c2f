"""What a repository keeps and costs."""

from __future__ import annotations

from collections.abc import Sequence

from ecrtui.domain.text import Shown
from ecrtui.services.slices import ImagesKey, PricesKey, SpendingKey
from ecrtui.services.state import value_of
from ecrtui.ui.panes.tabs.tab import View
from ecrtui.ui.present.cost import spending_lines
from ecrtui.ui.widgets.text_view import Line


class CostTab:
    """Sizes as reported, or measured on demand; growth; groups of images by tags and age."""

    title = Shown("Cost")

    def offered(self, digest: str | None) -> bool:
        """For repositories: an image's own size is in its layers."""
        return digest is None

    def load(self, view: View) -> None:
        """The prices, and the sizes that AWS reports."""
        view.session.stored.load_prices(view.key.region)
        view.session.stored.count(*view.place)

    def lines(self, view: View) -> Sequence[Line]:
        """The sums, and how exact they are."""
        listing = value_of(view.state.get(ImagesKey(*view.place)))
        spending = view.state.get(SpendingKey(*view.place))
        prices = view.state.get(PricesKey(view.key.region))
        return spending_lines(spending, prices, 0 if listing is None else len(listing), view.now)
