"""One service in one region, called with deadlines, a bound on concurrency, and retries of reads.

Everything that can go wrong leaves here as an `AppError`.
"""

from __future__ import annotations

import asyncio
import logging
import random
import re
import time
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from botocore import xform_name
from botocore.exceptions import ParamValidationError

from ecrtui.aws.boto import BODY
from ecrtui.aws.credentials import Credentials
from ecrtui.aws.errors import failure
from ecrtui.aws.failures import Place
from ecrtui.aws.network import Network, ReturnedError
from ecrtui.aws.operation import Operation
from ecrtui.aws.session import AccountOptions, Attempt
from ecrtui.aws.streams import Link, streamed
from ecrtui.aws.values import check_members, json_object
from ecrtui.domain.errors import AppError, ErrorKind

T = TypeVar("T")

CONCURRENCY = 8
"""Calls at a time to one service in one region (domain reference, section 1, quotas)."""

_LOG = logging.getLogger(__name__)
_WORD = re.compile(r"[A-Za-z0-9.-]{1,64}")
"""What a request id or an error code looks like; anything else of an answer is not logged."""
_LONGEST_PAUSE = 8.0
_UNKNOWN_CLIENT = frozenset({"UnrecognizedClientException", "UnrecognizedClient", "InvalidClientTokenId"})


class Clients(Protocol):
    """Where a caller gets its client from."""

    @property
    def profile(self) -> str:
        """The profile's name."""
        ...

    async def client(self, service: str, region: str) -> Any:
        """The one client for that service and region, with usable credentials; raises `AppError`."""
        ...

    async def accepted_elsewhere(self, region: str) -> bool:
        """Whether another region accepts the credentials that this one refuses."""
        ...

    @property
    def login(self) -> Credentials:
        """The broker of the credentials."""
        ...

    @property
    def network(self) -> Network:
        """The ways to the endpoints."""
        ...


@dataclass(frozen=True, slots=True)
class Reply:
    """A good answer: the body of a JSON protocol or of a stream, or what botocore parsed of another."""

    parsed: Mapping[str, Any]
    body: bytes | None
    request_id: str

    def members(self) -> dict[str, Any]:
        """The answer as an object; of a JSON protocol exactly as it was sent."""
        if self.body is not None:
            return json_object(self.body)
        return {name: value for name, value in self.parsed.items() if name != "ResponseMetadata"}


