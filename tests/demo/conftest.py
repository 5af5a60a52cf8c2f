from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest
from botocore.config import Config
from demo_shapes import Wire

from ecrtui.demo.account import Account
from ecrtui.demo.clock import Clock
from ecrtui.demo.seed import seeded_account
from ecrtui.demo.wsgi import serve

START = 1_790_000_000.0


@pytest.fixture(scope="session")
def seeded() -> Iterator[tuple[Account, str]]:
    """The seeded account at a standing clock, for tests that only read."""
    account = seeded_account(Clock(START))
    with serve(account) as url:
        yield account, url


@pytest.fixture
def reader(seeded: tuple[Account, str]) -> Iterator[Wire]:
    wire = Wire(seeded[1])
    yield wire
    wire.close()


@pytest.fixture
def clock() -> Clock:
    return Clock(START)


@pytest.fixture
def account(clock: Clock) -> Account:
    """An empty account for tests that change it."""
    return Account(clock)


@pytest.fixture
def wire(account: Account) -> Iterator[Wire]:
    with serve(account) as url:
        wire = Wire(url)
        yield wire
        wire.close()


def client(url: str, service: str, region: str = "ap-northeast-2") -> Any:
    """An unmodified boto3 client."""
    return boto3.client(
        service,
        region_name=region,
        endpoint_url=url,
        aws_access_key_id="AKIADEMO",
        aws_secret_access_key="demo",
        config=Config(retries={"total_max_attempts": 1}),
    )


@pytest.fixture
def boto(seeded: tuple[Account, str]) -> Iterator[Callable[..., Any]]:
    """Makes clients of the seeded account: `boto("ecr", "us-east-1")`."""
    made: list[Any] = []

    def make(service: str, region: str = "ap-northeast-2") -> Any:
        made.append(client(seeded[1], service, region))
        return made[-1]

    yield make
    for each in made:
        each.close()
