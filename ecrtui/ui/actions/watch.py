"""Watching a repository: what arrives, moves or vanishes is told as it happens, whoever did it."""

from __future__ import annotations

from contextlib import aclosing
from functools import partial
from typing import TYPE_CHECKING, cast

from ecrtui.domain.text import Shown, shown
from ecrtui.services.repository_watch import RepositoryChange, watch_repository
from ecrtui.ui.session import Session
from ecrtui.ui.subject import Subject

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from ecrtui.ui.app import EcrtuiApp


_GOOD_NEWS = ("new-image", "new-tag", "moved-tag")


def toggle_watch(app: EcrtuiApp, subject: Subject) -> None:
    """Begin to watch a repository, or stop."""
    session = app.session
    if session is None:
        return
    place = (subject.region, subject.name)
    group = f"watch {place}"
    if place in session.watched:
        session.watched.discard(place)
        app.workers.cancel_group(app, group)
        app.tell(shown(f"no longer watching {subject.name}"))
    else:
        session.watched.add(place)
        app.spawn(partial(_watch, app, session, subject), group, exclusive=True)
        app.tell(shown(f"watching {subject.name}: what arrives or moves is told here"))
    app.show_soon()


async def _watch(app: EcrtuiApp, session: Session, subject: Subject) -> None:
    """Tell of every change until cancelled; what cannot be watched any more is reported by the app."""
    place = (subject.region, subject.name)
    changes = cast(
        "AsyncGenerator[RepositoryChange, None]", watch_repository(session.account, subject.region, subject.name)
    )
    try:
        async with aclosing(changes):
            async for change in changes:
                app.announce(change_words(subject.name, change), good=change.kind in _GOOD_NEWS)
                if change.error is None:
                    session.look_again(*place)
    except Exception:
        session.watched.discard(place)
        app.show_soon()
        raise


def change_words(name: str, change: RepositoryChange) -> Shown:
    """One change of a repository in a sentence."""
    digest, former = change.digest[7:19], change.former_digest[7:19]
    match change.kind:
        case "new-image":
            words = f"new image {name}:{change.tag}" if change.tag else f"new image {name}@{digest}"
        case "moved-tag":
            words = f"{name}:{change.tag} moved from {former} to {digest}"
        case "new-tag":
            words = f"{name}:{change.tag} now names {digest}"
        case "vanished-tag":
            words = f"{name}:{change.tag} is gone; it named {digest}"
        case "deleted-image":
            words = f"image {digest} was deleted from {name}"
        case _:
            words = f"{name} could not be looked at: {change.error}; it is tried again"
    return shown(words)
