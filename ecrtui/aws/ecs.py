"""What runs images in one region: ECS services and tasks (domain reference, section 4).

Every part that is refused becomes a sentence in `Usage.unchecked`; the others go on without it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from ecrtui.aws.batches import batches, gathered
from ecrtui.aws.call import Caller
from ecrtui.aws.ecs_found import Definition, Found, name_of
from ecrtui.aws.paging import pages
from ecrtui.aws.parts import Unchecked
from ecrtui.aws.values import objects, text, texts
from ecrtui.domain.errors import AppError, ErrorKind
from ecrtui.domain.usage import Usage

_PAGE = 100  # ListServices answers 10 unless asked
_SERVICES, _REVISIONS, _TASKS = 10, 20, 100
"""Most items that one DescribeServices, DescribeServiceRevisions and DescribeTasks takes."""


class Ecs:
    """ECS's services and tasks. Express services are services like any other here, revisions included."""

    def __init__(self, caller: Caller) -> None:
        self._caller = caller
        self._definitions: dict[str, Definition] = {}
        """Task definitions by ARN, for ever."""

    async def usage(self) -> Usage:
        """Every use of an image, and what could not be checked."""
        found, unchecked = Found(self._caller.region), Unchecked(self._caller.region)
        clusters: list[str] = []
        await unchecked.attempt("ECS clusters", self._list("ListClusters", {}, "clusterArns", clusters))
        await gathered(
            part(cluster, found, unchecked) for cluster in clusters for part in (self._services, self._tasks)
        )
        await gathered(self._define(arn, found, unchecked) for arn in tuple(found.definitions))
        return Usage(await asyncio.to_thread(found.joined), unchecked.sentences)

    # -- services -----------------------------------------------------------------------------------------

    async def _services(self, cluster: str, found: Found, unchecked: Unchecked) -> None:
        part = f"ECS services of {name_of(cluster)}"
        listed: list[str] = []
        await unchecked.attempt(part, self._list("ListServices", {"cluster": cluster}, "serviceArns", listed))

        async def add(batch: Sequence[str]) -> None:
            asked = {"cluster": cluster, "services": list(batch)}
            services = await unchecked.attempt(part, self._described("DescribeServices", asked, "services"))
            for service in services or ():
                found.add_service(cluster, service)

        await gathered(add(batch) for batch in batches(listed, _SERVICES))
        await self._revisions(cluster, found, unchecked)

    async def _revisions(self, cluster: str, found: Found, unchecked: Unchecked) -> None:
        part = f"ECS service revisions of {name_of(cluster)}"

        async def add(batch: Sequence[str]) -> None:
            asked = {"serviceRevisionArns": list(batch)}
            revisions = await unchecked.attempt(
                part, self._described("DescribeServiceRevisions", asked, "serviceRevisions")
            )
            for revision in revisions or ():
                found.add_revision(cluster, revision)

        arns = [arn for arn, (of, _) in found.revisions.items() if of == cluster]
        await gathered(add(batch) for batch in batches(arns, _REVISIONS))

    # -- tasks --------------------------------------------------------------------------------------------

    async def _tasks(self, cluster: str, found: Found, unchecked: Unchecked) -> None:
        part = f"ECS tasks of {name_of(cluster)}"
        asked = {"cluster": cluster, "desiredStatus": "RUNNING"}
        listed: list[str] = []
        await unchecked.attempt(part, self._list("ListTasks", asked, "taskArns", listed))

        async def described(batch: Sequence[str]) -> list[dict[str, Any]]:
            asked = {"cluster": cluster, "tasks": list(batch)}
            return await unchecked.attempt(part, self._described("DescribeTasks", asked, "tasks")) or []

        tasks = await gathered(described(batch) for batch in batches(listed, _TASKS))
        found.add_tasks(cluster, [task for batch in tasks for task in batch])

    # -- task definitions ---------------------------------------------------------------------------------

    async def _define(self, arn: str, found: Found, unchecked: Unchecked) -> None:
        known = self._definitions.get(arn)
        if known is None:
            known = await unchecked.attempt("ECS task definition", self._definition(arn), name_of(arn))
        if known is not None:
            self._definitions[arn] = found.definitions[arn] = known

    async def _definition(self, arn: str) -> Definition:
        answer = await self._caller.read(
            "DescribeTaskDefinition",
            {"taskDefinition": arn},
            f"describe the task definition {name_of(arn)}",
            required={"taskDefinition": dict},
        )
        definition = answer["taskDefinition"]
        containers = objects(definition.get("containerDefinitions"))
        images = tuple(text(container.get("image")) for container in containers)
        fargate = texts(definition.get("requiresCompatibilities")) == ("FARGATE",)
        return Definition(images, text(definition.get("executionRoleArn")), fargate)

    # -- calls --------------------------------------------------------------------------------------------

    async def _list(self, operation: str, parameters: Mapping[str, Any], name: str, into: list[str]) -> None:
        """Add ARNs page by page, so that what came before a failure is kept."""
        what = f"list ECS {name.removesuffix('Arns')}s"

        async def fetch(token: str | None) -> tuple[tuple[str, ...], str | None]:
            asked = {**parameters, "maxResults": _PAGE} | ({"nextToken": token} if token else {})
            answer = await self._caller.read(operation, asked, what, required={name: list})
            return texts(answer[name]), text(answer.get("nextToken")) or None

        seen: set[str] = set()
        async for page, _ in pages(fetch, what, self._caller.region, news=lambda page: len(set(page) - seen)):
            into += [arn for arn in dict.fromkeys(page) if arn not in seen]
            seen.update(page)

    async def _described(self, operation: str, parameters: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
        answer = await self._caller.read(operation, parameters, f"describe ECS {name}", required={name: list})
        for missing in objects(answer.get("failures")):
            if missing.get("reason") != "MISSING":  # gone since it was listed
                raise AppError(
                    ErrorKind.SERVICE,
                    f"describe ECS {name}",
                    where=self._caller.region,
                    why=f"{text(missing.get('arn'))}: {text(missing.get('reason'))}",
                )
        return objects(answer[name])
