"""Following the tokens of a listing, however the endpoint behaves."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import TypeVar

from ecrtui.domain.errors import AppError, ErrorKind

T = TypeVar("T")

_MOST_PAGES = 10_000
_MOST_IDLE = 30
"""Pages in a row without anything new after which a listing is taken for an endless one."""


async def pages(
    fetch: Callable[[str | None], Awaitable[tuple[T, str | None]]],
    what: str,
    where: str,
    *,
    resume: str | None = None,
    news: Callable[[T], int] | None = None,
) -> AsyncIterator[tuple[T, str | None]]:
    """Yield each page with the token that follows it, from `resume` on.

    `news` counts what is new in a page; without it one is new that is not as the last. A token that comes back, pages
    that bring nothing new, and more pages than any listing of AWS has end it with an `AppError` (MALFORMED).
    """
    token, seen, idle = resume, {resume}, 0
    last: T | None = None
    for _ in range(_MOST_PAGES):
        page, token = await fetch(token)
        idle = 0 if (page != last if news is None else news(page)) else idle + 1
        last = page
        repeated = token is not None and token in seen
        yield page, None if repeated else token
        if token is None:
            return
        if repeated:
            raise _endless(what, where, "the endpoint repeats a page token")
        if idle >= _MOST_IDLE:
            raise _endless(what, where, f"{idle} pages in a row brought nothing new")
        seen.add(token)
    raise _endless(what, where, f"more than {_MOST_PAGES:,} pages")


def _endless(what: str, where: str, why: str) -> AppError:
    return AppError(
        ErrorKind.MALFORMED,
        what,
        where=where,
        why=f"the listing does not end: {why}",
        remedy="What was listed so far is shown; check the endpoint.",
    )
