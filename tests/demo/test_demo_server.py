"""The embedded account as a server: kept connections, moto behind it, its process and its death."""

from __future__ import annotations

import asyncio
import http.client
import json
import os
import select
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from aiobotocore.config import AioConfig
from aiobotocore.session import get_session
from botocore.exceptions import ClientError
from demo_shapes import Wire

from ecrtui.demo.account import Account
from ecrtui.demo.clock import Clock
from ecrtui.demo.process import start
from ecrtui.domain.errors import AppError


def post(url: str, path: str, body: Any) -> Any:
    with urllib.request.urlopen(urllib.request.Request(f"{url}/_demo/{path}", json.dumps(body).encode())) as response:
        return json.loads(response.read())


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    stat = Path(f"/proc/{pid}/stat")
    return not stat.exists() or stat.read_text().rpartition(") ")[2][0] != "Z"


def test_a_connection_serves_many_requests(seeded: tuple[Account, str]) -> None:
    connection = http.client.HTTPConnection(urlsplit(seeded[1]).netloc)
    for _ in range(3):
        connection.request("GET", "/_demo/clock")
        response = connection.getresponse()
        assert json.loads(response.read())["account"] == "123456789012"
        assert not response.will_close
    connection.close()


def test_a_chunked_body_and_an_unknown_path_are_answered(seeded: tuple[Account, str]) -> None:
    connection = http.client.HTTPConnection(urlsplit(seeded[1]).netloc)
    headers = {"X-Amz-Target": "CodeBuild_20161006.BatchGetProjects", "Transfer-Encoding": "chunked"}
    connection.request("POST", "/", iter([b'{"names":', b'["none"]}']), headers, encode_chunked=True)
    response = connection.getresponse()
    assert json.loads(response.read())["projectsNotFound"] == ["none"]
    connection.request("GET", "/_demo/nothing/here")
    assert connection.getresponse().read()
    connection.close()


def test_many_clients_at_once(seeded: tuple[Account, str]) -> None:
    async def main() -> list[int]:
        session = get_session()
        async with session.create_client(
            "ecr",
            region_name="ap-northeast-1",
            endpoint_url=seeded[1],
            aws_access_key_id="a",
            aws_secret_access_key="b",
            config=AioConfig(max_pool_connections=20),
        ) as ecr:
            answers = await asyncio.gather(
                *(ecr.describe_images(repositoryName="monolith", maxResults=1 + n) for n in range(40))
            )
        return [len(each["imageDetails"]) for each in answers]

    assert asyncio.run(main()) == list(range(1, 41))


def test_identity_and_regions(boto: Callable[..., Any]) -> None:
    assert boto("sts").get_caller_identity()["Arn"] == "arn:aws:iam::123456789012:user/demo"
    regions = boto("account", "us-east-1").list_regions(RegionOptStatusContains=["ENABLED", "ENABLED_BY_DEFAULT"])
    assert [each["RegionName"] for each in regions["Regions"]] == [
        "ap-northeast-1",
        "ap-northeast-2",
        "eu-central-1",
        "eu-west-3",
        "us-east-1",
    ]


def test_the_rest_is_motos(boto: Callable[..., Any]) -> None:
    assert any(each["RegionName"] == "eu-central-1" for each in boto("ec2").describe_regions()["Regions"])
    iam = boto("iam", "us-east-1")
    iam.create_role(RoleName="r", AssumeRolePolicyDocument="{}")
    assert [each["RoleName"] for each in iam.list_roles()["Roles"]] == ["r"]
    assert boto("kms").list_keys()["Keys"] == []


