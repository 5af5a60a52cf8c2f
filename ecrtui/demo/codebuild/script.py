"""The course of a build in seconds from its start: phases, log lines, contacts with the registry."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Span:
    """One phase. Its status and contexts are what it ends with."""

    kind: str
    start: float
    end: float
    status: str = "SUCCEEDED"
    code: str = ""
    message: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """One log line; those of the agent itself carry the instant when they are shown."""

    at: float
    text: str
    agent: bool = False


@dataclass(frozen=True, slots=True)
class Contact:
    """A moment at which the build meets the registry, which may refuse it.

    `tag` is empty for the first contact (is there such a repository?), else the tag that is put.
    """

    at: float
    tag: str = ""


@dataclass(frozen=True, slots=True)
class Script:
    """A whole build."""

    phases: tuple[Span, ...]
    lines: tuple[Line, ...]
    contacts: tuple[Contact, ...]
    status: str
    end: float
    log_start: float
    """When the log stream comes into being: the start of PROVISIONING."""


@dataclass(slots=True)
class Writer:
    """Writes a script; `wait` moves on by natural seconds, which `pace` stretches or shrinks."""

    pace: float
    now: float = 0.0
    phases: list[Span] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)
    contacts: list[Contact] = field(default_factory=list)
    status: str = "SUCCEEDED"
    _kind: str = ""
    _since: float = 0.0
    log_start: float = 0.0

    def wait(self, seconds: float) -> None:
        """Let time pass."""
        self.now += seconds * self.pace

    def say(self, *texts: str, every: float = 0.0) -> None:
        """Lines of a command's output, each after `every` seconds."""
        for text in texts:
            self.wait(every)
            self.lines.append(Line(self.now, text))

    def agent(self, *texts: str) -> None:
        """Lines of the CodeBuild agent."""
        for text in texts:
            self.wait(0.004)
            self.lines.append(Line(self.now, text, agent=True))

    def contact(self, tag: str = "") -> None:
        """Meet the registry: for the first time, or to put a tag."""
        self.contacts.append(Contact(self.now, tag))

    def begin(self, kind: str, logged: bool = True) -> None:
        """Enter a phase; `logged` when the agent says so."""
        self._kind, self._since = kind, self.now
        if kind == "PROVISIONING":
            self.log_start = self.now
        if logged:
            self.wait(0.04)
            self.agent(f"Entering phase {kind}")

    def end(self, status: str = "SUCCEEDED", code: str = "", message: str = "", logged: bool = True) -> None:
        """Leave the phase; the build's own status becomes that of the first phase that failed."""
        if logged:
            shown = "FAILED" if status != "SUCCEEDED" else status
            self.agent(f"Phase complete: {self._kind} State: {shown}")
            self.agent(f"Phase context status code: {code} Message: {message}")
        self.phases.append(Span(self._kind, self._since, self.now, status, code, message))
        if self.status == "SUCCEEDED":
            self.status = status

    def finish(self) -> Script:
        """The script as it stands; COMPLETED begins where it ends."""
        self.phases.append(Span("COMPLETED", self.now, self.now))
        return Script(
            tuple(self.phases), tuple(self.lines), tuple(self.contacts), self.status, self.now, self.log_start
        )
