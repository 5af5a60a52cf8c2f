"""Buildspecs in S3: read with a bound, wherever the bucket is."""

from __future__ import annotations

from typing import Any

import pytest
from faultserver import FaultServer, answer, half, loris, reset
from opening import REGION, Open

from ecrtui.aws.account import AwsAccount
from ecrtui.domain.buildspec import BUILDSPEC_CHARACTERS
from ecrtui.domain.errors import AppError, ErrorKind

ARN = "arn:aws:s3:::build-specs/pet web/buildspec.yml"
PATH = "/build-specs/pet%20web/buildspec.yml"
TEXT = "version: 0.2\n# größer\n".encode()


def refusal(code: str, status: int, **headers: str) -> Any:
    """An error of S3's."""
    body = f"<Error><Code>{code}</Code><Message>no</Message><RequestId>r</RequestId></Error>"
    return answer(body.encode(), status, {"Content-Type": "application/xml", **headers})


async def read(account: AwsAccount, arn: str = ARN) -> str:
    """The text of the object."""
    return await account.builds(REGION).stored_buildspec(arn)


async def test_a_text_is_read_as_a_range(server: FaultServer, account: AwsAccount) -> None:
    server.on(PATH, answer(b"\xef\xbb\xbf" + TEXT, 206))
    assert await read(account) == TEXT.decode()
    assert server.requests[0].headers["range"] == f"bytes=0-{BUILDSPEC_CHARACTERS}"


async def test_an_empty_object(server: FaultServer, account: AwsAccount) -> None:
    server.on(PATH, refusal("InvalidRange", 416))
    assert await read(account) == ""


async def test_the_largest_and_a_larger_one(server: FaultServer, account: AwsAccount) -> None:
    server.on(PATH, answer(b"x" * BUILDSPEC_CHARACTERS), answer(b"x" * (BUILDSPEC_CHARACTERS + 1)))
    assert len(await read(account)) == BUILDSPEC_CHARACTERS
    with pytest.raises(AppError) as caught:
        await read(account)
    assert caught.value.kind is ErrorKind.LIMIT


async def test_an_endpoint_that_sends_far_more_than_was_asked_for(server: FaultServer, account: AwsAccount) -> None:
    server.on(PATH, answer(b"x" * 20_000_000))
    with pytest.raises(AppError) as caught:
        await read(account)
    assert caught.value.kind is ErrorKind.LIMIT


async def test_a_body_that_breaks_off_is_read_again(server: FaultServer, account: AwsAccount) -> None:
    server.on(PATH, half("a broken body"), reset, answer(TEXT))
    assert await read(account) == TEXT.decode()


@pytest.mark.fault("C42")
async def test_a_body_that_never_ends(server: FaultServer, opened: Open) -> None:
    account = await opened(operation_timeout=0.3)
    server.on(PATH, loris)
    with pytest.raises(AppError) as caught:
        await read(account)
    assert caught.value.kind is ErrorKind.TIMEOUT


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (refusal("AccessDenied", 403), ErrorKind.DENIED),
        (refusal("NoSuchKey", 404), ErrorKind.NOT_FOUND),
        (refusal("NoSuchBucket", 404), ErrorKind.NOT_FOUND),
        (answer(b"\xff\xfe binary \x00"), ErrorKind.MALFORMED),
    ],
)
async def test_refusals(server: FaultServer, account: AwsAccount, fault: Any, kind: ErrorKind) -> None:
    server.on(PATH, fault)
    with pytest.raises(AppError) as caught:
        await read(account)
    assert caught.value.kind is kind
    assert caught.value.action == ("s3:GetObject" if kind is ErrorKind.DENIED else "")


async def test_a_bucket_of_another_region(server: FaultServer, account: AwsAccount) -> None:
    moved = refusal("PermanentRedirect", 301, **{"x-amz-bucket-region": "us-west-2"})
    server.on(PATH, moved, answer(TEXT))
    assert await read(account) == TEXT.decode()
    assert "/us-west-2/s3/" in server.requests[-1].headers["authorization"]


@pytest.mark.parametrize("arn", ["arn:aws:s3:::bucket", "arn:aws:s3:::bucket/", "arn:aws:s3:::/key", "s3://b/k", ""])
async def test_what_names_no_object(server: FaultServer, account: AwsAccount, arn: str) -> None:
    with pytest.raises(AppError) as caught:
        await read(account, arn)
    assert caught.value.kind is ErrorKind.INVALID
    assert server.requests == []
