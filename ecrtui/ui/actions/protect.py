"""Protecting tags and images: the advice for the marked repositories, as a plan that can be applied."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from ecrtui.domain.text import Shown, shown
from ecrtui.domain.units import count
from ecrtui.services.protection import Protection, plan_protection
from ecrtui.services.usage import load_uses
from ecrtui.ui.actions.propose import prepare, propose
from ecrtui.ui.dialogs.plan import Results
from ecrtui.ui.present.problems import headline
from ecrtui.ui.session import Session
from ecrtui.ui.subject import Subject
from ecrtui.ui.theme import glyphs
from ecrtui.ui.widgets.rows import Cell

if TYPE_CHECKING:
    from ecrtui.ui.app import EcrtuiApp

_AT_A_GLANCE = 3
"""Repositories that are looked at so soon that nothing need be said."""
_NAMED = 6
"""Tags that a note names; more are counted."""


def protect(app: EcrtuiApp, subjects: Sequence[Subject]) -> None:
    """Look at these repositories, and propose what would protect them."""
    if app.session is not None and subjects:
        if len(subjects) > _AT_A_GLANCE:
            app.tell(shown(f"looking at the tags of {len(subjects)} repositories"))
        prepare(app, partial(_propose, app, app.session, subjects))


async def _propose(app: EcrtuiApp, session: Session, subjects: Sequence[Subject]) -> None:
    places = [(subject.region, subject.name) for subject in subjects]
    index = await load_uses(session.account, app.scope)
    found = await plan_protection(session.account, places, index)
    for error in [one.error for one in found if one.error is not None]:
        app.tell(headline(error), good=False)
    steps = [step for one in found for step in one.steps]
    if not steps:
        if not all(one.error for one in found):
            app.tell(shown(_nothing_to_do(found)))
        return
    concerned = [one for one in found if one.steps]
    notes = [note for one in concerned for note in _notes(one)]
    notes.append(Cell(Shown("A push of a tag that is immutable fails, also of the same digest.")))

    def ended(results: Results) -> None:
        for region in {result.change.region for result in results}:
            session.load_repositories(region)

    title = shown(f"Protect {_names([one.name for one in concerned])}")
    propose(app, title, steps, verb=Shown("Protect"), notes=notes, ended=ended)


def _nothing_to_do(found: Sequence[Protection]) -> str:
    """Why there is nothing to propose: all is well, or it cannot be told."""
    well = [one for one in found if one.error is None]
    if len(well) > 1:
        return f"{len(well)} repositories: no tag needs other protection, nothing to switch on for scans here"
    one = well[0]
    scanned = "" if one.coverage is None else f"; images are scanned {one.coverage.mode}: {one.coverage.why}"
    if one.strategy is not None and not one.strategy.unique:
        return f"{one.name} has no tag that names a version or commit: nothing to protect{scanned}"
    return f"the tags of {one.name} are protected as they should be{scanned}"


def _notes(protection: Protection) -> list[Cell]:
    """Why it is advised, and what it would alter that somebody may rely on."""
    name, advice = protection.name, protection.advice
    notes: list[Cell] = []
    if advice is not None:
        notes.append(Cell(shown(f"{name}: {advice.why}")))
        if advice.left_out:
            words = f"{name}: no filter is left for {_some(advice.left_out)}: they could not be moved any more"
            notes.append(Cell(shown(f"{glyphs().warning} {words}"), "bad"))
        if advice.unsure:
            words = f"{name}: {_some(advice.unsure)} could not be moved any more; whether a build does is not known"
            notes.append(Cell(shown(f"{glyphs().warning} {words}"), "warn"))
        if protection.unseen:
            words = f"{name}: which tags its project pushes is not known: {protection.unseen}"
            notes.append(Cell(shown(f"{glyphs().warning} {words}"), "warn"))
    if protection.coverage is not None and not protection.coverage.mode.automatic:
        coverage = protection.coverage
        notes.append(Cell(shown(f"{name}: images are scanned {coverage.mode}: {coverage.why}")))
    return notes


def _some(tags: Sequence[str]) -> str:
    more = len(tags) - _NAMED
    return ", ".join(tags[:_NAMED]) + (f" and {count(more)} more" if more > 0 else "")


def _names(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{len(names)} repositories"
