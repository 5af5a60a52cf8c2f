"""Watching one build from its first phase to the image in ECR, as a stream of events."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Iterator
from contextlib import aclosing
from dataclasses import dataclass, replace
from typing import Any, Literal

from ecrtui.domain.build import Build, Phase
from ecrtui.domain.diagnosis import Diagnosis, Examination
from ecrtui.domain.errors import AppError, ErrorKind
from ecrtui.domain.instants import iso
from ecrtui.domain.push import Push
from ecrtui.services.log import LogState, follow_log
from ecrtui.services.polling import Backoff, merged, visible
from ecrtui.services.ports import Account, Builds, Clock, Sleep
from ecrtui.services.verify import ImageVerdict, Presence, PushedImage, verify

EndOutcome = Literal["in-ecr", "pushed-but-absent", "nothing-pushed", "unknown", "failed"]

_FATAL = (ErrorKind.DENIED, ErrorKind.CREDENTIALS, ErrorKind.NOT_FOUND, ErrorKind.REGION_DISABLED)


@dataclass(frozen=True, slots=True)
class PhaseEvent:
    """A phase began or ended."""

    build_id: str
    phase: Phase

    def to_json(self) -> dict[str, Any]:
        """The event as JSON members."""
        return {
            "event": "phase",
            "build": self.build_id,
            "phase": self.phase.kind,
            "status": self.phase.status or "IN_PROGRESS",
            "started": iso(self.phase.started_at),
            "ended": iso(self.phase.ended_at),
            "seconds": None if self.phase.duration is None else round(self.phase.duration, 3),
            "message": "; ".join(context.message for context in self.phase.contexts if context.message),
        }


@dataclass(frozen=True, slots=True)
class LogEvent:
    """One line of the log."""

    at: float
    line: str

    def to_json(self) -> dict[str, Any]:
        """The event as JSON members."""
        return {"event": "log", "at": iso(self.at), "line": self.line}


@dataclass(frozen=True, slots=True)
class PushEvent:
    """A push began, went on or ended."""

    push: Push

    def to_json(self) -> dict[str, Any]:
        """The event as JSON members."""
        return {
            "event": "push",
            **_push_members(self.push),
            "state": self.push.state.value,
            "layers": {"total": self.push.total, "done": self.push.done},
        }


@dataclass(frozen=True, slots=True)
class ImageEvent:
    """A pushed image was looked up in ECR."""

    image: PushedImage

    def to_json(self) -> dict[str, Any]:
        """The event as JSON members."""
        found = self.image.found
        return {
            "event": "image",
            **_push_members(self.image.push),
            "in_ecr": {Presence.PRESENT: True, Presence.UNKNOWN: None}.get(self.image.presence, False),
            "matches": self.image.matches,
            "found": found.digest if found else None,
            "detail": self.image.detail,
        }


@dataclass(frozen=True, slots=True)
class ProblemEvent:
    """Something could not be read: for the reader to know, the watching goes on."""

    error: AppError

    def to_json(self) -> dict[str, Any]:
        """The event as JSON members."""
        return {"event": "problem", "message": str(self.error), "remedy": self.error.remedy}


@dataclass(frozen=True, slots=True)
class EndEvent:
    """The build ended, and its images were looked up. Always the last event."""

    outcome: EndOutcome
    build: Build
    diagnosis: Diagnosis | None
    """Cause and remedy when the build failed or pushed nothing."""
    detail: str = ""

    def to_json(self) -> dict[str, Any]:
        """The event as JSON members."""
        cause = self.diagnosis.cause if self.diagnosis else None
        return {
            "event": "end",
            "outcome": self.outcome,
            "build": self.build.id,
            "status": self.build.status,
            "cause": cause.value if cause else None,
            "line": self.diagnosis.line if self.diagnosis else None,
            "remedy": (self.diagnosis.remedy or None) if self.diagnosis else None,
            "detail": self.detail,
        }


WatchEvent = PhaseEvent | LogEvent | PushEvent | ImageEvent | ProblemEvent | EndEvent


def _push_members(push: Push) -> dict[str, Any]:
    return {"repository": push.repository or None, "tag": push.tag, "digest": push.digest}


async def watch_build(
    account: Account,
    region: str,
    build_id: str,
    *,
    interval: float = 3.0,
    clock: Clock = time.time,
    sleep: Sleep | None = None,
) -> AsyncIterator[WatchEvent]:
    """Phases, log lines, pushes, then the images and the end. An ended build is told from its beginning.

    Raises AppError when there is no such build, or when it must not be read.
    """
    pause = sleep or account.network.pause
    first = await _first(account.builds(region), build_id, pause)
    if first is None:
        why = f"there is no build {build_id} in {region}"
        raise AppError(ErrorKind.NOT_FOUND, f"watch {build_id}", region, why, "Check the id and the region.")
    watch = _Watch(account, first, interval, clock, pause)
    async with aclosing(merged(watch.phases(), watch.log())) as events:
        async for event in events:
            yield event
    async for event in watch.end():
        yield event


async def _first(gateway: Builds, build_id: str, sleep: Sleep) -> Build | None:
    async def look() -> Build | None:
        return next(iter(await gateway.builds([build_id])), None)

    return await visible(look, sleep)


def _told_once(build: Build) -> tuple[Phase, ...]:
    """Each phase as it was last told; COMPLETED, which is no phase but the end, with the build's own status."""
    phases = {phase.kind: phase for phase in build.phases}
    end = phases.get("COMPLETED")
    if end is not None and end.status is None:
        phases[end.kind] = replace(end, status=build.status, ended_at=end.started_at)
    return tuple(phases.values())


