"""May a role push to a repository, or pull from it: what IAM's simulator and the repository's policy say together.

Rules: domain reference, section 5.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Decision(StrEnum):
    """What one side (the identity's policies, or the repository's) says of one action."""

    ALLOWED = "allowed"
    EXPLICIT_DENY = "explicit deny"
    IMPLICIT_DENY = "implicit deny"
    """Nothing allows it."""
    UNKNOWN = "unknown"
    """It depends on what is not known here (conditions, context values)."""


@dataclass(frozen=True, slots=True)
class Simulated:
    """What IAM's simulator says of one action on one resource."""

    action: str
    """`ecr:PutImage`."""
    resource: str
    """An ARN, or `*`."""
    decision: Decision
    boundary: bool = False
    """Whether a permissions boundary or an organisation's policy (SCP) is what denies it."""
    missing_context: tuple[str, ...] = ()
    """Context keys whose values the simulator lacked; the decision is UNKNOWN then."""
