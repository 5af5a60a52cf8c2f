"""What the lines of a build log are symptoms of: one table of patterns (domain reference, section 12)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum


class Cause(StrEnum):
    """Why a build failed."""

    LOGIN_DENIED = "login-denied"
    NOT_LOGGED_IN = "not-logged-in"
    REPOSITORY_MISSING = "repository-missing"
    PUSH_DENIED = "push-denied"
    RETRYING_EOF = "retrying-eof"
    TAG_IMMUTABLE = "tag-immutable"
    RATE_LIMITED = "rate-limited"
    NO_DOCKER_DAEMON = "no-docker-daemon"
    NO_SPACE = "no-space"
    WRONG_ARCHITECTURE = "wrong-architecture"
    BAD_REFERENCE = "bad-reference"
    BUILDSPEC_INVALID = "buildspec-invalid"
    IMAGE_NOT_BUILT = "image-not-built"
    TIMED_OUT = "timed-out"
    STOPPED = "stopped"
    COMMAND_FAILED = "command-failed"


@dataclass(frozen=True, slots=True)
class Symptom:
    """A line that tells a cause. `number` counts from 1; None for a text that is not in the log."""

    cause: Cause
    line: str
    number: int | None = None


WEAK = frozenset({Cause.RATE_LIMITED, Cause.RETRYING_EOF})
"""Tools retry these and go on: another cause in the same command is the better one."""

_PATTERNS = (
    (
        Cause.LOGIN_DENIED,
        r"AccessDenied.*GetAuthorizationToken"
        r"|not authorized to perform: (?:ecr(?:-public)?:GetAuthorizationToken|sts:GetServiceBearerToken)",
    ),
    (
        Cause.REPOSITORY_MISSING,
        r"(?:^|: )name unknown\b|NAME_UNKNOWN|RepositoryNotFoundException|repository with name '[^']*' does not exist"
        r"|\.dkr[.-]ecr\S*/v2/\S+/(?:blobs/uploads|manifests)/\S*: 404",
    ),
    (
        Cause.PUSH_DENIED,
        r"denied: .*ecr:\w+|not authorized to perform: ecr:\w+|AccessDenied.*\becr:\w+"
        r"|failed to push.*403 Forbidden|\.dkr[.-]ecr.*: 403 Forbidden",
    ),
    (
        Cause.NOT_LOGGED_IN,
        r"no basic auth credentials|authorization token has expired|denied: Not Authorized"
        r"|\.dkr[.-]ecr.*401 Unauthorized|pull access denied|error getting credentials"
        r"|unauthorized: (?:authentication required|incorrect)|\.dkr[.-]ecr.*: authentication required"
        r"|Cannot perform an interactive login|login attempt to \S+ failed",
    ),
    (Cause.PUSH_DENIED, r"denied: requested access to the resource is denied"),
    (
        Cause.TAG_IMMUTABLE,
        r"tag invalid.*immutable|ImageTagAlreadyExists|cannot be overwritten because the .{0,40}immutable"
        r"|unexpected status from PUT request to \S+\.dkr[.-]ecr\S+/manifests/\S+: 400",
    ),
    (
        Cause.RATE_LIMITED,
        r"toomanyrequests|Too Many Requests|pull rate limit|ThrottlingException.*Rate exceeded",
    ),
    (
        Cause.NO_DOCKER_DAEMON,
        r"Cannot connect to the Docker daemon|failed to connect to the docker API"
        r"|Is the docker daemon running|dial unix /var/run/docker\.sock|error during connect: ",
    ),
    (Cause.NO_SPACE, r"no space left on device|\bENOSPC\b|disk quota exceeded"),
    (
        Cause.WRONG_ARCHITECTURE,
        r"exec format error|no match for platform in manifest|no matching manifest for \w+/",
    ),
    (
        Cause.BAD_REFERENCE,
        r"invalid reference format|invalid argument .* for .{0,10}-t, --tag|repository name must be lowercase"
        r"|[\"']?docker (?:push|tag|build|buildx build)[\"'] requires (?:exactly |at least )?\d argument",
    ),
    (
        Cause.IMAGE_NOT_BUILT,
        r"does not exist locally with the tag|No such image: |tag does not exist: ",
    ),
    (
        Cause.BUILDSPEC_INVALID,
        r"YAML_FILE_ERROR|buildspec\S* (?:file )?does not exist|stat \S*buildspec\S*: no such file",
    ),
)
_TABLE = tuple((cause, re.compile(pattern, re.IGNORECASE)) for cause, pattern in _PATTERNS)
_HINTS = (
    *(
        "denied",
        "unknown",
        "auth",
        "repositorynotfound",
        "not exist",
        "no such",
        "immutable",
        "alreadyexists",
    ),
    *("manifest", "toomany", "too many", "rate ", "docker", "space", "enospc", "quota", "format", "platform"),
    *("argument", "lowercase", "yaml", "buildspec", "forbidden", "interactive", "credentials"),
    *("/v2/", "error during connect", "login attempt"),
)
"""Words of which every line of the table has one: most lines of a build have none."""
_MATCHED_CHARACTERS = 4_096
"""Bounds what a hostile line costs; no message of the table is longer."""
_ERROR_WORDS = ("error", "err!", "failed", "fatal", "exception", "not found", "cannot")
_INSIDE = frozenset({Cause.NO_SPACE, Cause.WRONG_ARCHITECTURE})
"""What the output of a Dockerfile's RUN step can be a symptom of: it runs inside the image."""
_STEP_OUTPUT = re.compile(r"#\d+ \d+\.\d+ ")
_STEP_FAILED = re.compile(
    r'process ".{1,2000}" did not complete successfully|executor failed running \[|building at STEP "'
    r"|The command '.{1,2000}' returned a non-zero code"
)
_OF_REGISTRIES = frozenset(
    {
        *(Cause.LOGIN_DENIED, Cause.NOT_LOGGED_IN, Cause.REPOSITORY_MISSING, Cause.PUSH_DENIED),
        *(Cause.TAG_IMMUTABLE, Cause.RETRYING_EOF, Cause.BAD_REFERENCE, Cause.IMAGE_NOT_BUILT),
        Cause.BUILDSPEC_INVALID,
    }
)
"""What a command that only runs tests cannot fail of, whatever its tests print."""
_TESTS = re.compile(r"\b(?:tests?|pytest|jest|vitest|mocha|rspec|phpunit|tox|ctest)\b", re.IGNORECASE)
_IMAGE_TOOL = re.compile(r"docker|podman|buildah|nerdctl|finch|skopeo|kaniko|crane|\becr\b|push", re.IGNORECASE)
_EOF = re.compile(r'(?:^|[\s:"…])EOF\W{0,3}$')
_EOF_OF_SHELL = re.compile(r"unexpected (?:EOF|end of file)|here-document", re.IGNORECASE)


