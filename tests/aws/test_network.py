"""The network goes and comes back: who waits goes on at once, and who gave up is told."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import pytest
from faultserver import FaultServer, answer, error, hang, identity, page_of_markup, reset
from opening import REGION, Open

from ecrtui.aws import network
from ecrtui.aws.account import AwsAccount
from ecrtui.domain.change import ApiCall
from ecrtui.domain.errors import AppError, ErrorKind
from ecrtui.domain.repository import RepositoryListing

GOOD = answer({"repositories": []})
LOOK = "/"
"""The operation of a look, as the server sees it."""


@pytest.fixture(autouse=True)
def _in_a_hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("_EVERY", "_LONG"):
        monkeypatch.setattr(network, name, getattr(network, name) / 10)


async def listed(account: AwsAccount) -> int:
    """How many repositories there are."""
    listing = RepositoryListing(REGION)
    async for _ in account.registry(REGION).list_repositories(listing):
        pass
    return len(listing.names)


def told(account: AwsAccount) -> asyncio.Event:
    """Set when the listeners are told."""
    event = asyncio.Event()
    account.network.on_return(event.set)
    return event


@pytest.mark.fault("C54")
@pytest.mark.parametrize("fault", [reset, hang], ids=["reset", "hang"])
async def test_a_read_that_waits_goes_on_when_the_network_is_back(
    server: FaultServer, opened: Open, fault: Any
) -> None:
    account = await opened(backoff=20.0, read_timeout=20.0)
    server.on("DescribeRepositories", fault, GOOD)
    server.on(LOOK, fault)
    reading = asyncio.ensure_future(listed(account))
    await server.comes(LOOK, 3)
    server.on(LOOK, answer({}))
    back = time.monotonic()
    assert await reading == 0
    assert time.monotonic() - back < 1
    assert server.count("DescribeRepositories") == 2


@pytest.mark.fault("C54")
async def test_who_gave_up_is_told_once(server: FaultServer, account: AwsAccount) -> None:
    returned = told(account)
    server.on("DescribeRepositories", reset)
    server.on(LOOK, reset)
    with pytest.raises(AppError):
        await listed(account)
    await server.comes(LOOK, 3)
    assert not returned.is_set()
    server.on(LOOK, page_of_markup(403))
    await asyncio.wait_for(returned.wait(), 1)
    seen = server.count(LOOK)
    await asyncio.sleep(0.3)
    assert server.count(LOOK) == seen


async def test_a_pause_ends_when_the_network_is_back(server: FaultServer, account: AwsAccount) -> None:
    server.on("DescribeRepositories", reset)
    server.on(LOOK, reset)
    with pytest.raises(AppError):
        await listed(account)
    pausing = asyncio.ensure_future(account.network.pause(20))
    await server.comes(LOOK, 2)
    assert not pausing.done()
    server.on(LOOK, answer({}))
    await asyncio.wait_for(pausing, 1)


@pytest.mark.parametrize("fault", [reset, error("ThrottlingException")], ids=["refused", "throttled"])
async def test_who_answers_looks_was_never_lost(server: FaultServer, opened: Open, fault: Any) -> None:
    """Requests that are refused are not sent more often for it."""
    account = await opened(backoff=0.4, attempts=3)
    returned = told(account)
    server.on("DescribeRepositories", fault)
    server.on(LOOK, answer({}))
    began = time.monotonic()
    with pytest.raises(AppError):
        await listed(account)
    assert time.monotonic() - began > 0.2 * (0.4 + 0.8)
    assert not returned.is_set()


async def test_a_slow_service_is_not_asked_twice(server: FaultServer, opened: Open) -> None:
    account = await opened()
    gate = asyncio.Event()
    asyncio.get_running_loop().call_later(0.8, gate.set)

    async def late(writer: asyncio.StreamWriter) -> None:
        await gate.wait()
        await GOOD(writer)

    late.__name__ = "reply"
    server.on("DescribeRepositories", late)
    server.on(LOOK, answer({}))
    assert await listed(account) == 0
    assert server.count("DescribeRepositories") == 1
    assert server.count(LOOK) == 1


@pytest.mark.fault("C48")
async def test_a_change_is_not_sent_again_when_the_network_is_back(server: FaultServer, opened: Open) -> None:
    account = await opened(read_timeout=2.0)
    server.on("CreateRepository", hang)
    server.on("DescribeRepositories", reset)
    server.on(LOOK, reset)
    server.on("GetCallerIdentity", identity())
    call = ApiCall("ecr", "CreateRepository", {"repositoryName": "pet-web"})
    changing = asyncio.ensure_future(account.sender.send(REGION, call, await account.identity()))
    await server.holds(1)
    with pytest.raises(AppError):
        await listed(account)
    await server.comes(LOOK, 2)
    server.on(LOOK, answer({}))
    with pytest.raises(AppError) as failed:
        await changing
    assert failed.value.kind is ErrorKind.TIMEOUT
    assert server.count("CreateRepository") == 1
