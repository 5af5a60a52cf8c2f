"""Bodies that are streamed, and what is behind links that a service signed: a MiB of them at most."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import aiohttp
from aiobotocore.response import StreamingBody
from botocore.awsrequest import AWSRequest
from botocore.exceptions import BotoCoreError, HTTPClientError

from ecrtui.domain.errors import AppError, ErrorKind

_MOST = 2**20


async def streamed(stream: Any) -> bytes:
    """The first bytes of a streamed body; the connection is given back, or closed where more would come."""
    parts, size = [], 0
    try:
        async with stream:
            while size < _MOST and (part := await stream.read(_MOST - size)):
                parts.append(part)
                size += len(part)
    except aiohttp.ClientError as error:
        raise HTTPClientError(error=error) from error  # as botocore does of bodies that it reads itself
    return b"".join(parts)


class Link:
    """A link that a service signed. It is a secret while it holds: errors name its host alone."""

    def __init__(self, url: str, what: str, service: str, region: str) -> None:
        self._url = url
        self._what = what
        self._service = service
        self._region = region
        self._host = urlsplit(url).hostname or "an empty host"

    def check(self) -> None:
        """Raise `AppError` where it leads nowhere."""
        if urlsplit(self._url).scheme not in ("http", "https"):
            raise self.failed(ErrorKind.MALFORMED, "the link is not an http or https URL")

    async def fetch(self, client: Any) -> bytes:
        """Ask once, without credentials, through the connections of a client; raises `AppError`."""
        request = AWSRequest("GET", self._url, stream_output=True).prepare()
        try:
            response = await client._endpoint.http_session.send(request)
            body = await streamed(StreamingBody(response.raw, None))  # type: ignore[arg-type]  # a length that is not known
        except (BotoCoreError, HTTPClientError):
            raise self.failed(ErrorKind.NETWORK, f"no connection to {self._host}") from None
        if response.status_code != 200:
            raise self.failed(ErrorKind.SERVICE, f"{self._host} answered with status {response.status_code}")
        return body

    def late(self) -> AppError:
        """The error of a fetch that took too long."""
        return self.failed(ErrorKind.TIMEOUT, f"{self._host} did not answer in time")

    def failed(self, kind: ErrorKind, why: str) -> AppError:
        """What went wrong."""
        remedy = f"See that your network lets you reach {self._host}: the link leads there, not to {self._service}."
        return AppError(kind, self._what, where=self._region, why=why, remedy=remedy)
