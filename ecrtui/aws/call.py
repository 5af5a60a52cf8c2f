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
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar
from urllib.parse import urlsplit

import aiohttp
from aiobotocore.response import StreamingBody
from botocore import xform_name
from botocore.awsrequest import AWSRequest
from botocore.exceptions import BotoCoreError, HTTPClientError, ParamValidationError

from ecrtui.aws.boto import BODY
from ecrtui.aws.credentials import Credentials
from ecrtui.aws.errors import Failure, Place, failure
from ecrtui.aws.network import Network, ReturnedError, Way
from ecrtui.aws.session import AccountOptions, Attempt
from ecrtui.aws.values import check_members, json_object
from ecrtui.domain.errors import AppError, ErrorKind, Executed

T = TypeVar("T")

CONCURRENCY = 8
"""Calls at a time to one service in one region (domain reference, section 1, quotas)."""

_LOG = logging.getLogger(__name__)
_WORD = re.compile(r"[A-Za-z0-9.-]{1,64}")
"""What a request id or an error code looks like; anything else of an answer is not logged."""
_LONGEST_PAUSE = 8.0
_MOST_STREAMED = 2**20
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
        """What is behind a link that the service signed, of at most a MiB; asked for once, without credentials.

        The link is a secret while it holds: errors name its host alone.
        """
        host = urlsplit(url).hostname or "an empty host"

        def failed(kind: ErrorKind, why: str) -> AppError:
            remedy = f"See that your network lets you reach {host}: the link leads there, not to {self.service}."
            return AppError(kind, what, where=self.region, why=why, remedy=remedy)

        if urlsplit(url).scheme not in ("http", "https"):
            raise failed(ErrorKind.MALFORMED, "the link is not an http or https URL")
        client = await self._clients.client(self.service, self.region)
        request = AWSRequest("GET", url, stream_output=True).prepare()
        try:
            async with self._slots, asyncio.timeout(self._options.operation_timeout):
                response = await client._endpoint.http_session.send(request)
                body = await _streamed(StreamingBody(response.raw, None))  # type: ignore[arg-type]  # a length that is not known
        except TimeoutError:
            raise failed(ErrorKind.TIMEOUT, f"{host} did not answer in time") from None
        except (BotoCoreError, HTTPClientError):
            raise failed(ErrorKind.NETWORK, f"no connection to {host}") from None
        if response.status_code != 200:
            raise failed(ErrorKind.SERVICE, f"{host} answered with status {response.status_code}")
        return body

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
        limit = self._options.operation_timeout
        async with self._slots:
            state = _State()
            token = _state.set(state)
            try:
                async with asyncio.timeout(limit) as state.deadline:
                    return await self._attempt(place, parameters, read, attempts or self._options.attempts, state)
            except TimeoutError as error:
                self._unreached(state, for_good=True)
                raise _given_up(failure(error, place, sent=state.sent), state, limit) from error
            finally:
                _state.reset(token)

    async def _attempt(
        self,
        place: Place,
        parameters: Mapping[str, Any],
        read: Callable[[Reply], T],
        most: int,
        state: _State,
    ) -> T:
        number = 1
        while True:
            state.sent = False
            began = time.monotonic()
            try:
                reply = await self._send(place, parameters, state)
                self._log(place, number, began, "answered", reply.request_id)
                return read(reply)
            except ReturnedError:
                state.begin_anew(self._options.operation_timeout)
                continue
            except Exception as error:  # botocore leaks ValueError, KeyError, OSError and more
                failed = failure(error, place, sent=state.sent)
                self._log(place, number, began, str(failed.error.kind), failed.error.code or type(error).__name__)
                await self._look_elsewhere(failed.error)
                state.remember(failed.error)
                last = not failed.transient or number >= most
                if failed.error.kind in (ErrorKind.NETWORK, ErrorKind.TIMEOUT):
                    self._unreached(state, for_good=last)
                elif state.way is not None and state.sent:
                    state.way.answered(time.monotonic() - began)
                if last:
                    raise failed.error from error
            await self._pause(place, number, most, failed.error, state)
            number += 1

    def _unreached(self, state: _State, *, for_good: bool) -> None:
        """No answer came."""
        if state.way is not None:
            state.way.failed()
            if for_good:
                self._clients.network.gave_up()

    def _log(self, place: Place, number: int, began: float, end: str, detail: str) -> None:
        """One line of the debug log: never a parameter, nor the words of an answer."""
        if _LOG.isEnabledFor(logging.DEBUG):
            took, known = time.monotonic() - began, detail if _WORD.fullmatch(detail) else "-"
            called = f"{self.service}:{place.operation}"
            _LOG.debug("%s %s attempt %d: %s %s in %.3f s", called, self.region, number, end, known, took)

    async def _send(self, place: Place, parameters: Mapping[str, Any], state: _State) -> Reply:
        client = await self._clients.client(self.service, self.region)
        method = getattr(client, xform_name(place.operation), None)
        if method is None:
            raise ParamValidationError(report=f"{self.service} has no operation {place.operation}")
        state.way = self._clients.network.way(client)
        async with nullcontext() if place.change else state.way.watched():
            answer = await method(**parameters)
            stream = answer.get("Body")
            body = answer.get(BODY) if stream is None else await _streamed(stream)
        metadata = answer.get("ResponseMetadata", {})
        return Reply(answer, body, str(metadata.get("RequestId", "")))

    async def _look_elsewhere(self, error: AppError) -> None:
        """A region that is not enabled refuses credentials that are good everywhere else."""
        if error.code in _UNKNOWN_CLIENT and await self._clients.accepted_elsewhere(self.region):
            error.kind = ErrorKind.REGION_DISABLED
            error.remedy = f"Enable {self.region} for the account, or take another region."

    async def _pause(self, place: Place, number: int, most: int, error: AppError, state: _State) -> None:
        longest = min(_LONGEST_PAUSE, self._options.backoff * 2 ** (number - 1))
        delay = random.uniform(0.2 * longest, longest)
        if self._options.on_attempt:
            self._options.on_attempt(Attempt(self.service, place.operation, self.region, number, most, delay, error))
        await (asyncio.sleep(delay) if state.way is None else state.way.pause(delay))


