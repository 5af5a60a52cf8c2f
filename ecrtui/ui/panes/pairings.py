"""The pairings pane: every project beside the repository of its name, over the regions in scope."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from textual import events
from textual.app import ComposeResult

from ecrtui.domain.build import Build
from ecrtui.domain.errors import AppError, ErrorKind
from ecrtui.domain.pairing import LastImage, Pairing, RegionFacts, Side, Verdict, pair
from ecrtui.domain.project import Project
from ecrtui.domain.repository import Repository, RepositoryListing
from ecrtui.domain.text import Shown
from ecrtui.services.browse import Summary
from ecrtui.services.slices import (
    BuildsKey,
    IdentityKey,
    LastBuildsKey,
    ProjectsKey,
    RegistryKey,
    RepositoriesKey,
    SummariesKey,
)
from ecrtui.services.state import Failed, Idle, Loadable, Loading, Partial, Ready, State, error_of, value_of
from ecrtui.services.state import Key as SliceKey
from ecrtui.ui.panes.list_pane import ListPane
from ecrtui.ui.panes.verdict_line import VerdictLine
from ecrtui.ui.present.pairings import FIELDS, Beside, columns, pairing_rows
from ecrtui.ui.present.problems import state_word
from ecrtui.ui.present.repositories import RepositoryKey
from ecrtui.ui.present.source import ValueRows
from ecrtui.ui.present.status import status_of_all
from ecrtui.ui.present.verdicts import verdict_counts
from ecrtui.ui.widgets.resource_table import Sort
from ecrtui.ui.widgets.rows import Cell

T = TypeVar("T")

_EMPTY = (
    Cell(Shown("no projects and no repositories in the regions in scope"), "muted"),
    Cell(Shown("R chooses regions"), "muted"),
)
_REST = 4
"""Times as long as it took to pair, until it is done again while counts come."""
_TERM = re.compile(r'(?<!\S)[-!]?verdict:(?:"[^"]*"|\S*)\s*')


class PairingsPane(ListPane):
    """Pairings, the worst first."""

    def __init__(self) -> None:
        super().__init__(Shown("PAIRINGS"), columns(False), sort=Sort("verdict"), fields=FIELDS, id="pairings")
        self.verdicts = VerdictLine()
        self.pairings: tuple[Pairing, ...] = ()
        self.beside = Beside()
        self._inputs: tuple[object, ...] = ()
        self._pairing = False
        self._whole: dict[SliceKey[object], object] = {}
        """What was complete before it was asked for anew: it counts until the new is complete."""
        self._touched = False
        self._wanted: RepositoryKey | None = None

    def compose(self) -> ComposeResult:
        yield self.heading
        yield self.verdicts
        yield self.table

    @property
    def current(self) -> Pairing | None:
        """The pairing under the cursor."""
        source, key = self.source, self.key
        index = None if source is None or key is None else source.find(key)
        return source.values[index] if isinstance(source, ValueRows) and index is not None else None

    @property
    def targets(self) -> list[Pairing]:
        """The marked pairings, else the one under the cursor."""
        source = self.source
        if not isinstance(source, ValueRows):
            return []
        rows = [source.find(key) for key in self.table.targets]
        return [source.values[row] for row in rows if row is not None]

    def forget(self) -> None:
        """Another account is in use: nothing of the former one counts."""
        self.pairings, self._inputs, self._touched = (), (), False
        self._whole.clear()
        self.table.clear_marks()

    # From the state

    def show_state(self, state: State) -> None:
        """Show what is known now; where sides changed, pair them anew."""
        inputs = self._inputs_of(state)
        if len(inputs) != len(self._inputs) or any(a is not b for a, b in zip(inputs, self._inputs, strict=True)):
            self._inputs = inputs
            if not self._pairing:
                self._pairing = True
                self.ecrtui.spawn(self._pair, "pairing")
        self._show(state)

    def _inputs_of(self, state: State) -> tuple[object, ...]:
        """All that verdicts depend on, to be compared by identity."""
        slices: list[object] = [self.ecrtui.session, state.get(IdentityKey())]
        for region in self.ecrtui.scope:
            keys = (ProjectsKey, RepositoriesKey, SummariesKey, RegistryKey)
            slices += [region, *(state.get(key(region)) for key in keys)]
        return tuple(slices)

    async def _pair(self) -> None:
        """Pair until nothing is newer than what was paired; beside the loop, since it reads every buildspec."""
        done: tuple[object, ...] = ()
        try:
            while done is not self._inputs:
                done, session, began = self._inputs, self.ecrtui.session, time.monotonic()
                facts = [self._facts(self.ecrtui.state, region) for region in self.ecrtui.scope]
                pairings = await asyncio.to_thread(pair, facts)
                if session is self.ecrtui.session:
                    self.pairings = pairings
                    self._show(self.ecrtui.state)
                await asyncio.sleep(_REST * (time.monotonic() - began))
        finally:
            self._pairing = False

    def _facts(self, state: State, region: str) -> RegionFacts:
        identity = value_of(state.get(IdentityKey()))
        projects, repositories = state.get(ProjectsKey(region)), state.get(RepositoriesKey(region))
        known: tuple[Project, ...] = value_of(projects) or ()
        return RegionFacts(
            region,
            "" if identity is None else identity.account,
            self._side(ProjectsKey(region), projects, "projects", known),
            self._side(RepositoriesKey(region), repositories, "repositories", _rows(value_of(repositories))),
            _last_images(value_of(state.get(SummariesKey(region))) or {}),
            value_of(state.get(RegistryKey(region))),
            self._awaits_registry(state, region),
        )

    @staticmethod
    def _awaits_registry(state: State, region: str) -> bool:
        """Whether the registry's settings may still come; a former answer counts until then."""
        slice_ = state.get(RegistryKey(region))
        return isinstance(slice_, Idle | Loading) and value_of(slice_) is None

    def _side(self, key: SliceKey[Any], slice_: Loadable[Any], what: str, rows: Sequence[T]) -> Side[T]:
        if isinstance(slice_, Ready):
            self._whole[key] = slice_.value
        if self._is_whole(key, slice_):
            return Side(rows)
        if isinstance(slice_, Partial) and slice_.error is None:
            return Side(rows, False, _stopped(what, getattr(key, "region", "")))
        return Side(rows, False, error_of(slice_))

    def _is_whole(self, key: SliceKey[Any], slice_: Loadable[Any]) -> bool:
        """Whether all is known: read whole, or read whole before and being read again."""
        if isinstance(slice_, Loading):
            return slice_.value is not None and slice_.value is self._whole.get(key)
        return isinstance(slice_, Ready)

    def _show(self, state: State) -> None:
        scope = self.ecrtui.scope
        many = len(scope) > 1
        self.beside = self._beside(state, many)
        self.show_columns(columns(many))
        sides = [_worse(state.get(ProjectsKey(region)), state.get(RepositoriesKey(region))) for region in scope]
        self.show_list(
            pairing_rows(self.pairings, self.beside), status_of_all(sides, "projects and repositories", _EMPTY)
        )
        self.verdicts.show(verdict_counts(self.pairings), self.chosen)

    def _beside(self, state: State, many: bool) -> Beside:
        scope = self.ecrtui.scope
        return Beside(
            {region: _last_builds(state, region) for region in scope},
            {region: _unbuilt(state.get(LastBuildsKey(region))) for region in scope},
            {region: value_of(state.get(SummariesKey(region))) or {} for region in scope},
            frozenset(region for region in scope if self._is_loading(state, region)),
            time.time(),
            many,
        )

    def _is_loading(self, state: State, region: str) -> bool:
        keys: tuple[SliceKey[Any], ...] = (ProjectsKey(region), RepositoriesKey(region))
        return self._awaits_registry(state, region) or any(
            isinstance(state.get(key), Idle | Loading) and not self._is_whole(key, state.get(key)) for key in keys
        )

    # The cursor stays on the worst until somebody moves it

    def on_key(self, event: events.Key) -> None:
        """From the first key on the cursor belongs to the person."""
        self._touched = True

    def on_click(self, event: events.Click) -> None:
        """So it does from the first click on."""
        self._touched = True

    def on_list_pane_arranged(self, event: ListPane.Arranged) -> None:
        """Rows that are judged move to their place; the cursor waits at the top meanwhile."""
        if self._wanted is not None:
            self.reveal(self._wanted)
        elif not self._touched:
            self.table.move_to(0)

    def reveal(self, key: RepositoryKey) -> None:
        """Put the cursor on a name, now or as soon as it is listed."""
        self._touched = True
        self._wanted = None if self.table.move_to_key(key) else key

    # One verdict only

    @property
    def chosen(self) -> Verdict | None:
        """The verdict that the list is filtered by."""
        words = self.filter_text.split()
        return next((verdict for verdict in Verdict if f"verdict:{verdict}" in words), None)

    def choose(self, verdict: Verdict | None) -> None:
        """Show one verdict only, or all; the rest of the filter stays."""
        rest = _TERM.sub("", self.filter_text).strip()
        self.set_filter(rest if verdict is None else f"{rest} verdict:{verdict}".strip())
        self.verdicts.show(verdict_counts(self.pairings), self.chosen)

    def set_filter(self, text: str) -> None:
        super().set_filter(text)
        self.verdicts.show(verdict_counts(self.pairings), self.chosen)

    def command_verdict(self) -> None:
        """The next verdict that some pairing has, and after the last all of them."""
        choices: list[Verdict | None] = [None, *verdict_counts(self.pairings)]
        now = choices.index(self.chosen) if self.chosen in choices else 0
        self.choose(choices[(now + 1) % len(choices)])

    def on_verdict_line_verdict_chosen(self, event: VerdictLine.VerdictChosen) -> None:
        """A count was clicked; again shows all."""
        event.stop()
        self.choose(None if event.verdict is self.chosen else event.verdict)


