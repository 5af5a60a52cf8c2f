"""Whether a repository's project can push to it, and whether what runs its images can pull."""

from __future__ import annotations

from collections.abc import Sequence

from ecrtui.domain.text import Shown
from ecrtui.services.slices import PermissionsKey
from ecrtui.services.state import Loading, Ready
from ecrtui.ui.panes.tabs.tab import View
from ecrtui.ui.permissions import load_permissions
from ecrtui.ui.present.permissions import permission_lines
from ecrtui.ui.widgets.text_view import Line

_FRESH = 60.0
"""Seconds after which opening the tab asks again."""


class PermissionsTab:
    """The verdicts, and the repository policy."""

    title = Shown("Permissions")

    def offered(self, digest: str | None) -> bool:
        """Always: an image has the permissions of its repository."""
        return True

    def load(self, view: View) -> None:
        """Ask IAM and ECR."""
        slice_ = view.state.get(PermissionsKey(*view.place))
        fresh = isinstance(slice_, Ready) and view.now - slice_.at < _FRESH
        if not fresh and not isinstance(slice_, Loading):
            load_permissions(view.session, *view.place)

    def lines(self, view: View) -> Sequence[Line]:
        """Verdicts first, then the policy."""
        return permission_lines(view.state.get(PermissionsKey(*view.place)))
