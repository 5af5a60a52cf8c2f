"""What differs between the repository policies of two repositories."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from ecrtui.domain.errors import AppError
from ecrtui.domain.policy_words import difference
from ecrtui.domain.text import Shown, shown
from ecrtui.services.permissions import repository_policy
from ecrtui.ui.dialogs.snippet import SnippetDialog
from ecrtui.ui.subject import Subject

if TYPE_CHECKING:
    from ecrtui.ui.app import EcrtuiApp


def compare_policies(app: EcrtuiApp, repositories: Sequence[Subject]) -> None:
    """Read the policies of two repositories, and show what differs."""
    app.spawn(partial(_compare, app, repositories), "policies", exclusive=True)


async def _compare(app: EcrtuiApp, repositories: Sequence[Subject]) -> None:
    session = app.session
    if session is None:
        return
    asked = [repository_policy(session.account, one.region, one.name) for one in repositories]
    texts: list[str | None] = []
    for answer in await asyncio.gather(*asked):
        if isinstance(answer, AppError):
            app.tell(shown(str(answer)), good=False)
            return
        texts.append(answer)
    apart = len({one.name for one in repositories}) == 1
    names = [f"{one.name} ({one.region})" if apart else one.name for one in repositories]
    lines = await asyncio.to_thread(difference, texts[0], texts[1], (names[0], names[1]))
    if app.session is not session:
        return
    if lines:
        title = shown(f"Repository policy of {names[0]} and of {names[1]}")
        app.push_screen(SnippetDialog(title, Shown("the difference"), "\n".join(lines), {"+": "good", "-": "bad"}))
    else:
        none = texts == [None, None]
        words = "neither has a repository policy" if none else "their repository policies mean the same"
        app.tell(shown(f"{names[0]} and {names[1]}: {words}"))
