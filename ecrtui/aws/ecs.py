"""What runs images in one region: ECS services and tasks (domain reference, section 4).

Every part that is refused becomes a sentence in `Usage.unchecked`; the others go on without it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, TypeVar

from ecrtui.aws.batches import batches, gathered
from ecrtui.aws.call import Caller
from ecrtui.aws.paging import pages
from ecrtui.aws.values import objects, text, texts
from ecrtui.domain.errors import AppError, ErrorKind
from ecrtui.domain.reference import Reference, parse
from ecrtui.domain.usage import Usage, Use

T = TypeVar("T")
_Kind = Literal["ecs-service", "ecs-task"]

_PAGE = 100  # ListServices answers 10 unless asked
_SERVICES, _REVISIONS, _TASKS = 10, 20, 100
"""Most items that one DescribeServices, DescribeServiceRevisions and DescribeTasks takes."""


class Ecs:
    """ECS's services and tasks."""

    def __init__(self, caller: Caller) -> None:
        self._caller = caller
        self._images: dict[str, tuple[str, ...]] = {}
        """Images of task definitions by ARN; a revision never changes."""

    async def usage(self) -> Usage:
        """Every use of an image, and what could not be checked."""
        found = _Found(self._caller.region)
        clusters = await found.attempt("clusters", self._arns("ListClusters", {}, "clusterArns"))
        await gathered(
            part for arn in clusters or () for part in (self._add_services(arn, found), self._add_tasks(arn, found))
        )
        await self._add_definitions(found)
        return found.usage()

    # -- services -----------------------------------------------------------------------------------------

    async def _add_services(self, cluster: str, found: _Found) -> None:
        part = f"services of {_name(cluster)}"
        arns = await found.attempt(part, self._arns("ListServices", {"cluster": cluster}, "serviceArns"))

        async def add(batch: Sequence[str]) -> None:
            asked = {"cluster": cluster, "services": list(batch)}
            services = await found.attempt(part, self._described("DescribeServices", asked, "services"))
            for service in services or ():
                found.add_service(cluster, service)

        await gathered(add(batch) for batch in batches(arns or (), _SERVICES))
        await self._add_revisions(cluster, found)

    async def _add_revisions(self, cluster: str, found: _Found) -> None:
        part = f"service revisions of {_name(cluster)}"

        async def add(batch: Sequence[str]) -> None:
            asked = {"serviceRevisionArns": list(batch)}
            revisions = await found.attempt(
                part, self._described("DescribeServiceRevisions", asked, "serviceRevisions")
            )
            for revision in revisions or ():
                found.add_revision(cluster, revision)

        arns = [arn for arn, (of, _) in found.revisions.items() if of == cluster]
        await gathered(add(batch) for batch in batches(arns, _REVISIONS))

    # -- tasks --------------------------------------------------------------------------------------------

    async def _add_tasks(self, cluster: str, found: _Found) -> None:
        part = f"tasks of {_name(cluster)}"
        asked = {"cluster": cluster, "desiredStatus": "RUNNING"}
        arns = await found.attempt(part, self._arns("ListTasks", asked, "taskArns"))

        async def described(batch: Sequence[str]) -> list[dict[str, Any]]:
            asked = {"cluster": cluster, "tasks": list(batch)}
            return await found.attempt(part, self._described("DescribeTasks", asked, "tasks")) or []

        tasks = await gathered(described(batch) for batch in batches(arns or (), _TASKS))
        found.add_tasks(cluster, [task for batch in tasks for task in batch])

    # -- task definitions ---------------------------------------------------------------------------------

    async def _add_definitions(self, found: _Found) -> None:
        async def add(arn: str) -> None:
            if arn not in self._images:
                images = await found.attempt(f"task definition {_name(arn)}", self._definition(arn))
                if images is None:
                    return
                self._images[arn] = images
            found.add_definition(arn, self._images[arn])

        await gathered(add(arn) for arn in found.definitions)

    async def _definition(self, arn: str) -> tuple[str, ...]:
        answer = await self._caller.read(
            "DescribeTaskDefinition",
            {"taskDefinition": arn},
            f"describe the task definition {_name(arn)}",
            required={"taskDefinition": dict},
        )
        containers = objects(answer["taskDefinition"].get("containerDefinitions"))
        return tuple(text(container.get("image")) for container in containers)

    # -- calls --------------------------------------------------------------------------------------------

    async def _arns(self, operation: str, parameters: Mapping[str, Any], name: str) -> tuple[str, ...]:
        what = f"list ECS {name.removesuffix('Arns')}s"

        async def fetch(token: str | None) -> tuple[tuple[str, ...], str | None]:
            asked = {**parameters, "maxResults": _PAGE} | ({"nextToken": token} if token else {})
            answer = await self._caller.read(operation, asked, what, required={name: list})
            return texts(answer[name]), text(answer.get("nextToken")) or None

        arns = [arn async for page, _ in pages(fetch, what, self._caller.region) for arn in page]
        return tuple(dict.fromkeys(arns))

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


