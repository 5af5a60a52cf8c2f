"""Explore: regions, repositories and images side by side, and the detail of what is under the cursor."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.events import DescendantFocus, ScreenSuspend
from textual.timer import Timer

from ecrtui.domain.tags import telling
from ecrtui.domain.text import Shown
from ecrtui.resources import style_paths
from ecrtui.services.slices import ImagesKey, RepositoriesKey
from ecrtui.services.state import IDLE, Loadable, Loading, State, value_of
from ecrtui.ui.actions.images import image_of
from ecrtui.ui.desks.marked import MarkedDesk
from ecrtui.ui.desks.tabs import TabsDesk
from ecrtui.ui.panes.detail import DetailPane
from ecrtui.ui.panes.findings import FindingsPane
from ecrtui.ui.panes.images import ImagesPane
from ecrtui.ui.panes.list_pane import ListPane
from ecrtui.ui.panes.regions import RegionsPane
from ecrtui.ui.panes.repositories import RepositoriesPane
from ecrtui.ui.panes.tabs.permissions import PermissionsTab
from ecrtui.ui.permissions import load_permissions
from ecrtui.ui.present.images import short_digest
from ecrtui.ui.present.repositories import RepositoryKey
from ecrtui.ui.screens.panes import Pane, PanesScreen
from ecrtui.ui.selection import Selection
from ecrtui.ui.subject import Subject
from ecrtui.ui.widgets.resource_table import ResourceTable

if TYPE_CHECKING:
    from ecrtui.ui.session import Session

_SETTLED = 0.35
"""Seconds the cursor rests on a row before what belongs to it is asked for and shown."""
_ON_REGIONS = ("filter", "sort", "measure", "regions", "profile", "command", "help")
_ON_IMAGES = ("filter", "sort", "copy", "used-by", "findings", "tag", "delete", "help")
_ON_INDEX = ("filter", "children", "copy", "used-by", "findings", "tag", "delete", "help")
_ON_DETAIL = ("next-tab", "filter", "copy", "used-by", "findings", "permissions", "raw", "help")
_ON_DETAIL_OF_INDEX = ("next-tab", "filter", "children", "copy", "used-by", "findings", "permissions", "help")
_ON_FINDINGS = ("filter", "sort", "save", "scan", "zoom", "copy", "back", "help")


class ExploreScreen(PanesScreen):
    """The first screen."""

    CSS_PATH = style_paths("widgets", "explore")

    MODE: ClassVar[str] = "explore"
    FOOTER: ClassVar[tuple[str, ...]] = ("filter", "sort", "copy", "create", "build", "lifecycle", "command", "help")

    def __init__(self) -> None:
        super().__init__()
        self.regions = RegionsPane()
        self.repositories = RepositoriesPane()
        self.images = ImagesPane()
        self.detail = DetailPane()
        self.selection = Selection(self.regions, self.repositories, self.images)
        self.desks = (MarkedDesk(self), TabsDesk(self))
        self._settling: Timer | None = None
        self._revealed: RepositoryKey | None = None
        """The repository to go to as soon as it is listed."""
        self._wanted: str | None = None
        """The image to go to as soon as it is listed."""

    def body(self) -> ComposeResult:
        with Vertical(id="explore"):
            with Horizontal(id="lists"):
                yield self.regions
                yield self.repositories
                yield self.images
            yield self.detail

    def on_mount(self) -> None:
        self.enter(self.repositories)

    def session_opened(self) -> None:
        self.images.show_repository(None)
        self.detail.show_subject(None, None)

    def show_state(self, state: State) -> None:
        super().show_state(state)
        self.set_class(len(self.ecrtui.scope) > 1, "many-regions")
        self.regions.show_state(state)
        self.repositories.show_state(state)
        self.images.show_state(state)
        self.detail.show_state(state)

    # The panes

    @property
    def panes(self) -> Sequence[ListPane | DetailPane]:
        return (self.regions, self.repositories, self.images, self.detail)

    def enter(self, pane: Pane) -> None:
        """Give the focus to another pane."""
        if isinstance(pane, ListPane):
            self.selection.list = pane
        super().enter(pane)

    def on_descendant_focus(self, event: DescendantFocus) -> None:
        """The detail is of the row of the list with the focus."""
        if isinstance(at := self.at, ListPane):
            self.selection.list = at
            self.show_detail()

    def command_zoom(self) -> None:
        """The focused pane alone, with all its columns; or all panes again."""
        self.toggle_class("zoomed")
        self.call_after_refresh(self.images.ask_for_scans)

    def refusal_zoom(self) -> str:
        """The detail has no columns to win."""
        return "" if self.focused_pane else "this is no list"

    def refusal_sort(self) -> str:
        """Lists can be sorted, the detail cannot."""
        return "" if self.focused_pane else "this is no list"

    def go_up(self) -> None:
        if self.focused_pane is None:
            self.enter(self.selection.list)
        else:
            super().go_up()

    def on_screen_suspend(self, event: ScreenSuspend) -> None:
        """Nobody looks at the images: no more scans are asked for."""
        if self.ecrtui.session is not None:
            self.ecrtui.session.scans.leave()

    # What the cursor is on

    def on_resource_table_highlighted(self, event: ResourceTable.Highlighted) -> None:
        """Follow the cursor, once it rests: its repository's images, the detail of its row."""
        if self._settling is not None:
            self._settling.stop()
        self._settling = self.set_timer(_SETTLED, self._follow)

    def on_list_pane_arranged(self, event: ListPane.Arranged) -> None:
        """Count what is on the screen before the rest, and beyond what is counted unasked."""
        if event.pane is self.repositories:
            if self._revealed is not None and self.repositories.table.move_to_key(self._revealed):
                self._show_revealed()
            self.repositories.count_in_sight()
        elif event.pane is self.images:
            if self._wanted is not None and self.images.table.move_to_key(self._wanted):
                self._wanted = None
            self.images.ask_for_scans()

    def _follow(self) -> None:
        self.repositories.count_in_sight()
        self.images.ask_for_scans()
        if self.images.repository != self.repositories.current:
            self._open_repository()
        self.show_detail()
        self._show_footer()

    def on_resource_table_selected(self, event: ResourceTable.Selected) -> None:
        """Enter: one level deeper."""
        self._revealed = None
        if event.table is self.regions.table:
            self.ecrtui.set_scope((str(event.key),))
            self.enter(self.repositories)
        elif event.table is self.repositories.table:
            self._open_repository()
            self.enter(self.images)
        elif event.table is self.images.table:
            self.enter(self.detail)

    def _open_repository(self) -> None:
        current, session = self.repositories.current, self.ecrtui.session
        if current is None or session is None:
            return
        if current != self.images.repository:
            session.scans.leave()
        self.images.show_repository(current)
        if value_of(self.ecrtui.state.get(ImagesKey(current.region, current.name))) is None:
            session.load_images(current.region, current.name)
        self.show_detail()
        self.ecrtui.show_soon()

    def open_tab(self, title: Shown) -> None:
        """Show a tab of the detail of the row under the cursor, and go there."""
        self.show_detail()
        self.detail.open_tab(title)
        self.enter(self.detail)

    def show_detail(self) -> None:
        """Show the detail of the row under the cursor."""
        repository = self.repositories.current
        region = self.detail.region_name = self.selection.region
        if region is not None and self.ecrtui.session is not None:
            self.ecrtui.session.stored.load_prices(region)
        on_image = self.selection.on_image and self.images.repository == repository
        self.detail.show_subject(repository, self.images.current if on_image else None)
        self.detail.show_state(self.ecrtui.state)

    # Going to a repository

    def reveal(self, subject: Subject) -> None:
        """Put the region in scope, the cursor on the repository, the focus on its images, or on one of them."""
        key = self._revealed = RepositoryKey(subject.region, subject.name)
        self._wanted = subject.digest
        if key.region not in self.ecrtui.scope:
            self.ecrtui.set_scope((*self.ecrtui.scope, key.region))
        self.enter(self.repositories)
        if self.repositories.table.move_to_key(key):
            self._show_revealed()
        elif self.repositories.filter_text:
            self.repositories.set_filter("")  # it may be what hides it

    def _show_revealed(self) -> None:
        """The repository that was asked for is listed by now: to its images."""
        self._revealed = None
        self._open_repository()
        self.enter(self.images)
        if self._wanted is not None and self.images.table.move_to_key(self._wanted):
            self._wanted = None

    # What commands are about

    @property
    def subject(self) -> Subject:
        return self.selection.subject

    @property
    def no_subject(self) -> str:
        return self.selection.no_repository

    @property
    def subjects(self) -> Sequence[Subject]:
        """The marked repositories, else the one under the cursor."""
        return self.selection.repositories

    @property
    def crumbs(self) -> Sequence[str]:
        """Region and repository whose images are seen, and the image whose detail is."""
        at_detail, subject = self.at is self.detail, self.subject
        if not subject.name or not (self.at is self.images or (at_detail and not self.selection.on_region)):
            return ()
        image = image_of(self.ecrtui.state, subject) if at_detail else None
        label = () if image is None else (telling(image.tags) or (short_digest(image.digest),))[:1]
        return (subject.region, subject.name, *label)

    def offered(self) -> Sequence[str]:
        """What matters in one pane is another matter than in the next; platforms matter on an index."""
        index = not self.selection.no_image and not self.images.refusal_children()
        if isinstance(self.focused_pane, FindingsPane):
            return _ON_FINDINGS
        if self.at is self.images:
            return _ON_INDEX if index else _ON_IMAGES
        if self.at is self.detail:
            return _ON_DETAIL_OF_INDEX if index else _ON_DETAIL
        return _ON_REGIONS if self.at is self.regions else self.FOOTER

    # Loading again

    def command_refresh(self) -> None:
        """Load again what the focused pane shows."""
        session, current = self.ecrtui.session, self.repositories.current
        if session is None:
            self.ecrtui.open_session(self.ecrtui.profile)
        elif self.at in (self.images, self.detail) and current is not None:
            self._refresh_images(session, current)
        else:
            if self.at is self.regions:
                session.load_regions()
            for region in self.ecrtui.scope:
                self.ecrtui.load_region(region, again=True)

    def _refresh_images(self, session: Session, current: RepositoryKey) -> None:
        session.resume_images(current.region, current.name)
        for region in self.ecrtui.scope:
            session.load_usage(region)
        session.scans.look_again(current.region, current.name)
        if isinstance(pane := self.focused_pane, FindingsPane):
            pane.load_again()
        if self.at is self.detail and self.detail.tab.title == PermissionsTab.title:
            load_permissions(session, current.region, current.name, fresh=True)

    def loading_now(self, state: State) -> bool:
        return isinstance(self.shown_slice(state), Loading)

    def shown_slice(self, state: State) -> Loadable[Any]:
        current = self.images.repository
        if self.at in (self.images, self.detail) and current is not None:
            return state.get(ImagesKey(current.region, current.name))
        return state.get(RepositoriesKey(self.ecrtui.scope[0])) if self.ecrtui.scope else IDLE

    def stop_load(self) -> bool:
        session, pane = self.ecrtui.session, self.focused_pane
        if session is None:
            return False
        if session.stored.stop(*self.selection.measured):
            return True
        if pane is self.images and (current := self.images.repository) is not None:
            return session.stop(ImagesKey(current.region, current.name))
        if pane is self.repositories:
            return any([session.stop_region(region) for region in self.ecrtui.scope])
        return False
