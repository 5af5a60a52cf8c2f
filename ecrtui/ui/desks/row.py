"""What every list offers for the row under the cursor, or for those that are marked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ecrtui.domain.text import Shown, shown
from ecrtui.services.ports import Identity
from ecrtui.services.slices import IdentityKey
from ecrtui.services.state import value_of
from ecrtui.ui.actions.builds import refusal_to_build, show_latest_build, start_build
from ecrtui.ui.actions.create import choose_and_create, refusal_to_create
from ecrtui.ui.actions.watch import toggle_watch
from ecrtui.ui.desks.subject import no_subject, subject_of
from ecrtui.ui.dialogs.copy import CopyDialog, copy_text
from ecrtui.ui.present.copying import console_link, copies_of
from ecrtui.ui.screens.lifecycle import show_lifecycle
from ecrtui.ui.subject import Subject

if TYPE_CHECKING:
    from ecrtui.ui.app import EcrtuiApp


class RowDesk:
    """Commands on what the visible screen says that they are about."""

    def __init__(self, app: EcrtuiApp) -> None:
        self._app = app

    @property
    def _subject(self) -> Subject:
        return subject_of(self._app)

    def command_build(self) -> None:
        """Start a build of the project."""
        start_build(self._app, self._subject)

    def refusal_build(self) -> str:
        """Why no build can be started."""
        return no_subject(self._app) or refusal_to_build(self._app, self._subject)

    def command_logs(self) -> None:
        """The log of the project's latest build."""
        show_latest_build(self._app, self._subject)

    def refusal_logs(self) -> str:
        """Why there is no log."""
        return no_subject(self._app) or refusal_to_build(self._app, self._subject)

    def command_create(self) -> None:
        """Create repositories for projects that have none."""
        choose_and_create(self._app)

    def refusal_create(self) -> str:
        """Why no repository can be created."""
        return refusal_to_create(self._app)

    def command_lifecycle(self) -> None:
        """The lifecycle policies of what is marked."""
        if (screen := self._app.mode_screen) is not None:
            show_lifecycle(self._app, screen.subjects)

    def refusal_lifecycle(self) -> str:
        """Why there is no policy to look at."""
        screen = self._app.mode_screen
        if screen is not None and screen.subjects:
            return ""
        return no_subject(self._app) or "there is no repository"

    def command_watch(self) -> None:
        """Watch the repository, or stop watching it."""
        toggle_watch(self._app, self._subject)

    def refusal_watch(self) -> str:
        """Why nothing can be watched."""
        return no_subject(self._app)

    def command_copy(self) -> None:
        """Choose what to copy."""
        app, subject = self._app, self._subject
        copies = copies_of(subject, app.state)
        if copies:
            app.push_screen(CopyDialog(shown(f"{subject.name} in {subject.region}"), copies))
        else:
            app.tell(shown(f"{subject.name} is still loading"), good=False)

    def refusal_copy(self) -> str:
        """Why there is nothing to copy."""
        return no_subject(self._app)

    def command_console(self) -> None:
        """The link to the AWS console: copied and shown, opened by nobody but the person."""
        app, identity = self._app, self._identity
        if identity is not None:
            in_compare = app.current_mode == "compare"
            link = console_link(self._subject, identity.account, project=in_compare)
            copy_text(app, link, Shown("Console link"))

    def refusal_console(self) -> str:
        """Why there is no link."""
        if self._identity is None:
            return "the account is not known yet"
        return no_subject(self._app)

    @property
    def _identity(self) -> Identity | None:
        return value_of(self._app.state.get(IdentityKey()))
