"""The seeded account shows everything that can be wrong along the path, and what goes on there by itself."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from demo_shapes import Wire

from ecrtui.demo import artifacts
from ecrtui.demo.account import Account
from ecrtui.demo.clock import Clock
from ecrtui.demo.registry import Repository, StoredImage
from ecrtui.demo.seed import seeded_account
from ecrtui.demo.wsgi import serve

START = 1_790_000_000.0
DAY = 86_400.0
SEOUL, TOKYO, VIRGINIA, FRANKFURT = "ap-northeast-2", "ap-northeast-1", "us-east-1", "eu-central-1"


def repository(account: Account, name: str, region: str = SEOUL) -> Repository:
    return account.region(region).registry.repositories[name]


def named(held: Repository, tag: str) -> StoredImage:
    return held.images[held.tagged[tag]]


# what runs


def test_one_service_is_rolling_and_one_cannot_pull(boto: Callable[..., Any]) -> None:
    ecs = boto("ecs")
    described = ecs.describe_services(cluster="payments", services=["coupons", "checkout-web"])["services"]
    rolling, stuck = sorted(described, key=lambda each: -len(each["deployments"]))
    assert [each["status"] for each in rolling["deployments"]] == ["PRIMARY", "ACTIVE"]
    assert [each["runningCount"] for each in rolling["deployments"]] == [1, 1]
    arns = [each["arn"] for each in (*rolling["currentServiceRevisions"], *stuck["currentServiceRevisions"])]
    revisions = ecs.describe_service_revisions(serviceRevisionArns=arns)["serviceRevisions"]
    digests = [each["containerImages"][0].get("imageDigest") for each in revisions]
    assert len(set(digests[:2]) - {None}) == 2
    assert digests[2:] == [None]
    assert (stuck["desiredCount"], stuck["runningCount"]) == (2, 0)
    assert "CannotPullContainerError" in stuck["events"][0]["message"]
    definition = ecs.describe_task_definition(taskDefinition=stuck["taskDefinition"])["taskDefinition"]
    assert definition["executionRoleArn"].endswith("role/checkoutTaskExecutionRole")


def test_references_of_other_places_are_run_too(boto: Callable[..., Any]) -> None:
    families = boto("ecs").list_task_definitions()["taskDefinitionArns"]
    (arn,) = [each for each in families if "pet-api-service" in each]
    containers = boto("ecs").describe_task_definition(taskDefinition=arn)["taskDefinition"]["containerDefinitions"]
    assert [each["image"].partition("/")[0] for each in containers[1:]] == ["public.ecr.aws", "nginx:1.27"]
    service = boto("ecs", TOKYO).describe_services(cluster="monolith", services=["pet-worker-tokyo"])["services"][0]
    arn = service["taskDefinition"]
    (container,) = boto("ecs", TOKYO).describe_task_definition(taskDefinition=arn)["taskDefinition"][
        "containerDefinitions"
    ]
    assert container["image"].startswith(f"123456789012.dkr.ecr.{SEOUL}.amazonaws.com/pet-worker:")


def test_nothing_was_deployed_before_it_was_pushed(seeded: tuple[Account, str]) -> None:
    account, _ = seeded
    pushed = {
        (region.name, digest): image.pushed_at
        for region in account.regions
        for each in region.registry.repositories.values()
        for digest, image in each.images.items()
    }
    judged = 0
    for region in account.regions:
        deployments = [d for c in region.clusters.values() for s in c.services.values() for d in s.deployments]
        versions = [v for f in region.functions.values() for v in f.versions]
        found = [(d.digest, d.at) for d in deployments] + [(v.digest, v.modified_at) for v in versions]
        for digest, at in found:
            for home in {region.name, SEOUL}:
                if (home, digest) in pushed:
                    assert pushed[home, digest] < at <= START
                    judged += 1
    assert judged > 15


def test_an_archived_image_is_used(seeded: tuple[Account, str]) -> None:
    service = seeded[0].region(TOKYO).clusters["monolith"].services["archive-reader"]
    held = repository(seeded[0], "archive-store", TOKYO)
    assert held.images[service.primary.digest].status == "ARCHIVED"


def test_two_repositories_are_at_rest(seeded: tuple[Account, str]) -> None:
    resting = {
        (region.name, each.name)
        for region in seeded[0].regions
        for each in region.registry.repositories.values()
        if each.images
        and all(max(image.pushed_at, image.pulled_at or 0) < START - 90 * DAY for image in each.images.values())
    }
    assert resting == {(SEOUL, "legacy-frontend"), (FRANKFURT, "old-site")}


def test_one_repository_knows_no_tag_but_latest(seeded: tuple[Account, str]) -> None:
    held = repository(seeded[0], "coupon-service")
    assert list(held.tagged) == ["latest"]
    assert len(held.images) == 40


# scans


def scan(wire: Wire, name: str, image: StoredImage) -> dict[str, Any]:
    identifier = {"imageDigest": image.digest}
    return wire.ok("ecr", "DescribeImageScanFindings", repositoryName=name, imageId=identifier, maxResults=1000)


def test_scans_end_in_every_way(seeded: tuple[Account, str]) -> None:
    account, url = seeded
    statuses: dict[str, set[str]] = {}
    for region, name in ((SEOUL, "pet-web"), (TOKYO, "monolith"), (VIRGINIA, "ledger"), (VIRGINIA, "us-gateway")):
        wire = Wire(url, region)
        images = sorted(repository(account, name, region).images.values(), key=lambda each: each.pushed_at)
        for image in (*images[:5], *images[-60:]):
            statuses.setdefault(region, set()).add(scan(wire, name, image)["imageScanStatus"]["status"])
        wire.close()
    assert statuses[SEOUL] == {"COMPLETE", "FAILED", "LIMIT_EXCEEDED", "UNSUPPORTED_IMAGE"}
    assert statuses[TOKYO] == {"COMPLETE", "IMAGE_ARCHIVED"}
    assert statuses[VIRGINIA] == {
        "ACTIVE",
        "FAILED",
        "FINDINGS_UNAVAILABLE",
        "PENDING",
        "SCAN_ELIGIBILITY_EXPIRED",
        "UNSUPPORTED_IMAGE",
    }


def test_what_runs_in_production_has_critical_findings(seeded: tuple[Account, str], reader: Wire) -> None:
    account, url = seeded
    held = repository(account, "pet-web")
    running = account.region(SEOUL).clusters["pet-web-cluster"].services["pet-web-task-service"].primary.digest
    assert running == named(held, "production").digest
    assert scan(reader, "pet-web", held.images[running])["imageScanFindings"]["findingSeverityCounts"]["CRITICAL"] > 0
    wire = Wire(url, VIRGINIA)
    gateway = repository(account, "us-gateway", VIRGINIA)
    production = named(gateway, "production")
    found = scan(wire, "us-gateway", gateway.images[(production.children or (production.digest,))[0]])
    assert found["imageScanStatus"]["status"] == "ACTIVE"
    findings = found["imageScanFindings"]["enhancedFindings"]
    counts = Counter(each["severity"] for each in findings)
    assert dict(counts) == found["imageScanFindings"]["findingSeverityCounts"]
    assert {each["fixAvailable"] for each in findings} == {"YES", "NO"}
    assert {"CRITICAL", "UNTRIAGED"} <= set(counts)
    wire.close()


def test_images_share_findings_so_that_they_can_be_compared(seeded: tuple[Account, str], reader: Wire) -> None:
    held = repository(seeded[0], "pet-web")
    names = []
    for tag in ("production", "latest", "staging"):
        found = scan(reader, "pet-web", named(held, tag)).get("imageScanFindings", {}).get("findings", [])
        names.append({each["name"] for each in found})
        assert len(names[-1]) == len(found)
    everything = names[0]
    assert all(each <= everything for each in names)


# policies


def test_policies_are_narrow_broad_and_broken(boto: Callable[..., Any]) -> None:
    def text(name: str, region: str = SEOUL) -> str:
        return str(boto("ecr", region).get_repository_policy(repositoryName=name)["policyText"])

    def statement(name: str, region: str = SEOUL) -> dict[str, Any]:
        return dict(json.loads(text(name, region))["Statement"][0])

    assert statement("pet-web")["Principal"] == {"AWS": "arn:aws:iam::210987654321:root"}
    assert statement("legacy-frontend")["Principal"] == "*"
    assert statement("sandbox", TOKYO)["Principal"] == {"AWS": "*"}
    assert statement("base/node")["Condition"]
    assert statement("hr-vault")["Effect"] == "Deny"
    assert "codebuild-consent-api-service-role" in text("consent-api", FRANKFURT)
    assert statement("geo-lookup")["Principal"] == {"Service": "lambda.amazonaws.com"}
    with pytest.raises(ValueError, match="Expecting value"):
        json.loads(text("old-site", FRANKFURT))


# projects


def test_projects_have_every_fault(seeded: tuple[Account, str]) -> None:
    projects = seeded[0].region(SEOUL).projects
    variables = {each["name"] for each in projects["checkout-web"].document["environment"]["environmentVariables"]}
    assert {"DB_PASSWORD", "STRIPE_SECRET_KEY"} <= variables
    assert not projects["image-resizer"].document["environment"]["privilegedMode"]
    assert "docker build" in projects["image-resizer"].document["source"]["buildspec"]
    faulty = projects["gift-cards"].document["source"]["buildspec"]
    for fault in ("ecr get-login ", "--build-arg NPM_TOKEN", "|| true", ":release"):
        assert fault in faulty
    assert repository(seeded[0], "gift-cards").mutability == "IMMUTABLE"


# sizes


def test_layers_are_shared_so_that_the_sum_is_too_much(seeded: tuple[Account, str]) -> None:
    held = repository(seeded[0], "pet-web")
    unique: dict[str, int] = {}
    for image in held.images.values():
        manifest = json.loads(image.manifest)
        unique.update((each["digest"], each["size"]) for each in (manifest["config"], *manifest["layers"]))
    assert 0.02 < sum(unique.values()) / sum(image.size for image in held.images.values()) < 0.5


def test_branches_of_thirty_days_weigh_something(seeded: tuple[Account, str]) -> None:
    branch = re.compile(r"(main|feature-\w+)-[0-9a-f]{7}")
    recent = [
        image
        for region in seeded[0].regions
        for each in region.registry.repositories.values()
        for image in each.images.values()
        if image.pushed_at > START - 30 * DAY and any(branch.fullmatch(tag) for tag in image.tags)
    ]
    assert len(recent) > 150
    assert sum(image.size for image in recent) > 5e9


# replication and templates


def test_one_replica_has_diverged_and_one_never_arrived(seeded: tuple[Account, str], reader: Wire) -> None:
    account, _ = seeded

    def statuses(name: str, image: StoredImage) -> dict[str, str]:
        answer = reader.ok(
            "ecr", "DescribeImageReplicationStatus", repositoryName=name, imageId={"imageDigest": image.digest}
        )
        return {each["region"]: each["status"] for each in answer["replicationStatuses"]}

    different = {}
    for name in ("pet-web", "pet-api", "pet-worker"):
        source, replica = repository(account, name), repository(account, name, TOKYO)
        assert "production" not in replica.tagged  # it was pushed before the rules were made
        for tag in ("latest", "staging"):
            if source.tagged[tag] != replica.tagged.get(tag):
                different[name, tag] = statuses(name, named(source, tag))[TOKYO]
    assert different == {("pet-api", "staging"): "COMPLETE", ("pet-worker", "staging"): "FAILED"}
    held = repository(account, "pet-web")
    assert statuses("pet-web", named(held, "staging")) == {VIRGINIA: "COMPLETE", TOKYO: "COMPLETE"}
    oldest = min(held.images.values(), key=lambda each: each.pushed_at)
    assert statuses("pet-web", oldest) == {}
    assert statuses("auth-service", named(repository(account, "auth-service"), "latest")) == {}


def test_what_is_pushed_is_replicated(account: Account, wire: Wire, clock: Clock) -> None:
    source = account.new_repository(SEOUL, "pet-shop", clock())
    rules = [
        {
            "destinations": [{"region": TOKYO, "registryId": account.id}, {"region": TOKYO, "registryId": "2" * 12}],
            "repositoryFilters": [{"filter": "pet-", "filterType": "PREFIX_MATCH"}],
        }
    ]
    template = {"prefix": "ROOT", "appliedFor": ["REPLICATION"], "imageTagMutability": "IMMUTABLE"}
    account.region(TOKYO).registry.templates = [template]
    children = tuple(artifacts.image((artifacts.layer(each, 10),), created="") for each in ("a", "b"))
    for child in children:
        source.put(StoredImage.of(child, clock()))
    index = artifacts.index(tuple(zip(children, ("amd64", "arm64"), strict=True)))
    wire.ok("ecr", "PutReplicationConfiguration", replicationConfiguration={"rules": rules})
    clock.advance(100)
    wire.ok("ecr", "PutImage", repositoryName="pet-shop", imageManifest=index.manifest, imageTag="v1")
    replica = repository(account, "pet-shop", TOKYO)
    assert replica.mutability == "IMMUTABLE"
    assert set(replica.images) == {index.digest, *(each.digest for each in children)}
    assert named(replica, "v1").digest == index.digest
    asked = {"repositoryName": "pet-shop", "imageId": {"imageTag": "v1"}}

    def status() -> list[str]:
        answer = wire.ok("ecr", "DescribeImageReplicationStatus", **asked)
        return [each["status"] for each in answer["replicationStatuses"]]

    assert status() == ["IN_PROGRESS", "IN_PROGRESS"]
    clock.advance(60)
    assert status() == ["COMPLETE", "COMPLETE"]


def test_builds_are_replicated_and_make_repositories_where_a_template_says_so() -> None:
    clock = Clock(START)
    account = seeded_account(clock, 20.0)
    with serve(account) as url:
        wire = Wire(url, FRANKFURT)
        assert "preview-web" not in account.region(FRANKFURT).registry.repositories
        wire.ok("codebuild", "StartBuild", projectName="preview-web")
        clock.advance(60)
        (build,) = wire.ok(
            "codebuild",
            "BatchGetBuilds",
            ids=wire.ok("codebuild", "ListBuildsForProject", projectName="preview-web")["ids"],
        )["builds"]
        assert build["buildStatus"] == "SUCCEEDED"
        made = wire.ok("ecr", "DescribeRepositories", repositoryNames=["preview-web"])["repositories"][0]
        assert made["imageTagMutability"] == "IMMUTABLE"
        wire.close()
    newest = named(repository(account, "pet-web"), "latest")
    assert newest.pushed_at > START
    for region in (TOKYO, VIRGINIA):
        assert named(repository(account, "pet-web", region), "latest").digest == newest.digest


def test_enhanced_scanning_takes_what_is_pushed_by_itself(account: Account, wire: Wire, clock: Clock) -> None:
    held = account.new_repository(SEOUL, "web", clock())
    made = artifacts.image((artifacts.layer("a", 10),), created="")
    ask = {"repositoryName": "web", "imageId": {"imageDigest": made.digest}}
    held.put(StoredImage.of(made, clock()))
    assert wire.error("ecr", "DescribeImageScanFindings", **ask)[0] == "ScanNotFoundException"
    wire.ok("ecr", "PutRegistryScanningConfiguration", scanType="ENHANCED", rules=[])
    seen = []
    for _ in range(3):
        seen.append(wire.ok("ecr", "DescribeImageScanFindings", **ask)["imageScanStatus"]["status"])
        (listed,) = wire.ok("ecr", "DescribeImages", repositoryName="web")["imageDetails"]
        assert listed["imageScanStatus"]["status"] == seen[-1]
        clock.advance(5)
    assert seen == ["PENDING", "IN_PROGRESS", "ACTIVE"]
    clock.advance(100 * DAY)
    assert wire.ok("ecr", "DescribeImageScanFindings", **ask)["imageScanStatus"]["status"] == "SCAN_ELIGIBILITY_EXPIRED"
