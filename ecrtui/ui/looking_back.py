"""What is told once an account is open: what became of changes whose end nobody saw, and what ails the journal."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from ecrtui.domain.errors import AppError, ErrorKind
from ecrtui.domain.text import shown
from ecrtui.services.reconcile import Resolved, reconcile
from ecrtui.services.trace import Resolution
from ecrtui.ui.activity import ActivityEntry

if TYPE_CHECKING:
    from ecrtui.ui.session import Session


async def look_back(session: Session) -> None:
    """Tell of a journal that is damaged or cannot be kept, and of what became of changes that nobody saw end."""
    told = await session.journal.mend()
    if told is not None:
        session.app.report(told)
    try:
        resolved = await reconcile(session.account, session.journal)
    except AppError as error:
        if error.kind is ErrorKind.LOCAL and told is None:  # who we are is asked, and told of, elsewhere
            session.app.report(error)
        return
    for each in resolved:
        session.app.activity.add(ActivityEntry(time.time(), shown(_sentence(each))))
    if resolved:
        news = (
            _sentence(resolved[0])
            if len(resolved) == 1
            else f"{len(resolved)} changes of unknown outcome were looked up; ! tells of each"
        )
        session.app.tell(shown(news), good=all(each.resolution is Resolution.DONE for each in resolved))


def _sentence(resolved: Resolved) -> str:
    return f"looked up later: {resolved.title}: {resolved.resolution}: {resolved.detail}"