class Caller:
    """Calls one service in one region. Reads are repeated; a change is not, unless it says that it may be."""

    def __init__(self, clients: Clients, service: str, region: str, options: AccountOptions) -> None:
        self.service = service
        self.region = region
        self._clients = clients
        self._options = options
        self._slots = asyncio.Semaphore(CONCURRENCY)

    async def read(
        self,
        operation: str,
        parameters: Mapping[str, Any],
        what: str,
        *,
        required: Mapping[str, type] | None = None,
        attempts: int | None = None,
    ) -> dict[str, Any]:
        """Ask, and answer the members as AWS sent them (instants as numbers).

        `required` names the members that the answer must have, with their JSON types.
        """

        def members(reply: Reply) -> dict[str, Any]:
            return check_members(reply.members(), required or {})

        return await self._run(self._place(operation, what), parameters, members, attempts)

    async def decode(self, operation: str, parameters: Mapping[str, Any], what: str, decode: Callable[[bytes], T]) -> T:
        """Ask, and answer what `decode` makes of the body; `MalformedError` where it can make nothing."""

        def decoded(reply: Reply) -> T:
            return decode(reply.body or b"")

        return await self._run(self._place(operation, what), parameters, decoded, None)

    async def content(self, operation: str, parameters: Mapping[str, Any], what: str) -> bytes:
        """Ask, and answer what is streamed, of which at most a MiB is read: ask for a range of what is larger."""

        def streamed(reply: Reply) -> bytes:
            return reply.body or b""

        return await self._run(self._place(operation, what), parameters, streamed, None)

    async def fetch(self, url: str, what: str) -> bytes:
        """What is behind a link that the service signed, of at most a MiB; asked for once, without credentials."""
        link = Link(url, what, self.service, self.region)
        link.check()
        client = await self._clients.client(self.service, self.region)
        try:
            async with self._slots, asyncio.timeout(self._options.operation_timeout):
                return await link.fetch(client)
        except TimeoutError:
            raise link.late() from None

    async def change(
        self, operation: str, parameters: Mapping[str, Any], what: str, *, repeatable: bool
    ) -> tuple[dict[str, Any], str]:
        """Send a change, once unless `repeatable`: the members of the answer, and the request id."""

        def answer(reply: Reply) -> tuple[dict[str, Any], str]:
            return reply.members(), reply.request_id

        place = self._place(operation, what, change=True)
        return await self._run(place, parameters, answer, None if repeatable else 1)

    async def output_shape(self, operation: str) -> Any:
        """Botocore's model of what an operation answers."""
        client = await self._clients.client(self.service, self.region)
        return client.meta.service_model.operation_model(operation).output_shape

    def _place(self, operation: str, what: str, *, change: bool = False) -> Place:
        return Place(what, self.service, operation, self.region, self._clients.profile, change)

    async def _run(
        self, place: Place, parameters: Mapping[str, Any], read: Callable[[Reply], T], attempts: int | None
    ) -> T:
        """Ask once more with other credentials, where those that were used have run out. A change is not sent again."""
        login = self._clients.login
        version = await login.ready()
        try:
            result = await self._timed(place, parameters, read, attempts)
        except AppError as error:
            if error.kind is not ErrorKind.CREDENTIALS or not error.code:
                raise
            if not await login.renewed(version, error) or place.change:
                raise
            result = await self._timed(place, parameters, read, attempts)
        login.accepted()
        return result

    async def _timed(
        self, place: Place, parameters: Mapping[str, Any], read: Callable[[Reply], T], attempts: int | None
    ) -> T:
        limit, most = self._options.operation_timeout, attempts or self._options.attempts
        async with self._slots:
            operation = Operation()
            try:
                with operation.running():
                    async with asyncio.timeout(limit) as operation.deadline:
                        return await self._attempt(place, parameters, read, most, operation)
            except TimeoutError as error:
                self._unreached(operation, for_good=True)
                raise operation.given_up(failure(error, place, sent=operation.sent), limit) from error

    async def _attempt(
        self,
        place: Place,
        parameters: Mapping[str, Any],
        read: Callable[[Reply], T],
        most: int,
        operation: Operation,
    ) -> T:
        number = 1
        while True:
            operation.sent = False
            began = time.monotonic()
            try:
                reply = await self._send(place, parameters, operation)
                self._log(place, number, began, "answered", reply.request_id)
                return read(reply)
            except ReturnedError:
                operation.begin_anew(self._options.operation_timeout)
                continue
            except Exception as error:  # botocore leaks ValueError, KeyError, OSError and more
                failed = failure(error, place, sent=operation.sent)
                self._log(place, number, began, str(failed.error.kind), failed.error.code or type(error).__name__)
                await self._look_elsewhere(failed.error)
                operation.remember(failed.error)
                last = not failed.transient or number >= most
                if failed.error.kind in (ErrorKind.NETWORK, ErrorKind.TIMEOUT):
                    self._unreached(operation, for_good=last)
                elif operation.way is not None and operation.sent:
                    operation.way.answered(time.monotonic() - began)
                if last:
                    raise failed.error from error
            await self._pause(place, number, most, failed.error, operation)
            number += 1

    def _unreached(self, operation: Operation, *, for_good: bool) -> None:
        """No answer came."""
        if operation.way is not None:
            operation.way.failed()
            if for_good:
                self._clients.network.gave_up()

    def _log(self, place: Place, number: int, began: float, end: str, detail: str) -> None:
        """One line of the debug log: never a parameter, nor the words of an answer."""
        if _LOG.isEnabledFor(logging.DEBUG):
            took, known = time.monotonic() - began, detail if _WORD.fullmatch(detail) else "-"
            called = f"{self.service}:{place.operation}"
            _LOG.debug("%s %s attempt %d: %s %s in %.3f s", called, self.region, number, end, known, took)

    async def _send(self, place: Place, parameters: Mapping[str, Any], operation: Operation) -> Reply:
        client = await self._clients.client(self.service, self.region)
        method = getattr(client, xform_name(place.operation), None)
        if method is None:
            raise ParamValidationError(report=f"{self.service} has no operation {place.operation}")
        operation.way = self._clients.network.way(client)
        async with nullcontext() if place.change else operation.way.watched():
            answer = await method(**parameters)
            stream = answer.get("Body")
            body = answer.get(BODY) if stream is None else await streamed(stream)
        metadata = answer.get("ResponseMetadata", {})
        return Reply(answer, body, str(metadata.get("RequestId", "")))

    async def _look_elsewhere(self, error: AppError) -> None:
        """A region that is not enabled refuses credentials that are good everywhere else."""
        if error.code in _UNKNOWN_CLIENT and await self._clients.accepted_elsewhere(self.region):
            error.kind = ErrorKind.REGION_DISABLED
            error.remedy = f"Enable {self.region} for the account, or take another region."

    async def _pause(self, place: Place, number: int, most: int, error: AppError, operation: Operation) -> None:
        longest = min(_LONGEST_PAUSE, self._options.backoff * 2 ** (number - 1))
        delay = random.uniform(0.2 * longest, longest)
        if self._options.on_attempt:
            self._options.on_attempt(Attempt(self.service, place.operation, self.region, number, most, delay, error))
        await (asyncio.sleep(delay) if operation.way is None else operation.way.pause(delay))
