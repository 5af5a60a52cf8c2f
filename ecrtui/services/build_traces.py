"""What starting, retrying and stopping builds has left behind."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ecrtui.domain.build import Build
from ecrtui.services.builds import history, is_by, is_of_version, project_of
from ecrtui.services.ports import Account, JournalEntry
from ecrtui.services.trace import SENT_WITHIN, SKEW, Trace, done, given, not_done, unclear

_BUILDS = 100
_NAMED = 5


async def started(account: Account, entry: JournalEntry) -> Trace:
    """What became of StartBuild."""
    version = str(entry.parameters.get("sourceVersion", ""))
    return await _new_build(account, entry, entry.target, lambda build: is_of_version(build, version))


async def retried(account: Account, entry: JournalEntry) -> Trace:
    """What became of RetryBuild."""
    return await _new_build(account, entry, project_of(entry.target), lambda build: True)


async def _new_build(account: Account, entry: JournalEntry, project: str, alike: Callable[[Build], bool]) -> Trace:
    """The build that began when it would have, if there is exactly one, of ours."""
    newest = await history(account, entry.region, project, _BUILDS)
    first, last = entry.at - SKEW, entry.at + SENT_WITHIN
    then = [build for build in newest if build.started_at is None or first <= build.started_at <= last]
    found = [build for build in then if alike(build)]
    if len(found) == 1 and is_by(found[0], entry.arn):
        return done(f"the build {found[0].id} is {found[0].status}")
    if found:
        named = ", ".join(f"{build.id} by {build.initiator or 'somebody'}" for build in found[:_NAMED])
        return unclear(f"whether it is one of these builds cannot be seen: {named}")
    if len(newest) == _BUILDS and all((build.started_at or last) > first for build in newest):
        return unclear(f"{_BUILDS} builds of {project} began since")
    return not_done(f"no build of {project} began then")


def has_rival(entry: JournalEntry, others: Sequence[JournalEntry]) -> bool:
    """Whether the build that is seen of a start may be that of another start from here, at the same time."""
    ended = {other.id: other.outcome for other in others}
    return entry.operation in _STARTS and any(
        other.id != entry.id
        and other.operation in _STARTS
        and other.outcome == "intent"
        and ended[other.id] not in _WITHOUT_EFFECT
        and _project(other) == _project(entry)
        and abs(other.at - entry.at) <= SKEW + SENT_WITHIN
        for other in others
    )


_STARTS = ("StartBuild", "RetryBuild")
_WITHOUT_EFFECT = ("refused", "failed", "not done")


def _project(entry: JournalEntry) -> tuple[str, str, str, str]:
    return entry.account, entry.endpoint, entry.region, project_of(entry.target)


async def stopped(account: Account, entry: JournalEntry) -> Trace:
    """What became of StopBuild."""
    build = next(iter(await account.builds(entry.region).builds([given(entry, "id")])), None)
    if build is None:
        return unclear("there is no such build any more")
    words = f"the build is {build.status}"
    return done(words) if build.status == "STOPPED" else not_done(words)
