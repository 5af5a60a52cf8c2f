"""The pushes and phases that a build log tells, read line by line.

`PushLog` may be asked at any time. Lines read twice change nothing: states only move forward, and a push is
known by the command that it belongs to, so that a page, or a whole log, may be read again.
Grammar: domain reference, section 3.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from ecrtui.domain.buildkitlog import BuildKitReader
from ecrtui.domain.dockerlog import DockerReader
from ecrtui.domain.logtext import LogLine, parse, phase_end, phase_entered, running_command
from ecrtui.domain.podmanlog import PodmanReader
from ecrtui.domain.push import Layer, LayerState, Push, PushState
from ecrtui.domain.pushledger import PushLedger

__all__ = ["Layer", "LayerState", "PhaseMark", "Push", "PushLog", "PushState"]

_PHASE_LIMIT = 100


@dataclass(frozen=True, slots=True)
class PhaseMark:
    """One phase as the log tells it; `status` is None while it runs. Instants are epoch seconds."""

    kind: str
    entered: float | None = None
    left: float | None = None
    status: str | None = None


class PushLog:
    """The pushes and phases of one build."""

    def __init__(self) -> None:
        self._ledger = PushLedger()
        self._docker = DockerReader(self._ledger)
        self._buildkit = BuildKitReader(self._ledger)
        self._podman = PodmanReader(self._ledger)
        self._phases: dict[str, PhaseMark] = {}
        self._pushes: tuple[Push, ...] = ()
        self._pushes_version = 0

    @property
    def version(self) -> int:
        """Grows with every change of `pushes` or `phases`."""
        return self._ledger.version

    @property
    def overflowed(self) -> bool:
        """Whether the log names more pushes, or more layers of one, than are held."""
        return self._ledger.overflowed

    @property
    def pushes(self) -> tuple[Push, ...]:
        """Every push so far, in the order of the log."""
        if self._pushes_version != self.version:
            self._pushes = tuple(record.snapshot() for record in self._ledger)
            self._pushes_version = self.version
        return self._pushes

    @property
    def phases(self) -> tuple[PhaseMark, ...]:
        """The build's phases as far as the log has entered them."""
        return tuple(self._phases.values())

    def feed_lines(self, lines: Iterable[str], at: float | None = None) -> bool:
        """Read lines of one instant; True when anything changed."""
        before = self.version
        for line in lines:
            self.feed(line, at)
        return self.version != before

    def feed(self, line: str, at: float | None = None) -> bool:
        """Read one line (`at`: the log event's epoch seconds, where known); True when anything changed."""
        return self.feed_parsed(parse(line), at)

    def feed_parsed(self, line: LogLine, at: float | None = None) -> bool:
        """As `feed`, for a line that is parsed already."""
        before = self.version
        instant = at if line.at is None else line.at
        if instant is not None:
            self._ledger.tick(instant)
        if line.agent is not None:
            self._agent(line.agent)
        elif line.text.startswith("#"):
            self._buildkit.read(line.text)
        else:
            self._docker.read(line.text)
            self._podman.read(line.text)
        return self.version != before

    def _agent(self, text: str) -> None:
        if command := running_command(text):
            self._end_command()
            key = f"{self._ledger.now} {command}"
            self._docker.begin(key, command)
            self._buildkit.begin(key)
            self._podman.begin(key, command)
        elif text.startswith("Command did not exit"):
            self._end_command()
        elif phase := phase_entered(text):
            self._mark(self._phases.get(phase) or PhaseMark(phase, self._ledger.now))
        elif end := phase_end(text):
            self._end_command()
            phase, status = end
            known = self._phases.get(phase) or PhaseMark(phase)
            self._mark(replace(known, left=self._ledger.now, status=status))

    def _end_command(self) -> None:
        self._docker.end()
        self._buildkit.end()
        self._podman.end()

    def _mark(self, mark: PhaseMark) -> None:
        if self._phases.get(mark.kind) != mark and len(self._phases) < _PHASE_LIMIT:
            self._phases[mark.kind] = mark
            self._ledger.version += 1
