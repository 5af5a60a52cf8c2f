"""What runs in ECS: the calls that it takes, the digests, and what could not be checked."""

from __future__ import annotations

from math import ceil
from typing import Any

import pytest
from faultserver import FaultServer, Request, answer, error, page_of_markup
from opening import REGION

from ecrtui.aws.account import AwsAccount
from ecrtui.aws.call import CONCURRENCY
from ecrtui.domain.usage import Usage, Use

ARN = f"arn:aws:ecs:{REGION}:123456789012"
ROLE = "arn:aws:iam::123456789012:role"
HOST = f"123456789012.dkr.ecr.{REGION}.amazonaws.com"


def digest(number: int) -> str:
    """A digest that differs by number."""
    return f"sha256:{number:064x}"


def service(name: str, running: int = 2) -> dict[str, Any]:
    """One service with one deployment."""
    return {
        "serviceName": name,
        "serviceArn": f"{ARN}:service/shop/{name}",
        "taskDefinition": f"{ARN}:task-definition/{name}:7",
        "deployments": [
            {"taskDefinition": f"{ARN}:task-definition/{name}:7", "runningCount": running, "createdAt": 1.7e9}
        ],
        "currentServiceRevisions": [{"arn": f"{ARN}:service-revision/shop/{name}/1", "runningTaskCount": running}],
    }


def ecs(server: FaultServer, names: list[str], tasks: list[dict[str, Any]]) -> None:
    """A cluster `shop` with these services and tasks."""

    def described(request: Request) -> Any:
        arns = request.parameters["services"]
        assert len(arns) <= 10
        return answer({"services": [service(arn.rpartition("/")[2]) for arn in arns], "failures": []})

    def revisions(request: Request) -> Any:
        arns = request.parameters["serviceRevisionArns"]
        assert len(arns) <= 20
        found = []
        for arn in arns:
            name = arn.split("/")[2]
            images = [{"image": f"{HOST}/{name}:v1", "imageDigest": digest(names.index(name))}]
            arns_of = {
                "serviceRevisionArn": arn,
                "serviceArn": f"{ARN}:service/shop/{name}",
                "taskDefinition": f"{ARN}:task-definition/{name}:7",
                "createdAt": 1.8e9,
            }
            found.append({**arns_of, "containerImages": images})
        return answer({"serviceRevisions": found, "failures": []})

    def definition(request: Request) -> Any:
        name = request.parameters["taskDefinition"].rpartition("/")[2].partition(":")[0]
        containers = [{"image": f"{HOST}/{name}:v1"}, {"image": "public.ecr.aws/x/sidecar:2"}]
        return answer({"taskDefinition": {"containerDefinitions": containers, "executionRoleArn": f"{ROLE}/{name}"}})

    def described_tasks(request: Request) -> Any:
        assert len(request.parameters["tasks"]) <= 100
        return answer({"tasks": [task for task in tasks if task["taskArn"] in request.parameters["tasks"]]})

    def listed(name: str, arns: list[str]) -> Any:
        def page(request: Request) -> Any:
            start = int(request.parameters.get("nextToken", 0))
            size = request.parameters["maxResults"]
            more = {"nextToken": str(start + size)} if start + size < len(arns) else {}
            return answer({name: arns[start : start + size], **more})

        return page

    server.on("ListClusters", answer({"clusterArns": [f"{ARN}:cluster/shop"]}))
    server.on("ListServices", listed("serviceArns", [f"{ARN}:service/shop/{name}" for name in names]))
    server.on("DescribeServices", described)
    server.on("DescribeServiceRevisions", revisions)
    server.on("DescribeTaskDefinition", definition)
    server.on("ListTasks", listed("taskArns", [task["taskArn"] for task in tasks]))
    server.on("DescribeTasks", described_tasks)


def task(number: int, group: str, image: str, of: int | None) -> dict[str, Any]:
    """One running task."""
    container: dict[str, Any] = {"image": image}
    if of is not None:
        container["imageDigest"] = digest(of)
    name = image.rpartition("/")[2].partition(":")[0].partition("@")[0]
    return {
        "taskArn": f"{ARN}:task/shop/{number:032x}",
        "group": group,
        "containers": [container],
        "taskDefinitionArn": f"{ARN}:task-definition/{name}:7",
        "createdAt": 1.75e9,
    }


def brief(usage: Usage) -> set[tuple[str, str, str, str | None, int]]:
    """The uses, shortly."""

    def one(use: Use) -> tuple[str, str, str, str | None, int]:
        return (use.kind, use.name, use.reference.repository, use.digest, use.running)

    return {one(use) for use in usage.uses}


async def test_services_tasks_and_sidecars(server: FaultServer, account: AwsAccount) -> None:
    tasks = [
        task(1, "service:pet-web", f"{HOST}/pet-web:v1", 0),
        task(2, "service:pet-web", f"{HOST}/pet-web:v1", 5),
        task(3, "family:migrate", f"{HOST}/migrate@{digest(9)}", None),
    ]
    ecs(server, ["pet-web"], tasks)
    usage = await account.runtime(REGION).usage()
    assert usage.unchecked == ()
    assert brief(usage) == {
        ("ecs-service", "shop/pet-web", "pet-web", digest(0), 2),
        ("ecs-service", "shop/pet-web", "pet-web", digest(5), 1),
        ("ecs-service", "shop/pet-web", "x/sidecar", None, 2),
        ("ecs-task", f"shop/{3:032x}", "migrate", None, 1),
    }


