"""Every operation of the embedded account answers in the shape that botocore's model gives it."""

from __future__ import annotations

import json

import demo_shapes
import pytest
from demo_shapes import Wire

from ecrtui.demo.account import Account
from ecrtui.demo.clock import Clock
from ecrtui.demo.operations import SERVICES
from ecrtui.demo.seed import seeded_account
from ecrtui.demo.wsgi import serve

POLICY = json.dumps(
    {
        "rules": [
            {
                "rulePriority": 1,
                "selection": {"tagStatus": "any", "countType": "imageCountMoreThan", "countNumber": 5},
                "action": {"type": "expire"},
            }
        ]
    }
)
PERMISSIONS = json.dumps(
    {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "ecr:*"}]}
)


def test_the_checker_sees_each_kind_of_mistake() -> None:
    shape = demo_shapes.service_model("ecr").operation_model("DescribeImages").output_shape
    assert shape is not None
    wrong = {
        "imageDetails": [{"imageDigest": 1, "imageStatus": "GONE", "colour": "red", "imageTags": "latest"}],
        "nextToken": True,
    }
    assert sorted(demo_shapes.problems(shape, wrong)) == [
        ".imageDetails[].colour: unknown member",
        ".imageDetails[].imageDigest: 1 is no string",
        ".imageDetails[].imageStatus: 'GONE' is not one of ['ACTIVE', 'ARCHIVED', 'ACTIVATING']",
        ".imageDetails[].imageTags: not a list",
        ".nextToken: True is no string",
    ]
    missing = demo_shapes.service_model("ecr").shape_for("ImageTagMutabilityExclusionFilter")
    assert demo_shapes.problems(missing, {"filter": "a"}) == [".filterType: missing"]


@pytest.mark.parametrize("region", ["ap-northeast-2", "us-east-1", "ap-northeast-1", "eu-central-1"])
def test_every_stored_thing_has_its_shape(seeded: tuple[Account, str], region: str) -> None:
    account, url = seeded
    wire = Wire(url, region)
    for repository in wire.ok("ecr", "DescribeRepositories", maxResults=1000)["repositories"]:
        name = repository["repositoryName"]
        if name == "hr-vault":
            continue
        found = wire.ok("ecr", "DescribeImages", repositoryName=name, maxResults=1000, filter={"imageStatus": "ANY"})
        digests = [{"imageDigest": each["imageDigest"]} for each in found["imageDetails"]]
        if digests:
            wire.ok("ecr", "BatchGetImage", repositoryName=name, imageIds=digests[:100])
    ids = wire.ok("codebuild", "ListBuilds")["ids"]
    wire.ok("codebuild", "BatchGetBuilds", ids=ids)
    wire.ok("codebuild", "BatchGetProjects", names=wire.ok("codebuild", "ListProjects")["projects"])
    wire.close()
    assert account.region(region).builds


def test_every_operation_answers_in_its_shape() -> None:
    account = seeded_account(Clock(1_790_000_000.0))
    with serve(account) as url:
        wire = Wire(url)
        _read_ecr(wire)
        _change_ecr(wire)
        _codebuild_and_logs(wire)
        _ecs(wire)
        _iam(wire)
        wire.called |= _apprunner_lambda_pricing(url)
        wire.close()
    declared = {(each.name, operation) for each in SERVICES for operation in each.handlers}
    without_answer = {("ecr", "GetSigningConfiguration")}
    assert declared - wire.called == without_answer


