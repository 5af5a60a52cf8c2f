"""CodeBuild, and the logs of builds."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from ecrtui.domain.build import Build
from ecrtui.domain.project import Project
from ecrtui.services.ports.json import Json


class Builds(Protocol):
    """CodeBuild in one region."""

    def projects(self) -> AsyncIterator[tuple[Project, ...]]:
        """All projects, by up to 100 a time."""
        ...

    async def project(self, name: str) -> Project:
        """One project; NOT_FOUND when there is none of that name."""
        ...

    def build_ids(self, project: str | None = None) -> AsyncIterator[tuple[str, ...]]:
        """Build ids, newest first, 100 a page; of one project or of the whole region."""
        ...

    async def builds(self, ids: Sequence[str]) -> tuple[Build, ...]:
        """The builds of these ids that exist; any number of ids, asked for by 100."""
        ...

    async def raw_project(self, name: str) -> Json:
        """All that AWS says of one project (PLAINTEXT variables included: mask them)."""
        ...

    async def stored_buildspec(self, arn: str) -> str:
        """The text of a buildspec that is an S3 object (`arn:aws:s3:::bucket/key`), of at most 256 KiB."""
        ...


@dataclass(frozen=True, slots=True)
class LogPage:
    """Events of a log stream: (epoch seconds, message), and the token to go on with (never empty)."""

    events: tuple[tuple[float, str], ...]
    token: str


class Logs(Protocol):
    """CloudWatch Logs in one region."""

    async def events(self, group: str, stream: str, token: str | None) -> LogPage:
        """The next events from the head on; the same token back means: nothing more for now.

        NOT_FOUND while the stream does not exist yet (or no longer).
        """
        ...
