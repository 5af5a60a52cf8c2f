"""The preview pane: which images go, by which rule, what that saves, and what blocks it."""

from __future__ import annotations

import time
from typing import Any

from textual.app import ComposeResult

from ecrtui.domain.text import Shown, shown
from ecrtui.domain.units import count
from ecrtui.services.state import Failed, Idle, Loadable, Loading, Ready, State, value_of
from ecrtui.ui.panes.list_pane import ListPane
from ecrtui.ui.present.fates import (
    FIELDS,
    AwsPreviewKey,
    Fate,
    PreviewKey,
    Seen,
    SeenByAws,
    View,
    aws_marks,
    columns,
    fate_rows,
)
from ecrtui.ui.present.policies import alike
from ecrtui.ui.present.previews import aws_lines, fate_lines, summary_lines
from ecrtui.ui.present.problems import explanation
from ecrtui.ui.present.repositories import RepositoryKey
from ecrtui.ui.present.source import ValueRows
from ecrtui.ui.present.status import Status
from ecrtui.ui.widgets.resource_table import ResourceTable
from ecrtui.ui.widgets.rows import Cell
from ecrtui.ui.widgets.text_view import Line, TextView

_UNASKED = (
    Cell(Shown("p shows what the draft would do to the images now"), "muted"),
    Cell(Shown("nothing is changed by it; manifests of indexes are read"), "muted"),
)
_NONE: ValueRows[Fate] = ValueRows(
    (), key=lambda fate: fate.image.digest, cells=lambda fate: (), words=lambda fate: "", sorts={}
)


class PreviewPane(ListPane):
    """What becomes of the images of one repository, under a summary."""

    def __init__(self) -> None:
        super().__init__(Shown("PREVIEW"), columns(False), fields=FIELDS, id="preview")
        self.summary = TextView(classes="summary")
        self.detail = TextView(classes="fate")
        self.summary.can_focus = self.detail.can_focus = False
        self.view = View.GOES
        self._made_of: tuple[Any, ...] = ()

    def compose(self) -> ComposeResult:
        yield self.heading
        yield self.summary
        yield self.table
        yield self.detail

    def show_preview(self, state: State, key: RepositoryKey | None, draft: str) -> None:
        """Show the preview of a repository as it is known now; `draft` is the text as it stands now."""
        if key is None:
            return
        slice_, aws = state.get(PreviewKey(*key)), state.get(AwsPreviewKey(*key))
        seen, theirs = value_of(slice_), value_of(aws)
        if theirs is not None and (seen is None or not alike(theirs.policy_text, seen.preview.policy_text)):
            theirs = None
        with_aws = aws_marks(theirs) is not None
        if not with_aws and self.view is View.DIFFERS:
            self.view = View.GOES
        self.summary.show(self._summary(slice_, aws, seen))
        made_of = (key, seen, theirs, self.view, int(time.time() // 60))
        if made_of != self._made_of or not isinstance(slice_, Ready):
            self._made_of = made_of
            self.show_columns(columns(with_aws))
            rows = _NONE if seen is None else fate_rows(seen, self.view, theirs, time.time())
            self.show_list(rows, _status(slice_, seen, draft, self.view), note=_note(seen, self.view, len(rows)))
            self._show_fate()
        elif self._status != (status := _status(slice_, seen, draft, self.view)):
            shown_now = self.source or _NONE
            self.show_list(shown_now, status, note=_note(seen, self.view, len(shown_now)))

    def next_view(self, with_aws: bool) -> None:
        """Go on to the next of: what goes, what stays, what is in use, what AWS sees otherwise."""
        views = [view for view in View if with_aws or view is not View.DIFFERS]
        self.view = views[(views.index(self.view) + 1) % len(views)]

    def on_resource_table_highlighted(self, event: ResourceTable.Highlighted) -> None:
        """Say why the image under the cursor goes or stays."""
        self._show_fate()

    def _show_fate(self) -> None:
        index, source = self.table.index, self.source
        known = isinstance(source, ValueRows) and index is not None and index < len(source)
        lines = (
            fate_lines(source.values[index]) if known and isinstance(source, ValueRows) and index is not None else ()
        )
        self.detail.display = bool(lines)
        self.detail.show(lines)

    def _summary(self, slice_: Loadable[Seen], aws: Loadable[SeenByAws], seen: Seen | None) -> tuple[Line, ...]:
        lines: tuple[Line, ...] = ()
        if seen is not None:
            lines = (*summary_lines(seen), *aws_lines(aws, seen.preview.policy_text))
        self.summary.display = bool(lines)
        return lines


def _note(seen: Seen | None, view: View, rows: int) -> Shown:
    """What stands behind the count of the rows, which no list has that is empty."""
    if seen is None:
        return Shown("")
    return shown(f"{'' if rows else 'none '}{_NOTES[view]}, of {count(len(seen.fates))}")


_NOTES = {View.GOES: "go", View.STAYS: "stay", View.IN_USE: "in use", View.DIFFERS: "differ from AWS"}


def _status(slice_: Loadable[Seen], seen: Seen | None, draft: str, view: View) -> Status:
    match slice_:
        case Idle():
            return Status(empty=_UNASKED)
        case Loading():
            return Status(Shown("previewing"), "muted", (Cell(Shown("previewing…"), "muted"),), True)
        case Failed(error=error):
            return Status(Shown("failed"), "bad", (*explanation(error), Cell(Shown("p tries again"), "muted")))
    empty = (Cell(shown(_EMPTY[view]), "muted"), Cell(Shown("V shows the others"), "muted"))
    if seen is not None and not alike(seen.preview.policy_text, draft):
        return Status(Shown("of another text: p previews the draft"), "warn", empty)
    return Status(empty=empty)


_EMPTY = {
    View.GOES: "no image goes",
    View.STAYS: "no image stays",
    View.IN_USE: "no image is known to be in use",
    View.DIFFERS: "AWS sees it as we do",
}
