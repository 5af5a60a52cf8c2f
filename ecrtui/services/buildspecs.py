"""Buildspecs that can be read: inline ones, and those that are kept in S3."""

from __future__ import annotations

from ecrtui.domain.buildspec import Buildspec, BuildspecKind, parse_buildspec, parse_stored_buildspec
from ecrtui.domain.project import Project
from ecrtui.services.ports import Builds


async def read_buildspec(builds: Builds, project: Project) -> Buildspec:
    """The project's buildspec, read from S3 where it is there; AppError when it cannot be (`s3:GetObject`).

    One that is a file of the source has no commands: CodeBuild does not show it.
    """
    spec = parse_buildspec(project.buildspec)
    if spec.kind is not BuildspecKind.S3:
        return spec
    return parse_stored_buildspec(spec.location, await builds.stored_buildspec(spec.location))
