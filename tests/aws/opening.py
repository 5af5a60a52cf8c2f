"""What the tests of this room share: their region, and the type of what opens accounts."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from ecrtui.aws.account import AwsAccount
from ecrtui.domain.change import ApiCall
from ecrtui.services.ports import Identity, Receipt

REGION = "eu-central-1"

Open = Callable[..., Awaitable[AwsAccount]]


async def sent(account: AwsAccount, region: str, call: ApiCall) -> Receipt:
    """Send a change as whoever the credentials are of, without asking who that is."""
    return await account.sender.send(region, call, Identity("", "", "", await account.login.ready()))
