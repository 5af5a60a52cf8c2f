"""The detail pane: what is known of the row under the cursor, in tabs that load when they are opened."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, cast

from textual.app import ComposeResult
from textual.containers import Vertical

from ecrtui.domain.build import maker_of
from ecrtui.domain.image import Image
from ecrtui.domain.query import Field, QueryProblem
from ecrtui.domain.text import Shown, shown
from ecrtui.services.slices import (
    HistoryKey,
    ImagesKey,
    PolicyKey,
    RawKey,
    RegionsKey,
    RepositoriesKey,
    SummariesKey,
    repository_of,
)
from ecrtui.services.state import Failed, Idle, Loadable, Loading, Ready, State, value_of
from ecrtui.ui.present.builds import build_words, history_lines
from ecrtui.ui.present.detail import fact, image_lines, json_lines, problem_lines, repository_lines
from ecrtui.ui.present.regions import region_lines
from ecrtui.ui.present.repositories import RepositoryKey
from ecrtui.ui.present.uses import uses_of
from ecrtui.ui.searchable import ask_for_filter
from ecrtui.ui.widgets.tab_line import TabLine
from ecrtui.ui.widgets.text_view import Line, TextView

if TYPE_CHECKING:
    from ecrtui.ui.app import EcrtuiApp

TABS = (Shown("Overview"), Shown("Builds"), Shown("JSON"))
OVERVIEW, BUILDS, JSON = range(3)


class DetailPane(Vertical):
    """The detail of one repository, or of one of its images."""

    def __init__(self) -> None:
        super().__init__(id="detail")
        self.tabs = TabLine(TABS)
        self.view = TextView()
        self.repository: RepositoryKey | None = None
        self.digest: str | None = None
        self.region_name: str | None = None
        """The region shown instead of a repository, while the focus is on the regions."""

        self.filter_text = ""
        self.fields: Mapping[str, Field] = {}
        self.problem: QueryProblem | None = None

    def compose(self) -> ComposeResult:
        yield self.tabs
        yield self.view

    # Search: `/` looks for text instead of filtering

    def command_filter(self) -> None:
        """Open the search line."""
        ask_for_filter(self, self.screen)

    def set_filter(self, text: str) -> None:
        """Point out every line with this text."""
        self.filter_text = text
        self.view.search(text)

    def take_focus(self) -> None:
        """Have the keys go to the text."""
        self.view.focus()

    @property
    def ecrtui(self) -> EcrtuiApp:
        """The app, with its type."""
        return cast("EcrtuiApp", self.app)

    def show_subject(self, repository: RepositoryKey | None, digest: str | None) -> None:
        """Show another repository or image, in the tab that is open."""
        if (repository, digest) != (self.repository, self.digest):
            self.repository, self.digest = repository, digest
            self.view.scroll_home(animate=False)
            self.load()

    def load(self) -> None:
        """Ask for what the open tab shows, unless it is there."""
        session, repository = self.ecrtui.session, self.repository
        if session is None or repository is None:
            return
        state, region, name = self.ecrtui.state, repository.region, repository.name
        if self.tabs.current == OVERVIEW and _missing(state.get(PolicyKey(region, name))):
            session.load_policy(region, name)
        if self.tabs.current in (OVERVIEW, BUILDS) and _missing(state.get(HistoryKey(region, name))):
            session.load_history(region, name)
        if self.tabs.current == JSON:
            session.load_raw(RawKey(region, name, self.digest))

    def on_tab_line_tab_changed(self, event: TabLine.TabChanged) -> None:
        """Another tab was opened."""
        event.stop()
        self.load()
        self.show_state(self.ecrtui.state)

    def command_next_tab(self) -> None:
        """The tab on the right."""
        self.tabs.step(1)

    def command_previous_tab(self) -> None:
        """The tab on the left."""
        self.tabs.step(-1)

    def open_json(self) -> None:
        """Show all that AWS says."""
        self.tabs.open(JSON)

    def show_state(self, state: State) -> None:
        """Show what is known of the subject now."""
        repository = self.repository
        self.tabs.show_subject(self._subject(state))
        if self.region_name is not None:
            regions = value_of(state.get(RegionsKey())) or ()
            self.view.show(region_lines(self.region_name, regions, state.get(RepositoriesKey(self.region_name))))
        elif repository is None:
            self.view.show(())
        elif self.tabs.current == JSON:
            self.view.show(self._json(state, repository))
        elif self.tabs.current == BUILDS:
            self.view.show(history_lines(state.get(HistoryKey(*_place(repository))), repository.name, time.time()))
        else:
            self.view.show(self._overview(state, repository))

    def image(self, state: State) -> Image | None:
        """The image shown, as it is known now."""
        if self.repository is None or self.digest is None:
            return None
        listing = value_of(state.get(ImagesKey(*_place(self.repository))))
        row = None if listing is None else listing.find(self.digest)
        return None if listing is None or row is None else listing.row(row)

    def _subject(self, state: State) -> Shown:
        if self.region_name is not None:
            return shown(self.region_name)
        if self.repository is None:
            return Shown("")
        image = self.image(state)
        if image is None:
            return shown(self.repository.name)
        name = image.tags[0] if image.tags else image.digest[:19]
        return shown(f"{self.repository.name}:{name}" if image.tags else f"{self.repository.name}@{name}")

    def _overview(self, state: State, key: RepositoryKey) -> Sequence[Line]:
        repository = repository_of(state, *key)
        image = self.image(state)
        now = time.time()
        if image is not None:
            return self._image(state, key, image, "" if repository is None else repository.uri, now)
        if repository is None:
            return (fact("repository", key.name),)
        summaries = value_of(state.get(SummariesKey(key.region))) or {}
        return repository_lines(repository, summaries.get(key.name), state.get(PolicyKey(*_place(key))), now)

    def _image(self, state: State, key: RepositoryKey, image: Image, uri: str, now: float) -> Sequence[Line]:
        session = self.ecrtui.session
        known = {} if session is None else session.children(key.region, key.name)
        uses = uses_of(state, self.ecrtui.scope, repository_of(state, *key), known)
        builds = value_of(state.get(HistoryKey(*_place(key)))) or ()
        maker = maker_of(image.tags, builds)
        built_by = "" if maker is None else build_words(maker)
        return image_lines(image, uri, uses.of(image), uses.unchecked, known.get(image.digest), built_by, now)

    def _json(self, state: State, key: RepositoryKey) -> Sequence[Line]:
        match state.get(RawKey(key.region, key.name, self.digest)):
            case Ready(value=value):
                return json_lines(value)
            case Failed() as failed:
                return problem_lines(failed)
            case Loading():
                return (fact("", "asking AWS…", "muted"),)
        return ()


def _place(key: RepositoryKey) -> tuple[str, str]:
    return key.region, key.name


def _missing(slice_: Loadable[Any]) -> bool:
    """Whether a slice has to be asked for: never asked, or failed before."""
    return isinstance(slice_, Idle | Failed)
