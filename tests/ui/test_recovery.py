"""The network is back: what failed for the want of it is there again, without a key."""

from __future__ import annotations

import pytest
from memory import MemoryAccount, a_repository, an_image

from driver import driving
from ecrtui.domain.errors import ErrorKind

REGION = "ap-northeast-2"
READS = ("ecr:DescribeRepositories", "ecr:DescribeImages", "codebuild:ListProjects")


def account() -> MemoryAccount:
    return MemoryAccount(
        regions=(REGION,),
        repositories=[a_repository("pet-web"), a_repository("pet-api")],
        images={"pet-web": [an_image("v1")], "pet-api": [an_image("v2")]},
    )


@pytest.mark.fault("C38", "C54")
@pytest.mark.parametrize("kind", [ErrorKind.NETWORK, ErrorKind.TIMEOUT])
async def test_what_the_network_kept_away_is_loaded_again(kind: ErrorKind) -> None:
    aws = account()
    for action in READS:
        aws.faults.fail(action, kind)
    async with driving(aws) as t:
        await t.sees("r tries again")
        aws.faults.clear()
        aws.network.returns()
        await t.sees("pet-web", "v2")
        await t.misses("tries again")


async def test_what_failed_for_another_reason_is_not_asked_again() -> None:
    aws = account()
    aws.faults.deny("ecr:DescribeRepositories")
    async with driving(aws) as t:
        await t.sees("denied")
        aws.faults.fail("codebuild:ListProjects", ErrorKind.NETWORK)
        await t.press("2", "r")
        await t.sees("ListProjects failed: network")
        asked = list(aws.calls)
        aws.faults.clear()
        aws.network.returns()
        await t.misses("ListProjects failed")
        assert "ecr:DescribeRepositories" not in {action for action, *_ in aws.calls[len(asked) :]}