def _rows(listing: RepositoryListing | None) -> Sequence[Repository]:
    return () if listing is None else [listing.row(index) for index in range(len(listing))]


def _last_images(summaries: Mapping[str, Summary]) -> dict[str, LastImage | None]:
    """The newest image by repository, None where there is none; repositories that could not be read are left out."""
    return {
        name: LastImage("", summary.last_tag or None, summary.last_push) if summary.images else None
        for name, summary in summaries.items()
        if summary.known
    }


def _last_builds(state: State, region: str) -> dict[str, Build]:
    """The last build of each project, also where the feed knows of a newer one."""
    known: Mapping[str, Build] = value_of(state.get(LastBuildsKey(region))) or {}
    newest = dict(known)
    for build in value_of(state.get(BuildsKey(region))) or ():
        former = newest.get(build.project)
        if former is None or former.id == build.id or (former.started_at or 0.0) < (build.started_at or 0.0):
            newest[build.project] = build
    return newest


def _unbuilt(slice_: Loadable[Mapping[str, Build]]) -> Cell:
    """What to say of a project that is not among the last builds."""
    match slice_:
        case Ready():
            return Cell(Shown("never built"), "muted")
        case Failed(error=error) | Partial(error=error) if error is not None:
            return Cell(Shown(f"? {state_word(error)}"), "warn")
    return Cell(Shown("…"), "muted")


def _worse(*slices: Loadable[Any]) -> Loadable[Any]:
    """Of the sides of a region the one that stands in the way of verdicts most."""
    order = (Failed, Partial, Loading, Idle, Ready)
    return min(slices, key=lambda slice_: next(number for number, kind in enumerate(order) if isinstance(slice_, kind)))


def _stopped(what: str, region: str) -> AppError:
    return AppError(
        ErrorKind.LOCAL, f"list the {what}", region, why="the load was stopped", remedy="Press r to load the rest."
    )
