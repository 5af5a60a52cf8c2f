"""CodeBuild builds and their phases; how long they take, and how long is left."""

from __future__ import annotations

from dataclasses import dataclass

PHASES = (
    "SUBMITTED",
    "QUEUED",
    "PROVISIONING",
    "DOWNLOAD_SOURCE",
    "INSTALL",
    "PRE_BUILD",
    "BUILD",
    "POST_BUILD",
    "UPLOAD_ARTIFACTS",
    "FINALIZING",
    "COMPLETED",
)
"""The phases of a build in their order (CodeBuild `BuildPhaseType`)."""


@dataclass(frozen=True, slots=True)
class PhaseContext:
    """Why a phase ended as it did."""

    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Phase:
    """One phase of a build. The running phase has no status and no end. Instants are epoch seconds."""

    kind: str
    status: str | None = None
    started_at: float | None = None
    ended_at: float | None = None
    contexts: tuple[PhaseContext, ...] = ()

    @property
    def duration(self) -> float | None:
        """Seconds from start to end; None while it runs."""
        if self.started_at is None or self.ended_at is None:
            return None
        return max(0.0, self.ended_at - self.started_at)


@dataclass(frozen=True, slots=True)
class Build:
    """One build. Instants are epoch seconds; strings are as AWS sent them."""

    id: str
    """`project:uuid`."""
    project: str
    region: str
    number: int | None = None
    status: str = "IN_PROGRESS"
    """SUCCEEDED, FAILED, FAULT, TIMED_OUT, IN_PROGRESS or STOPPED; unknown values are kept."""
    complete: bool = False
    current_phase: str = ""
    phases: tuple[Phase, ...] = ()
    started_at: float | None = None
    ended_at: float | None = None
    source_version: str = ""
    resolved_source_version: str = ""
    initiator: str = ""
    log_group: str | None = None
    log_stream: str | None = None
    log_link: str = ""
    cloudwatch_logs: bool = True
    s3_logs: bool = False
    arn: str = ""

    @property
    def active(self) -> bool:
        """Whether the build still runs."""
        return not self.complete and self.status == "IN_PROGRESS"

    def duration(self, now: float) -> float | None:
        """Seconds from start to end, or to `now` while it runs."""
        if self.started_at is None:
            return None
        return max(0.0, (now if self.ended_at is None else self.ended_at) - self.started_at)
