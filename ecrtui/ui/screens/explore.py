"""Explore: regions, repositories and images side by side, and the detail of what is under the cursor."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.events import DescendantFocus, ScreenSuspend
from textual.timer import Timer

from ecrtui.domain.tags import telling
from ecrtui.resources import style_paths
from ecrtui.services.slices import ImagesKey, RepositoriesKey
from ecrtui.services.state import IDLE, Loadable, Loading, State, value_of
from ecrtui.ui.actions.findings import start_scans
from ecrtui.ui.actions.images import delete_images, delete_repositories, image_of, tag_image
from ecrtui.ui.actions.protect import protect
from ecrtui.ui.panes.detail import DetailPane
from ecrtui.ui.panes.findings import FindingsPane
from ecrtui.ui.panes.images import ImagesPane
from ecrtui.ui.panes.list_pane import ListPane
from ecrtui.ui.panes.regions import RegionsPane
from ecrtui.ui.panes.repositories import RepositoriesPane
from ecrtui.ui.panes.tabs.cost import CostTab
from ecrtui.ui.panes.tabs.findings import FindingsTab
from ecrtui.ui.panes.tabs.json import JsonTab
from ecrtui.ui.panes.tabs.permissions import PermissionsTab
from ecrtui.ui.panes.tabs.used_by import UsedByTab
from ecrtui.ui.permissions import load_permissions
from ecrtui.ui.present.images import short_digest
from ecrtui.ui.present.repositories import RepositoryKey
from ecrtui.ui.screens.mode import ModeScreen
from ecrtui.ui.subject import Subject
from ecrtui.ui.widgets.resource_table import ResourceTable

_SETTLED = 0.35
"""Seconds the cursor rests on a row before what belongs to it is asked for and shown."""
_ON_FINDINGS = ("filter", "sort", "save", "scan", "zoom", "copy", "back", "help")


class ExploreScreen(ModeScreen):
    """The first screen."""

    CSS_PATH = style_paths("widgets", "explore")

    MODE: ClassVar[str] = "explore"
    FOOTER: ClassVar[tuple[str, ...]] = (
        "filter",
        "sort",
        "copy",
        "create",
        "build",
        "lifecycle",
        "used-by",
        "tag",
        "delete",
        "watch",
        "logs",
        "findings",
        "raw",
        "help",
    )

    def __init__(self) -> None:
        super().__init__()
        self.regions = RegionsPane()
        self.repositories = RepositoriesPane()
        self.images = ImagesPane()
        self.detail = DetailPane()
        self._settling: Timer | None = None
        self._revealed: RepositoryKey | None = None
        """The repository to go to as soon as it is listed."""
        self._wanted: str | None = None
        """The image to go to as soon as it is listed."""
        self._level_before = 1
        """Where the focus was last: where one is while it is in the filter line."""
        self._list_level = 1
        """The list that has the focus, or had it before the detail, which is of its row."""

    def body(self) -> ComposeResult:
        with Vertical(id="explore"):
            with Horizontal(id="lists"):
                yield self.regions
                yield self.repositories
                yield self.images
            yield self.detail

    def on_mount(self) -> None:
        super().on_mount()
        self.repositories.table.focus()

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

    # Levels: on a narrow terminal one pane is seen at a time

    @property
    def levels(self) -> Sequence[ListPane | DetailPane]:
        """The panes from left to right."""
        return (self.regions, self.repositories, self.images, self.detail)

    @property
    def level(self) -> int:
        """The number of the pane with the focus."""
        for number, pane in enumerate(self.levels):
            if pane.has_focus_within:
                return number
        return self._level_before

    def enter(self, level: int) -> None:
        """Give the focus to another pane."""
        level = max(0, min(level, len(self.levels) - 1))
        pane = self.levels[level]
        if pane is not self.detail:
            self._list_level = level
        for one in self.levels:
            one.set_class(one is pane, "current")
        pane.take_focus()

    def on_descendant_focus(self, event: DescendantFocus) -> None:
        super().on_descendant_focus(event)
        now = self._level_before = self.level
        self.query_one("#explore").set_class(now == len(self.levels) - 1, "at-detail")
        for number, pane in enumerate(self.levels):
            pane.set_class(number == now, "current")
        if now < len(self.levels) - 1:
            self._list_level = now
            self._show_detail()

    def command_next_pane(self) -> None:
        """To the pane on the right."""
        self.enter((self.level + 1) % len(self.levels))

    def command_previous_pane(self) -> None:
        """To the pane on the left."""
        self.enter((self.level - 1) % len(self.levels))

    def command_zoom(self) -> None:
        """The focused pane alone, with all its columns; or all panes again."""
        self.toggle_class("zoomed")
        self.call_after_refresh(self._count_findings)

    def refusal_zoom(self) -> str:
        """The detail has no columns to win."""
        return "" if self.focused_pane else "this is no list"

    def go_up(self) -> None:
        self.enter(self.level - 1 if self.focused_pane else self._list_level)

    def stop_load(self) -> bool:
        session, pane = self.ecrtui.session, self.focused_pane
        if session is None:
            return False
        if session.stored.stop(*self._measured):
            return True
        if pane is self.images and (current := self.images.repository) is not None:
            return session.stop(ImagesKey(current.region, current.name))
        if pane is self.repositories:
            return any([session.stop_region(region) for region in self.ecrtui.scope])
        return False

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
            self._count_visible()
        elif event.pane is self.images:
            if self._wanted is not None and self.images.table.move_to_key(self._wanted):
                self._wanted = None
            self._count_findings()

    def _count_visible(self) -> None:
        session = self.ecrtui.session
        shown_keys = [key for key in self.repositories.table.keys_in_sight if isinstance(key, RepositoryKey)]
        for region in self.ecrtui.scope if session is not None else ():
            assert session is not None
            session.count_uncounted(region, [key.name for key in shown_keys if key.region == region])

    def _count_findings(self) -> None:
        """Ask for the scans of the images on the screen, where they are shown."""
        session, current = self.ecrtui.session, self.images.repository
        if session is not None and current is not None and (digests := self.images.unscanned):
            session.scans.count(current.region, current.name, digests)

    def _follow(self) -> None:
        self._count_visible()
        self._count_findings()
        if self.images.repository != self.repositories.current:
            self._open_repository()
        self._show_detail()

    def on_resource_table_selected(self, event: ResourceTable.Selected) -> None:
        """Enter: one level deeper."""
        self._revealed = None
        if event.table is self.regions.table:
            self.ecrtui.set_scope((str(event.key),))
            self.enter(1)
        elif event.table is self.repositories.table:
            self._open_repository()
            self.enter(2)
        elif event.table is self.images.table:
            self.enter(3)

    def _open_repository(self) -> None:
        current, session = self.repositories.current, self.ecrtui.session
        if current is None or session is None:
            return
        if current != self.images.repository:
            session.scans.leave()
        self.images.show_repository(current)
        if value_of(self.ecrtui.state.get(ImagesKey(current.region, current.name))) is None:
            session.load_images(current.region, current.name)
        self._show_detail()
        self.ecrtui.show_soon()

    def _show_detail(self) -> None:
        repository = self.repositories.current
        self.detail.region_name = str(self.regions.key) if self._list_level == 0 and self.regions.key else None
        if self.detail.region_name is not None and self.ecrtui.session is not None:
            self.ecrtui.session.stored.load_prices(self.detail.region_name)
        on_image = self._list_level >= 2 and self.images.repository == repository
        self.detail.show_subject(repository, self.images.current if on_image else None)
        self.detail.show_state(self.ecrtui.state)

    # Commands

    @property
    def subject(self) -> Subject:
        """What a command is about: the repository, and the image when the images pane has the focus."""
        repository = self.repositories.current
        if repository is None:
            return Subject()
        digest = self.images.current if self._list_level >= 2 else None
        return Subject(repository.region, repository.name, digest)

    @property
    def subjects(self) -> Sequence[Subject]:
        """What a command on many is about: the marked repositories, else the one under the cursor."""
        marked = [key for key in self.repositories.table.targets if isinstance(key, RepositoryKey)]
        return [Subject(key.region, key.name) for key in marked]

    def command_refresh(self) -> None:
        """Load again what the focused pane shows."""
        session, current = self.ecrtui.session, self.repositories.current
        if session is None:
            self.ecrtui.open_session(self.ecrtui.profile)
        elif self.level == 0:
            session.load_regions()
            for region in self.ecrtui.scope:
                self.ecrtui.load_region(region, again=True)
        elif self.level == 1 or current is None:
            for region in self.ecrtui.scope:
                self.ecrtui.load_region(region, again=True)
        else:
            session.resume_images(current.region, current.name)
            for region in self.ecrtui.scope:
                session.load_usage(region)
            session.scans.look_again(current.region, current.name)
            if isinstance(pane := self.focused_pane, FindingsPane):
                pane.load_again()
            if self.level == 3 and self.detail.tab.title == PermissionsTab.title:
                load_permissions(session, current.region, current.name, fresh=True)

    def offered(self) -> Sequence[str]:
        """What matters in the list of findings is another matter; platforms matter on an index."""
        if isinstance(self.focused_pane, FindingsPane):
            return _ON_FINDINGS
        return self.FOOTER if self.refusal_children() else (*self.FOOTER[:1], "children", *self.FOOTER[1:])

    def loading_now(self, state: State) -> bool:
        return isinstance(self.shown_slice(state), Loading)

    def shown_slice(self, state: State) -> Loadable[Any]:
        current = self.images.repository
        if self.level >= 2 and current is not None:
            return state.get(ImagesKey(current.region, current.name))
        return state.get(RepositoriesKey(self.ecrtui.scope[0])) if self.ecrtui.scope else IDLE

    @property
    def _no_repository(self) -> str:
        """Why there is none under the cursor."""
        state, scope = self.ecrtui.state, self.ecrtui.scope
        loading = not scope or any(isinstance(state.get(RepositoriesKey(region)), Loading) for region in scope)
        return "the repositories are still loading" if loading else "no repository is selected"

    @property
    def crumbs(self) -> Sequence[str]:
        """Region and repository whose images are seen, and the image whose detail is."""
        of_region = self.level == 3 and self._list_level == 0
        if self.level < 2 or of_region or not self.subject.name:
            return ()
        image = image_of(self.ecrtui.state, self.subject) if self.level == 3 else None
        label = () if image is None else (telling(image.tags) or (short_digest(image.digest),))[:1]
        return (self.subject.region, self.subject.name, *label)

    def command_used_by(self) -> None:
        """What runs the image, or the images of the repository."""
        self._show_detail()
        self.detail.open_tab(UsedByTab.title)
        self.enter(3)

    def refusal_used_by(self) -> str:
        """Images are run, and repositories hold them."""
        return "" if self.subject.name else self._no_repository

    def command_permissions(self) -> None:
        """Who may push to the repository and pull from it."""
        self._show_detail()
        self.detail.open_tab(PermissionsTab.title)
        self.enter(3)

    def refusal_permissions(self) -> str:
        """Why there are none to show."""
        return "" if self.subject.name else self._no_repository

    def command_findings(self) -> None:
        """What the scan of the image found."""
        self._show_detail()
        self.detail.open_tab(FindingsTab.title)
        self.enter(3)

    def refusal_findings(self) -> str:
        """Only images are scanned."""
        return "" if self.subject.digest else "no image is selected"

    def command_children(self) -> None:
        """Show or hide what stands under the image, also from its detail."""
        self.images.command_children()

    def refusal_children(self) -> str:
        """Only images have platforms."""
        return self.images.refusal_children() if self.subject.digest else "no image is selected"

    def command_compare_findings(self) -> None:
        """The findings of the newer of two marked images beside those of the older."""
        listing, marked = self.images.listing, self._marked_images
        if listing is None:
            return
        rows = {digest: row for digest in marked if (row := listing.find(digest)) is not None}
        older, newer = sorted(rows, key=lambda digest: listing.pushed[rows[digest]])
        if self.images.table.move_to_key(newer):
            self.enter(2)
            self.command_findings()
            if isinstance(pane := self.detail.pane, FindingsPane):
                pane.compare_with(older)

    def refusal_compare_findings(self) -> str:
        """It takes two."""
        return "" if len(self._marked_images) == 2 else "mark two images with Space"

    @property
    def _marked_images(self) -> Sequence[str]:
        return [key for key in self.images.table.marks if isinstance(key, str)]

    def command_scan(self) -> None:
        """Scan the marked images, or the one under the cursor."""
        start_scans(self.ecrtui, self.subject, [key for key in self.images.table.targets if isinstance(key, str)])

    def refusal_scan(self) -> str:
        """Only images are scanned."""
        return "" if self.subject.digest else "no image is selected"

    @property
    def _measured(self) -> tuple[str, str | None]:
        """What is measured: the repository, or the region while the focus is on the regions."""
        if self.detail.region_name is not None:
            return self.detail.region_name, None
        return self.subject.region, self.subject.name

    def command_measure(self) -> None:
        """Read all manifests of the repository, or of the region, for exact sizes."""
        session, measured = self.ecrtui.session, self._measured
        if self.detail.region_name is None:
            self.enter(1)
            self._show_detail()
            self.detail.open_tab(CostTab.title)
        self.enter(3)
        if session is not None:
            session.stored.measure(*measured)

    def refusal_measure(self) -> str:
        """A region or a repository is measured."""
        return "" if self._measured[0] else self._no_repository

    def command_next_tab(self) -> None:
        """The next tab of the detail, from anywhere."""
        self.detail.command_next_tab()

    def command_previous_tab(self) -> None:
        """The tab before, from anywhere."""
        self.detail.command_previous_tab()

    def command_raw(self) -> None:
        """All that AWS says of the row."""
        self._show_detail()
        self.detail.open_tab(JsonTab.title)
        self.enter(3)

    def refusal_raw(self) -> str:
        """Why there is no JSON here."""
        return "" if self.repositories.current else self._no_repository

    def reveal(self, key: RepositoryKey, digest: str | None = None) -> None:
        """Go to a repository: put its region in scope, the cursor on it, the focus on its images, or on one of them."""
        self._revealed, self._wanted = key, digest
        if key.region not in self.ecrtui.scope:
            self.ecrtui.set_scope((*self.ecrtui.scope, key.region))
        self.enter(1)
        if self.repositories.table.move_to_key(key):
            self._show_revealed()
        elif self.repositories.filter_text:
            self.repositories.set_filter("")  # it may be what hides it

    def _show_revealed(self) -> None:
        """The repository that was asked for is listed by now: to its images."""
        self._revealed = None
        self._open_repository()
        self.enter(2)
        if self._wanted is not None and self.images.table.move_to_key(self._wanted):
            self._wanted = None

    def command_protect(self) -> None:
        """Propose what protects the tags and images of the marked repositories."""
        protect(self.ecrtui, self.subjects)

    def refusal_protect(self) -> str:
        """Repositories are protected."""
        return "" if self.subjects else self._no_repository

    def command_tag(self) -> None:
        """Put another tag on the image."""
        tag_image(self.ecrtui, self.subject)

    def refusal_tag(self) -> str:
        """Only images have tags."""
        return "" if image_of(self.ecrtui.state, self.subject) is not None else "no image is selected"

    def command_delete(self) -> None:
        """Delete the marked images, or the repositories: what the pane with the focus shows."""
        if self._list_level >= 2:
            targets = [key for key in self.images.table.targets if isinstance(key, str)]
            delete_images(self.ecrtui, self.subject, targets)
        else:
            delete_repositories(self.ecrtui, self.subjects)

    def refusal_delete(self) -> str:
        """Regions cannot be deleted."""
        if self._list_level == 0:
            return "a region cannot be deleted"
        if self._list_level >= 2:
            return "" if self.images.table.targets else "no image is selected"
        return "" if self.subjects else self._no_repository

    def refusal_sort(self) -> str:
        """Lists can be sorted, the detail cannot."""
        return "" if self.focused_pane else "this is no list"
