"""What was found to run in ECS, joined from services, their revisions, tasks and task definitions."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Literal

from ecrtui.aws.values import count, instant, objects, text
from ecrtui.domain.reference import Reference, parse
from ecrtui.domain.usage import Use

_Kind = Literal["ecs-service", "ecs-task"]


@dataclass(frozen=True, slots=True)
class Definition:
    """What matters of a task definition; a revision never changes."""

    images: tuple[str, ...]
    role: str
    """Its execution role, which pulls; empty when it has none."""
    fargate: bool = False
    """Whether it can run on Fargate alone."""


@dataclass(slots=True)
class _Run:
    """How often an image runs, and since when."""

    running: int = 0
    definition: str = ""
    """ARN of the task definition; empty when it is not known."""
    deployed_at: float | None = None

    def join(self, other: _Run) -> None:
        """Take in what another source says of the same: the first to know counts."""
        self.running = max(self.running, other.running)
        self.definition = self.definition or other.definition
        self.deployed_at = other.deployed_at if self.deployed_at is None else self.deployed_at


@dataclass(slots=True)
class Found:
    """What was found so far in one region."""

    region: str
    revisions: dict[str, tuple[str, int]] = field(default_factory=dict)
    """Cluster and running tasks of service revisions, by ARN."""
    definitions: dict[str, Definition | None] = field(default_factory=dict)
    """Task definitions that services and tasks name, by ARN; None until they are read."""
    _deployments: dict[str, dict[str, _Run]] = field(default_factory=dict)
    """Runs of task definitions, by ARN and then by name of the service."""
    _runs: dict[tuple[_Kind, str, Reference, str | None], _Run] = field(default_factory=dict)
    """By kind, name, reference and digest."""

    def add_service(self, cluster: str, service: dict[str, Any]) -> None:
        """Note the revisions and task definitions of a service, also of deployments under way."""
        name = f"{name_of(cluster)}/{text(service.get('serviceName'))}"
        for revision in objects(service.get("currentServiceRevisions")):
            if arn := text(revision.get("arn")):
                self.revisions[arn] = (cluster, count(revision.get("runningTaskCount")) or 0)
        for deployment in (*objects(service.get("deployments")), *objects(service.get("taskSets"))):
            self._deploy(name, deployment, instant(deployment.get("createdAt")))
        if text(service.get("taskDefinition")) not in self._deployments:
            self._deploy(name, service, None)

    def _deploy(self, name: str, deployment: dict[str, Any], at: float | None) -> None:
        arn = text(deployment.get("taskDefinition"))
        if self._define(arn):
            run = self._deployments.setdefault(arn, {}).setdefault(name, _Run(definition=arn))
            run.join(_Run(count(deployment.get("runningCount")) or 0, arn, at))

    def _define(self, arn: str) -> str:
        if arn:
            self.definitions.setdefault(arn, None)
        return arn

    def add_revision(self, cluster: str, revision: dict[str, Any]) -> None:
        """Add the images of a service revision, with the digests that they were resolved to."""
        name = f"{name_of(cluster)}/{name_of(text(revision.get('serviceArn')))}"
        running = self.revisions.get(text(revision.get("serviceRevisionArn")), (cluster, 0))[1]
        run = _Run(running, self._define(text(revision.get("taskDefinition"))), instant(revision.get("createdAt")))
        for container in objects(revision.get("containerImages")):
            self._add("ecs-service", name, container.get("image"), container.get("imageDigest"), run)

    def add_tasks(self, cluster: str, tasks: Iterable[dict[str, Any]]) -> None:
        """Add the images of tasks: as uses of their service, or of the task itself when it has none."""
        counted: dict[tuple[_Kind, str, str, str], _Run] = {}
        for task in tasks:
            kind, owner = _owner(task)
            definition = self._define(text(task.get("taskDefinitionArn")))
            at = instant(task.get("createdAt")) if kind == "ecs-task" else None
            images = {(text(one.get("image")), text(one.get("imageDigest"))) for one in objects(task.get("containers"))}
            for image in images:
                run = counted.setdefault((kind, f"{name_of(cluster)}/{owner}", *image), _Run(0, definition, at))
                run.running += 1
        for (kind, name, reference, digest), run in counted.items():
            self._add(kind, name, reference, digest, run)

    def joined(self) -> tuple[Use, ...]:
        """Everything that was found, sorted by name."""
        self._add_definitions()
        uses = (self._use(*key, run) for key, run in self._runs.items())
        return tuple(sorted(uses, key=lambda use: (use.kind, use.name)))

    def _add_definitions(self) -> None:
        """Add the images of task definitions to the services that name them, unless their digest is known."""
        named = {(name, reference) for _, name, reference, _ in self._runs}
        for arn, services in self._deployments.items():
            definition = self.definitions[arn]
            for name, run in services.items():
                for image in definition.images if definition else ():
                    if (name, parse(image)) not in named:
                        self._add("ecs-service", name, image, None, run)

    def _add(self, kind: _Kind, name: str, image: Any, digest: Any, run: _Run) -> None:
        reference = parse(text(image))
        if reference is not None:
            self._runs.setdefault((kind, name, reference, text(digest) or None), _Run()).join(run)

    def _use(self, kind: _Kind, name: str, reference: Reference, digest: str | None, run: _Run) -> Use:
        definition = self.definitions.get(run.definition)
        deployment = self._deployments.get(run.definition, {}).get(name, run)
        return Use(
            kind,
            name,
            self.region,
            reference,
            digest,
            run.running,
            role=definition.role if definition else "",
            fargate=definition.fargate if definition else False,
            deployed_at=deployment.deployed_at if run.deployed_at is None else run.deployed_at,
        )


def _owner(task: dict[str, Any]) -> tuple[_Kind, str]:
    kind, _, name = text(task.get("group")).partition(":")
    if kind == "service" and name:
        return "ecs-service", name
    return "ecs-task", name_of(text(task.get("taskArn")))


def name_of(arn: str) -> str:
    """The last part of an ARN: a cluster's, service's or task's name."""
    return arn.rpartition("/")[2]
