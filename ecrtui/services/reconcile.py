"""Changes whose end nobody saw (quit, killed, the network gone) get it later: what reading shows of them."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

from ecrtui.domain.errors import AppError, ErrorKind
from ecrtui.services.build_traces import has_rival
from ecrtui.services.polling import visible
from ecrtui.services.ports import Account, Clock, Journal, JournalEntry, Sleep
from ecrtui.services.trace import Resolution, Trace
from ecrtui.services.traces import phrase, trace

_SETTLED = 120.0
"""Seconds after which what is not visible is not there."""
_PASSING = frozenset(
    {ErrorKind.CREDENTIALS, ErrorKind.THROTTLED, ErrorKind.NETWORK, ErrorKind.TIMEOUT, ErrorKind.SERVICE}
)
"""Reasons for which reading may succeed another time."""


@dataclass(frozen=True, slots=True)
class Resolved:
    """A change whose end nobody had seen, and what became of it."""

    entry: JournalEntry
    resolution: Resolution
    detail: str

    @property
    def title(self) -> str:
        """What was to be done, as a clause."""
        return f"{phrase(self.entry)} in {self.entry.region}"


async def reconcile(
    account: Account,
    journal: Journal,
    *,
    again: bool = False,
    clock: Clock = time.time,
    sleep: Sleep = asyncio.sleep,
) -> tuple[Resolved, ...]:
    """See what became of every change of this account whose end nobody saw, and write it down as its end.

    With `again` also of those that were looked up before, in vain. Nothing is sent. A change that another running
    process is about is left alone. Raises AppError when the journal or the account cannot be used; each change
    that cannot be read now stays open.
    """
    async with journal.abandoned(again) as intents:
        if not intents:
            return ()
        owner = (await account.identity()).account
        ours = [entry for entry in intents if (entry.account, entry.endpoint) == (owner, account.endpoint)]
        others = await journal.everything()
        seen = await asyncio.gather(*(_judged(account, entry, others, clock, sleep) for entry in ours))
        return tuple([await _written(journal, entry, trace_, clock) for entry, trace_ in zip(ours, seen, strict=True)])


async def _judged(
    account: Account, entry: JournalEntry, others: Sequence[JournalEntry], clock: Clock, sleep: Sleep
) -> Trace:
    """What is seen of a change, unless it may be of something else."""
    try:
        seen = await _seen(account, entry, clock, sleep)
        if (await account.identity()).account != entry.account:
            return Trace(Resolution.OPEN, "the credentials are of another account by now")
    except AppError as error:
        why = f"it could not be read: {error.why or error}"
        return Trace(Resolution.OPEN if error.kind in _PASSING else Resolution.UNKNOWN, why)
    if seen.resolution is Resolution.DONE and has_rival(entry, others):
        return Trace(Resolution.UNKNOWN, f"{seen.detail}, but may be of another start from here")
    return seen


async def _written(journal: Journal, entry: JournalEntry, seen: Trace, clock: Clock) -> Resolved:
    """A change with its end, which is journalled unless it is open still."""
    if seen.resolution is not Resolution.OPEN:
        detail = f"looked up later: {seen.detail}"
        end = replace(entry, at=clock(), outcome=seen.resolution.value, detail=detail, before="", looked_up=True)
        await journal.append(end)
    return Resolved(entry, seen.resolution, seen.detail)


async def _seen(account: Account, entry: JournalEntry, clock: Clock, sleep: Sleep) -> Trace:
    """The trace of a change; what was sent a moment ago may become visible only now."""
    if clock() - entry.at > _SETTLED:
        return await trace(account, entry)

    async def look() -> Trace | None:
        found = await trace(account, entry)
        return None if found.resolution is Resolution.NOT_DONE else found

    return await visible(look, sleep) or await trace(account, entry)
