"""What the commands of the app are about: what the visible screen says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ecrtui.ui.subject import Subject

if TYPE_CHECKING:
    from ecrtui.ui.app import EcrtuiApp


def subject_of(app: EcrtuiApp) -> Subject:
    """What is under the cursor."""
    screen = app.mode_screen
    return Subject() if screen is None else screen.subject


def no_subject(app: EcrtuiApp) -> str:
    """Why commands are about nothing; empty when they are about something."""
    screen = app.mode_screen
    if screen is None or app.session is None:
        return "the account is still being opened"
    return screen.no_subject
