"""Whether the tags of a repository can be moved to another image."""

from __future__ import annotations

from enum import StrEnum


class Mutability(StrEnum):
    """Tag mutability of a repository (ECR `imageTagMutability`)."""

    MUTABLE = "MUTABLE"
    IMMUTABLE = "IMMUTABLE"
    MUTABLE_WITH_EXCLUSION = "MUTABLE_WITH_EXCLUSION"
    IMMUTABLE_WITH_EXCLUSION = "IMMUTABLE_WITH_EXCLUSION"
