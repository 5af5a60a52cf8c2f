"""The regions of an account: what the account service says, else EC2, else botocore's own list."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from ecrtui.aws.call import Caller
from ecrtui.aws.paging import pages
from ecrtui.aws.values import objects, text
from ecrtui.domain.errors import AppError
from ecrtui.services.ports import RegionStatus

_WHAT = "list the regions"
_PAGE = 50
_REFUSALS = {
    "DISABLED": "not enabled in this account",
    "DISABLING": "being disabled",
    "ENABLING": "being enabled; usable soon",
    "not-opted-in": "not enabled in this account",
}


async def regions(
    account: Caller, ec2: Caller, partition: Callable[[], Awaitable[tuple[str, ...]]]
) -> tuple[RegionStatus, ...]:
    """All regions by name, each with its refusal; `partition` answers the last resort."""
    for ask, caller in ((_by_account, account), (_by_ec2, ec2)):
        try:
            found = await ask(caller)
        except AppError:
            continue
        if found:
            return tuple(sorted(found, key=lambda region: region.name))
    return tuple(RegionStatus(name) for name in sorted(await partition()))


async def _by_account(caller: Caller) -> list[RegionStatus]:
    async def fetch(token: str | None) -> tuple[list[dict[str, Any]], str | None]:
        asked = {"MaxResults": _PAGE, "NextToken": token} if token else {"MaxResults": _PAGE}
        answer = await caller.read("ListRegions", asked, _WHAT, required={"Regions": list}, attempts=1)
        return objects(answer["Regions"]), text(answer.get("NextToken")) or None

    return [
        _status(region.get("RegionName"), region.get("RegionOptStatus"))
        async for page, _ in pages(fetch, _WHAT, caller.region)
        for region in page
        if region.get("RegionName")
    ]


async def _by_ec2(caller: Caller) -> list[RegionStatus]:
    answer = await caller.read("DescribeRegions", {"AllRegions": True}, _WHAT, required={"Regions": list}, attempts=1)
    return [
        _status(region.get("RegionName"), region.get("OptInStatus"))
        for region in objects(answer["Regions"])
        if region.get("RegionName")
    ]


def _status(name: Any, opted: Any) -> RegionStatus:
    return RegionStatus(text(name), _REFUSALS.get(text(opted), ""))