class _Watch:
    """One build while it is watched: as last seen, and its log under examination."""

    def __init__(self, account: Account, build: Build, interval: float, clock: Clock, sleep: Sleep) -> None:
        self._account = account
        self._build = build
        self._interval = interval
        self._clock = clock
        self._sleep = sleep
        self._examination = Examination()
        self._log_state: LogState = "waiting"
        self._logged = False

    async def phases(self) -> AsyncIterator[WatchEvent]:
        """Each phase when it begins and when it ends, until the build is complete."""
        gateway = self._account.builds(self._build.region)
        backoff = Backoff(self._interval)
        told: dict[str, Phase] = {}
        while True:
            for phase in _told_once(self._build):
                if told.get(phase.kind) != phase:
                    told[phase.kind] = phase
                    yield PhaseEvent(self._build.id, phase)
            if not self._build.active:
                return
            await self._sleep(self._interval)
            while error := await self._poll(gateway):
                yield ProblemEvent(error)
                await self._sleep(backoff.failed())
            backoff.succeeded()

    async def _poll(self, gateway: Builds) -> AppError | None:
        try:
            found = await gateway.builds([self._build.id])
        except AppError as error:
            if error.kind in _FATAL:
                raise
            return error
        self._build = next(iter(found), self._build)
        return None

    async def log(self) -> AsyncIterator[WatchEvent]:
        """Each line of the log, and each push that moved by it."""
        told: dict[int, dict[str, Any]] = {}
        chunks = follow_log(self._account, lambda: self._build, clock=self._clock, sleep=self._sleep)
        async for chunk in chunks:
            self._log_state = chunk.state
            if chunk.error:
                yield ProblemEvent(chunk.error)
            self._logged = self._logged or bool(chunk.lines)
            for line in chunk.lines:
                yield LogEvent(line.at, line.text)
                version = self._examination.pushlog.version
                self._examination.feed(line.text, line.at)
                if self._examination.pushlog.version != version:
                    for event in self._moved(told):
                        yield event

    def _moved(self, told: dict[int, dict[str, Any]]) -> Iterator[PushEvent]:
        """The pushes of which there is something else to tell; a layer that prepares or waits is not told."""
        for number, push in enumerate(self._examination.pushlog.pushes):
            event = PushEvent(push)
            members = event.to_json()
            if told.get(number) != members:
                told[number] = members
                yield event

    async def end(self) -> AsyncIterator[WatchEvent]:
        """The pushed images as ECR has them, and the end."""
        diagnosis = self._examination.conclude(self._build)
        verdict = await verify(self._account, self._build.region, diagnosis.pushes, sleep=self._sleep)
        for image in verdict.images:
            yield ImageEvent(image)
        outcome, detail = self._outcome(verdict)
        yield EndEvent(outcome, self._build, None if outcome == "in-ecr" else diagnosis, detail)

    def _outcome(self, verdict: ImageVerdict) -> tuple[EndOutcome, str]:
        if self._build.status != "SUCCEEDED":
            return "failed", f"the build is {self._build.status}"
        unread = self._log_state in ("denied", "disabled", "expired")
        if verdict.outcome == "nothing-pushed" and unread:
            return "unknown", f"the log is {self._log_state}: whether anything was pushed cannot be seen"
        details = dict.fromkeys(image.detail for image in verdict.images)
        nothing = "it pushed nothing" if self._logged else "it left no log that would show a push"
        return verdict.outcome, "; ".join(details) or f"the build is green, but {nothing}"
