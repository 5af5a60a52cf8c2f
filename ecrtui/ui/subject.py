"""What a command is about: a place in the path, from the row under the cursor."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Subject:
    """A region, the one name that project and repository share, and perhaps an image or a build of it."""

    region: str = ""
    name: str = ""
    digest: str | None = None
    build_id: str | None = None
