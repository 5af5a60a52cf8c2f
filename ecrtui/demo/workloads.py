"""The ECS services of the seeded account: what runs, where it has drifted from its tag, and what cannot start."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256

from ecrtui.demo.account import Account, Region
from ecrtui.demo.catalogue import FRANKFURT, SEOUL, TOKYO
from ecrtui.demo.ecs.state import Cluster, Deployment, EcsService, Task, TaskDefinition
from ecrtui.demo.iam.seeded import CHECKOUT, EXECUTION, role_arn
from ecrtui.demo.operations import Json
from ecrtui.demo.registry import Repository, StoredImage

_DAY = 86_400.0
_COLLECTOR = "public.ecr.aws/aws-observability/aws-otel-collector:v0.43.1"
_PROXY = "nginx:1.27"
"""Sidecars from elsewhere: ECR Public and Docker Hub."""


@dataclass(frozen=True, slots=True)
class Workload:
    """One service, or (without a name) one task that was started alone."""

    cluster: str
    name: str
    repository: str
    tag: str
    """Empty names the image by digest."""
    days: float
    """How long ago it was deployed."""
    tasks: int
    region: str = SEOUL
    source: str = ""
    """The region of the registry, where that is another one."""
    runs: str = "current"
    """`current`: what the tag names; `older`: what the tag has left; `archived`: what ECR has put away;
    `replacing`: the current one, while tasks of the older still run; `nothing`: its role may not pull."""
    role: str = EXECUTION
    sidecars: tuple[str, ...] = ()


WORKLOADS = (
    Workload("pet-web-cluster", "pet-web-task-service", "pet-web", "production", 4, 3),
    Workload("pet-web-cluster", "pet-web-canary", "pet-web", "latest", 6, 1, runs="older"),
    Workload("pet-web-cluster", "pet-api-service", "pet-api", "production", 9, 2, sidecars=(_COLLECTOR, _PROXY)),
    Workload("pet-web-cluster", "pet-worker-service", "pet-worker", "staging", 2, 2),
    Workload("payments", "payments-api", "payments-api", "", 12, 4),
    Workload("payments", "payment-api", "payment-api", "production", 20, 2),
    Workload("payments", "auth", "auth-service", "latest", 30, 2, runs="older"),
    Workload("payments", "checkout-web", "checkout-web", "production", 1, 2, runs="nothing", role=CHECKOUT),
    Workload("payments", "coupons", "coupon-service", "latest", 0.02, 2, runs="replacing"),
    Workload("batch", "", "batch-worker", "latest", 1_800 / _DAY, 1),
    Workload("monolith", "monolith", "monolith", "production", 40, 6, TOKYO),
    Workload("monolith", "archive-reader", "archive-store", "", 300, 1, TOKYO, runs="archived"),
    Workload("monolith", "pet-worker-tokyo", "pet-worker", "staging", 2, 1, TOKYO, SEOUL),
    Workload("eu", "eu-gateway", "eu-gateway", "latest", 3, 2, FRANKFURT),
)


def seed_workloads(account: Account, now: float) -> None:
    """Clusters, services and tasks that run images of the seeded repositories."""
    for workload in WORKLOADS:
        _seed(account, workload, now)


def _seed(account: Account, workload: Workload, now: float) -> None:
    region = account.region(workload.region)
    repository = account.region(workload.source or workload.region).registry.repositories[workload.repository]
    cluster = _cluster(account, region, workload.cluster)
    at = now - workload.days * _DAY
    digest = ""
    if workload.runs != "nothing":
        image = running_image(repository, workload.tag, workload.runs, at)
        digest, at = image.digest, deployed(image, at, now)
    definition = _definition(account, region, workload, repository, digest)
    deployments = [Deployment("4980306466373577095", definition, digest, at, workload.tasks)]
    if workload.runs == "replacing":
        former = running_image(repository, workload.tag, "older", at - 7 * _DAY).digest
        deployments.append(Deployment("4980306466373571174", definition, former, at - 7 * _DAY, 1))
    if workload.name:
        arn = f"arn:aws:ecs:{region.name}:{account.id}:service/{cluster.name}/{workload.name}"
        cluster.services[workload.name] = EcsService(workload.name, arn, tuple(deployments))
    for deployment in deployments:
        wanted = deployment.tasks if len(deployments) == 1 else 1
        for number in range(wanted if deployment.digest else 0):
            started = deployment.at + 60 + number if workload.name else deployment.at
            _add_task(account, region, cluster, deployment, started, workload.name)


def _cluster(account: Account, region: Region, name: str) -> Cluster:
    arn = f"arn:aws:ecs:{region.name}:{account.id}:cluster/{name}"
    return region.clusters.setdefault(name, Cluster(name, arn))


def _add_task(
    account: Account, region: Region, cluster: Cluster, deployment: Deployment, at: float, service: str
) -> None:
    definition = deployment.definition
    key = sha256(f"{cluster.arn} {definition.family} {len(cluster.tasks)}".encode()).hexdigest()[:32]
    arn = f"arn:aws:ecs:{region.name}:{account.id}:task/{cluster.name}/{key}"
    cluster.tasks.append(Task(arn, service, definition, deployment.digest, at))


def running_image(repository: Repository, tag: str, runs: str, at: float) -> StoredImage:
    """The image of a repository that something runs: what a tag names, or what it named at an instant."""
    moving = tag or ("production" if "production" in repository.tagged else "latest")
    current = repository.images[repository.tagged[moving]]
    if runs in ("current", "replacing"):
        return current
    status = "ARCHIVED" if runs == "archived" else "ACTIVE"
    candidates = [
        each
        for each in repository.images.values()
        if each.status == status and each.digest != current.digest and not each.subject and not _is_signature(each)
    ]
    tagged = [each for each in candidates if each.tags] or candidates
    earlier = [each for each in tagged if each.pushed_at < at]
    if not earlier:
        return min(tagged, key=lambda each: each.pushed_at)
    return max(earlier, key=lambda each: each.pushed_at)


def _is_signature(image: StoredImage) -> bool:
    return bool(image.tags) and image.tags[0].startswith("sha256-")


def deployed(image: StoredImage, at: float, now: float) -> float:
    """When an image was deployed: at that instant, but never before it was pushed."""
    return min(now, max(at, image.pushed_at + 900))


def _definition(
    account: Account, region: Region, workload: Workload, repository: Repository, digest: str
) -> TaskDefinition:
    family = workload.name or workload.repository
    name, revision = f"{family}-task", 1 + sum(map(ord, family)) % 40
    image = f"{repository.uri}:{workload.tag}" if workload.tag else f"{repository.uri}@{digest}"
    document = {
        "taskDefinitionArn": f"arn:aws:ecs:{region.name}:{account.id}:task-definition/{name}:{revision}",
        "family": name,
        "revision": revision,
        "status": "ACTIVE",
        "networkMode": "awsvpc",
        "requiresCompatibilities": ["FARGATE"],
        "cpu": "512",
        "memory": "1024",
        "executionRoleArn": role_arn(workload.role),
        "containerDefinitions": [
            _container(family, image),
            *(_container(_short(each), each) for each in workload.sidecars),
        ],
        "volumes": [],
    }
    definition = TaskDefinition(name, revision, document)
    region.task_definitions[f"{name}:{revision}"] = definition
    return definition


def _container(name: str, image: str) -> Json:
    ports = [{"containerPort": 8080, "protocol": "tcp"}]
    return {"name": name, "image": image, "essential": True, "portMappings": ports}


def _short(image: str) -> str:
    return image.rpartition("/")[2].partition(":")[0]
