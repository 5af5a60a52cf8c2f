"""Lambda's state: functions with their published versions."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a function. What it runs was fixed when it was deployed."""

    number: str
    """`$LATEST`, or the number of a published one."""
    modified_at: float
    image: str = ""
    """The reference that was deployed; empty for a zip archive."""
    digest: str = ""
    """What that reference was at the time."""


@dataclass(frozen=True, slots=True)
class Function:
    """One function."""

    name: str
    region: str
    role: str
    versions: tuple[Version, ...]
    """`$LATEST` first, then the published ones, oldest first."""
    reason: str = ""
    """AWS's code for why it cannot run; empty when it can."""
    master: str = ""
    """The ARN of the function that this one is a Lambda@Edge replica of."""

    @property
    def is_image(self) -> bool:
        """Whether its package is an image."""
        return bool(self.versions[0].image)