def _read_ecr(wire: Wire) -> None:
    image = {"imageTag": "latest"}
    digest = wire.ok("ecr", "DescribeImages", repositoryName="pet-web", imageIds=[image])["imageDetails"][0][
        "imageDigest"
    ]
    config = json.loads(
        wire.ok("ecr", "BatchGetImage", repositoryName="pet-web", imageIds=[image])["images"][0]["imageManifest"]
    )["config"]["digest"]
    wire.ok("ecr", "ListImages", repositoryName="pet-web")
    assert wire.ok("ecr", "ListImageReferrers", repositoryName="pet-web", subjectId={"imageDigest": digest})[
        "referrers"
    ]
    wire.ok("ecr", "DescribeImageScanFindings", repositoryName="pet-web", imageId=image)
    wire.ok("ecr", "BatchGetRepositoryScanningConfiguration", repositoryNames=["pet-web", "base/node", "nothing"])
    wire.ok("ecr", "GetRegistryScanningConfiguration")
    wire.ok("ecr", "DescribeRegistry")
    wire.ok("ecr", "DescribeImageReplicationStatus", repositoryName="pet-web", imageId=image)
    wire.ok("ecr", "GetAccountSetting", name="BLOB_MOUNTING")
    wire.ok("ecr", "PutAccountSetting", name="BLOB_MOUNTING", value="ENABLED")
    assert wire.ok("ecr", "GetAuthorizationToken")["authorizationData"][0]["expiresAt"] > 1_790_000_000
    assert wire.ok("ecr", "DescribePullThroughCacheRules")["pullThroughCacheRules"]
    assert wire.ok("ecr", "DescribeRepositoryCreationTemplates")["repositoryCreationTemplates"]
    wire.ok("ecr", "ListPullTimeUpdateExclusions")
    wire.ok(
        "ecr",
        "BatchCheckLayerAvailability",
        repositoryName="pet-web",
        layerDigests=[config, "sha256:" + "0" * 64],
    )
    wire.ok("ecr", "GetDownloadUrlForLayer", repositoryName="pet-web", layerDigest=config)
    wire.ok("ecr", "PutRegistryPolicy", policyText=PERMISSIONS)
    wire.ok("ecr", "GetRegistryPolicy")
    wire.ok("ecr", "DeleteRegistryPolicy")
    wire.ok("ecr", "PutReplicationConfiguration", replicationConfiguration={"rules": []})
    wire.ok("ecr", "GetLifecyclePolicy", repositoryName="pet-web")
    virginia = Wire(f"http://{wire._connection.host}:{wire._connection.port}", "us-east-1")
    latest = {"repositoryName": "us-gateway", "imageId": {"imageTag": "latest"}}
    virginia.ok("ecr", "DescribeImageScanFindings", **latest)
    tagged = virginia.ok("ecr", "DescribeImages", repositoryName="ledger", filter={"tagStatus": "TAGGED"})[
        "imageDetails"
    ]
    assert any(
        virginia.ok(
            "ecr",
            "DescribeImageScanFindings",
            repositoryName="ledger",
            imageId={"imageDigest": each["imageDigest"]},
        )
        .get("imageScanFindings", {})
        .get("enhancedFindings")
        for each in tagged
    )
    virginia.close()


def _change_ecr(wire: Wire) -> None:
    name = {"repositoryName": "made"}
    made = wire.ok("ecr", "CreateRepository", repositoryName="made", tags=[{"Key": "team", "Value": "a"}])["repository"]
    wire.ok("ecr", "DescribeRepositories", repositoryNames=["made"])
    arn = {"resourceArn": made["repositoryArn"]}
    wire.ok("ecr", "TagResource", **arn, tags=[{"Key": "b", "Value": "c"}])
    wire.ok("ecr", "UntagResource", **arn, tagKeys=["team"])
    assert wire.ok("ecr", "ListTagsForResource", **arn)["tags"] == [{"Key": "b", "Value": "c"}]
    filters = [{"filterType": "WILDCARD", "filter": "latest"}]
    wire.ok(
        "ecr",
        "PutImageTagMutability",
        **name,
        imageTagMutability="IMMUTABLE_WITH_EXCLUSION",
        imageTagMutabilityExclusionFilters=filters,
    )
    wire.ok("ecr", "PutImageScanningConfiguration", **name, imageScanningConfiguration={"scanOnPush": True})
    wire.ok("ecr", "SetRepositoryPolicy", **name, policyText=PERMISSIONS)
    wire.ok("ecr", "GetRepositoryPolicy", **name)
    wire.ok("ecr", "DeleteRepositoryPolicy", **name)
    wire.ok("ecr", "PutLifecyclePolicy", **name, lifecyclePolicyText=POLICY)
    wire.ok("ecr", "DeleteLifecyclePolicy", **name)
    wire.ok("ecr", "StartLifecyclePolicyPreview", repositoryName="pet-web", lifecyclePolicyText=POLICY)
    wire.ok("ecr", "GetLifecyclePolicyPreview", repositoryName="pet-web")
    wire.ok("ecr", "PutRegistryScanningConfiguration", scanType="BASIC", rules=[])
    wire.ok("ecr", "StartImageScan", repositoryName="pet-worker", imageId={"imageTag": "latest"})
    upload = wire.ok("ecr", "InitiateLayerUpload", **name)["uploadId"]
    wire.ok(
        "ecr",
        "UploadLayerPart",
        **name,
        uploadId=upload,
        partFirstByte=0,
        partLastByte=1,
        layerPartBlob="e30=",
    )
    config = "sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"
    wire.ok("ecr", "CompleteLayerUpload", **name, uploadId=upload, layerDigests=[config])
    manifest = {
        "schemaVersion": 2,
        "mediaType": "application/vnd.oci.image.manifest.v1+json",
        "config": {"mediaType": "application/vnd.oci.image.config.v1+json", "size": 2, "digest": config},
        "layers": [],
    }
    wire.ok("ecr", "PutImage", **name, imageManifest=json.dumps(manifest), imageTag="v1")
    wire.ok("ecr", "UpdateImageStorageClass", **name, imageId={"imageTag": "v1"}, targetStorageClass="ARCHIVE")
    wire.ok("ecr", "BatchDeleteImage", **name, imageIds=[{"imageTag": "v1"}, {"imageTag": "v2"}])
    wire.ok("ecr", "DeleteRepository", **name)


