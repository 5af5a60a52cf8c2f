"""Every fault of the network and of answers, for every service that is asked beside ECR's and CodeBuild's lists.

Each costs what was asked, which is then an error or named as unknown. It is never "nothing", nor "ok".
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import suppress
from itertools import count
from typing import Any, NamedTuple

import pytest
from faultserver import FaultServer, Reply, Request, answer, error, half, hang, loris, page_of_markup, reset
from opening import REGION, Open

from ecrtui.aws.account import AwsAccount
from ecrtui.domain.errors import AppError, ErrorKind
from ecrtui.domain.registry import RegistrySettings
from ecrtui.domain.usage import Usage

DIGEST = "sha256:" + "d" * 64
ARN = "arn:aws:s3:::bucket/spec.yml"
ROLE = "arn:aws:iam::123456789012:role/pet-web"
FUNCTIONS = "/2015-03-31/functions"
CLUSTER = f"arn:aws:ecs:{REGION}:123456789012:cluster/shop"


class Case(NamedTuple):
    """What is asked, so that an operation is called."""

    operation: str
    ask: Callable[[AwsAccount], Awaitable[object]]
    whole: Any
    """A good answer, or a page of one."""
    token: str = ""
    """The member that names the next page."""


def usage(account: AwsAccount) -> Awaitable[object]:
    return account.runtime(REGION).usage()


def simulate(account: AwsAccount) -> Awaitable[object]:
    return account.permissions().simulate(ROLE, ["ecr:PutImage"], ["*"], fresh=True)


def settings(account: AwsAccount) -> Awaitable[object]:
    return account.registry(REGION).settings()


CASES = {
    "app-runner": Case(
        "AppRunner.ListServices", usage, {"ServiceSummaryList": [{"ServiceArn": "a/web/1"}]}, "NextToken"
    ),
    "app-runner-service": Case("AppRunner.DescribeService", usage, {"Service": {"ServiceName": "web"}}),
    "lambda": Case(FUNCTIONS, usage, {"Functions": [{"FunctionName": "fn", "PackageType": "Image"}]}, "NextMarker"),
    "lambda-function": Case(f"{FUNCTIONS}/fn", usage, {"Code": {}}),
    "ecs-tasks": Case("ListTasks", usage, {"taskArns": ["t"]}, "nextToken"),
    "iam": Case("SimulatePrincipalPolicy", simulate, b""),
    "prices": Case("GetProducts", lambda a: a.prices(REGION), {"PriceList": ["{}"]}, "NextToken"),
    "stored-buildspec": Case("/bucket/spec.yml", lambda a: a.builds(REGION).stored_buildspec(ARN), b"version: 0.2"),
    "scan": Case(
        "DescribeImageScanFindings",
        lambda a: a.registry(REGION).scan("pet-web", DIGEST),
        {"imageScanStatus": {"status": "COMPLETE"}, "imageScanFindings": {"findings": [{"name": "CVE-1"}]}},
        "nextToken",
    ),
    "replicas": Case(
        "DescribeImageReplicationStatus",
        lambda a: a.registry(REGION).replicas("pet-web", DIGEST),
        {"replicationStatuses": []},
    ),
    "registry": Case("DescribeRegistry", settings, {"registryId": "1", "replicationConfiguration": {"rules": []}}),
    "templates": Case(
        "DescribeRepositoryCreationTemplates", settings, {"repositoryCreationTemplates": [{"prefix": "p"}]}, "nextToken"
    ),
    "repository-policy": Case(
        "GetRepositoryPolicy", lambda a: a.registry(REGION).repository_policy("pet-web"), {"policyText": "{}"}
    ),
}
NOT_ALLOWED = "User: u is not authorized to perform: x:Y on resource: *"
DENIED = error("AccessDeniedException", NOT_ALLOWED, 403)
DENIED_IN_XML = answer(
    f"<ErrorResponse><Error><Code>AccessDenied</Code><Message>{NOT_ALLOWED}</Message></Error></ErrorResponse>".encode(),
    403,
)
FAULTS: dict[str, Callable[[Case], tuple[Reply | Callable[[Request], Reply], ...]]] = {
    "markup": lambda case: (page_of_markup(),),
    "cut": lambda case: (answer(b'{"rep'),),
    "empty": lambda case: (answer(b""),),
    "other": lambda case: (answer([]),),
    "half": lambda case: (half("x" * 99),),
    "reset": lambda case: (reset,),
    "hang": lambda case: (hang,),
    "loris": lambda case: (loris,),
    "5xx": lambda case: (error("InternalFailure", status=503),),
    "denied": lambda case: (DENIED_IN_XML if case.operation == "SimulatePrincipalPolicy" else DENIED,),
    "reset-on-page-2": lambda case: (answer({**case.whole, case.token: "2"}), reset),
    "same-page-for-ever": lambda case: (_endless(case),),
}


def _endless(case: Case) -> Callable[[Request], Reply]:
    """The same page with always another token."""
    tokens = count()
    return lambda _: answer({**case.whole, case.token: f"t{next(tokens)}"})


HARMLESS = {("stored-buildspec", fault) for fault in ("markup", "cut", "other", "empty")}
"""Any text may be in an object: it is judged as a buildspec."""
PAGED = ("reset-on-page-2", "same-page-for-ever")
_MATRIX = [
    pytest.param(name, fault, id=f"{name}-{fault}")
    for name, case in CASES.items()
    for fault in FAULTS
    if (fault not in PAGED or case.token) and (name, fault) not in HARMLESS
]


@pytest.mark.parametrize(("name", "fault"), _MATRIX)
@pytest.mark.fault("C38", "C39", "C41", "C42", "C43", "C45")
async def test_a_fault_is_never_nothing(server: FaultServer, opened: Open, name: str, fault: str) -> None:
    case = CASES[name]
    others_answer(server)
    waits = fault in ("hang", "loris")
    account = await opened(attempts=2, operation_timeout=0.25 if waits else 5.0)
    if waits:  # so that the others' first requests do not count
        with suppress(AppError):
            await case.ask(account)
    server.on(case.operation, *FAULTS[fault](case))
    found = await asked(account, case)
    match found:
        case AppError():
            assert (found.kind is ErrorKind.DENIED) == (fault == "denied")
            assert found.why
        case Usage():
            assert len(found.unchecked) == 1
            gone = set() if fault in PAGED else {RUNS_BY[name]}
            assert {use.kind for use in found.uses} == RUNS - gone
        case RegistrySettings():
            assert len(found.unread) == 1
        case _:
            raise AssertionError(f"{found!r} was made of {fault}")
    assert server.count(case.operation) < 50


async def asked(account: AwsAccount, case: Case) -> object:
    """What was read, or the error."""
    try:
        return await case.ask(account)
    except AppError as error:
        return error


RUNS = {"ecs-task", "apprunner-service", "lambda-function"}
RUNS_BY = {
    "app-runner": "apprunner-service",
    "app-runner-service": "apprunner-service",
    "lambda": "lambda-function",
    "lambda-function": "lambda-function",
    "ecs-tasks": "ecs-task",
}


def others_answer(server: FaultServer) -> None:
    """Whatever else is asked on the way has something to say."""
    image = f"123456789012.dkr.ecr.{REGION}.amazonaws.com/pet-web:v1"
    service = {"ServiceName": "web", "SourceConfiguration": {"ImageRepository": {"ImageIdentifier": image}}}
    task = {
        "taskArn": "t",
        "group": "family:x",
        "taskDefinitionArn": "d",
        "containers": [{"name": "c", "image": image}],
    }
    for operation, value in {
        **{case.operation: case.whole for case in CASES.values()},
        "ListClusters": {"clusterArns": [CLUSTER]},
        "AppRunner.DescribeService": {"Service": service},
        f"{FUNCTIONS}/fn": {"Code": {"ImageUri": image}},
        "ListServices": {"serviceArns": []},
        "DescribeTasks": {"tasks": [task]},
        "DescribeTaskDefinition": {"taskDefinition": {"containerDefinitions": [{"name": "c", "image": image}]}},
        "GetRegistryScanningConfiguration": {"scanningConfiguration": {"scanType": "BASIC"}},
        "DescribePullThroughCacheRules": {"pullThroughCacheRules": []},
        "GetAccountSetting": {"name": "BLOB_MOUNTING", "value": "DISABLED"},
    }.items():
        server.on(operation, answer(value))
