"""What runs outside ECS: App Runner and Lambda, each of which costs itself alone when it is refused."""

from __future__ import annotations

from typing import Any

import pytest
from faultserver import FaultServer, Request, answer, error, page_of_markup
from opening import REGION

from ecrtui.aws.account import AwsAccount
from ecrtui.aws.apprunner import AppRunner
from ecrtui.aws.call import Caller
from ecrtui.aws.session import AccountOptions
from ecrtui.domain.usage import Usage

HOST = f"123456789012.dkr.ecr.{REGION}.amazonaws.com"
DIGEST = "sha256:" + "c" * 64
ROLE = "arn:aws:iam::123456789012:role/access"
FUNCTIONS = "/2015-03-31/functions"


def arn(name: str) -> str:
    """The ARN of an App Runner service."""
    return f"arn:aws:apprunner:{REGION}:123456789012:service/{name}/8fe1e10304f84fd2b0df550fe98a71fa"


def app_runner(server: FaultServer, names: list[str]) -> None:
    """App Runner services, 20 a page; those named `src…` run from source code."""

    def listed(request: Request) -> Any:
        assert request.parameters["MaxResults"] == 20
        start = int(request.parameters.get("NextToken", 0))
        page = [{"ServiceArn": arn(name), "Status": "RUNNING"} for name in names[start : start + 20]]
        more = {"NextToken": str(start + 20)} if start + 20 < len(names) else {}
        return answer({"ServiceSummaryList": page, **more})

    def described(request: Request) -> Any:
        name = request.parameters["ServiceArn"].split("/")[1]
        host = HOST.replace("123456789012", "999999999999") if name == "foreign" else HOST
        image = {"ImageIdentifier": f"{host}/{name}:v1", "ImageRepositoryType": "ECR"}
        source: dict[str, Any] = {"ImageRepository": image, "AuthenticationConfiguration": {"AccessRoleArn": ROLE}}
        if name.startswith("src"):
            source = {"CodeRepository": {"RepositoryUrl": "https://example.test"}}
        source |= {"AutoDeploymentsEnabled": False} if name == "manual" else {}
        status = "PAUSED" if name == "paused" else "RUNNING"
        about = {"ServiceName": name, "Status": status, "UpdatedAt": 1.7e9, "SourceConfiguration": source}
        return answer({"Service": about})

    server.on("AppRunner.ListServices", listed)
    server.on("AppRunner.DescribeService", described)


def functions(server: FaultServer, versions: list[tuple[str, str]], package: str = "Image") -> None:
    """Functions and their versions, 50 a page."""

    def listed(request: Request) -> Any:
        assert request.parameters["FunctionVersion"] == "ALL"
        start = int(request.parameters.get("Marker", 0))
        page = [
            {"FunctionName": name, "Version": version, "PackageType": package}
            for name, version in versions[start : start + 50]
        ]
        more = {"NextMarker": str(start + 50)} if start + 50 < len(versions) else {}
        return answer({"Functions": page, **more})

    server.on(FUNCTIONS, listed)
    for name in {name for name, _ in versions}:

        def described(request: Request, name: str = name) -> Any:
            code = {"ImageUri": f"{HOST}/{name}:v1", "ResolvedImageUri": f"{HOST}/{name}@{DIGEST}"}
            about = {"State": "Active", "LastModified": "2026-05-04T09:12:47.509+0000"}
            return answer({"Code": code, "Configuration": about})

        server.on(f"{FUNCTIONS}/{name}", described)


@pytest.fixture(autouse=True)
def nothing_runs(server: FaultServer) -> None:
    """No clusters, services or functions, unless the test says so."""
    server.on("ListClusters", answer({"clusterArns": []}))
    server.on("AppRunner.ListServices", answer({"ServiceSummaryList": []}))
    server.on(FUNCTIONS, answer({"Functions": []}))


async def test_app_runner_services(server: FaultServer, account: AwsAccount) -> None:
    app_runner(server, ["pet-web", "manual", "paused", "src-one", "foreign"])
    usage = await account.runtime(REGION).usage()
    assert usage.unchecked == ()
    found = {use.name: use for use in usage.uses}
    assert set(found) == {"pet-web", "manual", "paused", "foreign"}
    pet = found["pet-web"]
    assert (pet.kind, pet.region, pet.role, pet.digest) == ("apprunner-service", REGION, ROLE, None)
    assert (pet.reference.repository, pet.reference.tag, pet.deployed_at) == ("pet-web", "v1", 1.7e9)
    assert [found[name].auto_deploys for name in ("pet-web", "manual", "foreign")] == [True, False, False]
    assert [found[name].running for name in ("pet-web", "paused")] == [1, 0]


async def test_many_app_runner_services_and_one_refused(server: FaultServer, account: AwsAccount) -> None:
    app_runner(server, [f"s{number}" for number in range(45)])
    usage = await account.runtime(REGION).usage()
    assert len(usage.uses) == 45
    assert (server.count("AppRunner.ListServices"), server.count("AppRunner.DescribeService")) == (3, 45)
    server.on("AppRunner.DescribeService", error("AccessDeniedException", ""))
    usage = await account.runtime(REGION).usage()
    assert usage.uses == ()
    assert usage.unchecked == (
        f"The App Runner service s0 and 44 more in {REGION} could not be checked: "
        "apprunner:DescribeService is not allowed",
    )