@dataclass(slots=True)
class _State:
    """What is known of the operation that runs in this task."""

    sent: bool = False
    """Whether the request of this attempt has left."""
    last: AppError | None = None
    unknown: bool = False
    """Whether an earlier attempt of a change may have taken effect."""
    way: Way | None = None
    """The way that the request takes, once that is known."""
    deadline: asyncio.Timeout | None = None

    def begin_anew(self, limit: float) -> None:
        """The network is back: there are so many seconds again."""
        if self.deadline is not None:
            self.deadline.reschedule(asyncio.get_running_loop().time() + limit)

    def remember(self, error: AppError) -> None:
        self.last = error
        self.unknown = self.unknown or error.executed is Executed.UNKNOWN
        if self.unknown:
            error.executed = Executed.UNKNOWN


_state: ContextVar[_State | None] = ContextVar("_state", default=None)


def note_sent(**_: Any) -> None:
    """Note that a request leaves now (`before-send`)."""
    if state := _state.get():
        state.sent = True


async def _streamed(stream: Any) -> bytes:
    """The first bytes of a streamed body; the connection is given back, or closed where more would come."""
    parts, size = [], 0
    try:
        async with stream:
            while size < _MOST_STREAMED and (part := await stream.read(_MOST_STREAMED - size)):
                parts.append(part)
                size += len(part)
    except aiohttp.ClientError as error:
        raise HTTPClientError(error=error) from error  # as botocore does of bodies that it reads itself
    return b"".join(parts)


def _given_up(late: Failure, state: _State, limit: float) -> AppError:
    """The error of an operation whose time is over: the last known cause says more than the clock."""
    error = state.last or late.error
    if state.last:
        error.why = f"{error.why}; gave up after {limit:g} s"
    if late.error.executed is Executed.UNKNOWN:
        error.executed = Executed.UNKNOWN
    return error
