"""The ECS services of the seeded account: what runs, and where it has drifted from its tag."""

from __future__ import annotations

from hashlib import sha256

from ecrtui.demo.account import Account, Region
from ecrtui.demo.catalogue import FRANKFURT, SEOUL, TOKYO
from ecrtui.demo.ecs.state import Cluster, EcsService, Task, TaskDefinition

_DAY = 86_400.0


def seed_workloads(account: Account, now: float) -> None:
    """Clusters, services and tasks that run images of the seeded repositories."""
    seoul = account.region(SEOUL)
    _service(account, seoul, "pet-web-cluster", "pet-web-task-service", "pet-web", "production", now - 4 * _DAY, 3)
    _service(
        account,
        seoul,
        "pet-web-cluster",
        "pet-web-canary",
        "pet-web",
        "latest",
        now - 6 * _DAY,
        1,
        drift=True,
    )
    _service(account, seoul, "pet-web-cluster", "pet-api-service", "pet-api", "production", now - 9 * _DAY, 2)
    _service(account, seoul, "pet-web-cluster", "pet-worker-service", "pet-worker", "staging", now - 2 * _DAY, 2)
    _service(account, seoul, "payments", "payments-api", "payments-api", "", now - 12 * _DAY, 4)
    _service(account, seoul, "payments", "auth", "auth-service", "latest", now - 30 * _DAY, 2, drift=True)
    _task(account, seoul, "batch", "batch-worker", "latest", now - 1_800)
    tokyo = account.region(TOKYO)
    _service(account, tokyo, "monolith", "monolith", "monolith", "production", now - 40 * _DAY, 6)
    _service(account, account.region(FRANKFURT), "eu", "eu-gateway", "eu-gateway", "latest", now - 3 * _DAY, 2)


def _cluster(account: Account, region: Region, name: str) -> Cluster:
    arn = f"arn:aws:ecs:{region.name}:{account.id}:cluster/{name}"
    return region.clusters.setdefault(name, Cluster(name, arn))


def _service(
    account: Account,
    region: Region,
    cluster_name: str,
    name: str,
    repository: str,
    tag: str,
    deployed_at: float,
    tasks: int,
    *,
    drift: bool = False,
) -> None:
    """A service that runs a tag (or, without one, a digest); with drift, an image that the tag has left."""
    cluster = _cluster(account, region, cluster_name)
    digest = _digest(region, repository, tag, drift)
    definition = _definition(account, region, name, repository, tag, digest)
    cluster.services[name] = EcsService(
        name=name,
        arn=f"arn:aws:ecs:{region.name}:{account.id}:service/{cluster.name}/{name}",
        definition=definition,
        desired=tasks,
        digest=digest,
        deployed_at=deployed_at,
    )
    for number in range(tasks):
        _add_task(account, region, cluster, definition, digest, deployed_at + 60 + number, name)


def _task(account: Account, region: Region, cluster: str, repository: str, tag: str, at: float) -> None:
    """A task of no service."""
    digest = _digest(region, repository, tag, drift=False)
    definition = _definition(account, region, repository, repository, tag, digest)
    _add_task(account, region, _cluster(account, region, cluster), definition, digest, at, "")


def _add_task(
    account: Account,
    region: Region,
    cluster: Cluster,
    definition: TaskDefinition,
    digest: str,
    at: float,
    service: str,
) -> None:
    key = sha256(f"{cluster.arn} {definition.family} {len(cluster.tasks)}".encode()).hexdigest()[:32]
    arn = f"arn:aws:ecs:{region.name}:{account.id}:task/{cluster.name}/{key}"
    cluster.tasks.append(Task(arn, service, definition, digest, at))


def _digest(region: Region, name: str, tag: str, drift: bool) -> str:
    repository = region.registry.repositories[name]
    current = repository.images[repository.tagged[tag or "production"]]
    if not drift:
        return current.digest
    older = [
        each
        for each in repository.images.values()
        if each.tags and each.pushed_at < current.pushed_at and not each.tags[0].startswith("sha256-")
    ]
    return sorted(older, key=lambda each: each.pushed_at)[-3].digest


def _definition(
    account: Account, region: Region, family: str, repository: str, tag: str, digest: str
) -> TaskDefinition:
    uri = region.registry.repositories[repository].uri
    name, revision = f"{family}-task", 1 + sum(map(ord, family)) % 40
    document = {
        "taskDefinitionArn": f"arn:aws:ecs:{region.name}:{account.id}:task-definition/{name}:{revision}",
        "family": name,
        "revision": revision,
        "status": "ACTIVE",
        "networkMode": "awsvpc",
        "requiresCompatibilities": ["FARGATE"],
        "cpu": "512",
        "memory": "1024",
        "executionRoleArn": f"arn:aws:iam::{account.id}:role/ecsTaskExecutionRole",
        "containerDefinitions": [
            {
                "name": family,
                "image": f"{uri}:{tag}" if tag else f"{uri}@{digest}",
                "essential": True,
                "portMappings": [{"containerPort": 8080, "protocol": "tcp"}],
            }
        ],
        "volumes": [],
    }
    definition = TaskDefinition(name, revision, document)
    region.task_definitions[f"{name}:{revision}"] = definition
    return definition
