"""Proposing changes: every mutating command of the app ends here, in the plan dialog."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Sequence
from typing import TYPE_CHECKING, Any

from ecrtui.domain.text import Shown
from ecrtui.services.changes import Step
from ecrtui.services.slices import IdentityKey
from ecrtui.services.state import value_of
from ecrtui.ui.dialogs.choices import Choice
from ecrtui.ui.dialogs.plan import Applied, Plan, PlanDialog, Results
from ecrtui.ui.present.plans import Place
from ecrtui.ui.widgets.rows import Cell

if TYPE_CHECKING:
    from ecrtui.ui.app import EcrtuiApp


def propose(
    app: EcrtuiApp,
    title: Shown,
    steps: Sequence[Step],
    *,
    verb: Shown,
    notes: Sequence[Cell] = (),
    summary: Callable[[Results], Sequence[Cell]] = lambda results: (),
    follow_ups: Callable[[Results], Sequence[Choice]] = lambda results: (),
    ended: Callable[[Results], None] = lambda results: None,
    then: Callable[[Applied], None] = lambda applied: None,
) -> None:
    """Show a plan; when it is confirmed, send it as the identity that was shown.

    `ended` hears of all results in any case, `then` when the dialog is closed after something was sent.
    """
    session = app.session
    identity = None if session is None else value_of(app.state.get(IdentityKey()))
    if session is None or identity is None:
        app.tell(Shown("not yet: it is not known whose account this is; i says why"), good=False)
        return
    gateway = session.gateway
    plan = Plan(
        title=title,
        place=Place(identity.account, identity.arn, app.profile_name, session.account.endpoint),
        steps=steps,
        apply=lambda: gateway.apply_all(steps, identity),
        verb=verb,
        notes=notes,
        record=app.record,
        ended=ended,
        summary=summary,
        follow_ups=follow_ups,
    )

    def closed(applied: Applied | None) -> None:
        if applied is not None:
            then(applied)

    app.push_screen(PlanDialog(plan), closed)


def prepare(app: EcrtuiApp, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Look at everything that a change depends on, beside the app, instead of what was looked at before."""
    app.spawn(work, "plan", exclusive=True)
