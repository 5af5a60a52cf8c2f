"""What a tab of the detail is: what it asks for when it is opened, and the lines that it shows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from textual.widget import Widget

from ecrtui.domain.image import Image
from ecrtui.domain.repository import Repository
from ecrtui.domain.text import Shown
from ecrtui.services.slices import ImagesKey, repository_of
from ecrtui.services.state import State, value_of
from ecrtui.ui.present.repositories import RepositoryKey
from ecrtui.ui.widgets.text_view import Line

if TYPE_CHECKING:
    from ecrtui.ui.session import Session


@dataclass(frozen=True, slots=True)
class View:
    """What a tab is about, and what is known now."""

    key: RepositoryKey
    digest: str | None
    """The image; None when it is about the repository."""
    state: State
    scope: tuple[str, ...]
    """The regions in scope."""
    session: Session
    now: float
    """Epoch seconds."""

    @property
    def place(self) -> tuple[str, str]:
        """Region and name of the repository."""
        return self.key.region, self.key.name

    @property
    def repository(self) -> Repository | None:
        """The repository, as it is known now."""
        return repository_of(self.state, *self.place)

    @property
    def image(self) -> Image | None:
        """The image, as it is known now; None when it is about the repository."""
        listing = value_of(self.state.get(ImagesKey(*self.place)))
        row = None if listing is None or self.digest is None else listing.find(self.digest)
        return None if listing is None or row is None else listing.row(row)


class Tab(Protocol):
    """One tab. It holds nothing: all that it shows is in the view."""

    @property
    def title(self) -> Shown:
        """What stands in the line of tabs; a tab is known by it."""
        ...

    def offered(self, digest: str | None) -> bool:
        """Whether there is such a tab for a repository (None) or for an image."""
        ...

    def load(self, view: View) -> None:
        """Ask for what it shows, unless it is there: the tab was opened, or its subject changed."""
        ...

    def lines(self, view: View) -> Sequence[Line]:
        """What is known, how well, or why not."""
        ...


class TabPane(Protocol):
    """A widget in which a tab shows what is no text."""

    def show_view(self, view: View) -> None:
        """Show what is known of the subject now."""

    def take_focus(self) -> None:
        """Have the keys go here."""


@runtime_checkable
class PaneTab(Protocol):
    """A tab with a pane of its own in the place of the text; its `lines` are not asked for."""

    @property
    def title(self) -> Shown:
        """As of any tab."""
        ...

    def pane(self) -> Widget:
        """A new one: a widget that is a `TabPane`."""
        ...
