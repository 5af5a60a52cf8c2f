"""The images pane: all images of one repository, newest first."""

from __future__ import annotations

import time
from collections.abc import Hashable, Sequence

from ecrtui.domain.image import ImageListing
from ecrtui.domain.text import Shown, shown
from ecrtui.domain.units import size
from ecrtui.services.slices import ImagesKey, ScansKey, SummariesKey
from ecrtui.services.state import Loadable, Ready, State, value_of
from ecrtui.ui.panes.list_pane import ListPane
from ecrtui.ui.present.images import COLUMNS, FIELDS, ImageRows
from ecrtui.ui.present.lineage import Lineage
from ecrtui.ui.present.repositories import RepositoryKey
from ecrtui.ui.present.scans import ImageScans, foremost
from ecrtui.ui.present.source import Same, Source, ValueRows
from ecrtui.ui.present.status import Status, status_of
from ecrtui.ui.present.uses import NOT_KNOWN
from ecrtui.ui.theme import glyphs
from ecrtui.ui.widgets.resource_table import Sort
from ecrtui.ui.widgets.rows import Cell

_EMPTY = (
    Cell(Shown("no images: nothing was ever pushed here"), "muted"),
    Cell(Shown("b starts a build of the project, w tells when an image arrives"), "muted"),
)
_NOTHING: ValueRows[None] = ValueRows((), key=lambda _: None, cells=lambda _: (), words=lambda _: "", sorts={})


