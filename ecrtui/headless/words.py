"""Ages in tables."""

from __future__ import annotations

import time

from ecrtui.domain.instants import instant
from ecrtui.domain.units import age


def age_of(text: str | None) -> str:
    """How long ago an instant of `instants.iso` was."""
    at = instant(text or "")
    return age(None if at is None else time.time() - at)