def cause_of(text: str) -> Cause | None:
    """The cause that one parsed line tells by itself."""
    text = text[:_MATCHED_CHARACTERS]
    lowered = text.lower()
    if not any(hint in lowered for hint in _HINTS):
        return None
    found = ((cause, pattern.search(text)) for cause, pattern in _TABLE)
    return next((cause for cause, match in found if match and not _in_quotes(text, match.start())), None)


def _in_quotes(text: str, at: int) -> bool:
    """Whether what begins there is only quoted, as by a test that expects it; `msg="…"` is a tool's own word."""
    before = text[:at]
    if before.endswith(("'", "`", "‘", "“")):
        return True
    return before.count('"') % 2 == 1 and not before[: before.rindex('"')].endswith("=")


def ends_in_eof(text: str) -> bool:
    """Whether the registry closed the connection (ECR does, on a missing repository or permission)."""
    return text.endswith(("EOF", 'EOF"', "EOF.", "EOF'")) and bool(_EOF.search(text) and not _EOF_OF_SHELL.search(text))


@dataclass(eq=False, slots=True)
class CommandOutput:
    """One command of the buildspec and what its output told; lines themselves are not kept."""

    text: str = ""
    phase: str = ""
    strong: Symptom | None = None
    weak: Symptom | None = None
    """The first of those that are retried, or that follow from an earlier command."""
    retrying: bool = False
    step_failed: Symptom | None = None
    """The last line that says that a RUN step of a Dockerfile failed."""
    last: Symptom | None = None
    last_error: Symptom | None = None
    failed: Symptom | None = None

    def note(self, text: str, number: int) -> Symptom | None:
        """Read one line of output; the symptom that it is."""
        if not text.strip():
            return None
        self.last = Symptom(Cause.COMMAND_FAILED, text, number)
        lowered = text[:_MATCHED_CHARACTERS].lower()
        if any(word in lowered for word in _ERROR_WORDS):
            self.last_error = self.last
        self.retrying = self.retrying or "Retrying in " in text
        if "process" in lowered or "command" in lowered or "executor" in lowered or "step" in lowered:
            self._note_step(text)
        cause = self._cause_of(text)
        if cause is None:
            return None
        symptom = Symptom(cause, text, number)
        if cause in WEAK or cause is Cause.IMAGE_NOT_BUILT:
            self.weak = self.weak or symptom
        else:
            self.strong = self.strong or symptom
        return symptom

    def _cause_of(self, text: str) -> Cause | None:
        """The cause that a line tells, where this command's output can tell it."""
        cause = cause_of(text)
        if cause is None and ends_in_eof(text) and (self.retrying or ".dkr" in text):
            cause = Cause.RETRYING_EOF
        if cause in _OF_REGISTRIES and _TESTS.search(self.text) and not _IMAGE_TOOL.search(self.text):
            return None
        return None if cause not in _INSIDE and _STEP_OUTPUT.match(text) else cause

    def _note_step(self, text: str) -> None:
        """A failed step explains the command, and what it printed before is no symptom of something else."""
        if not _STEP_FAILED.search(text[:_MATCHED_CHARACTERS]):
            return
        self.step_failed = self.last
        self.weak = None
        if self.strong and self.strong.cause not in _INSIDE:
            self.strong = None

    @property
    def symptom(self) -> Symptom | None:
        """The best explanation that its own output gives."""
        return self.strong or self.step_failed or self.weak
