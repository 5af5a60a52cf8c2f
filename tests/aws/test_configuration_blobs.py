"""Configurations of images: fetched from where ECR says, without credentials, bounded, and the link kept secret."""

from __future__ import annotations

from typing import Any

import pytest
from faultserver import FaultServer, answer, hang, reset
from opening import REGION, Open

from ecrtui.aws.account import AwsAccount
from ecrtui.domain.errors import AppError, ErrorKind

DIGEST = "sha256:" + "a" * 64
LINK = "/bucket/blob"


async def read(account: AwsAccount) -> bytes:
    return await account.registry(REGION).configuration("pet-web", DIGEST)


def linked(server: FaultServer, url: str = "", **members: Any) -> None:
    """Let ECR answer with a link."""
    link = url or f"{server.url}{LINK}?X-Amz-Signature=s3cr3t"
    server.on("GetDownloadUrlForLayer", answer({"downloadUrl": link, "layerDigest": DIGEST, **members}))


async def test_it_is_fetched_from_the_link_without_credentials(server: FaultServer, account: AwsAccount) -> None:
    linked(server)
    server.on(LINK, answer(b'{"os":"linux"}'))
    assert await read(account) == b'{"os":"linux"}'
    asked, fetched = server.requests
    assert asked.parameters == {"repositoryName": "pet-web", "layerDigest": DIGEST}
    assert fetched.parameters == {"X-Amz-Signature": "s3cr3t"}
    assert "authorization" not in fetched.headers
    assert not any(name.startswith("x-amz") for name in fetched.headers)


@pytest.mark.parametrize(
    ("reply", "kind"),
    [(answer(b"<Error/>", 403), ErrorKind.SERVICE), (reset, ErrorKind.NETWORK), (hang, ErrorKind.TIMEOUT)],
)
async def test_what_goes_wrong_names_the_host_and_not_the_link(
    server: FaultServer, opened: Open, reply: Any, kind: ErrorKind
) -> None:
    account = await opened(operation_timeout=0.5)
    linked(server)
    server.on(LINK, reply)
    with pytest.raises(AppError) as caught:
        await read(account)
    assert caught.value.kind is kind
    assert "127.0.0.1" in caught.value.why
    assert "s3cr3t" not in f"{caught.value!r} {caught.value.remedy} {caught.value.__cause__!r}"


async def test_no_more_than_a_mebibyte_is_read(server: FaultServer, account: AwsAccount) -> None:
    linked(server)
    server.on(LINK, answer(b"x" * 20_000_000))
    assert len(await read(account)) == 2**20


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://127.0.0.1/x", "javascript:1", "nothing"])
async def test_a_link_that_is_none_is_not_followed(server: FaultServer, account: AwsAccount, url: str) -> None:
    linked(server, url)
    with pytest.raises(AppError) as caught:
        await read(account)
    assert caught.value.kind is ErrorKind.MALFORMED


async def test_a_missing_layer_is_an_error_of_ecrs(server: FaultServer, account: AwsAccount) -> None:
    server.on("GetDownloadUrlForLayer", answer({"__type": "LayersNotFoundException", "message": "gone"}, 400))
    with pytest.raises(AppError) as caught:
        await read(account)
    assert caught.value.kind is ErrorKind.NOT_FOUND
