"""Going somewhere: to another mode, and there to what is meant."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ecrtui.ui.subject import Subject

if TYPE_CHECKING:
    from ecrtui.ui.app import EcrtuiApp


def go_to(app: EcrtuiApp, mode: str, subject: Subject) -> None:
    """Go to a mode, and there to a place in the path, now or as soon as it is known."""

    async def go() -> None:
        await app.switch_mode(mode)
        if (screen := app.mode_screen) is not None:
            screen.show_state(app.state)  # its lists stood still while it was not seen
            screen.reveal(subject)

    app.spawn(go, "going", exclusive=True)
