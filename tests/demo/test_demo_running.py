"""What runs images besides ECS, what they cost, and the buildspecs in a bucket: App Runner, Lambda, prices, S3."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

import pytest
from aiobotocore.session import get_session
from botocore.exceptions import ClientError
from demo_shapes import Wire

from ecrtui.demo.account import Account, Fault
from ecrtui.demo.apprunner.state import AppService, service_arn
from ecrtui.demo.clock import Clock

HOST = "123456789012.dkr.ecr.ap-northeast-1.amazonaws.com/"
TOKYO, SEOUL, VIRGINIA = "ap-northeast-1", "ap-northeast-2", "us-east-1"


def described(apprunner: Any) -> dict[str, Any]:
    arns = [each["ServiceArn"] for each in apprunner.list_services()["ServiceSummaryList"]]
    services = [apprunner.describe_service(ServiceArn=arn)["Service"] for arn in arns]
    return {each["ServiceName"]: each for each in services}


def test_app_runner_deploys_by_itself_or_not(boto: Callable[..., Any]) -> None:
    found = described(boto("apprunner", TOKYO))
    source = found["edge-proxy"]["SourceConfiguration"]
    assert source["AutoDeploymentsEnabled"] is True
    assert source["ImageRepository"]["ImageIdentifier"] == HOST + "edge-proxy:latest"
    assert source["ImageRepository"]["ImageRepositoryType"] == "ECR"
    assert source["AuthenticationConfiguration"]["AccessRoleArn"].endswith("role/AppRunnerECRAccessRole")
    ecr = boto("ecr", TOKYO)
    for name, fresh in (("edge-proxy", True), ("batch-console", False)):
        repository = "edge-proxy" if fresh else "legacy-batch"
        (image,) = ecr.describe_images(repositoryName=repository, imageIds=[{"imageTag": "latest"}])["imageDetails"]
        assert (found[name]["UpdatedAt"] >= image["imagePushedAt"]) == fresh, name
    assert found["edge-preview"]["Status"] == "CREATE_FAILED"
    assert found["hello"]["SourceConfiguration"]["ImageRepository"]["ImageRepositoryType"] == "ECR_PUBLIC"
    assert "ImageRepository" not in described(boto("apprunner", "eu-central-1"))["status-page"]["SourceConfiguration"]
    assert described(boto("apprunner", SEOUL)) == {}


def test_app_runner_pages_by_twenty(account: Account, wire: Wire) -> None:
    for number in range(45):
        made = AppService(f"s{number}", service_arn(account.id, SEOUL, f"s{number}"), "", 1.0, 2.0)
        account.region(SEOUL).app_services[made.arn] = made
    names, token, pages = set(), None, 0
    while pages == 0 or token:
        answer = wire.ok("apprunner", "ListServices", MaxResults=20, **({"NextToken": token} if token else {}))
        names |= {each["ServiceName"] for each in answer["ServiceSummaryList"]}
        token, pages = answer.get("NextToken"), pages + 1
    assert (len(names), pages) == (45, 3)
    assert wire.error("apprunner", "ListServices", MaxResults=21)[0] == "InvalidRequestException"
    missing = service_arn(account.id, SEOUL, "none")
    assert wire.error("apprunner", "DescribeService", ServiceArn=missing)[0] == "ResourceNotFoundException"


def test_functions_page_by_fifty_however_many_are_asked_for(boto: Callable[..., Any]) -> None:
    client = boto("lambda", SEOUL)
    pages = [
        len(page["Functions"])
        for page in client.get_paginator("list_functions").paginate(PaginationConfig={"PageSize": 500})
    ]
    assert pages[0] == 50
    assert sum(pages) == 61
    kinds = {
        each["PackageType"] for page in client.get_paginator("list_functions").paginate() for each in page["Functions"]
    }
    assert kinds == {"Image", "Zip"}


def test_a_function_keeps_what_its_tag_has_left(boto: Callable[..., Any]) -> None:
    client, ecr = boto("lambda", SEOUL), boto("ecr", SEOUL)

    def tag_now(repository: str) -> str:
        (image,) = ecr.describe_images(repositoryName=repository, imageIds=[{"imageTag": "latest"}])["imageDetails"]
        return str(image["imageDigest"])

    def runs(name: str, **more: str) -> str:
        code = client.get_function(FunctionName=name, **more)["Code"]
        assert code["ImageUri"].endswith(f"/{name}:latest")
        uri, _, digest = code["ResolvedImageUri"].partition("@")
        assert uri == code["ImageUri"].removesuffix(":latest")
        ecr.describe_images(repositoryName=name, imageIds=[{"imageDigest": digest}])
        return str(digest)

    assert runs("invoice-mailer") != tag_now("invoice-mailer")
    assert runs("geo-lookup") == runs("geo-lookup", Qualifier="2") == tag_now("geo-lookup")
    assert runs("geo-lookup", Qualifier="1") != tag_now("geo-lookup")
    published = [
        each["Version"]
        for page in client.get_paginator("list_functions").paginate(FunctionVersion="ALL")
        for each in page["Functions"]
        if each["FunctionName"] == "geo-lookup"
    ]
    assert published == ["$LATEST", "1", "2"]


def test_functions_of_other_places(boto: Callable[..., Any]) -> None:
    client = boto("lambda", SEOUL)
    assert client.get_function(FunctionName="thumbnails")["Code"]["ResolvedImageUri"].startswith("210987654321.dkr.ecr")
    gone = client.get_function(FunctionName="stock-report")["Configuration"]
    assert (gone["State"], gone["StateReasonCode"]) == ("Failed", "ImageDeleted")
    archive = client.get_function(FunctionName="ops-sync-users")
    assert (archive["Code"]["RepositoryType"], archive["Configuration"]["PackageType"]) == ("S3", "Zip")
    replicas = client.list_functions(FunctionVersion="ALL", MasterRegion=VIRGINIA)["Functions"]
    assert [each["FunctionName"] for each in replicas] == ["us-east-1.edge-headers"]
    assert client.list_functions(FunctionVersion="ALL", MasterRegion="eu-central-1")["Functions"] == []
    edge = boto("lambda", VIRGINIA).get_function(FunctionName="pet-web-edge")["Code"]["ResolvedImageUri"]
    digest = edge.partition("@")[2]
    for region in (SEOUL, VIRGINIA):
        boto("ecr", region).describe_images(repositoryName="pet-web", imageIds=[{"imageDigest": digest}])


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({"FunctionName": "none"}, "ResourceNotFoundException"),
        ({"FunctionName": "geo-lookup", "Qualifier": "9"}, "ResourceNotFoundException"),
        ({"FunctionName": "arn:aws:lambda:us-east-1:123456789012:function:geo-lookup"}, "ResourceNotFoundException"),
        ({"FunctionName": "bad name"}, "InvalidParameterValueException"),
    ],
)
def test_what_lambda_refuses(boto: Callable[..., Any], params: dict[str, str], code: str) -> None:
    with pytest.raises(ClientError) as refused:
        boto("lambda", SEOUL).get_function(**params)
    assert refused.value.response["Error"]["Code"] == code


def test_a_master_region_needs_all_versions(reader: Wire) -> None:
    code, message = reader.error("lambda", "ListFunctions", MasterRegion="us-east-1")
    assert (code, "ALL" in message) == ("InvalidParameterValueException", True)


def test_faults_of_the_new_services(account: Account, wire: Wire) -> None:
    denied = "AccessDeniedException"
    for action in ("apprunner:*", "lambda:ListFunctions", "pricing:GetProducts"):
        account.injected.append(Fault(action, denied, "{principal} may not {action} on {resource}"))
    assert wire.error("apprunner", "ListServices")[0] == denied
    expected = "arn:aws:iam::123456789012:user/demo may not lambda:ListFunctions on *"
    assert wire.error("lambda", "ListFunctions") == (denied, expected)
    assert wire.error("lambda", "GetFunction", FunctionName="x")[0] == "ResourceNotFoundException"
    assert wire.error("pricing", "GetProducts", ServiceCode="AmazonECR")[0] == denied
    account.injected[:] = [Fault("lambda:GetFunction", denied, resource="mine")]
    assert wire.error("lambda", "GetFunction", FunctionName="mine")[0] == denied
    assert wire.error("lambda", "GetFunction", FunctionName="other")[0] == "ResourceNotFoundException"


def test_prices_are_json_in_strings_and_the_archive_matches_too(boto: Callable[..., Any]) -> None:
    def products(region: str, **more: Any) -> list[Any]:
        filters = [
            {"Type": "TERM_MATCH", "Field": "regionCode", "Value": region},
            {"Type": "TERM_MATCH", "Field": "productFamily", "Value": "EC2 Container Registry"},
        ]
        pages = boto("pricing", VIRGINIA).get_paginator("get_products")
        found = pages.paginate(ServiceCode="AmazonECR", Filters=filters, PaginationConfig=more)
        return [json.loads(text) for page in found for text in page["PriceList"]]

    seoul = products(SEOUL)
    assert products(SEOUL, PageSize=1) == seoul
    storage = [each for each in seoul if each["product"]["attributes"]["usagetype"].endswith("TimedStorage-ByteHrs")]
    assert [each["product"]["attributes"].get("storageClass", "") for each in storage] == ["Archive", ""]
    (offer,) = storage[1]["terms"]["OnDemand"].values()
    (dimension,) = offer["priceDimensions"].values()
    assert (dimension["unit"], float(dimension["pricePerUnit"]["USD"])) == ("GB-Mo", 0.1)
    (tiers,) = (offer["priceDimensions"] for offer in storage[0]["terms"]["OnDemand"].values())
    assert [each["beginRange"] for each in tiers.values()] == ["0", "153600"]
    with pytest.raises(ClientError, match="valid region, not 'ap-northeast-2'"):
        boto("pricing", SEOUL).get_products(ServiceCode="AmazonECR")


def test_a_buildspec_is_read_from_a_bucket(seeded: tuple[Account, str], boto: Callable[..., Any]) -> None:
    codebuild = boto("codebuild")
    (project,) = codebuild.batch_get_projects(names=["fraud-scorer"])["projects"]
    bucket, _, key = project["source"]["buildspec"].removeprefix("arn:aws:s3:::").partition("/")
    s3 = boto("s3")
    text = s3.get_object(Bucket=bucket, Key=key)["Body"].read().decode()
    assert "fraud-scorer" in text
    assert text.startswith("version: 0.2")
    assert s3.get_object(Bucket=bucket, Key=key, Range="bytes=0-9")["Body"].read() == text[:10].encode()
    assert s3.head_object(Bucket=bucket, Key=key)["ContentLength"] == len(text)
    with pytest.raises(ClientError) as missing:
        s3.get_object(Bucket=bucket, Key="none")
    assert missing.value.response["Error"]["Code"] == "NoSuchKey"

    async def asynchronously() -> bytes:
        session = get_session()
        url = seeded[1].replace("127.0.0.1", "localhost")
        async with session.create_client(
            "s3", region_name=SEOUL, endpoint_url=url, aws_access_key_id="a", aws_secret_access_key="b"
        ) as client:
            answer = await client.get_object(Bucket=bucket, Key=key)
            return bytes(await answer["Body"].read())

    assert asyncio.run(asynchronously()).decode() == text


def test_an_object_may_be_denied(account: Account, wire: Wire, clock: Clock) -> None:
    account.buckets["specs"] = {"a.yml": b"version: 0.2\n"}
    account.injected = [Fault("s3:GetObject", "AccessDeniedException", "no {action} on {resource}", resource="a.yml")]
    status, _, body = wire.request("s3", "GET", "/specs/a.yml", b"", {})
    assert status == 403
    assert b"<Code>AccessDenied</Code>" in body
    assert b"s3:GetObject on arn:aws:s3:::specs/a.yml" in body
    account.injected.clear()
    assert wire.request("s3", "GET", "/specs/a.yml", b"", {})[2] == b"version: 0.2\n"
    assert wire.request("s3", "GET", "/specs/a.yml", b"", {"Range": "bytes=99-"})[0] == 416
