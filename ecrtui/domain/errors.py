"""The one family of errors that reaches a person.

    AppError
      `- kind: ErrorKind        what went wrong, in the reader's terms

Adapters turn everything that can go wrong into an `AppError`; services and faces know no other failure.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Executed(StrEnum):
    """Whether the request that failed took effect at the service."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


class ErrorKind(StrEnum):
    """What went wrong, in the reader's terms."""

    USAGE = "usage"
    CREDENTIALS = "credentials"
    REGION_DISABLED = "region-disabled"
    DENIED = "denied"
    READ_ONLY = "read-only"
    NOT_FOUND = "not-found"
    CONFLICT = "conflict"
    INVALID = "invalid"
    LIMIT = "limit"
    THROTTLED = "throttled"
    NETWORK = "network"
    TIMEOUT = "timeout"
    MALFORMED = "malformed"
    SERVICE = "service"
    LOCAL = "local"


_EXIT_CODES = {
    ErrorKind.USAGE: 2,
    ErrorKind.INVALID: 2,
    ErrorKind.NOT_FOUND: 2,
    ErrorKind.CREDENTIALS: 3,
    ErrorKind.DENIED: 4,
    ErrorKind.READ_ONLY: 4,
}


@dataclass(eq=False)
class AppError(Exception):
    """Something went wrong: what, where, why, and what the reader can do about it.

    Texts may hold remote content: they pass `domain.text.shown` before they reach a screen.
    """

    kind: ErrorKind
    what: str
    """What was attempted, as a clause: "list the images of pet-web"."""
    where: str = ""
    """The place: a region, a file and line, an endpoint. Empty when there is none."""
    why: str = ""
    """The reason, as precise as it is known; AWS's own message where there is one."""
    remedy: str = ""
    """What the reader can do, as an imperative sentence."""
    executed: Executed = Executed.NO
    code: str = ""
    """The service's error code, or empty."""
    action: str = ""
    """The IAM action that is missing (`ecr:DescribeImages`), or empty."""
    request_id: str = ""

    def __str__(self) -> str:
        place = f" ({self.where})" if self.where else ""
        why = f": {self.why}" if self.why else ""
        return f"cannot {self.what}{place}{why}"

    @property
    def exit_code(self) -> int:
        """The process exit code: 2 usage, 3 credentials, 4 denied, 5 service or network."""
        return _EXIT_CODES.get(self.kind, 5)