class ImagesPane(ListPane):
    """Images of the current repository."""

    def __init__(self) -> None:
        super().__init__(Shown("IMAGES"), COLUMNS, sort=Sort("pushed", descending=True), fields=FIELDS, id="images")
        self.repository: RepositoryKey | None = None
        self.expanded: set[str] = set()
        self._settled = False
        """Whether the rows on the screen are of a complete listing."""
        self._arrivals: dict[RepositoryKey, frozenset[str]] = {}
        self._rows: ImageRows | None = None
        self._lineage = Lineage(ImageListing("", ""))
        self._made_of: tuple[object, ...] = ()
        self._complete: ImageListing | None = None
        """The last complete listing: what a later one has besides is new."""

    @property
    def current(self) -> str | None:
        """The digest under the cursor."""
        return self.key if isinstance(self.key, str) else None

    @property
    def listing(self) -> ImageListing | None:
        """The images as they are known now."""
        return self.source.listing if isinstance(self.source, ImageRows) else None

    def show_repository(self, repository: RepositoryKey | None) -> None:
        """Show another repository's images; what was filtered and expanded before is forgotten."""
        if repository == self.repository:
            return
        self.repository = repository
        self.expanded.clear()
        self.set_title(Shown("IMAGES") if repository is None else shown(f"IMAGES  {repository.name}"))
        if self.filter_text:
            self.set_filter("")
        self.table.clear_marks()
        self.table.move_to(0)
        self._settled = False
        if repository is None:
            self.show_list(_NOTHING, Status())

    def show_state(self, state: State) -> None:
        """Show the images as they are known now; those of a region that is left are none of this list any more."""
        if self.repository is not None and self.repository.region not in self.ecrtui.scope:
            self.show_repository(None)
        repository = self.repository
        if repository is None:
            return
        slice_ = state.get(ImagesKey(repository.region, repository.name))
        listing = value_of(slice_) or ImageListing(repository.region, repository.name)
        self._notice_arrivals(repository, slice_)
        rows = self._rows_of(state, repository, listing)
        expected = self._expected(state, repository)
        status = status_of(slice_, "images", _EMPTY, expected)
        self.show_list(rows, status, note=self._note_of(repository, listing), new=self._arrivals.get(repository, ()))

    def _note_of(self, repository: RepositoryKey, listing: ImageListing) -> Shown:
        """The bytes, and whether the repository is watched."""
        session = self.ecrtui.session
        watched = session is not None and repository in session.watched
        parts = [size(self._lineage.bytes)] if listing else []
        return shown("  ".join([*parts, f"{glyphs().watched} watched"] if watched else parts))

    def _arranged(self, source: Source, order: list[int], new: frozenset[Hashable] | None) -> None:
        """While the pages of a first load come, a cursor on the first row stays there: on the newest so far."""
        at_top = self.table.cursor == 0 and not self._settled
        super()._arranged(source, order, new)
        if at_top:
            self.table.move_to(0)
        self._settled = (
            self._complete is not None and isinstance(source, ImageRows) and source.listing is self._complete
        )

    def _rows_of(self, state: State, repository: RepositoryKey, listing: ImageListing) -> ImageRows:
        """The rows of the listing; those made before, when nothing but the time is another."""
        session = self.ecrtui.session
        children = {} if session is None else session.children.of(repository.region, repository.name)
        uses = NOT_KNOWN if session is None else session.uses.of(repository.region, repository.name)
        scans = value_of(state.get(ScansKey(repository.region, repository.name))) or {}
        by_scan = Same(scans) if self._arranged_by_scan else None
        made_of = (Same(listing), Same(uses), tuple(self.expanded), len(children), repository, by_scan)
        if self._lineage.listing is not listing:
            self._lineage = Lineage(listing)
        if self._rows is None or made_of != self._made_of:
            self._made_of = made_of
            self._rows = ImageRows(self._lineage, uses, children, self.expanded, time.time())
            if session is not None:
                session.uses.read_indexes(repository.region, repository.name)
        self._rows.scans = ImageScans(scans, children)
        return self._rows.at(time.time())

    @property
    def _arranged_by_scan(self) -> bool:
        """Whether the order or the filter depends on scans, which come while the images stay."""
        filtered = self._query is not None and any(term.field.name == "critical" for term in self._query.terms)
        return filtered or (self._sort is not None and self._sort.column == "scan")

    def ask_for_scans(self) -> None:
        """Ask for the scans of the images on the screen, where they are shown."""
        session, repository = self.ecrtui.session, self.repository
        if session is not None and repository is not None and (digests := self._unscanned):
            session.scans.count(repository.region, repository.name, digests)

    @property
    def _unscanned(self) -> Sequence[str]:
        """The digests to ask for, for the scans in sight to be known; none while they are not shown.

        Where order or filter depend on them, those of the images that matter most too.
        """
        source = self.source
        if not isinstance(source, ImageRows) or "scan" not in self.table.shown_columns or not self._settled:
            return ()
        listing = source.listing
        rows = [row for key in self.table.keys_in_sight if (row := source.find(key)) is not None]
        more = foremost(listing, source.used_rows) if self._arranged_by_scan else []
        return source.scans.unasked([listing.row(row) for row in dict.fromkeys([*rows, *more])])

    def _notice_arrivals(self, repository: RepositoryKey, slice_: Loadable[ImageListing]) -> None:
        """Point out what has come since the listing before, whoever pushed it."""
        if not isinstance(slice_, Ready) or slice_.value is self._complete:
            return
        former, self._complete = self._complete, slice_.value
        if former is not None and (former.region, former.repository) == repository:
            came = slice_.value.added_since(former)
            self._arrivals[repository] = self._arrivals.get(repository, frozenset()) | came

    def _expected(self, state: State, repository: RepositoryKey) -> int | None:
        """How many images there were when they were counted: how far a load is."""
        summaries = value_of(state.get(SummariesKey(repository.region))) or {}
        summary = summaries.get(repository.name)
        return None if summary is None else summary.images

    def command_children(self) -> None:
        """Show or hide what stands under the image: platforms, attestations, signatures."""
        digest, repository, session = self.current, self.repository, self.ecrtui.session
        if digest is None or repository is None or session is None:
            return
        if digest in self.expanded:
            self.expanded.discard(digest)
        else:
            self.expanded.add(digest)
            session.children.load(repository.region, repository.name, digest)
        self.show_state(self.ecrtui.state)

    def refusal_children(self) -> str:
        """Only an index has platforms; signatures and the like stand under any image."""
        index = self.table.index
        if index is None or not isinstance(self.source, ImageRows):
            return "no image is selected"
        return "" if self.source.has_more(index) else "nothing is known to stand under this image"
