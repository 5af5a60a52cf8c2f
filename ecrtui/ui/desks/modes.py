"""Going to the modes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ecrtui.ui.screens.path import open_path, show_path
from ecrtui.ui.subject import Subject

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
        """To Path, of the name under the cursor."""
        open_path(self._app, self._subject)

    def command_open_path(self) -> None:
        """The path of the name under the cursor."""
        show_path(self._app, self._subject)

    def refusal_open_path(self) -> str:
        """Why there is no path."""
        return "" if self._subject.name else "nothing is selected"

    def command_audit(self) -> None:
        """To Audit."""
        self._app.switch_mode("audit")

    @property
    def _subject(self) -> Subject:
        screen = self._app.mode_screen
        return Subject() if screen is None else screen.subject
