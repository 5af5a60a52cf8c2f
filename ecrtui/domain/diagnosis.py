"""Why a build failed, or that it pushed nothing: cause, the line that tells it, and the remedy.

The cause is the first failing command's: what fails in POST_BUILD because BUILD failed is not the cause.
What a tool retried and survived is none either. Patterns: `symptoms.py`; domain reference, section 12.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum

from ecrtui.domain.build import Build
from ecrtui.domain.errors import AppError, ErrorKind
from ecrtui.domain.logtext import LogLine, parse, phase_end, phase_entered, running_command
from ecrtui.domain.pushlog import Push, PushLog, PushState
from ecrtui.domain.remedies import Circumstances, remedy
from ecrtui.domain.symptoms import Cause, CommandOutput, Symptom, cause_of

__all__ = ["Cause", "Diagnosis", "Examination", "Outcome", "answer", "as_answer", "diagnose"]


class Outcome(StrEnum):
    """How a build ended by its log alone; whether the image is in ECR is for a look at ECR to say."""

    PUSHED = "pushed"
    """It went well, and an image was pushed."""
    NOTHING_PUSHED = "nothing-pushed"
    """It went well, and no image was pushed."""
    FAILED = "failed"
    UNFINISHED = "unfinished"
    """It still runs, or the log was cut before its end."""
    NO_LOG = "no-log"
    """It went well, and there is no log that tells whether anything was pushed."""


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """What a log tells of its build. `cause`, `line` and `remedy` are None and empty where nothing failed."""

    outcome: Outcome
    pushes: tuple[Push, ...] = ()
    cause: Cause | None = None
    line: str | None = None
    """The line that tells the cause, as the command wrote it (colours and a collector's time left out)."""
    line_number: int | None = None
    """From 1; None when the line is not in the log but in what CodeBuild says of a phase."""
    remedy: str = ""
    action: str | None = None
    """The IAM action that is missing."""
    repository: str | None = None
    """The name of the repository that the cause is about."""
    recognised: bool = True
    """Whether anything in the text was CodeBuild's or docker's."""


def diagnose(build: Build | None, lines: Iterable[str]) -> Diagnosis:
    """Diagnose a build from its log, and from what CodeBuild says of it where that is known."""
    examination = Examination()
    for line in lines:
        examination.feed(line)
    return examination.conclude(build)


def answer(lines: Iterable[str]) -> dict[str, object]:
    """What `ecrtui diagnose` answers for a saved log; AppError (invalid) when the text is no build log."""
    diagnosis = diagnose(None, lines)
    if not diagnosis.recognised:
        raise AppError(
            ErrorKind.INVALID,
            what="diagnose the log",
            why="no line of it is CodeBuild's or docker's",
            remedy="Save the build's log with `aws logs tail` or from the console, and give that file.",
        )
    return as_answer(diagnosis)


def as_answer(diagnosis: Diagnosis) -> dict[str, object]:
    """A diagnosis as JSON members."""
    return {
        "outcome": diagnosis.outcome.value,
        "pushes": [
            {
                "repository": push.repository or None,
                "name": push.name or None,
                "tag": push.tag,
                "digest": push.digest,
                "state": push.state.value,
                "layers": {"total": push.total, "done": push.done},
            }
            for push in diagnosis.pushes
        ],
        "cause": diagnosis.cause.value if diagnosis.cause else None,
        "line": diagnosis.line,
        "line_number": diagnosis.line_number,
        "remedy": diagnosis.remedy or None,
    }


_SUCCEEDED = "SUCCEEDED"
_LAST_PHASES = frozenset({"POST_BUILD", "UPLOAD_ARTIFACTS", "FINALIZING", "COMPLETED"})
_CONTEXT = re.compile(r"Phase context status code: (\S*)\s+Message: ?(.*)")
_FROM_OUTSIDE = {"TIMED_OUT": Cause.TIMED_OUT, "STOPPED": Cause.STOPPED}
"""The causes that are a build's, or a phase's, status."""
_ENDINGS = (
    (Cause.TIMED_OUT, re.compile(r"\w*TIMED_OUT\b|\bbuild (?:has )?timed out\b", re.IGNORECASE)),
    (Cause.STOPPED, re.compile(r"\bbuild (?:was |has been |is )?(?:stopped|cancell?ed)\b", re.IGNORECASE)),
)
"""How CodeBuild says that a build did not end by itself."""
_IMAGE_COMMAND = re.compile(r"docker|podman|finch|nerdctl|buildx|kaniko|\becr\b|push", re.IGNORECASE)


@dataclass(eq=False, slots=True)
class _PhaseEnd:
    status: str
    contexts: list[Symptom] = field(default_factory=list)


class Examination:
    """A build log under examination, line by line, in bounded memory."""

    def __init__(self) -> None:
        self.pushlog = PushLog()
        self._lines = 0
        self._agent_lines = 0
        self._phase = ""
        self._command = CommandOutput()
        self._last_command = ""
        self._failed: dict[str, CommandOutput] = {}
        self._ends: dict[str, _PhaseEnd] = {}
        self._ended: Symptom | None = None
        self._login_denied: Symptom | None = None
        self._masked: CommandOutput | None = None

    def feed(self, line: str, at: float | None = None) -> None:
        """Read one line (`at`: the log event's epoch seconds, where known)."""
        self._lines += 1
        parsed = parse(line)
        self.pushlog.feed_parsed(parsed, at)
        if parsed.agent is not None:
            self._agent_lines += 1
            self._agent(parsed.agent, parsed)
            return
        symptom = self._command.note(parsed.text, self._lines)
        if symptom and symptom.cause is Cause.LOGIN_DENIED:
            self._login_denied = self._login_denied or symptom

    def _agent(self, text: str, line: LogLine) -> None:
        if command := running_command(text):
            self._leave()
            self._last_command = command
            self._command = CommandOutput(command, self._phase)
        elif text.startswith("Command did not exit"):
            self._command.failed = Symptom(Cause.COMMAND_FAILED, line.text, self._lines)
            self._failed.setdefault(self._phase, self._command)
        elif phase := phase_entered(text):
            self._leave()
            self._phase = phase
            self._failed.pop(phase, None)
            self._command = CommandOutput(phase=phase)
        elif end := phase_end(text):
            self._leave()
            self._phase, status = end
            self._ends[self._phase] = _PhaseEnd(status)
            if status != _SUCCEEDED:
                cause = _FROM_OUTSIDE.get(status, Cause.COMMAND_FAILED)
                self._ends[self._phase].contexts.append(Symptom(cause, line.text, self._lines))
        elif match := _CONTEXT.match(text):
            if (match[1] or match[2]) and self._phase in self._ends:
                self._ends[self._phase].contexts.append(Symptom(_told(match[1], match[2]), line.text, self._lines))
        elif ended := _ended_by(text):
            self._ended = Symptom(ended, line.text, self._lines)

    def _leave(self) -> None:
        """The command ended. One that hid its failure may explain a build that pushed nothing."""
        command, self._command = self._command, CommandOutput(phase=self._phase)
        hidden = command.strong or (command.weak and command.weak.cause is Cause.IMAGE_NOT_BUILT)
        if hidden and not command.failed and self._masked is None and _IMAGE_COMMAND.search(command.text):
            self._masked = command

    def conclude(self, build: Build | None = None) -> Diagnosis:
        """What the lines so far, and the build where it is known, tell."""
        outcome = self._outcome(build)
        symptom: Symptom | None = None
        command: CommandOutput | None = None
        if outcome is Outcome.FAILED:
            symptom, command = self._failure(build)
        elif outcome is Outcome.NOTHING_PUSHED and self._masked:
            symptom, command = self._masked.symptom, self._masked
        pushes = self.pushlog.pushes
        recognised = bool(self._agent_lines or pushes or self._command.symptom or build)
        if symptom is None:
            return Diagnosis(outcome, pushes, recognised=recognised)
        facts = Circumstances(
            symptom.line,
            command.text if command else "",
            command.phase if command else self._phase,
            _unsuccessful(pushes),
            build.project if build else "",
        )
        about_images = symptom.cause not in (Cause.COMMAND_FAILED, Cause.TIMED_OUT, Cause.STOPPED)
        return Diagnosis(
            outcome,
            pushes,
            symptom.cause,
            symptom.line,
            symptom.number,
            remedy(symptom.cause, facts),
            facts.action if about_images else None,
            facts.repository if about_images else None,
            recognised,
        )

    def _outcome(self, build: Build | None) -> Outcome:
        pushed = any(push.state is PushState.DONE for push in self.pushlog.pushes)
        went_well = Outcome.PUSHED if pushed else Outcome.NOTHING_PUSHED
        if build is not None:
            if build.active:
                return Outcome.UNFINISHED
            if build.status != _SUCCEEDED:
                return Outcome.FAILED
            return went_well if pushed or self._lines else Outcome.NO_LOG
        if self._agent_lines == 0:
            return self._outcome_of_output(pushed)
        if any(end.status != _SUCCEEDED for end in self._ends.values()) or self._standing_failures() or self._ended:
            return Outcome.FAILED
        return went_well if self._ends.keys() & _LAST_PHASES else Outcome.UNFINISHED

    def _outcome_of_output(self, pushed: bool) -> Outcome:
        """Of docker's output alone, without CodeBuild's lines."""
        states = {push.state for push in self.pushlog.pushes}
        if self._command.symptom and (not pushed or PushState.FAILED in states):
            return Outcome.FAILED
        if PushState.RUNNING in states or not self._lines:
            return Outcome.UNFINISHED
        return Outcome.PUSHED if pushed else Outcome.NOTHING_PUSHED

    def _standing_failures(self) -> list[CommandOutput]:
        """Failed commands, first first, of phases that did not succeed after all (`on-failure: RETRY`)."""
        return [
            command
            for phase, command in self._failed.items()
            if phase not in self._ends or self._ends[phase].status != _SUCCEEDED
        ]

    def _failure(self, build: Build | None) -> tuple[Symptom, CommandOutput | None]:
        ended = self._ended_from_outside(build)
        if ended is not None:
            return ended
        standing = self._standing_failures() or list(self._failed.values())
        if standing:
            return self._explained(standing[0]), standing[0]
        contexts = [s for end in self._ends.values() if end.status != _SUCCEEDED for s in end.contexts]
        contexts += _build_contexts(build)
        known = [symptom for symptom in contexts if symptom.cause is not Cause.COMMAND_FAILED]
        if known:
            return known[0], None
        if self._command.symptom:
            return self._command.symptom, self._command
        fallback = f"The build ended as {build.status if build else 'FAILED'}."
        return (contexts[-1] if contexts else Symptom(Cause.COMMAND_FAILED, fallback)), None

    def _explained(self, command: CommandOutput) -> Symptom:
        """The cause in the failed command, or in an earlier one that hid its failure."""
        symptom = command.symptom
        if symptom is None:
            shown = command.last_error or command.last or command.failed
            return shown or Symptom(Cause.COMMAND_FAILED, command.text)
        if symptom.cause is Cause.NOT_LOGGED_IN and self._login_denied:
            return self._login_denied
        if symptom.cause is Cause.IMAGE_NOT_BUILT and self._masked and self._masked.strong:
            return self._masked.strong
        return symptom

    def _ended_from_outside(self, build: Build | None) -> tuple[Symptom, CommandOutput] | None:
        """A build that ran out of time, or was stopped, whatever its commands said."""
        said = [symptom for end in self._ends.values() for symptom in end.contexts]
        said += [self._ended] if self._ended else []
        if build is None:
            cause = next((symptom.cause for symptom in said if symptom.cause in _FROM_OUTSIDE.values()), None)
        else:
            cause = _FROM_OUTSIDE.get(build.status)
        if cause is None:
            return None
        told = [symptom for symptom in (*_build_contexts(build), *said) if symptom.cause is cause]
        fallback = Symptom(cause, f"The build ended as {build.status if build else cause.name}.")
        return (told or [fallback])[-1], CommandOutput(self._last_command, self._phase)


def _ended_by(text: str) -> Cause | None:
    """The cause, when CodeBuild says that a build did not end by itself."""
    return next((cause for cause, pattern in _ENDINGS if pattern.search(text)), None)


def _told(code: str, message: str) -> Cause:
    """The cause that a phase's context tells; the text of a failed command tells nothing by itself."""
    if code == "COMMAND_EXECUTION_ERROR":
        return Cause.COMMAND_FAILED
    return _ended_by(f"{code} {message}") or cause_of(f"{code} {message}") or Cause.COMMAND_FAILED


def _build_contexts(build: Build | None) -> list[Symptom]:
    """What CodeBuild says of the phases that did not succeed."""
    if build is None:
        return []
    return [
        Symptom(_told(context.code, context.message), f"{context.code}: {context.message}")
        for phase in build.phases
        if phase.status not in (None, _SUCCEEDED)
        for context in phase.contexts
        if context.code or context.message
    ]


def _unsuccessful(pushes: tuple[Push, ...]) -> Push | None:
    """The push that a failure is about: the first that did not end well."""
    return next((push for push in pushes if push.state is not PushState.DONE), None)
