"""All that AWS says of a repository or an image."""

from __future__ import annotations

from collections.abc import Sequence

from ecrtui.domain.text import Shown
from ecrtui.services.slices import RawKey
from ecrtui.services.state import Failed, Loading, Ready
from ecrtui.ui.panes.tabs.tab import View
from ecrtui.ui.present.detail import json_lines, problem_lines
from ecrtui.ui.present.facts import fact
from ecrtui.ui.widgets.text_view import Line


class JsonTab:
    """AWS's own answer, asked anew."""

    title = Shown("JSON")

    def offered(self, digest: str | None) -> bool:
        """Always."""
        return True

    def load(self, view: View) -> None:
        """Ask AWS."""
        view.session.load_raw(RawKey(*view.place, view.digest))

    def lines(self, view: View) -> Sequence[Line]:
        """The answer, indented."""
        match view.state.get(RawKey(*view.place, view.digest)):
            case Ready(value=value):
                return json_lines(value)
            case Failed() as failed:
                return problem_lines(failed)
            case Loading():
                return (fact("", "asking AWS…", "muted"),)
        return ()