async def test_functions_and_their_published_versions(server: FaultServer, account: AwsAccount) -> None:
    functions(server, [("thumbs", "$LATEST"), ("thumbs", "1"), ("thumbs", "7")])
    usage = await account.runtime(REGION).usage()
    assert usage.unchecked == ()
    assert {use.name for use in usage.uses} == {"thumbs", "thumbs:1", "thumbs:7"}
    use = usage.uses[0]
    assert (use.kind, use.digest, use.reference.tag, use.role) == ("lambda-function", DIGEST, "v1", "")
    assert use.deployed_at == pytest.approx(1777885967.509)
    asked = [request.parameters.get("Qualifier") for request in server.requests if "thumbs" in request.operation]
    assert sorted(asked, key=str) == ["1", "7", None]
    await account.runtime(REGION).usage()
    assert server.count(f"{FUNCTIONS}/thumbs") == 4  # published versions are asked for once
    again = {"FunctionName": "thumbs", "Version": "1", "PackageType": "Image", "LastModified": "later"}
    server.on(FUNCTIONS, answer({"Functions": [again]}))
    await account.runtime(REGION).usage()
    assert server.count(f"{FUNCTIONS}/thumbs") == 5  # it was deleted, and made anew


async def test_functions_of_other_kinds_take_no_call(server: FaultServer, account: AwsAccount) -> None:
    functions(server, [(f"zip{number}", "$LATEST") for number in range(120)], package="Zip")
    assert await account.runtime(REGION).usage() == Usage()
    assert server.count(FUNCTIONS) == 3
    assert len(server.requests) == 3 + 2


@pytest.mark.parametrize(
    ("operation", "action"),
    [
        ("ListClusters", "ecs:ListClusters"),
        ("AppRunner.ListServices", "apprunner:ListServices"),
        (FUNCTIONS, "lambda:ListFunctions"),
    ],
)
@pytest.mark.fault("C45")
async def test_one_refused_service_costs_that_one_only(
    server: FaultServer, account: AwsAccount, operation: str, action: str
) -> None:
    app_runner(server, ["pet-web"])
    functions(server, [("thumbs", "$LATEST")])
    server.on(operation, error("AccessDeniedException", "no", status=403))
    usage = await account.runtime(REGION).usage()
    (reason,) = usage.unchecked
    assert REGION in reason
    assert reason.endswith(f"could not be checked: {action} is not allowed")
    lost = {"apprunner:ListServices": "apprunner-service", "lambda:ListFunctions": "lambda-function"}.get(action)
    assert {use.kind for use in usage.uses} == {"apprunner-service", "lambda-function"} - {lost}


async def test_an_emulator_without_them_runs_nothing_in_them(server: FaultServer, account: AwsAccount) -> None:
    server.on("AppRunner.ListServices", page_of_markup(500))
    server.on(FUNCTIONS, error("UnknownOperationException"))
    assert await account.runtime(REGION).usage() == Usage()


async def test_what_is_gone_since_it_was_listed(server: FaultServer, account: AwsAccount) -> None:
    app_runner(server, ["pet-web"])
    functions(server, [("thumbs", "$LATEST")])
    server.on("AppRunner.DescribeService", error("ResourceNotFoundException"))
    server.on(f"{FUNCTIONS}/thumbs", error("ResourceNotFoundException", status=404))
    assert await account.runtime(REGION).usage() == Usage()


async def test_a_listing_that_breaks_off_keeps_what_came(server: FaultServer, account: AwsAccount) -> None:
    app_runner(server, ["pet-web"])
    first = {"ServiceSummaryList": [{"ServiceArn": arn("pet-web")}], "NextToken": "2"}
    server.on("AppRunner.ListServices", answer(first), error("InvalidRequestException", "bad token"))
    usage = await account.runtime(REGION).usage()
    assert [use.name for use in usage.uses] == ["pet-web"]
    assert usage.unchecked == (f"The App Runner services in {REGION} could not be checked: bad token",)


@pytest.mark.parametrize("body", [{}, {"ServiceSummaryList": [None, 7, {}]}, {"ServiceSummaryList": "x"}])
async def test_odd_answers(server: FaultServer, account: AwsAccount, body: Any) -> None:
    server.on("AppRunner.ListServices", answer(body))
    usage = await account.runtime(REGION).usage()
    assert usage.uses == ()
    assert bool(usage.unchecked) == (not isinstance(body.get("ServiceSummaryList"), list))


class NoClients:
    """No call may be made."""

    profile = "x"

    async def client(self, service: str, region: str) -> Any:
        raise AssertionError(service)

    async def accepted_elsewhere(self, region: str) -> bool:
        raise AssertionError(region)


async def test_where_aws_has_no_app_runner_it_is_not_asked() -> None:
    async def offered() -> bool:
        return False

    caller = Caller(NoClients(), "apprunner", "ap-northeast-2", AccountOptions())
    assert await AppRunner(caller, offered, emulated=False).usage() == Usage()
