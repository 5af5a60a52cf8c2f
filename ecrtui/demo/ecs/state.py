"""ECS's state: clusters, services and the tasks that run in them."""

from __future__ import annotations

from dataclasses import dataclass, field

from ecrtui.demo.operations import Json


@dataclass(frozen=True, slots=True)
class TaskDefinition:
    """One revision of a task definition."""

    family: str
    revision: int
    document: Json

    @property
    def arn(self) -> str:
        """Its ARN."""
        return str(self.document["taskDefinitionArn"])


@dataclass(frozen=True, slots=True)
class Task:
    """One task; `service` is empty for one that was started alone."""

    arn: str
    service: str
    definition: TaskDefinition
    digest: str
    started_at: float
    status: str = "RUNNING"


@dataclass(frozen=True, slots=True)
class EcsService:
    """One service."""

    name: str
    arn: str
    definition: TaskDefinition
    desired: int
    digest: str
    deployed_at: float

    @property
    def revision_arn(self) -> str:
        """The ARN of its current service revision."""
        return self.arn.replace(":service/", ":service-revision/") + "/4980306466373577095"


@dataclass(slots=True)
class Cluster:
    """One cluster."""

    name: str
    arn: str
    services: dict[str, EcsService] = field(default_factory=dict)
    tasks: list[Task] = field(default_factory=list)
