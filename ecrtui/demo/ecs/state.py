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
    """What its first container runs."""
    started_at: float
    status: str = "RUNNING"


@dataclass(frozen=True, slots=True)
class Deployment:
    """One deployment of a service: a task definition, and the digest that its tag was when it began."""

    id: str
    definition: TaskDefinition
    digest: str
    """Empty when the image could never be pulled."""
    at: float
    tasks: int
    """How many tasks it wants."""


@dataclass(frozen=True, slots=True)
class EcsService:
    """One service: its deployments, the primary one first."""

    name: str
    arn: str
    deployments: tuple[Deployment, ...]

    @property
    def primary(self) -> Deployment:
        """The newest deployment."""
        return self.deployments[0]

    def revision_arn(self, deployment: Deployment) -> str:
        """The ARN of a deployment's service revision."""
        return f"{self.arn.replace(':service/', ':service-revision/')}/{deployment.id}"


@dataclass(slots=True)
class Cluster:
    """One cluster."""

    name: str
    arn: str
    services: dict[str, EcsService] = field(default_factory=dict)
    tasks: list[Task] = field(default_factory=list)
