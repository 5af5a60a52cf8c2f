"""What the filter line works on: a list that is filtered, or a text that is searched."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol, runtime_checkable

from textual.message import Message

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


class FilterAsked(Message):
    """The filter line is to be opened for this list or text."""

    def __init__(self, pane: Searchable) -> None:
        super().__init__()
        self.pane = pane
