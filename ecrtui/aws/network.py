"""Whether the endpoints can be reached. One that cannot is looked at every second until it answers again.

    way = network.way(client)
    async with way.watched():       what hangs while the way is lost is given up when it is open again: `ReturnedError`
        await client.call(...)
    way.failed()                    a request did not get through
    await way.pause(seconds)        less, when the way was lost and is open again

A look is a request that nobody signs; any answer will do. Only what a look finds closed, too, is lost: who answers
looks and refuses requests is not asked more often for it.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from typing import Any

from botocore.awsrequest import AWSRequest
from botocore.exceptions import BotoCoreError, HTTPClientError

_EVERY = 1.0
"""Seconds between two looks."""

_PATIENCE = 5.0
"""Seconds that a look may take; others are begun meanwhile."""

_LONG = 2.0
"""Seconds without an answer after which it is looked whether the way is open."""


class ReturnedError(Exception):
    """The way was lost while this waited for an answer, and is open again: ask anew."""


class _Return:
    """What can be waited for again and again."""

    def __init__(self) -> None:
        self._event = asyncio.Event()

    def happens(self) -> None:
        """Have everybody go on who waits."""
        self._event.set()
        self._event = asyncio.Event()

    async def pause(self, seconds: float) -> None:
        """Wait so long, or until it happens."""
        try:
            async with asyncio.timeout(seconds):
                await self._event.wait()
        except TimeoutError:
            return


class Way:
    """The way to one endpoint."""

    def __init__(self, network: Network, asks: Callable[[], Awaitable[bool]]) -> None:
        self._network = network
        self._asks = asks
        self._looks: set[asyncio.Task[None]] = set()
        self._waiting: dict[asyncio.Timeout, float] = {}
        """Who waits for an answer, and since when."""
        self._return = _Return()
        self.lost = False
        self.answered_at = 0.0
        """When it was last known to be open, by the clock of the loop."""

    @asynccontextmanager
    async def watched(self) -> AsyncIterator[None]:
        """Wait for an answer within; raises `ReturnedError` when there will be none, but would be to a new request."""
        began = _now()
        doubt = asyncio.get_running_loop().call_later(_LONG, self._network.doubt, self)
        try:
            async with asyncio.timeout(None) as waiting:
                self._waiting[waiting] = began
                yield
        except TimeoutError:
            if waiting.expired():
                raise ReturnedError from None
            raise
        finally:
            doubt.cancel()
            self._waiting.pop(waiting, None)
        self.answered(_now() - began)

    async def pause(self, seconds: float) -> None:
        """Wait so long, or until the way was lost and is open again."""
        await self._return.pause(seconds)

    def failed(self) -> None:
        """A request did not get through."""
        self._network.doubt(self)

    def answered(self, took: float) -> None:
        """Something was answered within these seconds. Who waits for much longer waits in vain, if the way was lost."""
        self.answered_at = now = _now()
        if self.lost:
            self.lost = False
            for waiting, since in self._waiting.items():
                if now - since > 2 * took + _EVERY:
                    waiting.reschedule(now)
            self._return.happens()
            self._network.returned(self)
        else:
            self._network.trust(self)

    def look(self) -> None:
        """See whether something answers. It is lost when nothing did the last time."""
        self.lost = self.lost or bool(self._looks)
        task = asyncio.ensure_future(self._look())
        self._looks.add(task)
        task.add_done_callback(self._looks.discard)

    def stop(self) -> Iterable[asyncio.Task[None]]:
        """Look no more: the looks that end now."""
        for task in self._looks:
            task.cancel()
        return tuple(self._looks)

    async def _look(self) -> None:
        began = _now()
        try:
            async with asyncio.timeout(_PATIENCE):
                answered = await self._asks()
        except TimeoutError:
            return
        if answered:
            self.answered(_now() - began)
        else:
            self.lost = True


class Network:
    """Implements `ports.Network` for all endpoints of an account."""

    def __init__(self) -> None:
        self._ways: dict[str, Way] = {}
        self._doubted: list[Way] = []
        """The ways that are looked at; those that were open most recently first."""
        self._given_up = False
        self._looking: asyncio.Task[None] | None = None
        self._listeners: list[Callable[[], None]] = []
        self._return = _Return()

    # -- ports.Network ------------------------------------------------------------------------------------

    def on_return(self, listener: Callable[[], None]) -> None:
        """Have `listener` called when an endpoint answers again for want of which something was given up."""
        self._listeners.append(listener)

    async def pause(self, seconds: float) -> None:
        """Wait so long, or until an endpoint that was lost answers again."""
        await self._return.pause(seconds)

    # -- for the calls ------------------------------------------------------------------------------------

    def way(self, client: Any) -> Way:
        """The way to the endpoint of a client."""
        url = client.meta.endpoint_url
        if url not in self._ways:
            self._ways[url] = Way(self, lambda: _answers(client))
        return self._ways[url]

    def gave_up(self) -> None:
        """An operation has failed because its requests did not get through."""
        self._given_up = True

    async def close(self) -> None:
        """Look no more."""
        tasks = [task for way in self._ways.values() for task in way.stop()]
        if self._looking is not None:
            self._looking.cancel()
            tasks.append(self._looking)
        await asyncio.gather(*tasks, return_exceptions=True)

    # -- for the ways -------------------------------------------------------------------------------------

    def doubt(self, way: Way) -> None:
        """This way may not be open."""
        if way not in self._doubted:
            self._doubted = sorted([*self._doubted, way], key=lambda one: -one.answered_at)
        if self._looking is None or self._looking.done():
            self._looking = asyncio.ensure_future(self._look())

    def trust(self, way: Way) -> None:
        """This way is open."""
        if way in self._doubted:
            self._doubted.remove(way)

    def returned(self, way: Way) -> None:
        """This way was lost, and is open again; others may be, too."""
        self.trust(way)
        self._return.happens()
        for other in self._doubted:
            other.look()
        if self._given_up:
            self._given_up = bool(self._doubted)
            for listener in self._listeners:
                listener()

    async def _look(self) -> None:
        """Look every second: at the way that was open most recently, and at the others in turn."""
        turn = 0
        while self._doubted:
            await asyncio.sleep(_EVERY)
            for way in self._doubted[:1] + self._doubted[1:][turn : turn + 1]:
                way.look()
            turn = (turn + 1) % max(1, len(self._doubted) - 1)


def _now() -> float:
    return asyncio.get_running_loop().time()


async def _answers(client: Any) -> bool:
    """Whether an endpoint answers at all; nothing is signed."""
    try:
        await client._endpoint.http_session.send(AWSRequest("GET", client.meta.endpoint_url).prepare())
    except (BotoCoreError, HTTPClientError):
        return False
    return True