def _codebuild_and_logs(wire: Wire) -> None:
    wire.ok("codebuild", "ListProjects")
    wire.ok("codebuild", "BatchGetProjects", names=["pet-web", "nothing"])
    settings = {
        "source": {"type": "GITHUB", "location": "https://example.com/a.git"},
        "artifacts": {"type": "NO_ARTIFACTS"},
    }
    environment = {"type": "LINUX_CONTAINER", "image": "i", "computeType": "BUILD_GENERAL1_SMALL"}
    role = "arn:aws:iam::123456789012:role/r"
    wire.ok("codebuild", "CreateProject", name="made", environment=environment, serviceRole=role, **settings)
    wire.ok("codebuild", "UpdateProject", name="made", description="other")
    wire.ok("codebuild", "StartBuild", projectName="made")
    wire.ok("codebuild", "DeleteProject", name="made")
    wire.ok("codebuild", "ListBuilds")
    ids = wire.ok("codebuild", "ListBuildsForProject", projectName="pet-web")["ids"]
    started = wire.ok("codebuild", "StartBuild", projectName="pet-web")["build"]["id"]
    wire.ok("codebuild", "StopBuild", id=started)
    wire.ok("codebuild", "RetryBuild", id=started)
    logs = wire.ok("codebuild", "BatchGetBuilds", ids=[ids[0], started])["builds"][0]["logs"]
    wire.ok("logs", "DescribeLogGroups")
    wire.ok("logs", "DescribeLogStreams", logGroupName=logs["groupName"])
    wire.ok("logs", "GetLogEvents", logGroupName=logs["groupName"], logStreamName=logs["streamName"])
    wire.ok("logs", "FilterLogEvents", logGroupName=logs["groupName"], filterPattern="Phase", limit=50)


def _ecs(wire: Wire) -> None:
    cluster = {"cluster": "pet-web-cluster"}
    clusters = wire.ok("ecs", "ListClusters")["clusterArns"]
    wire.ok("ecs", "DescribeClusters", clusters=[*clusters, "nothing"])
    services = wire.ok("ecs", "ListServices", **cluster)["serviceArns"]
    described = wire.ok("ecs", "DescribeServices", **cluster, services=[*services, "nothing"])["services"]
    revisions = [each["currentServiceRevisions"][0]["arn"] for each in described]
    wire.ok("ecs", "DescribeServiceRevisions", serviceRevisionArns=revisions)
    tasks = wire.ok("ecs", "ListTasks", **cluster)["taskArns"]
    wire.ok("ecs", "DescribeTasks", **cluster, tasks=[*tasks, "nothing"])
    wire.ok("ecs", "DescribeTaskDefinition", taskDefinition=described[0]["taskDefinition"])
    wire.ok("ecs", "ListTaskDefinitions")
    wire.ok("ecs", "ListTaskDefinitionFamilies")


def _iam(wire: Wire) -> None:
    role = "arn:aws:iam::123456789012:role/codebuild-payment-api-service-role"
    wire.ok(
        "iam",
        "SimulatePrincipalPolicy",
        PolicySourceArn=role,
        ActionNames=["ecr:PutImage"],
        ResourceArns=["arn:aws:ecr:ap-northeast-2:123456789012:repository/payment-api"],
    )


def _apprunner_lambda_pricing(url: str) -> set[tuple[str, str]]:
    wire = Wire(url, "us-east-1")
    for service in wire.ok("apprunner", "ListServices")["ServiceSummaryList"]:
        wire.ok("apprunner", "DescribeService", ServiceArn=service["ServiceArn"])
        wire.ok("apprunner", "ListTagsForResource", ResourceArn=service["ServiceArn"])
    for function in wire.ok("lambda", "ListFunctions", FunctionVersion="ALL")["Functions"]:
        wire.ok("lambda", "GetFunction", FunctionName=function["FunctionArn"])
    assert wire.ok("pricing", "GetProducts", ServiceCode="AmazonECR")["PriceList"]
    wire.close()
    return wire.called
