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
        r"name[ _]unknown|RepositoryNotFoundException|repository with name '[^']*' does not exist",
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
        r"|unauthorized: (?:authentication required|incorrect)|Cannot perform an interactive login",
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
        r"|Is the docker daemon running|dial unix /var/run/docker\.sock",
    ),
    (Cause.NO_SPACE, r"no space left on device|\bENOSPC\b|disk quota exceeded"),
    (
        Cause.WRONG_ARCHITECTURE,
        r"exec format error|no match for platform in manifest|no matching manifest for \w+/",
    ),
    (
        Cause.BAD_REFERENCE,
        r"invalid reference format|invalid argument .* for .{0,10}-t, --tag|repository name must be lowercase"
        r"|docker (?:push|tag|build|buildx build)[\"'] requires (?:exactly |at least )?\d argument",
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
)
"""Words of which every line of the table has one: most lines of a build have none."""
_MATCHED_CHARACTERS = 4_096
"""Bounds what a hostile line costs; no message of the table is longer."""
_ERROR_WORDS = ("error", "err!", "failed", "fatal", "exception", "not found", "cannot")
_EOF = re.compile(r'(?:^|[\s:"…])EOF\W{0,3}$')
_EOF_OF_SHELL = re.compile(r"unexpected (?:EOF|end of file)|here-document", re.IGNORECASE)


def cause_of(text: str) -> Cause | None:
    """The cause that one parsed line tells by itself."""
    text = text[:_MATCHED_CHARACTERS]
    lowered = text.lower()
    if not any(hint in lowered for hint in _HINTS):
        return None
    return next((cause for cause, pattern in _TABLE if pattern.search(text)), None)


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
        cause = cause_of(text)
        if cause is None and ends_in_eof(text) and (self.retrying or ".dkr" in text):
            cause = Cause.RETRYING_EOF
        if cause is None:
            return None
        symptom = Symptom(cause, text, number)
        if cause in WEAK or cause is Cause.IMAGE_NOT_BUILT:
            self.weak = self.weak or symptom
        else:
            self.strong = self.strong or symptom
        return symptom

    @property
    def symptom(self) -> Symptom | None:
        """The best explanation that its own output gives."""
        return self.strong or self.weak
