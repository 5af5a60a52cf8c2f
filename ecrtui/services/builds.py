"""Builds that move: one poll a region for all active ones; and starting, stopping and repeating a build."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from math import inf
from uuid import uuid4

from ecrtui.domain.build import Build
from ecrtui.domain.change import ApiCall, Change, ChangeResult
from ecrtui.domain.errors import AppError, ErrorKind
from ecrtui.services.changes import Absent, Already, Go, Precondition, Step, Verification, Verified
from ecrtui.services.polling import Backoff, merged, pause, visible
from ecrtui.services.ports import Account, Builds, Clock, Receipt, Sleep

_NEWEST = 20
_ENDED_KEPT = 200
_LOOKS = 10
"""Polls during which a build that was just started is looked for."""
_FIRST_PAGES = 3


@dataclass(frozen=True, slots=True)
class FeedUpdate:
    """The builds of one region as of the last poll, newest first.

    The active ones, those that ended since the feed began (the last 200), and the newest 20 of the region.
    With an `error` the poll failed, and `builds` is what was known before.
    """

    region: str
    builds: tuple[Build, ...]
    error: AppError | None = None


class BuildFeed:
    """Polls the builds of some regions; `run` yields an update of a region whenever it changed."""

    def __init__(
        self,
        account: Account,
        regions: Sequence[str],
        *,
        interval: float = 3.0,
        idle_interval: float = 15.0,
        clock: Clock = time.time,
        sleep: Sleep | None = None,
    ) -> None:
        """Pauses end early when the network comes back, unless there is a `sleep`."""
        began, pausing = clock(), sleep or account.network.pause
        self._polls = [
            _RegionPoll(region, account.builds(region), interval, idle_interval, began, pausing) for region in regions
        ]

    async def run(self) -> AsyncIterator[FeedUpdate]:
        """Updates of all regions, until closed."""
        async with aclosing(merged(*(poll.run() for poll in self._polls))) as updates:
            async for update in updates:
                yield update

    def focus(self, build_id: str, region: str | None = None) -> None:
        """Keep an eye on one build, listed or not yet (just started), and poll at once."""
        for poll in self._polls:
            if region in (None, poll.region):
                poll.wanted[build_id] = _LOOKS
        self.poke(region)

    def poke(self, region: str | None = None) -> None:
        """Poll at once, without waiting for the interval."""
        for poll in self._polls:
            if region in (None, poll.region):
                poll.poked.set()


class _RegionPoll:
    """One region's poll: a page of ListBuilds to discover, one BatchGetBuilds for all that may move."""

    def __init__(
        self, region: str, gateway: Builds, interval: float, idle_interval: float, began: float, sleep: Sleep
    ) -> None:
        self.region = region
        self.wanted: dict[str, int] = {}
        """Builds to look for, listed or not, with the polls left until it is given up."""
        self.poked = asyncio.Event()
        self._gateway = gateway
        self._interval = interval
        self._idle_interval = idle_interval
        self._began = began
        self._sleep = sleep
        self._known: dict[str, Build] = {}
        self._newest: tuple[str, ...] = ()

    async def run(self) -> AsyncIterator[FeedUpdate]:
        backoff = Backoff(self._interval)
        last: FeedUpdate | None = None
        while True:
            error: AppError | None = None
            try:
                await self._poll()
                backoff.succeeded()
            except AppError as failure:
                error = failure
            update = FeedUpdate(self.region, self._shown(), error)
            if update != last:
                yield update
            last = update
            active = bool(self.wanted) or any(build.active for build in self._known.values())
            seconds = backoff.failed() if error else self._interval if active else self._idle_interval
            await pause(seconds, self._sleep, self.poked)

    async def _poll(self) -> None:
        self._newest = await self._listed()
        asked = self._changeable()
        found = {build.id: build for build in await self._gateway.builds(asked)} if asked else {}
        for build_id in asked:
            if build_id in found:
                self._known[build_id] = found[build_id]
                self.wanted.pop(build_id, None)
            else:
                self._known.pop(build_id, None)
        self.wanted = {build_id: left - 1 for build_id, left in self.wanted.items() if left > 1}
        self._forget()

    async def _listed(self) -> tuple[str, ...]:
        """The newest ids: a page, but the first time more, since a build may run for a day and more."""
        ids: list[str] = []
        pages = 1 if self._newest else _FIRST_PAGES
        async for page in self._gateway.build_ids():
            ids += page
            pages -= 1
            if pages <= 0:
                break
        return tuple(ids)

    def _changeable(self) -> list[str]:
        """Ids that have to be asked: those never seen, and those that still ran when last seen."""
        active = [build.id for build in self._known.values() if build.active]
        new = [build_id for build_id in self._newest if build_id not in self._known]
        return list(dict.fromkeys([*self.wanted, *active, *new]))

    def _shown(self) -> tuple[Build, ...]:
        newest = set(self._newest[:_NEWEST])
        chosen = [
            build
            for build in self._known.values()
            if build.active or build.id in newest or (build.ended_at or 0.0) >= self._began
        ]
        return tuple(sorted(chosen, key=lambda build: build.started_at or float("inf"), reverse=True))

    def _forget(self) -> None:
        """Drop builds that are neither listed nor active, the longest ended first, to bound the memory."""
        listed = set(self._newest)
        old = [build for build in self._known.values() if not build.active and build.id not in listed]
        old.sort(key=lambda build: build.ended_at or 0.0)
        for build in old[: max(0, len(old) - _ENDED_KEPT)]:
            del self._known[build.id]


