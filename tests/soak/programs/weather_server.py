"""A way to an embedded account through all weathers: `weather_server.py URL`, with tests/aws on the path.

It prints its own URL. Each line of standard input names the weather from then on, and is answered with a line; it
ends when its standard input does. What was unanswered when the weather changed stays so: those connections are dead.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import os
import re
import sys
from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

from faultserver import answer, error, half, hang, loris, page_of_markup, reset

_LENGTH = re.compile(rb"\r\ncontent-length: *([0-9]+)", re.IGNORECASE)
_OPERATION = re.compile(rb"\r\nx-amz-target: *(?:[^\r]*\.)?([A-Za-z]+)", re.IGNORECASE)
_NUMBERS = itertools.count()

Reply = Callable[[asyncio.StreamWriter], Awaitable[None]]


def _repositories() -> Reply:
    """A page of repositories that nobody has seen, with a token for the next."""
    first = next(_NUMBERS) * 100
    rows = [
        {
            "repositoryName": f"endless-{number:07d}",
            "registryId": "123456789012",
            "repositoryArn": f"arn:aws:ecr:eu-west-1:123456789012:repository/endless-{number:07d}",
            "repositoryUri": f"123456789012.dkr.ecr.eu-west-1.amazonaws.com/endless-{number:07d}",
        }
        for number in range(first, first + 100)
    ]
    return answer({"repositories": rows, "nextToken": str(first)})


def _endless(operation: str) -> Reply:
    """The next of endless pages."""
    token = str(next(_NUMBERS))
    pages = {
        "DescribeRepositories": _repositories,
        "DescribeImages": lambda: answer({"imageDetails": [], "nextToken": token}),
        "ListImages": lambda: answer({"imageIds": [], "nextToken": token}),
        "ListProjects": lambda: answer({"projects": [f"endless-{token}"], "nextToken": token}),
        "ListBuilds": lambda: answer({"ids": [f"endless:{token}"], "nextToken": token}),
        "ListClusters": lambda: answer({"clusterArns": [], "nextToken": token}),
        "GetLogEvents": lambda: answer({"events": [], "nextForwardToken": f"f/{token}"}),
    }
    return pages.get(operation, lambda: error("ThrottlingException"))()


WEATHERS: dict[str, Callable[[str], Reply]] = {
    "throttled": lambda _: error("ThrottlingException", "Rate exceeded"),
    "server error": lambda _: error("ServerException", status=500),
    "unavailable": lambda _: page_of_markup(503),
    "reset": lambda _: reset,
    "hang": lambda _: hang,
    "slow loris": lambda _: loris,
    "markup": lambda _: page_of_markup(),
    "cut off": lambda _: half({"repositories": [], "imageDetails": []}),
    "cut JSON": lambda _: answer(b'{"repositories": [{"repositoryName": "pet'),
    "deep JSON": lambda _: answer(b"[" * 200_000),
    "no body": lambda _: answer(b""),
    "endless": _endless,
    "denied": lambda _: error("AccessDeniedException", "not authorized to perform: x:Y"),
    "expired": lambda _: error("ExpiredTokenException", "The security token included in the request is expired"),
}
"""What is answered. Besides: `clear` (the account's own answers), `far` and `slow` (those, later) and `down` (nobody
listens, and every connection is reset)."""
_THROUGH = {"clear": 0.0, "far": 0.1, "slow": 2.0}


class Way:
    """From a port that stays the same to the account."""

    def __init__(self, far: int) -> None:
        self._far = far
        self._weather = "clear"
        self._listener: asyncio.Server | None = None
        self._near: set[asyncio.StreamWriter] = set()
        self.port = 0

    async def turn(self, weather: str) -> None:
        """Have another weather."""
        if weather not in WEATHERS.keys() | _THROUGH.keys() | {"down"}:
            raise ValueError(weather)
        self._weather = weather
        if weather == "down" and self._listener is not None:
            self._listener.close()
            self._listener = None
            for writer in list(self._near):
                await reset(writer)
        elif weather != "down" and self._listener is None:
            self._listener = await asyncio.start_server(self._connected, "127.0.0.1", self.port)
            self.port = self._listener.sockets[0].getsockname()[1]

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._near.add(writer)
        try:
            while True:
                await self._one(reader, writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            return  # the app hung up, or we did
        finally:
            self._near.discard(writer)
            writer.close()

    async def _one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Read one request, and answer it as the weather is now."""
        head = await reader.readuntil(b"\r\n\r\n")
        length = _LENGTH.search(head)
        body = await reader.readexactly(int(length[1]) if length else 0)
        if (pause := _THROUGH.get(self._weather)) is not None:
            await asyncio.sleep(pause)
            writer.write(await self._ask(head + body))
        else:
            target = _OPERATION.search(head)
            await WEATHERS[self._weather](target[1].decode() if target else "")(writer)
        await writer.drain()
        if writer.is_closing():
            raise ConnectionAbortedError

    async def _ask(self, request: bytes) -> bytes:
        """What the account answers."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self._far, limit=2**24)
        try:
            writer.write(request)
            head = await reader.readuntil(b"\r\n\r\n")
            length = _LENGTH.search(head)
            return head + await reader.readexactly(int(length[1]) if length else 0)
        finally:
            writer.close()


async def main(url: str) -> None:
    """Serve until standard input ends."""
    way = Way(urlsplit(url).port or 80)
    await way.turn("clear")
    print(f"http://127.0.0.1:{way.port}", flush=True)  # noqa: T201
    while line := await asyncio.to_thread(sys.stdin.readline):
        await way.turn(line.strip())
        print(json.dumps(line.strip()), flush=True)  # noqa: T201
    os._exit(0)  # whoever waits for an answer of ours waits for ever


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