async def test_the_role_that_pulls_and_when_it_was_deployed(server: FaultServer, account: AwsAccount) -> None:
    tasks = [
        task(2, "service:pet-web", f"{HOST}/pet-web:v1", 5),
        task(3, "family:migrate", f"{HOST}/migrate:v3", 9),
    ]
    ecs(server, ["pet-web"], tasks)
    uses = (await account.runtime(REGION).usage()).uses
    known = {(use.reference.repository, use.digest): (use.role, use.deployed_at) for use in uses}
    assert known == {
        ("pet-web", digest(0)): (f"{ROLE}/pet-web", 1.8e9),  # the revision says when
        ("pet-web", digest(5)): (f"{ROLE}/pet-web", 1.7e9),  # the deployment does
        ("x/sidecar", None): (f"{ROLE}/pet-web", 1.7e9),
        ("migrate", digest(9)): (f"{ROLE}/migrate", 1.75e9),
    }


@pytest.mark.parametrize(
    ("members", "fargate"),
    [
        ({"requiresCompatibilities": ["FARGATE"]}, True),
        ({"requiresCompatibilities": ["EC2", "FARGATE"]}, False),
        ({"requiresCompatibilities": []}, False),
        ({}, False),
    ],
)
async def test_what_can_run_on_fargate_alone(
    server: FaultServer, account: AwsAccount, members: dict[str, Any], fargate: bool
) -> None:
    ecs(server, ["pet-web"], [])
    definition = {"containerDefinitions": [{"image": f"{HOST}/pet-web:v1"}], **members}
    server.on("DescribeTaskDefinition", answer({"taskDefinition": definition}))
    (use,) = (await account.runtime(REGION).usage()).uses
    assert (use.role, use.fargate) == ("", fargate)


async def test_a_role_that_cannot_be_read_leaves_the_use(server: FaultServer, account: AwsAccount) -> None:
    ecs(server, ["pet-web"], [])
    server.on("DescribeTaskDefinition", error("AccessDeniedException", ""))
    usage = await account.runtime(REGION).usage()
    assert [(use.digest, use.role) for use in usage.uses] == [(digest(0), "")]
    assert usage.unchecked == (
        f"The ECS task definition pet-web:7 in {REGION} could not be checked: "
        "ecs:DescribeTaskDefinition is not allowed",
    )


async def test_many_task_definitions(server: FaultServer, account: AwsAccount) -> None:
    """Only those that run are read, eight at a time; refused ones are one sentence."""
    names = [f"s{number}" for number in range(1_000)]
    ecs(server, names, [])
    busiest = 0

    def described(request: Request) -> Any:
        nonlocal busiest
        busiest = max(busiest, server.active)
        return error("AccessDeniedException", "")

    server.on("DescribeTaskDefinition", described)
    usage = await account.runtime(REGION).usage()
    assert len(usage.uses) == 1_000
    (reason,) = usage.unchecked
    assert "s0:7 and 999 more" in reason
    assert server.count("DescribeTaskDefinition") == 1_000
    assert busiest <= CONCURRENCY + 2  # App Runner and Lambda are asked beside it


async def test_the_calls_that_many_services_take(server: FaultServer, account: AwsAccount) -> None:
    services, number = 130, 230
    names = [f"s{n}" for n in range(services)]
    tasks = [task(n, f"service:s{n % 130}", f"{HOST}/s{n % 130}:v1", n % 130) for n in range(number)]
    ecs(server, names, tasks)
    runtime = account.runtime(REGION)
    usage = await runtime.usage()
    assert len(usage.uses) == services * 2
    calls = ("ListServices", "DescribeServices", "DescribeServiceRevisions", "ListTasks", "DescribeTasks")
    assert [server.count(call) for call in calls] == [
        ceil(services / 100),
        ceil(services / 10),
        ceil(services / 20),
        ceil(number / 100),
        ceil(number / 100),
    ]
    assert server.count("ListClusters") == 1
    assert server.count("DescribeTaskDefinition") == services
    assert await account.runtime(REGION).usage() == usage
    assert server.count("DescribeTaskDefinition") == services


@pytest.mark.parametrize(
    "operation",
    [
        "ListServices",
        "DescribeServices",
        "DescribeServiceRevisions",
        "ListTasks",
        "DescribeTasks",
        "DescribeTaskDefinition",
    ],
)
@pytest.mark.parametrize("fault", [error("AccessDeniedException", ""), page_of_markup(500)], ids=["denied", "lacking"])
@pytest.mark.fault("C45")
async def test_one_refused_part_leaves_the_others(
    server: FaultServer, account: AwsAccount, operation: str, fault: Any
) -> None:
    ecs(server, ["pet-web"], [task(1, "service:pet-web", f"{HOST}/pet-web:v1", 0)])
    server.on(operation, fault)
    usage = await account.runtime(REGION).usage()
    (reason,) = usage.unchecked
    assert reason.startswith("The ECS ")
    assert REGION in reason
    assert any(use.reference.repository == "pet-web" for use in usage.uses)
    assert server.count(operation) == 1


async def test_no_clusters_and_no_permission(server: FaultServer, account: AwsAccount) -> None:
    server.on("ListClusters", answer({"clusterArns": []}), error("AccessDeniedException", ""))
    assert await account.runtime(REGION).usage() == Usage()
    (reason,) = (await account.runtime(REGION).usage()).unchecked
    assert "ecs:ListClusters is not allowed" in reason
