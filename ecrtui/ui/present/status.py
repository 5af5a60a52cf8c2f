"""How well a list is known: the word in its heading, and what stands in its place while it has no rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ecrtui.domain.text import Shown, shown
from ecrtui.services.state import Failed, Idle, Loadable, Loading, Partial, Ready
from ecrtui.ui.present.problems import explanation, state_word
from ecrtui.ui.theme import Role
from ecrtui.ui.widgets.rows import Cell


@dataclass(frozen=True, slots=True)
class Status:
    """The state of a list: a word for the heading with its role, and lines for the empty table."""

    word: Shown = Shown("")
    role: Role = "muted"
    empty: tuple[Cell, ...] = ()
    loading: bool = False
    fraction: float | None = None
    """How much has come, 0 to 1, where it can be known."""


def status_of(slice_: Loadable[Any], what: str, empty: tuple[Cell, ...] = (), expected: int | None = None) -> Status:
    """The status of one slice; `what` is what it lists (`images`), `empty` what to say when there are none."""
    match slice_:
        case Idle():
            return Status(empty=(Cell(shown(f"no {what} loaded yet; r loads them"), "muted"),))
        case Loading(pages=pages, rows=rows):
            return _loading(pages, rows, what, expected)
        case Partial(error=None):
            return Status(Shown("stopped: r goes on"), "warn", empty)
        case Partial(error=error, stale=stale) if error is not None:
            known = "stale, r tries again" if stale else "incomplete, r goes on"
            return Status(shown(f"{state_word(error)}: {known}"), "bad", explanation(error))
        case Failed(error=error):
            return Status(state_word(error), "bad", (*explanation(error), Cell(Shown("r tries again"), "muted")))
        case Ready():
            return Status(empty=empty or (Cell(shown(f"no {what}"), "muted"),))
    raise AssertionError(slice_)


def status_of_all(slices: Sequence[Loadable[Any]], what: str, empty: tuple[Cell, ...] = ()) -> Status:
    """The status of a list over several regions: loading while any loads; a failure of some is named."""
    if not slices:
        return Status(empty=(Cell(Shown("no region in scope: R chooses regions"), "muted"),))
    if len(slices) == 1:
        return status_of(slices[0], what, empty)
    loading = [one for one in slices if isinstance(one, Loading)]
    failed = [one for one in slices if isinstance(one, Failed) or (isinstance(one, Partial) and one.error)]
    if failed and not loading:
        first = status_of(failed[0], what, empty)
        word = shown(f"{len(failed)} of {len(slices)} regions {first.word}")
        return Status(word, "bad", first.empty)
    if loading:
        pages, rows = sum(one.pages for one in loading), sum(one.rows for one in loading)
        return _loading(pages, rows, what, None)
    return status_of(slices[0], what, empty)


def _loading(pages: int, rows: int, what: str, expected: int | None) -> Status:
    word = f"loading, {pages} pages" if pages > 1 else "loading"
    fraction = min(1.0, rows / expected) if expected else None
    return Status(shown(word), "muted", (Cell(shown(f"loading {what}…"), "muted"),), True, fraction)
