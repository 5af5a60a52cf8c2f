"""Going to the modes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ecrtui.ui.actions.path import choose_path
from ecrtui.ui.desks.subject import no_subject, subject_of
from ecrtui.ui.going import go_to

if TYPE_CHECKING:
    from ecrtui.ui.app import EcrtuiApp


class ModesDesk:
    """Commands that leave for another mode."""

    def __init__(self, app: EcrtuiApp) -> None:
        self._app = app

    def command_explore(self) -> None:
        """To Explore."""
        self._app.switch_mode("explore")

    def command_compare(self) -> None:
        """To Compare."""
        self._app.switch_mode("compare")

    def command_builds(self) -> None:
        """To Builds."""
        self._app.switch_mode("builds")

    def command_path(self) -> None:
        """To Path, of the name under the cursor; where there is none, of the one shown last, or of one to be chosen."""
        app, subject = self._app, subject_of(self._app)
        there = app.current_mode == "path"
        if subject.name and not there:
            go_to(app, "path", subject)
        elif not there and any(screen.MODE == "path" and screen.subject.name for screen in app.mode_screens):
            app.switch_mode("path")
        else:
            choose_path(app)

    def command_open_path(self) -> None:
        """The path of the name under the cursor."""
        go_to(self._app, "path", subject_of(self._app))

    def refusal_open_path(self) -> str:
        """Why there is no path."""
        return no_subject(self._app)

    def command_audit(self) -> None:
        """To Audit."""
        self._app.switch_mode("audit")
