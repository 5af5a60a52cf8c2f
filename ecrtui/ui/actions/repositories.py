"""Deleting repositories."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

from ecrtui.domain.text import Shown, shown
from ecrtui.domain.units import count, size
from ecrtui.services.repository_deletion import RepositoryDeletion, plan_delete_repository
from ecrtui.ui.actions.propose import prepare, propose
from ecrtui.ui.dialogs.blocked import BlockedDialog
from ecrtui.ui.dialogs.choices import Choice
from ecrtui.ui.dialogs.plan import Results
from ecrtui.ui.session import Session
from ecrtui.ui.subject import Subject
from ecrtui.ui.widgets.rows import Cell
from ecrtui.ui.widgets.text_view import Line

if TYPE_CHECKING:
    from ecrtui.ui.app import EcrtuiApp

_REASONS = 20
"""Reasons that are named of each repository."""


def delete_repositories(app: EcrtuiApp, subjects: Sequence[Subject]) -> None:
    """Propose to delete repositories with all that is in them."""
    if app.session is not None and subjects:
        prepare(app, partial(_look, app, app.session, subjects))


async def _look(app: EcrtuiApp, session: Session, subjects: Sequence[Subject], allow_in_use: bool = False) -> None:
    look = partial(plan_delete_repository, session.account, regions=app.scope, allow_in_use=allow_in_use)
    found = await asyncio.gather(*(look(one.region, one.name) for one in subjects))
    clear = [one for one in found if allow_in_use or not one.blocked]
    if len(clear) == len(found):
        _confirm(app, session, clear)
        return

    def chosen(choice: str | None) -> None:
        if choice == "rest":
            _confirm(app, session, clear)
        elif choice == "all":
            prepare(app, partial(_look, app, session, subjects, allow_in_use=True))

    choices = [Choice("rest", shown(f"Delete the other {len(clear)}"))] if clear else []
    choices.append(Choice("all", Shown("Delete what is in use too")))
    title = shown(f"{len(found) - len(clear)} of {len(found)} repositories: images are in use")
    app.push_screen(BlockedDialog(title, _blocked_lines(found), choices), chosen)


def _blocked_lines(found: Sequence[RepositoryDeletion]) -> list[Line]:
    lines: list[Line] = []
    for one in found:
        if one.blocked:
            lines.append((Cell(shown(f"{one.repository} in {one.region}"), "strong"),))
            lines += [(Cell(Shown("  ")), Cell(shown(reason), "bad")) for reason in one.blocked[:_REASONS]]
    return lines


def _confirm(app: EcrtuiApp, session: Session, found: Sequence[RepositoryDeletion]) -> None:
    worth = [f"{one.repository}: {count(one.images)} images, {size(one.bytes)} at most" for one in found]
    notes = [Cell(shown(note), "warn") for note in (*worth, "Nothing undoes it.")]
    name = found[0].repository if len(found) == 1 else f"{len(found)} repositories"
    steps = [step for one in found for step in one.steps]
    ended = _reloading(session)
    propose(app, shown(f"Delete {name}"), steps, verb=Shown("Delete"), notes=notes, ended=ended)


def _reloading(session: Session) -> Callable[[Results], None]:
    def reload(results: Results) -> None:
        for region in {result.change.region for result in results}:
            session.load_repositories(region)

    return reload
