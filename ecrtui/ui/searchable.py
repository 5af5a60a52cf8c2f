"""What the filter line works on: a list that is filtered, or a text that is searched."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol, runtime_checkable

from textual.screen import Screen

from ecrtui.domain.query import Field, QueryProblem


@runtime_checkable
class Searchable(Protocol):
    """A list or a text with the filter line's text applied to it."""

    filter_text: str
    fields: Mapping[str, Field]
    problem: QueryProblem | None

    def set_filter(self, text: str) -> None:
        """Apply the text, as it is typed."""

    def take_focus(self) -> None:
        """Have the keys go here."""


@runtime_checkable
class FilterHost(Protocol):
    """A screen with a filter line."""

    def open_filter(self, pane: Searchable) -> None:
        """Open the line for this list or text: what is typed next goes into it."""


def ask_for_filter(pane: Searchable, screen: Screen[Any]) -> None:
    """Open the filter line of the screen; at once, so that no key typed after `/` is taken for a command."""
    if isinstance(screen, FilterHost):
        screen.open_filter(pane)
