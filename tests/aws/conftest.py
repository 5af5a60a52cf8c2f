"""An account opened against a fault server."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Any

import pytest
from faultserver import FaultServer, fault_server
from opening import REGION, Open

from ecrtui.aws.account import AwsAccount
from ecrtui.aws.session import AccountOptions, StaticCredentials, open_account


@pytest.fixture
async def server() -> AsyncIterator[FaultServer]:
    """A server that answers what the test says."""
    async with fault_server() as running:
        yield running


@pytest.fixture
async def opened(server: FaultServer) -> AsyncIterator[Open]:
    """Opens accounts against the server, with short pauses; keyword arguments are options."""
    async with AsyncExitStack() as stack:

        async def open_it(**options: Any) -> AwsAccount:
            given: dict[str, Any] = {
                "region": REGION,
                "endpoint_url": server.url,
                "credentials": StaticCredentials("AKIDTEST", "secret"),
                "backoff": 0.001,
                **options,
            }
            account = await open_account(AccountOptions(**given))
            assert isinstance(account, AwsAccount)
            stack.push_async_callback(account.close)
            return account

        yield open_it


@pytest.fixture
async def account(opened: Open) -> AwsAccount:
    """An account with the usual options."""
    return await opened()
