"""The findings of one image as a list, or what changed in them since another image."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Hashable, Sequence
from typing import NamedTuple

from textual.app import ComposeResult

from ecrtui.domain.scan import ImageScan
from ecrtui.domain.scan_comparison import Comparison, compare
from ecrtui.domain.scan_rows import FIELDS, FindingRow, rows_of
from ecrtui.domain.text import Shown, shown
from ecrtui.services.slices import FindingsKey, ImagesKey
from ecrtui.services.state import IDLE, Idle, Loadable, Loading, Ready, value_of
from ecrtui.ui.actions.findings import save_findings
from ecrtui.ui.dialogs.finding import FindingDialog
from ecrtui.ui.panes.list_pane import ListPane
from ecrtui.ui.panes.tabs.tab import View
from ecrtui.ui.present.findings import (
    FindingRows,
    columns_of,
    comparison_note,
    finding_line,
    scan_note,
    silence,
    why_empty,
)
from ecrtui.ui.present.source import Same, Source
from ecrtui.ui.present.status import Status, status_of
from ecrtui.ui.widgets.cell_line import CellLine
from ecrtui.ui.widgets.resource_table import ResourceTable, Sort
from ecrtui.ui.widgets.rows import Cell

_MOVING = frozenset({"IN_PROGRESS", "PENDING"})
_PAUSE = 10.0
"""Seconds between two looks at a scan that is under way."""
_NOTHING = FindingRows(())
_AT_ONCE = 2_000
"""Findings that are put in order within one message."""
_WORST_FIRST, _COMPARED = Sort("severity"), Sort("change")


class FindingsPane(ListPane):
    """Findings: filtered, sorted, each in full by Enter; beside those of a baseline while there is one."""

    def __init__(self) -> None:
        super().__init__(Shown("FINDINGS"), columns_of(()), sort=_WORST_FIRST, fields=FIELDS, id="findings")
        self.foot = CellLine(classes="foot")
        self.baseline: str | None = None
        """The digest of the image that the findings are compared with."""
        self._view: View | None = None
        self._made_of: tuple[object, ...] = ()
        self._order: list[int] = []

    def compose(self) -> ComposeResult:
        yield from super().compose()
        yield self.foot

    # What is shown

    def show_view(self, view: View) -> None:
        """Show the findings of the image as they are known now."""
        if self._view is None or view.digest != self._view.digest:
            self.baseline = None
            self._sort_by(_WORST_FIRST)
        self._view = view
        slice_, base = self._slice(view, view.digest), self._slice(view, self.baseline)
        self._look_again(view, slice_)
        minute = view.now // 60  # the heading tells how long ago the scan was
        made_of = (view.digest, self.baseline, Same(slice_), Same(base), minute)
        if made_of != self._made_of:
            self._made_of = made_of
            self._show(view, slice_, base)

    def _show(self, view: View, slice_: Loadable[ImageScan], base: Loadable[ImageScan]) -> None:
        """Work out the rows, of thousands beside the loop, and show them."""
        scan, former = value_of(slice_), value_of(base)
        comparing, made_of = self.baseline is not None, self._made_of

        def told() -> _Told:
            return _told(scan, former, comparing)

        def show(told: _Told) -> None:
            if made_of == self._made_of:
                note = self._words(view, scan, told.comparison)
                self._show_rows(told.rows, self._how_well(slice_, base, told.rows), note)

        async def beside() -> None:
            show(await asyncio.to_thread(told))

        if _size(scan) + _size(former) > _AT_ONCE:
            self.ecrtui.spawn(beside, "findings", exclusive=True)
        else:
            show(told())

    def _show_rows(self, rows: Sequence[FindingRow], status: Status, note: Shown) -> None:
        columns = columns_of(rows)
        if columns != self._columns:
            self.table.update(_NOTHING)  # rows have the cells of their own columns only
            self.show_columns(columns)
        self.show_list(FindingRows(rows), status, note=note)

    def _words(self, view: View, scan: ImageScan | None, comparison: Comparison | None) -> Shown:
        if comparison is not None and self.baseline is not None:
            return comparison_note(comparison, _name(view, view.digest), _name(view, self.baseline))
        return Shown("") if scan is None or self.baseline is not None else scan_note(scan, time.time())

    def _how_well(self, slice_: Loadable[ImageScan], base: Loadable[ImageScan], rows: Sequence[FindingRow]) -> Status:
        scans = [slice_] if self.baseline is None else [slice_, base]
        silent = next((scan for one in scans if (scan := value_of(one)) is not None and not scan.answers), None)
        if any(isinstance(one, Idle | Loading) and value_of(one) is None for one in scans):
            return Status(Shown("loading"), empty=(Cell(Shown("asking AWS…"), "muted"),), loading=True)
        if silent is not None:
            word, role = silence(silent)
            which = (self._not_compared(silent),) if self.baseline is not None else ()
            return Status(word, role, (*which, *why_empty(silent)))
        scan = value_of(slice_)
        return status_of(slice_, "findings", () if scan is None or rows else why_empty(scan))

    def _not_compared(self, scan: ImageScan) -> Cell:
        assert self._view is not None
        return Cell(shown(f"nothing is compared: {_name(self._view, scan.digest)}"), "strong")

    @staticmethod
    def _slice(view: View, digest: str | None) -> Loadable[ImageScan]:
        return IDLE if digest is None else view.state.get(FindingsKey(*view.place, digest))

    @staticmethod
    def _look_again(view: View, slice_: Loadable[ImageScan]) -> None:
        """Follow a scan that is under way."""
        if not isinstance(slice_, Ready) or view.now - slice_.at < _PAUSE or view.image is None:
            return
        if any(part.report is not None and part.report.status in _MOVING for part in slice_.value.parts):
            view.session.scans.load_findings(*view.place, view.image)

    def _arranged(self, source: Source, order: list[int], new: frozenset[Hashable] | None) -> None:
        self._order = order
        super()._arranged(source, order, new)
        self._show_foot()

    # The finding under the cursor

    @property
    def rows(self) -> Sequence[FindingRow]:
        """The findings on the screen and beyond it: those that the filter leaves, in their order."""
        source = self.source
        return [source.rows[number] for number in self._order] if isinstance(source, FindingRows) else []

    @property
    def current(self) -> FindingRow | None:
        """The finding under the cursor."""
        index, source = self.table.index, self.source
        return source.rows[index] if index is not None and isinstance(source, FindingRows) else None

    def on_resource_table_highlighted(self, event: ResourceTable.Highlighted) -> None:
        """Tell its title."""
        event.stop()
        self._show_foot()

    def on_resource_table_selected(self, event: ResourceTable.Selected) -> None:
        """Enter: all of it."""
        event.stop()
        if self.current is not None:
            self.app.push_screen(FindingDialog(self.current))

    def _show_foot(self) -> None:
        self.foot.show_cells(finding_line(self.current))

    # Commands

    def compare_with(self, digest: str) -> None:
        """Show what changed since another image of the repository, until Esc."""
        view = self._view
        if view is None:
            return
        self.baseline = digest
        self._sort_by(_COMPARED)
        if isinstance(self._slice(view, digest), Idle):
            self._load(view, digest)
        self.show_view(view)

    def load_again(self) -> None:
        """Ask AWS anew for what is shown."""
        view = self._view
        for digest in () if view is None else (view.digest, self.baseline):
            if view is not None and digest is not None:
                self._load(view, digest)

    @staticmethod
    def _load(view: View, digest: str) -> None:
        listing = value_of(view.state.get(ImagesKey(*view.place)))
        row = None if listing is None else listing.find(digest)
        if listing is not None and row is not None:
            view.session.scans.load_findings(*view.place, listing.row(row))

    def command_back(self) -> None:
        """Clear the filter, leave the comparison, or go one level up."""
        if self.baseline is None or self.filter_text or self._view is None:
            self.screen.command_back()  # type: ignore[attr-defined]
        else:
            self.baseline = None
            self._sort_by(_WORST_FIRST)
            self.show_view(self._view)

    def command_save(self) -> None:
        """Write what is shown to a file."""
        view = self._view
        if view is None or view.digest is None:
            return
        scans = [(digest, value_of(self._slice(view, digest))) for digest in (view.digest, self.baseline) if digest]
        known = {digest: scan for digest, scan in scans if scan is not None}
        save_findings(self.ecrtui, view.place, known, self.rows, self.filter_text)

    def refusal_save(self) -> str:
        """There must be an answer."""
        if self._view is None or value_of(self._slice(self._view, self._view.digest)) is None:
            return "the findings are not known yet"
        return ""


class _Told(NamedTuple):
    rows: Sequence[FindingRow]
    comparison: Comparison | None


def _told(scan: ImageScan | None, former: ImageScan | None, comparing: bool) -> _Told:
    if comparing:
        comparison = None if scan is None or former is None else compare(scan, former)
        return _Told(() if comparison is None else comparison.rows, comparison)
    return _Told(() if scan is None else rows_of(scan), None)


def _size(scan: ImageScan | None) -> int:
    parts = () if scan is None else scan.parts
    return sum(len(part.report.findings) for part in parts if part.report is not None)


def _name(view: View, digest: str | None) -> Shown:
    listing = value_of(view.state.get(ImagesKey(*view.place)))
    row = None if listing is None or digest is None else listing.find(digest)
    tags = () if listing is None or row is None else listing.tags[row]
    return shown(tags[0] if tags else (digest or "")[7:19])
