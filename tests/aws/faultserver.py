"""A small HTTP server that speaks AWS's JSON protocol and every fault: the far side of `ecrtui.aws` in its tests.

    server.on("DescribeImages", error("ThrottlingException"), answer({"imageDetails": []}))

The n-th request of an operation gets its n-th answer; the last one repeats. An answer may be a function of the
request, to count, to page, or to answer by its parameters.
"""

from __future__ import annotations

import asyncio
import json
import struct
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from socket import SO_LINGER, SOL_SOCKET
from typing import Any
from urllib.parse import parse_qs

Reply = Callable[[asyncio.StreamWriter], Awaitable[None]]


@dataclass(frozen=True)
class Request:
    """One request as it arrived."""

    operation: str
    """`DescribeImages`, `AppRunner.ListServices`, or the path of a REST request."""
    parameters: dict[str, Any]
    headers: dict[str, str]


def answer(value: Any, status: int = 200, headers: dict[str, str] | None = None) -> Reply:
    """A JSON answer; bytes are sent as they are."""
    body = value if isinstance(value, bytes) else json.dumps(value).encode()

    async def reply(writer: asyncio.StreamWriter) -> None:
        writer.write(_head(status, len(body), headers or {}) + body)

    return reply


def error(code: str, message: str = "no reason given", status: int = 400, **headers: str) -> Reply:
    """An error of AWS's."""
    return answer({"__type": f"com.amazonaws.ecr#{code}", "message": message}, status, headers)


def page_of_markup(status: int = 200) -> Reply:
    """What a portal, a proxy or moto's unknown operation answers."""
    return answer(b"<!doctype html><html><body>Sign in to the hotel's network</body></html>", status)


def half(value: Any) -> Reply:
    """A good head, half the body, and the end of the connection."""
    body = json.dumps(value).encode()

    async def reply(writer: asyncio.StreamWriter) -> None:
        writer.write(_head(200, len(body), {}) + body[: len(body) // 2])
        await writer.drain()
        writer.close()

    return reply


async def reset(writer: asyncio.StreamWriter) -> None:
    """The request is read, and the connection reset without an answer."""
    writer.get_extra_info("socket").setsockopt(SOL_SOCKET, SO_LINGER, struct.pack("ii", 1, 0))
    writer.close()


async def hang(writer: asyncio.StreamWriter) -> None:
    """Nothing at all, for ever."""
    await asyncio.Event().wait()


async def loris(writer: asyncio.StreamWriter) -> None:
    """A body that never ends, one byte at a time, so that no read ever times out."""
    writer.write(_head(200, 1_000_000, {}))
    while True:
        writer.write(b" ")
        await writer.drain()
        await asyncio.sleep(0.01)


def when(gate: asyncio.Event, then: Reply) -> Reply:
    """`then`, once the gate is open."""

    async def reply(writer: asyncio.StreamWriter) -> None:
        await gate.wait()
        await then(writer)

    return reply


def _head(status: int, length: int, headers: dict[str, str]) -> bytes:
    lines = {"Content-Type": "application/x-amz-json-1.1", "x-amzn-RequestId": "req-1", **headers}
    lines["Content-Length"] = str(length)
    text = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
    return f"HTTP/1.1 {status} X\r\n{text}\r\n".encode()


@dataclass
class FaultServer:
    """The running server."""

    url: str = ""
    requests: list[Request] = field(default_factory=list)
    active: int = 0
    _came: asyncio.Event = field(default_factory=asyncio.Event)
    _answers: dict[str, tuple[Reply | Callable[[Request], Reply], ...]] = field(default_factory=dict)
    _counts: Counter[str] = field(default_factory=Counter)

    def on(self, operation: str, *answers: Reply | Callable[[Request], Reply]) -> None:
        """Set the answers of an operation."""
        self._answers[operation] = answers
        self._counts[operation] = 0

    def count(self, operation: str) -> int:
        """How many requests of an operation came."""
        return sum(request.operation == operation for request in self.requests)

    async def holds(self, number: int) -> None:
        """Wait until that many requests are unanswered."""
        while self.active < number:
            self._came.clear()
            await self._came.wait()

    async def comes(self, operation: str, number: int) -> None:
        """Wait until so many requests of an operation have come."""
        while self.count(operation) < number:
            self._came.clear()
            await self._came.wait()

    async def connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection."""
        try:
            while not writer.is_closing():
                request = await _read(reader)
                self.requests.append(request)
                self.active += 1
                self._came.set()
                try:
                    await self._reply(request)(writer)
                    await writer.drain()
                finally:
                    self.active -= 1
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    def _reply(self, request: Request) -> Reply:
        answers = self._answers.get(request.operation)
        if not answers:
            return error("UnknownOperationException")
        chosen = answers[min(self._counts[request.operation], len(answers) - 1)]
        self._counts[request.operation] += 1
        if getattr(chosen, "__name__", "") in ("reply", "reset", "hang", "loris"):
            return chosen  # type: ignore[return-value]
        return chosen(request)  # type: ignore[arg-type,return-value]


async def _read(reader: asyncio.StreamReader) -> Request:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:])}
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    if target := headers.get("x-amz-target"):
        service, _, operation = target.rpartition(".")
        # ECS has operations of the same names
        return Request(target if service == "AppRunner" else operation, json.loads(body or b"{}"), headers)
    form = parse_qs(body.decode())
    if "Action" in form:
        return Request(form["Action"][0], {name: values[0] for name, values in form.items()}, headers)
    path, _, query = head[0].split(" ")[1].partition("?")
    return Request(path, {name: values[0] for name, values in parse_qs(query).items()}, headers)


@asynccontextmanager
async def fault_server() -> AsyncIterator[FaultServer]:
    """A server on a free port of loopback."""
    server = FaultServer()
    tasks: set[asyncio.Task[None]] = set()

    def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.ensure_future(server.connected(reader, writer))
        tasks.add(task)
        task.add_done_callback(tasks.discard)

    listener = await asyncio.start_server(connected, "127.0.0.1", 0)
    server.url = f"http://127.0.0.1:{listener.sockets[0].getsockname()[1]}"
    try:
        yield server
    finally:
        listener.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def identity(account: str = "123456789012") -> Reply:
    """STS's answer to GetCallerIdentity."""
    return answer(
        f"<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>arn:aws:iam::{account}:user/me</Arn>"
        f"<UserId>AIDA</UserId><Account>{account}</Account></GetCallerIdentityResult>"
        "<ResponseMetadata><RequestId>r</RequestId></ResponseMetadata></GetCallerIdentityResponse>".encode()
    )