async def history(account: Account, region: str, project: str, limit: int = 20) -> tuple[Build, ...]:
    """The newest builds of a project, newest first; AppError when they cannot be read."""
    gateway = account.builds(region)
    ids: list[str] = []
    async for page in gateway.build_ids(project):
        ids += page
        if len(ids) >= limit:
            break
    # AWS lists the newest first, emulators may list them last.
    asked = [*ids[:limit], *ids[limit:][-limit:]]
    found = await gateway.builds(asked) if asked else ()
    newest = sorted(found, key=lambda build: (-(build.started_at or inf), asked.index(build.id)))
    return tuple(newest[:limit])


def plan_start(
    account: Account,
    region: str,
    project: str,
    *,
    source_version: str = "",
    variables: Mapping[str, str] | None = None,
    sleep: Sleep = asyncio.sleep,
) -> Step:
    """Start a build. The idempotency token is made here, once: apply a step once for each wish to build."""
    parameters: dict[str, object] = {"projectName": project, "idempotencyToken": uuid4().hex}
    if source_version:
        parameters["sourceVersion"] = source_version
    if variables:
        parameters["environmentVariablesOverride"] = [
            {"name": name, "value": value, "type": "PLAINTEXT"} for name, value in variables.items()
        ]
    change = Change(f"start a build of {project}", region, project, ApiCall("codebuild", "StartBuild", parameters))
    return _start_step(account, change, project, lambda build: is_of_version(build, source_version), sleep)


def is_of_version(build: Build, wanted: str) -> bool:
    """Whether a build may be one that was started with this source version; with none it has the project's own."""
    return wanted in ("", build.source_version)


def is_by(build: Build, arn: str) -> bool:
    """Whether this user, or session of a role, has started a build (CodeBuild's `initiator` is the end of its ARN)."""
    return bool(build.initiator) and arn.endswith(build.initiator)


def plan_retry(account: Account, region: str, build_id: str, *, sleep: Sleep = asyncio.sleep) -> Step:
    """Start a build again, with the source and the variables that it had."""
    project = project_of(build_id)
    call = ApiCall("codebuild", "RetryBuild", {"id": build_id, "idempotencyToken": uuid4().hex})
    change = Change(f"retry the build {build_id}", region, build_id, call)
    return _start_step(account, change, project, lambda build: True, sleep)


def _start_step(account: Account, change: Change, project: str, alike: Callable[[Build], bool], sleep: Sleep) -> Step:
    """A step that makes a new build of a project.

    When the answer is lost, a build that was not there before sending is looked for. The gateway may have
    sent it twice: the idempotency token makes that one build.
    """
    gateway = account.builds(change.region)
    before: set[str] = set()

    async def check() -> Precondition:
        await gateway.project(project)
        before.update(build.id for build in await history(account, change.region, project))
        return Go()

    async def verify(receipt: Receipt | None) -> Verification:
        build_id = _build_id(receipt.response) if receipt else ""

        async def look() -> list[Build] | None:
            if build_id:
                return list(await gateway.builds([build_id])) or None
            newest = await history(account, change.region, project)
            return [build for build in newest if build.id not in before and alike(build)] or None

        found = await visible(look, sleep)
        if found is None:
            return Absent(f"the build {build_id or f'of {project}'} cannot be seen in {change.region}")
        if len(found) > 1:
            return Absent(f"which of {len(found)} new builds of {project} is this one cannot be seen")
        build = found[0]
        if not build_id and not is_by(build, (await account.identity()).arn):
            return Absent(f"the only new build of {project} is by {build.initiator or 'somebody'}: {build.id}")
        return Verified(f"the build {build.id} is {build.status}", {"build": {"id": build.id}})

    return Step(change, check, verify)


def plan_stop(account: Account, region: str, build_id: str, *, sleep: Sleep = asyncio.sleep) -> Step:
    """Stop a build that runs."""
    gateway = account.builds(region)
    call = ApiCall("codebuild", "StopBuild", {"id": build_id})
    change = Change(f"stop the build {build_id}", region, build_id, call)

    async def ended() -> Build | None:
        build = next(iter(await gateway.builds([build_id])), None)
        return build if build and not build.active else None

    async def check() -> Precondition:
        build = next(iter(await gateway.builds([build_id])), None)
        if build is None:
            why = f"there is no build {build_id} in {region}"
            raise AppError(ErrorKind.NOT_FOUND, change.title, region, why, "Check the id and the region.")
        return Go() if build.active else Already(f"it ended already: {build.status}")

    async def verify(_receipt: Receipt | None) -> Verification:
        build = await visible(ended, sleep)
        if build is None:
            return Absent(f"the build {build_id} still runs")
        return Verified(f"the build {build_id} is {build.status}")

    return Step(change, check, verify)


def started_build(result: ChangeResult) -> str:
    """The id of the build that a start or a retry has made; empty when none is known."""
    return _build_id(result.response or {})


def project_of(build_id: str) -> str:
    """The project's name in a build id (`project:uuid`)."""
    return build_id.partition(":")[0]


def _build_id(response: Mapping[str, object]) -> str:
    build = response.get("build")
    found = build.get("id") if isinstance(build, Mapping) else None
    return found if isinstance(found, str) else ""
