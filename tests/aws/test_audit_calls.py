"""The audit of the seeded account over real HTTP: how long it takes, and how many requests it sends."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Iterator
from typing import Any

import pytest

from ecrtui.aws.account import AwsAccount
from ecrtui.aws.session import AccountOptions, StaticCredentials, open_account
from ecrtui.demo.clock import Clock
from ecrtui.demo.http import listen
from ecrtui.demo.seed import seeded_account
from ecrtui.demo.wsgi import Application
from ecrtui.domain.audit.rules import RULES
from ecrtui.services.audit import audit
from ecrtui.services.state import value_of

REGIONS = ("ap-northeast-2", "ap-northeast-1", "us-east-1", "eu-central-1")
START = 1_790_000_000.0
KEYS = StaticCredentials("AKIADEMODEMODEMODEMO", "demo")

ONE_EACH = {
    "DescribeImages": "a repository",
    "GetLifecyclePolicy": "a repository",
    "GetRepositoryPolicy": "a repository",
    "BatchGetImage": "a repository whose index runs",
    "DescribeImageScanFindings": "an image that runs",
    "SimulatePrincipalPolicy": "a role, and its token",
    "DescribeTaskDefinition": "a task definition",
    "GetFunction": "a function",
    "DescribeService": "a service",
}
"""What is asked one by one, and of what; everything else is shared by all rules."""


@pytest.fixture
def counted() -> Iterator[tuple[str, Counter[str]]]:
    """The seeded account, served by a thread, and its requests by operation."""
    served, requests = Application(seeded_account(Clock(START))), Counter[str]()

    def application(environ: Any, start_response: Any) -> Iterable[bytes]:
        requests[_operation(environ)] += 1
        return served(environ, start_response)

    server = listen(application)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", requests
    server.shutdown()
    server.server_close()
    thread.join()


def _operation(environ: Any) -> str:
    """What a request asks for: by its target, else by its place."""
    if target := environ.get("HTTP_X_AMZ_TARGET"):
        return str(target).rpartition(".")[2]
    path = str(environ["PATH_INFO"])
    if path.startswith("/2015-03-31/functions"):
        return "GetFunction" if path.strip("/").count("/") > 1 else "ListFunctions"
    if path != "/":
        return path
    service = str(environ.get("HTTP_AUTHORIZATION", "")).partition("Credential=")[2].split("/")[3:4]
    return "SimulatePrincipalPolicy" if service == ["iam"] else str(service)


@pytest.fixture
async def demo(counted: tuple[str, Counter[str]]) -> AsyncIterator[AwsAccount]:
    account = await open_account(AccountOptions(region=REGIONS[0], endpoint_url=counted[0], credentials=KEYS))
    assert isinstance(account, AwsAccount)
    yield account
    await account.close()


async def test_the_seeded_account(demo: AwsAccount, counted: tuple[str, Counter[str]]) -> None:
    began = time.monotonic()
    states = [state async for state in audit(demo, REGIONS, clock=lambda: START)]
    assert time.monotonic() - began < 10
    report = value_of(states[-1])
    assert report is not None
    assert report.images >= 5_000
    assert {rule.id for rule in report.rules} == {rule.id for rule in RULES}
    requests = counted[1]
    one_each = {operation: requests[operation] for operation in ONE_EACH}
    shared = {operation: number for operation, number in requests.items() if operation not in ONE_EACH}
    repositories = one_each["GetRepositoryPolicy"]
    assert repositories >= 40
    assert one_each["DescribeImages"] <= repositories + report.images // 1_000
    assert one_each["GetLifecyclePolicy"] <= repositories
    assert one_each["BatchGetImage"] <= repositories // 4
    assert one_each["DescribeImageScanFindings"] <= repositories
    assert one_each["SimulatePrincipalPolicy"] <= 2 * report.names
    assert sum(shared.values()) <= 75
