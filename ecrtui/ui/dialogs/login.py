"""Logging in: here, with the command's own words on the terminal, or elsewhere with the command copied."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal

from textual.widget import Widget

from ecrtui.domain.errors import AppError
from ecrtui.domain.text import Shown
from ecrtui.ui.dialogs.choices import Choice, Choices
from ecrtui.ui.dialogs.copy import copy_text
from ecrtui.ui.dialogs.dialog import Dialog
from ecrtui.ui.present.login import login_lines, written
from ecrtui.ui.widgets.rows import Cell
from ecrtui.ui.widgets.text_view import TextView

Chosen = Literal["run", "profile"]


class LoginDialog(Dialog[Chosen | None]):
    """Why, with what command, and what can be done about it."""

    def __init__(self, problem: AppError | None, command: Sequence[str]) -> None:
        super().__init__(Cell(Shown("Log in"), "strong"))
        self._command = tuple(command)
        self._lines = login_lines(problem, command)
        self.view = TextView(classes="fitted")
        run = (Choice("run", Shown("Run it here")), Choice("copy", Shown("Copy it"))) if command else ()
        self.choices = Choices(*run, Choice("profile", Shown("Another profile")), Choice("cancel", Shown("Close")))

    def body(self) -> Iterable[Widget]:
        yield self.view
        yield self.choices

    def on_mount(self) -> None:
        self.view.can_focus = False
        self.view.show(self._lines)
        self.choices.focus()

    def on_choices_chosen(self, event: Choices.Chosen) -> None:
        """Copying leaves the rest to the person, who logs in elsewhere: that is seen by itself."""
        match event.choice.id:
            case "run":
                self.dismiss("run")
            case "profile":
                self.dismiss("profile")
            case "copy":
                copy_text(self.app, written(self._command), Shown("Command"))
                self.dismiss(None)
            case _:
                self.dismiss(None)
