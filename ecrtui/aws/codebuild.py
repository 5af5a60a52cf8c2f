"""CodeBuild in one region."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any

from ecrtui.aws.batches import batches, gathered
from ecrtui.aws.call import Caller
from ecrtui.aws.paging import pages
from ecrtui.aws.raw import readable
from ecrtui.aws.s3 import object_text
from ecrtui.aws.values import instant, member, objects, text, texts
from ecrtui.domain.build import Build, Phase, PhaseContext
from ecrtui.domain.buildspec import BUILDSPEC_CHARACTERS
from ecrtui.domain.errors import AppError, ErrorKind
from ecrtui.domain.project import EnvironmentVariable, Project

_BATCH = 100
"""Names or ids a call (CodeBuild API: BatchGetProjects, BatchGetBuilds)."""


class CodeBuild:
    """The port `Builds` over the CodeBuild API, and S3 for the buildspecs that are kept there."""

    def __init__(self, caller: Caller, s3: Caller) -> None:
        self._caller = caller
        self._s3 = s3

    async def projects(self) -> AsyncIterator[tuple[Project, ...]]:
        """All projects, by up to 100 a time."""
        what = "list the projects"

        async def fetch(token: str | None) -> tuple[tuple[str, ...], str | None]:
            answer = await self._caller.read("ListProjects", _from(token), what, required={"projects": list})
            return texts(answer["projects"]), text(answer.get("nextToken")) or None

        seen: set[str] = set()
        async for names, _ in pages(fetch, what, self._caller.region, news=lambda names: len(set(names) - seen)):
            new = [name for name in dict.fromkeys(names) if name not in seen]
            seen.update(new)
            for batch in batches(new, _BATCH):
                yield tuple(_project(value, self._caller.region) for value in await self._projects(batch, what))

    async def project(self, name: str) -> Project:
        """One project; NOT_FOUND when there is none of that name."""
        return _project(await self._one(name), self._caller.region)

    async def raw_project(self, name: str) -> Mapping[str, Any]:
        """All that AWS says of one project (PLAINTEXT variables included: mask them)."""
        value = await self._one(name)
        shape = await self._caller.output_shape("BatchGetProjects")
        result: Mapping[str, Any] = readable(value, shape.members["projects"].member)
        return result

    async def _one(self, name: str) -> dict[str, Any]:
        what = f"describe the project {name}"
        for value in await self._projects([name], what):
            if value.get("name") == name:
                return value
        raise AppError(
            ErrorKind.NOT_FOUND,
            what,
            where=self._caller.region,
            why=f"there is no CodeBuild project {name}",
            remedy="Create the project first, or check its name and region.",
        )

    async def _projects(self, names: Sequence[str], what: str) -> list[dict[str, Any]]:
        answer = await self._caller.read("BatchGetProjects", {"names": list(names)}, what, required={"projects": list})
        return [value for value in objects(answer["projects"]) if value.get("name")]

    async def build_ids(self, project: str | None = None) -> AsyncIterator[tuple[str, ...]]:
        """Build ids, newest first, 100 a page; of one project or of the whole region."""
        # no sortOrder: newest first is the default, and naming it fails beyond 100 builds
        operation = "ListBuildsForProject" if project else "ListBuilds"
        what = f"list the builds of {project}" if project else "list the builds"

        async def fetch(token: str | None) -> tuple[tuple[str, ...], str | None]:
            asked = {"projectName": project, **_from(token)} if project else _from(token)
            answer = await self._caller.read(operation, asked, what, required={"ids": list})
            return texts(answer["ids"]), text(answer.get("nextToken")) or None

        seen: set[str] = set()
        async for ids, _ in pages(fetch, what, self._caller.region, news=lambda ids: len(set(ids) - seen)):
            new = tuple(build_id for build_id in dict.fromkeys(ids) if build_id not in seen)
            seen.update(new)
            yield new

    async def builds(self, ids: Sequence[str]) -> tuple[Build, ...]:
        """The builds of these ids that exist; any number of ids, asked for by 100."""
        found = await gathered(self._builds(batch) for batch in batches(ids, _BATCH))
        return tuple(build for batch in found for build in batch)

    async def _builds(self, ids: Sequence[str]) -> list[Build]:
        answer = await self._caller.read(
            "BatchGetBuilds", {"ids": list(ids)}, "read the builds", required={"builds": list}
        )
        return [_build(value, self._caller.region) for value in objects(answer["builds"]) if value.get("id")]

    async def stored_buildspec(self, arn: str) -> str:
        """The text of a buildspec that is an S3 object (`arn:aws:s3:::bucket/key`), of at most 256 KiB."""
        return await object_text(self._s3, arn, BUILDSPEC_CHARACTERS)


def _from(token: str | None) -> dict[str, Any]:
    return {"nextToken": token} if token else {}


def _project(value: dict[str, Any], region: str) -> Project:
    source, environment = value.get("source"), value.get("environment")
    return Project(
        name=text(value.get("name")),
        region=region,
        arn=text(value.get("arn")),
        description=text(value.get("description")),
        source_type=text(member(source, "type")),
        source_location=text(member(source, "location")),
        source_version=text(value.get("sourceVersion")),
        buildspec=text(member(source, "buildspec")),
        environment_type=text(member(environment, "type")),
        environment_image=text(member(environment, "image")),
        compute_type=text(member(environment, "computeType")),
        privileged=member(environment, "privilegedMode") is True,
        docker_server=isinstance(member(environment, "dockerServer"), dict),
        variables=tuple(_variable(item) for item in objects(member(environment, "environmentVariables"))),
        service_role=text(value.get("serviceRole")),
        artifacts_type=text(member(value, "artifacts", "type")),
        cloudwatch_logs=member(value, "logsConfig", "cloudWatchLogs", "status") != "DISABLED",
        s3_logs=member(value, "logsConfig", "s3Logs", "status") == "ENABLED",
        created_at=instant(value.get("created")),
        modified_at=instant(value.get("lastModified")),
    )


def _variable(value: dict[str, Any]) -> EnvironmentVariable:
    return EnvironmentVariable(
        text(value.get("name")), text(value.get("value")), text(value.get("type")) or "PLAINTEXT"
    )


def _build(value: dict[str, Any], region: str) -> Build:
    number, logs = value.get("buildNumber"), value.get("logs")
    build_id, status = text(value.get("id")), text(value.get("buildStatus")) or "IN_PROGRESS"
    return Build(
        id=build_id,
        project=text(value.get("projectName")) or build_id.partition(":")[0],
        region=region,
        number=number if isinstance(number, int) else None,
        status=status,
        # moto ends builds without ever calling them complete
        complete=value.get("buildComplete") is True or status != "IN_PROGRESS",
        current_phase=text(value.get("currentPhase")),
        phases=tuple(_phase(item) for item in objects(value.get("phases"))),
        started_at=instant(value.get("startTime")),
        ended_at=instant(value.get("endTime")),
        source_version=text(value.get("sourceVersion")),
        resolved_source_version=text(value.get("resolvedSourceVersion")),
        initiator=text(value.get("initiator")),
        log_group=text(member(logs, "groupName")) or None,
        log_stream=text(member(logs, "streamName")) or None,
        log_link=text(member(logs, "deepLink")),
        cloudwatch_logs=member(logs, "cloudWatchLogs", "status") != "DISABLED",
        s3_logs=member(logs, "s3Logs", "status") == "ENABLED",
        arn=text(value.get("arn")),
    )


def _phase(value: dict[str, Any]) -> Phase:
    return Phase(
        kind=text(value.get("phaseType")),
        status=text(value.get("phaseStatus")) or None,
        started_at=instant(value.get("startTime")),
        ended_at=instant(value.get("endTime")),
        contexts=tuple(
            PhaseContext(text(item.get("statusCode")), text(item.get("message")))
            for item in objects(value.get("contexts"))
        ),
    )
