"""Path: one name, the whole chain, and what mends or opens each part of it."""

from __future__ import annotations

import time
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.containers import Vertical

from ecrtui.domain.path import Chain, Mend
from ecrtui.domain.text import Shown, shown
from ecrtui.resources import style_paths
from ecrtui.services.path import load_path
from ecrtui.services.path_gathering import PathCache
from ecrtui.services.path_parts import PathParts, chain_of
from ecrtui.services.ports import Account
from ecrtui.services.slices import PathKey
from ecrtui.services.state import IDLE, Loadable, Loading, State, error_of, value_of
from ecrtui.ui import commands
from ecrtui.ui.actions.path import place_of
from ecrtui.ui.desks.path import PathDesk
from ecrtui.ui.panes.path import PathView
from ecrtui.ui.present.path import detail_lines, help_words
from ecrtui.ui.present.problems import state_word
from ecrtui.ui.screens.panes import PanesScreen
from ecrtui.ui.subject import Subject
from ecrtui.ui.widgets.heading import Heading
from ecrtui.ui.widgets.rows import Cell
from ecrtui.ui.widgets.text_view import TextView

if TYPE_CHECKING:
    pass

_AGES = 10.0
"""Seconds after which the ages in a picture that has not changed are said anew."""
_READING = ((Cell(Shown("  reading…"), "muted"),),)
_NOTHING = (
    (Cell(Shown("  no name is chosen")),),
    (Cell(Shown("  p or 4 chooses one of those that are known here, :path NAME takes any"), "muted"),),
)


class PathScreen(PanesScreen):
    """The fourth screen."""

    CSS_PATH = style_paths("widgets", "path")
    MODE: ClassVar[str] = "path"
    FOOTER: ClassVar[tuple[str, ...]] = (
        "open-path",
        "snippets",
        "create",
        "build",
        "logs",
        "lifecycle",
        "copy",
        "help",
    )
    VERTICAL_BREAKPOINTS = [(0, "-low"), (18, "-tall"), (32, "-high")]

    def __init__(self) -> None:
        super().__init__()
        self._desk = PathDesk(self)
        self.desks = (self._desk,)
        self.heading = Heading(Shown("PATH"))
        self.chain = PathView(self._say)
        self.detail = TextView(id="part")
        self.place: Subject | None = None
        """Region and name of the path."""
        self._drawn: tuple[PathParts | None, float] = (None, 0.0)
        self.made: Chain | None = None
        """The path as it is drawn."""
        self._cache: tuple[Account, PathCache] | None = None
        """What was read for good, of the account in use."""

    def body(self) -> ComposeResult:
        with Vertical(id="path"):
            yield self.heading
            yield self.chain
            yield self.detail

    def on_mount(self) -> None:
        self.enter(self.chain)

    def session_opened(self) -> None:
        if self.place is not None and self.place.region:
            self.follow(None)

    @property
    def panes(self) -> Sequence[PathView | TextView]:
        return (self.chain, self.detail)

    def reveal(self, subject: Subject) -> None:
        self.follow(subject)

    def follow(self, subject: Subject | None) -> None:
        """Show the path of this name from now on."""
        self.place = None if subject is None or not subject.name else Subject(subject.region, subject.name)
        self.made, self._drawn = None, (None, 0.0)
        self.detail.scroll_home(animate=False)
        if self.ecrtui.mode_screen is self:
            self.show_state(self.ecrtui.state)

    # What is shown

    def show_state(self, state: State) -> None:
        super().show_state(state)
        if self.place is not None and not self.place.region and self.ecrtui.scope:
            self.place = place_of(self.ecrtui, self.place.name)  # asked for before the account was open
        if self.place is None:
            self.chain.show_chain(None, _NOTHING)
            self.detail.show(())
            self.heading.show(title=Shown("PATH"))
            return
        self._ask()
        self._draw(state.get(self.key))
        self._show_detail()

    def _ask(self) -> None:
        """Load the path, unless it is there."""
        session = self.ecrtui.session
        if session is not None and self.key.region and not session.asked(self.key):
            self._load()

    def _draw(self, slice_: Loadable[PathParts]) -> None:
        """The picture anew where something came, or where the ages in it are old."""
        parts, drawn, now = value_of(slice_), self._drawn, time.time()
        if parts is None:
            self.chain.show_chain(None, _READING)
        elif parts is not drawn[0] or now - drawn[1] > _AGES:
            self.made, self._drawn = chain_of(parts, now), (parts, now)
            self.chain.show_chain(self.made)
        key, error = self.key, error_of(slice_)
        word = Shown("loading" if isinstance(slice_, Loading) else "") if error is None else state_word(error)
        note = shown(key.region if error is None else f"{key.region}  {error.why}")
        self.heading.show(title=shown(f"PATH  {key.name}"), note=note, state=word, role="bad" if error else "muted")

    @property
    def key(self) -> PathKey:
        """The slice of the path that is shown."""
        place = self.place or Subject()
        return PathKey(place.region, place.name)

    @property
    def parts(self) -> PathParts | None:
        """What is known of the name."""
        return value_of(self.ecrtui.state.get(self.key))

    def _load(self) -> None:
        session, key = self.ecrtui.session, self.key
        if session is not None:
            if self._cache is None or self._cache[0] is not session.account:
                self._cache = session.account, PathCache(session.account)
            known, scope = self._cache[1], self.ecrtui.scope
            session.fill(key, partial(load_path, session.account, key.region, key.name, scope, cache=known))

    def _show_detail(self) -> None:
        made, spot = self.made, self.chain.spot
        self.detail.show(() if made is None or not spot else detail_lines(made, spot, self._say))

    def _say(self, mend: Mend) -> str:
        return help_words(mend, lambda id_: self.ecrtui.key_of(commands.BY_ID[id_]))

    def on_path_view_moved(self, event: PathView.Moved) -> None:
        """Follow the cursor."""
        self.detail.scroll_home(animate=False)
        self._show_detail()
        self._show_footer()

    def on_path_view_chosen(self, event: PathView.Chosen) -> None:
        """Enter."""
        self._desk.open(event.spot)

    def shown_slice(self, state: State) -> Loadable[PathParts]:
        return IDLE if self.place is None else state.get(self.key)

    def loading_now(self, state: State) -> bool:
        return isinstance(self.shown_slice(state), Loading)

    def stop_load(self) -> bool:
        return self.ecrtui.session is not None and self.ecrtui.session.stop(self.key)

    def command_refresh(self) -> None:
        """Read every part again."""
        if self.ecrtui.session is None:
            self.ecrtui.open_session(self.ecrtui.profile)
        elif self.place is not None:
            self._load()

    # What commands are about

    @property
    def subject(self) -> Subject:
        """The name; on an image, or what runs one, with its digest."""
        place, spot = self.place, self.chain.spot
        if place is None or self.made is None or ":" not in spot:
            return place or Subject()
        kind, _, number = spot.partition(":")
        part = next(part for part in self.made.parts if part.kind == kind)
        digest = part.entries[int(number)].digest
        there = self.parts is not None and self.parts.stock is not None and self.parts.stock.image(digest)
        return Subject(place.region, place.name, digest if there else None)

    @property
    def subjects(self) -> Sequence[Subject]:
        return [self.subject] if self.has_repository else []

    @property
    def has_repository(self) -> bool:
        """Whether there is a repository of this name."""
        return self.parts is not None and value_of(self.parts.repository) is not None

    @property
    def has_project(self) -> bool:
        """Whether there is a project of this name."""
        return self.parts is not None and value_of(self.parts.project) is not None
