"""What runs, scans, settings, roles and prices of the embedded account, with boto3 as the judge."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator
from typing import Any

import boto3
import pytest

from ecrtui.aws.account import AwsAccount
from ecrtui.aws.session import AccountOptions, StaticCredentials, open_account
from ecrtui.demo.clock import Clock
from ecrtui.demo.seed import seeded_account
from ecrtui.demo.wsgi import serve
from ecrtui.domain.buildspec import BuildspecKind
from ecrtui.domain.errors import AppError, ErrorKind
from ecrtui.domain.image import ImageListing
from ecrtui.domain.permission import Decision
from ecrtui.services.buildspecs import read_buildspec

HOME, TOKYO, VIRGINIA = "ap-northeast-2", "ap-northeast-1", "us-east-1"
KEYS = StaticCredentials("AKIADEMODEMODEMODEMO", "demo")
DECISIONS = {
    "allowed": Decision.ALLOWED,
    "implicitDeny": Decision.IMPLICIT_DENY,
    "explicitDeny": Decision.EXPLICIT_DENY,
}


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    """The seeded account, which stands still."""
    with serve(seeded_account(Clock(1_790_000_000.0))) as running:
        yield running


@pytest.fixture
async def demo(url: str) -> AsyncIterator[AwsAccount]:
    """That account, opened."""
    account = await open_account(AccountOptions(region=HOME, endpoint_url=url, credentials=KEYS))
    assert isinstance(account, AwsAccount)
    yield account
    await account.close()


@pytest.fixture
def judge(url: str) -> Any:
    """Makes clients that are not ours."""

    def client(service: str, region: str = HOME) -> Any:
        keys = {"aws_access_key_id": KEYS.access_key, "aws_secret_access_key": KEYS.secret_key}
        return boto3.client(service, region_name=region, endpoint_url=url, **keys)

    return client


async def test_every_service_of_every_kind_is_a_use(demo: AwsAccount, judge: Any) -> None:
    kinds = set()
    for region in (HOME, TOKYO, VIRGINIA):
        usage = await demo.runtime(region).usage()
        assert usage.unchecked == ()
        kinds |= {use.kind for use in usage.uses}
        ecs, runner, functions = (judge(service, region) for service in ("ecs", "apprunner", "lambda"))
        theirs = {
            arn.rpartition(":service/")[2]
            for cluster in ecs.list_clusters()["clusterArns"]
            for page in ecs.get_paginator("list_services").paginate(cluster=cluster)
            for arn in page["serviceArns"]
        }
        assert {use.name for use in usage.uses if use.kind == "ecs-service"} == theirs
        names = {each["ServiceName"] for each in runner.list_services()["ServiceSummaryList"]}
        assert {use.name for use in usage.uses if use.kind == "apprunner-service"} <= names
        for use in usage.uses:
            assert use.deployed_at
            assert use.region == region
            if use.kind == "lambda-function":
                name, _, version = use.name.partition(":")
                code = functions.get_function(FunctionName=name, **({"Qualifier": version} if version else {}))["Code"]
                assert use.digest == code["ResolvedImageUri"].partition("@")[2]
            elif use.reference.is_ecr:
                assert use.role.startswith("arn:aws:iam::")
    assert kinds == {"ecs-service", "ecs-task", "apprunner-service", "lambda-function"}


async def test_scans_are_what_aws_says(demo: AwsAccount, judge: Any) -> None:
    answered = 0
    for region, repository in ((HOME, "pet-web"), (VIRGINIA, "us-gateway")):
        registry, theirs = demo.registry(region), judge("ecr", region)
        listing = ImageListing(region, repository)
        async for _ in registry.list_images(listing):
            pass
        for row in range(min(12, len(listing))):
            digest = listing.digest(row)
            asked = {"repositoryName": repository, "imageId": {"imageDigest": digest}}
            try:
                report = await registry.scan(repository, digest)
            except AppError as error:
                if error.kind is not ErrorKind.NOT_FOUND:
                    raise
                with pytest.raises(theirs.exceptions.ScanNotFoundException):
                    theirs.describe_image_scan_findings(**asked)
                continue
            counted = await registry.scan(repository, digest, counts_only=True)
            assert (counted.status, counted.counts, counted.findings) == (report.status, report.counts, ())
            if not report.answers:
                assert report.counts == {}
                continue
            answered += 1
            found = [
                each
                for page in theirs.get_paginator("describe_image_scan_findings").paginate(**asked)
                for each in page["imageScanFindings"].get("findings", [])
                + page["imageScanFindings"].get("enhancedFindings", [])
            ]
            assert sum(report.counts.values()) == len(found)
            names = {each.get("name") or each["packageVulnerabilityDetails"]["vulnerabilityId"] for each in found}
            assert {finding.id for finding in report.findings} == names
            assert all(finding.package for finding in report.findings)
    assert answered > 5


async def test_settings_of_each_registry(demo: AwsAccount, judge: Any) -> None:
    for region in (HOME, VIRGINIA):
        settings = await demo.registry(region).settings()
        assert settings.unread == {}
        theirs = judge("ecr", region)
        rules = theirs.describe_registry()["replicationConfiguration"]["rules"]
        assert [[each.region for each in rule.destinations] for rule in settings.replication] == [
            [each["region"] for each in rule["destinations"]] for rule in rules
        ]
        scanning = theirs.get_registry_scanning_configuration()["scanningConfiguration"]
        assert (settings.scan_type, len(settings.scanning)) == (scanning["scanType"], len(scanning["rules"]))
        assert settings.blob_mounting is not None


async def test_what_roles_may_do(demo: AwsAccount, judge: Any) -> None:
    iam = judge("iam")
    actions = ["ecr:GetAuthorizationToken", "ecr:PutImage", "ecr:BatchGetImage"]
    decisions = set()
    async for page in demo.builds(HOME).projects():
        for project in page:
            repository = f"arn:aws:ecr:{HOME}:123456789012:repository/{project.name}"
            found = await demo.permissions().simulate(project.service_role, actions, [repository])
            assert [each.action for each in found] == actions
            for each in found:
                asked = {"ActionNames": [each.action], "ResourceArns": [each.resource]}
                answer = iam.simulate_principal_policy(PolicySourceArn=project.service_role, **asked)
                (result,) = answer["EvaluationResults"]
                if each.missing_context:
                    assert each.decision is Decision.UNKNOWN
                else:
                    assert each.decision is DECISIONS[result["EvalDecision"]]
                decisions.add(each.decision)
    assert {Decision.ALLOWED, Decision.IMPLICIT_DENY} <= decisions


async def test_repository_policies(demo: AwsAccount, judge: Any) -> None:
    theirs = judge("ecr")
    found = {}
    for page in theirs.get_paginator("describe_repositories").paginate():
        for repository in page["repositories"]:
            name = repository["repositoryName"]
            found[name] = await demo.registry(HOME).repository_policy(name)
            if found[name] is None:
                with pytest.raises(theirs.exceptions.RepositoryPolicyNotFoundException):
                    theirs.get_repository_policy(repositoryName=name)
    texts = [text for text in found.values() if text]
    assert texts
    assert None in found.values()
    assert all(json.loads(text)["Statement"] for text in texts)


async def test_a_buildspec_in_s3_and_prices(demo: AwsAccount) -> None:
    kinds = set()
    async for page in demo.builds(HOME).projects():
        for project in page:
            spec = await read_buildspec(demo.builds(HOME), project)
            kinds.add(spec.kind)
            assert spec.seen == (spec.kind in (BuildspecKind.INLINE, BuildspecKind.S3))
    assert BuildspecKind.S3 in kinds
    assert 0 < (await demo.prices(HOME)).standard < 1
