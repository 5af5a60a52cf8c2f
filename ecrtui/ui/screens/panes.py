"""Screens of several panes: the keys go from one to the next, and on a small terminal one is seen at a time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from textual.events import DescendantFocus

from ecrtui.ui.screens.mode import ModeScreen


class Pane(Protocol):
    """A part of the screen that the keys can go to."""

    @property
    def id(self) -> str | None:
        """Its name in the style sheets."""

    @property
    def has_focus_within(self) -> bool:
        """Whether the keys go to it now."""

    def take_focus(self) -> None:
        """Have the keys go to it."""


class PanesScreen(ModeScreen):
    """A mode of panes in a row.

    It has the class `at-ID` of the pane with the focus: the style sheet says what is seen of the others.
    """

    def __init__(self) -> None:
        super().__init__()
        self._at_before: Pane | None = None
        """Where the focus was last: where one is while it is in the filter line."""

    @property
    def panes(self) -> Sequence[Pane]:
        """The panes from left to right."""
        raise NotImplementedError

    @property
    def at(self) -> Pane:
        """The pane with the focus."""
        panes = self.panes
        before = next((pane for pane in panes if pane is self._at_before), panes[0])
        return next((pane for pane in panes if pane.has_focus_within), before)

    def enter(self, pane: Pane) -> None:
        """Give the focus to a pane."""
        self._at_before = pane
        self._name_class(pane)
        pane.take_focus()

    def on_descendant_focus(self, event: DescendantFocus) -> None:
        """However the focus came there, by a key or the mouse."""
        self._at_before = self.at
        self._name_class(self._at_before)

    def _name_class(self, at: Pane) -> None:
        for pane in self.panes:
            self.set_class(pane is at, f"at-{pane.id}")

    def command_next_pane(self) -> None:
        """To the pane on the right."""
        self._step(1)

    def command_previous_pane(self) -> None:
        """To the pane on the left."""
        self._step(-1)

    def _step(self, by: int) -> None:
        panes = list(self.panes)
        self.enter(panes[(panes.index(self.at) + by) % len(panes)])

    def go_up(self) -> None:
        """To the pane on the left, as far as there is one."""
        if self.at is not self.panes[0]:
            self._step(-1)
