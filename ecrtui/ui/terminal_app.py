"""An app on a terminal as ours has to be: what is drawn, what comes from the keyboard, how one leaves, how it ends.

Nothing here knows what the app is about.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any, ClassVar

from rich.text import Text
from textual.app import App
from textual.binding import Binding, BindingType
from textual.driver import Driver
from textual.events import Event, Resize
from textual.filter import LineFilter

from ecrtui.ui.leaving import exit_by_force, exit_on_signals
from ecrtui.ui.terminal import ExitFilter, speaks_unicode
from ecrtui.ui.theme import THEMES, VARIABLES, choose_theme, register_themes
from ecrtui.ui.typed_ahead import TypedAhead


class TerminalApp(App[int]):
    """Returns the exit code. `theme` is the configured one, or empty."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+c", "quit", "Leave", show=False, priority=True),
        Binding("ctrl+z", "suspend_process", "To the shell", show=False),
    ]
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (100, "-normal"), (180, "-wide")]

    def __init__(self, theme: str, environ: dict[str, str]) -> None:
        chosen = choose_theme(theme, environ)  # before Textual takes NO_COLOR from the environment
        super().__init__()
        self.exit_filter = ExitFilter(speaks_unicode(environ), not self.no_color)
        self._typed_ahead = TypedAhead(self, super().on_event)
        register_themes(self, chosen)

    def crashed(self, error: BaseException) -> str:
        """What to say of a defect that ends the app."""
        raise NotImplementedError

    # What is drawn

    def get_driver_class(self) -> type[Driver]:
        """Ours where Textual would take its own for Unix."""
        chosen = super().get_driver_class()
        if chosen.__name__ != "LinuxDriver":
            return chosen
        from ecrtui.ui.driver import TerminalDriver

        return TerminalDriver

    def get_line_filters(self) -> Sequence[LineFilter]:
        """The second wall: nothing that acts leaves for the terminal."""
        return [*super().get_line_filters(), self.exit_filter]

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """Our own variables, also under Textual's themes."""
        return dict(VARIABLES)

    def command_theme(self) -> None:
        """The next theme."""
        names = [theme.name for theme in THEMES]
        self.theme = names[(names.index(self.theme) + 1) % len(names)] if self.theme in names else names[0]

    def on_resize(self, event: Resize) -> None:
        """The terminal may show anything now: have the whole picture sent."""
        forget = getattr(self._driver, "forget", None)  # of ours; Textual's own keep no picture
        if forget is not None:
            forget(event.size.width, event.size.height)

    def on_mount(self) -> None:
        if not self.is_headless:
            exit_on_signals(self)
        self.app_resume_signal.subscribe(self, self._repaint)

    def _repaint(self, _: object) -> None:
        """Back from the shell (ctrl+z, fg): the terminal has forgotten everything, Textual paints only what changes."""
        self.refresh(layout=True)

    # What comes from the keyboard

    async def on_event(self, event: Event) -> None:
        """What comes from the keyboard waits for its turn."""
        if self._typed_ahead.concerns(event):
            self._typed_ahead.take(event)
        else:
            await super().on_event(event)

    # Leaving, and ending

    def command_quit(self) -> None:
        """Leave."""
        self.exit(0)

    def exit(self, result: int | None = None, return_code: int = 0, message: Any = None) -> None:
        """End the app; by force when that takes too long."""
        if not self.is_headless:
            exit_by_force(self, return_code)
        super().exit(result, return_code, message)

    def _fatal_error(self) -> None:
        """A crash ends in what the report of it is called: never in the values at hand, which may be secrets."""
        error = sys.exc_info()[1] or self._exception or RuntimeError()
        self._exit_renderables.append(Text(self.crashed(error)))
        self._close_messages_no_wait()