@dataclass(slots=True)
class _Found:
    """What was found so far."""

    region: str
    uses: dict[tuple[_Kind, str, Reference, str | None], int] = field(default_factory=dict)
    """How many tasks run, by kind, name, reference and digest."""
    revisions: dict[str, tuple[str, int]] = field(default_factory=dict)
    """Cluster and running tasks of service revisions, by ARN."""
    definitions: dict[str, dict[str, int]] = field(default_factory=dict)
    """Running tasks of task definitions, by ARN and then by name of the service."""
    unchecked: dict[str, None] = field(default_factory=dict)
    _named: set[tuple[str, Reference | None]] = field(default_factory=set)
    """Services with an image that a revision or a task told."""

    async def attempt(self, part: str, asking: Awaitable[T]) -> T | None:
        """The answer, or None where it is refused, and the refusal noted."""
        try:
            return await asking
        except AppError as error:
            reason = f"{error.action} is not allowed" if error.kind is ErrorKind.DENIED else error.why
            self.unchecked[f"The ECS {part} in {self.region} could not be checked: {reason}"] = None
            return None

    def add_service(self, cluster: str, service: dict[str, Any]) -> None:
        """Note the revisions and task definitions of a service, also of deployments under way."""
        name = f"{_name(cluster)}/{text(service.get('serviceName'))}"
        for revision in objects(service.get("currentServiceRevisions")):
            if arn := text(revision.get("arn")):
                self.revisions[arn] = (cluster, _count(revision.get("runningTaskCount")))
        for part in (service, *objects(service.get("deployments")), *objects(service.get("taskSets"))):
            if arn := text(part.get("taskDefinition")):
                names = self.definitions.setdefault(arn, {})
                if part is not service or name not in names:
                    names[name] = max(names.get(name, 0), _count(part.get("runningCount")))

    def add_revision(self, cluster: str, revision: dict[str, Any]) -> None:
        """Add the images of a service revision, with the digests that they were resolved to."""
        name = f"{_name(cluster)}/{_name(text(revision.get('serviceArn')))}"
        running = self.revisions.get(text(revision.get("serviceRevisionArn")), (cluster, 0))[1]
        for container in objects(revision.get("containerImages")):
            self._add("ecs-service", name, container.get("image"), container.get("imageDigest"), running)

    def add_tasks(self, cluster: str, tasks: Iterable[dict[str, Any]]) -> None:
        """Add the images of tasks: as uses of their service, or of the task itself when it has none."""
        counts: Counter[tuple[_Kind, str, str, str]] = Counter()
        for task in tasks:
            kind, owner = _owner(task)
            name = f"{_name(cluster)}/{owner}"
            for container in objects(task.get("containers")):
                image, digest = text(container.get("image")), text(container.get("imageDigest"))
                counts[kind, name, image, digest] += 1
        for (kind, name, image, digest), running in counts.items():
            self._add(kind, name, image, digest, running)

    def add_definition(self, arn: str, images: Sequence[str]) -> None:
        """Add the images of a task definition to the services that name it, unless their digest is known."""
        for name, running in self.definitions[arn].items():
            for image in images:
                reference = parse(image)
                if (name, reference) not in self._named:
                    self._add("ecs-service", name, image, None, running)

    def _add(self, kind: _Kind, name: str, image: Any, digest: Any, running: int) -> None:
        reference = parse(text(image))
        if reference is not None:
            self._named.add((name, reference))
            key = (kind, name, reference, text(digest) or None)
            self.uses[key] = max(running, self.uses.get(key, 0))

    def usage(self) -> Usage:
        """Everything that was found, sorted by name."""
        uses = [
            Use(kind, name, self.region, reference, digest, running)
            for (kind, name, reference, digest), running in self.uses.items()
        ]
        return Usage(tuple(sorted(uses, key=lambda use: (use.kind, use.name))), tuple(self.unchecked))


def _owner(task: dict[str, Any]) -> tuple[_Kind, str]:
    kind, _, name = text(task.get("group")).partition(":")
    if kind == "service" and name:
        return "ecs-service", name
    return "ecs-task", _name(text(task.get("taskArn")))


def _name(arn: str) -> str:
    return arn.rpartition("/")[2]


def _count(value: Any) -> int:
    return value if isinstance(value, int) and value > 0 else 0