def test_what_moto_lacks_is_an_aws_error_too(boto: Callable[..., Any], seeded: tuple[Account, str]) -> None:
    with pytest.raises(ClientError) as unknown:
        boto("iam", "us-east-1").get_service_last_accessed_details_with_entities(
            JobId="12345678-1234-1234-1234-123456789012", ServiceNamespace="ecr"
        )
    assert unknown.value.response["Error"]["Code"] == "InvalidAction"
    with pytest.raises(ClientError) as unknown:
        boto("apprunner", "us-east-1").list_connections()
    assert unknown.value.response["Error"]["Code"] == "UnknownOperationException"
    with pytest.raises(ClientError) as unknown:
        boto("healthlake", "us-east-1").list_fhir_datastores()
    assert unknown.value.response["Error"]["Code"] == "UnknownOperationException"
    request = urllib.request.Request(seeded[1], b"{}", {"X-Amz-Target": "Nonsense.Nothing"})
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(request)
    assert json.loads(refused.value.read())["__type"] == "UnknownOperationException"
    refused.value.close()


def test_faults_can_be_injected_and_counted(account: Account, wire: Wire) -> None:
    url = f"http://{wire._connection.host}:{wire._connection.port}"
    throttle = {
        "action": "ecr:DescribeRepositories",
        "code": "ThrottlingException",
        "message": "Rate exceeded",
        "times": 2,
    }
    post(url, "faults", [throttle])
    assert wire.error("ecr", "DescribeRepositories") == ("ThrottlingException", "Rate exceeded")
    assert wire.error("ecr", "DescribeRepositories")[0] == "ThrottlingException"
    wire.ok("ecr", "DescribeRepositories")
    post(
        url,
        "faults",
        [{"action": "codebuild:*", "code": "AccessDeniedException", "message": "{principal} {action} {resource}"}],
    )
    assert wire.error("codebuild", "ListProjects")[1] == "arn:aws:iam::123456789012:user/demo codebuild:ListProjects *"
    post(url, "faults", [])
    wire.ok("codebuild", "ListProjects")


def test_a_clock_runs_stands_and_is_moved() -> None:
    clock = Clock()
    assert abs(clock() - time.time()) < 5
    clock.advance(1_000)
    assert clock() - time.time() > 990
    clock.set(5.0)
    clock.advance(2)
    assert clock() == 7.0
    clock.run()
    clock.advance(1)
    assert 8.0 <= clock() < 60


async def test_the_process_starts_answers_and_ends() -> None:
    server = await start(speed=20)
    try:
        assert server.url.startswith("http://127.0.0.1:")
        now = post(server.url, "clock", {"advance": 3_600})["now"]
        assert now > time.time() + 3_000
        session = get_session()
        async with session.create_client(
            "ecr",
            region_name=server.environment["AWS_DEFAULT_REGION"],
            endpoint_url=server.environment["AWS_ENDPOINT_URL"],
            aws_access_key_id=server.environment["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=server.environment["AWS_SECRET_ACCESS_KEY"],
        ) as ecr:
            assert len((await ecr.describe_repositories(maxResults=1000))["repositories"]) == 29
    finally:
        await server.close()
    assert server.process.returncode == 0


async def test_a_bad_speed_is_a_clear_error() -> None:
    with pytest.raises(AppError, match="ECRTUI_DEMO_SPEED must be a positive number, not '-1'"):
        await start(speed=-1)


def test_the_process_dies_with_its_parent() -> None:
    parent_code = (
        "import asyncio, time\n"
        "from ecrtui.demo.process import start\n"
        "async def main():\n"
        "    server = await start()\n"
        "    print(server.process.pid, flush=True)\n"
        "    await asyncio.sleep(600)\n"
        "asyncio.run(main())\n"
    )
    parent = subprocess.Popen([sys.executable, "-c", parent_code], stdout=subprocess.PIPE)
    assert parent.stdout is not None
    with parent.stdout:
        ready, _, _ = select.select([parent.stdout], [], [], 60)
        assert ready
        child = int(parent.stdout.readline())
    assert alive(child)
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    deadline = time.monotonic() + 10
    while alive(child) and time.monotonic() < deadline:
        select.select([], [], [], 0.02)
    assert not alive(child)
