"""The seeded account: its size, its variety, its workloads; the same for the same instant."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from ecrtui.demo.account import Account
from ecrtui.demo.clock import Clock
from ecrtui.demo.seed import seeded_account

START = 1_790_000_000.0
SEOUL = "ap-northeast-2"


def repositories(account: Account) -> list[Any]:
    return [each for region in account.regions for each in region.registry.repositories.values()]


def test_the_account_has_the_promised_size(seeded: tuple[Account, str]) -> None:
    account, _ = seeded
    holding = [region.name for region in account.regions if region.projects]
    assert sorted(holding) == ["ap-northeast-1", "ap-northeast-2", "eu-central-1", "us-east-1"]
    assert 38 <= sum(len(region.projects) for region in account.regions) <= 45
    assert 38 <= len(repositories(account)) <= 46
    counts = {each.name: len(each.images) for each in repositories(account)}
    assert 4_500 <= sum(len(each.images) for each in repositories(account)) <= 5_500
    assert counts["monolith"] == 3_000
    assert len(account.region(SEOUL).registry.repositories["pet-web"].images) == 412
    assert len(account.region(SEOUL).running) == 3


def test_every_pairing_is_there(seeded: tuple[Account, str]) -> None:
    region = seeded[0].region(SEOUL)
    projects, names = region.projects, region.registry.repositories
    assert "api-server" in projects
    assert "api-server" not in names
    assert {"Pet_Admin", "batch-jobs", "infra-terraform", "docs-site"} <= set(projects) - set(names)
    assert {"legacy-frontend", "base/node", "charts/pet-web"} <= set(names) - set(projects)
    for pair in ("loyalty-service", "recommendation-engine"):
        assert pair in projects
        assert not names[pair].images
    variables = {
        each["name"]: each["value"] for each in projects["batch-jobs"].document["environment"]["environmentVariables"]
    }
    assert variables["IMAGE_REPO_NAME"] == "batch-worker"
    assert variables["REPOSITORY_URI"] == "$AWS_ACCOUNT_ID.dkr.ecr.$AWS_DEFAULT_REGION.amazonaws.com/$IMAGE_REPO_NAME"
    specs = {each.document["source"]["buildspec"] == "" for each in projects.values()}
    assert specs == {True, False}


def test_the_images_are_of_every_kind(seeded: tuple[Account, str]) -> None:
    stored = [image for each in repositories(seeded[0]) for image in each.images.values()]
    tags = [tag for image in stored for tag in image.tags]
    for pattern in (
        r"v\d+\.\d+\.\d+",
        r"main-[0-9a-f]{7}",
        "latest",
        "staging",
        "production",
        r"sha256-[0-9a-f]{64}\.sig",
        r"0\.\d+\.0",
    ):
        assert any(re.fullmatch(pattern, tag) for tag in tags), pattern
    kinds = {image.artifact_type for image in stored}
    assert {
        "application/vnd.cncf.helm.config.v1+json",
        "application/vnd.cncf.notary.signature",
        "application/spdx+json",
    } <= kinds
    assert any(image.children for image in stored)
    assert any(image.status == "ARCHIVED" for image in stored)
    assert sum(not image.tags for image in stored) > 300
    assert sum(image.pulled_at is not None for image in stored) > 1_000
    assert all(image.pushed_at < START for image in stored)
    assert all((image.pulled_at or 0) <= START for image in stored)
    settings = {(each.mutability, bool(each.exclusions)) for each in repositories(seeded[0])}
    assert settings == {
        ("MUTABLE", False),
        ("IMMUTABLE", False),
        ("IMMUTABLE_WITH_EXCLUSION", True),
        ("MUTABLE_WITH_EXCLUSION", True),
    }
    assert sum(each.lifecycle is not None for each in repositories(seeded[0])) >= 8


def test_past_builds_left_the_images_that_they_report(seeded: tuple[Account, str]) -> None:
    account, _ = seeded
    region = account.region(SEOUL)
    repository = region.registry.repositories["pet-web"]
    tags = set(repository.tagged)
    succeeded = [
        each for each in region.builds.values() if each.plan.project == "pet-web" and each.status(START) == "SUCCEEDED"
    ]
    assert len(succeeded) > 30
    assert {each.plan.tags[0] for each in succeeded} <= tags
    newest = max(succeeded, key=lambda each: each.plan.started_at)
    assert newest.plan.tags[0] in repository.images[repository.tagged["latest"]].tags


def test_the_seed_is_the_same_for_the_same_instant_and_quick() -> None:
    began = time.process_time()
    one, two = seeded_account(Clock(START)), seeded_account(Clock(START))
    assert time.process_time() - began < 4
    for a, b in zip(one.regions, two.regions, strict=True):
        assert list(a.builds) == list(b.builds)
        assert a.registry.repositories.keys() == b.registry.repositories.keys()
        assert all(
            each.images == b.registry.repositories[name].images for name, each in a.registry.repositories.items()
        )
        assert a.clusters == b.clusters


def test_services_run_images_that_are_there_and_one_has_drifted(boto: Callable[..., Any]) -> None:
    ecs, ecr = boto("ecs"), boto("ecr")
    arns = ecs.list_services(cluster="pet-web-cluster", maxResults=100)["serviceArns"]
    services = {
        each["serviceName"]: each
        for each in ecs.describe_services(cluster="pet-web-cluster", services=arns)["services"]
    }
    revisions = ecs.describe_service_revisions(
        serviceRevisionArns=[each["currentServiceRevisions"][0]["arn"] for each in services.values()]
    )["serviceRevisions"]
    drift = {}
    for revision in revisions:
        container = revision["containerImages"][0]
        name, _, tag = container["image"].partition("/")[2].partition(":")
        found = ecr.describe_images(repositoryName=name, imageIds=[{"imageTag": tag}])["imageDetails"][0]
        ecr.describe_images(repositoryName=name, imageIds=[{"imageDigest": container["imageDigest"]}])
        drift[revision["serviceArn"].rpartition("/")[2]] = found["imageDigest"] != container["imageDigest"]
    assert drift == {
        "pet-web-task-service": False,
        "pet-web-canary": True,
        "pet-api-service": False,
        "pet-worker-service": False,
    }
    tasks = ecs.list_tasks(cluster="pet-web-cluster", serviceName="pet-web-task-service")["taskArns"]
    described = ecs.describe_tasks(cluster="pet-web-cluster", tasks=tasks)["tasks"]
    assert services["pet-web-task-service"]["runningCount"] == len(described) == 3
    assert {each["group"] for each in described} == {"service:pet-web-task-service"}
    assert all(each["containers"][0]["imageDigest"].startswith("sha256:") for each in described)


def test_ecs_pages_and_refuses_as_ecs_does(boto: Callable[..., Any]) -> None:
    ecs = boto("ecs")
    assert len(ecs.list_clusters()["clusterArns"]) == 3
    page = ecs.list_services(cluster="pet-web-cluster", maxResults=2)
    rest = ecs.list_services(cluster="pet-web-cluster", maxResults=2, nextToken=page["nextToken"])
    assert len({*page["serviceArns"], *rest["serviceArns"]}) == 4
    refusals: tuple[tuple[Callable[..., Any], dict[str, Any], str], ...] = (
        (ecs.list_services, {"cluster": "none"}, "ClusterNotFoundException"),
        (ecs.describe_services, {"cluster": "payments", "services": ["s"] * 11}, "InvalidParameterException"),
        (ecs.list_tasks, {"cluster": "payments", "serviceName": "none"}, "ServiceNotFoundException"),
        (ecs.describe_task_definition, {"taskDefinition": "none"}, "ClientException"),
    )
    for operation, params, code in refusals:
        with pytest.raises(ClientError) as refused:
            operation(**params)
        assert refused.value.response["Error"]["Code"] == code
