"""Loads into the slices of the state, for one opened account: the newest of a slice wins, a reload keeps what was.

They are cancelled when the account is left, and what still arrives carries the old generation and is dropped by
`reduce`: nothing of an account can appear after it.
"""

from __future__ import annotations

import time
from asyncio import CancelledError
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import aclosing
from functools import partial
from itertools import count
from typing import TYPE_CHECKING, Any, TypeVar, cast

from ecrtui.domain.errors import AppError
from ecrtui.services.state import (
    Changed,
    Failed,
    Idle,
    Key,
    Loadable,
    Loading,
    Partial,
    Ready,
    State,
    error_of,
    reduce,
    stopped,
    value_of,
)
from ecrtui.ui.defects import unexpected

if TYPE_CHECKING:
    from ecrtui.ui.app import EcrtuiApp

T = TypeVar("T")


class Loads:
    """The loads of one generation."""

    def __init__(self, app: EcrtuiApp, generation: int) -> None:
        self.app = app
        self.generation = generation
        self._latest: dict[Key[Any], int] = {}
        self._loads: dict[Key[Any], Callable[[], AsyncIterator[Loadable[Any]]]] = {}
        """How each slice was loaded last."""
        self._numbers = count(1)

    @property
    def state(self) -> State:
        """What is known now."""
        return self.app.state

    def put(self, key: Key[T], value: Loadable[T]) -> None:
        """Move one slice of the state on, have it shown, and load what is wanted next."""
        event = Changed(self.generation, key, value)
        before, state = error_of(self.app.state.get(key)), reduce(self.app.state, event)
        if state is not self.app.state:
            error = error_of(value)
            if error is not None and error is not before:
                self.app.note(error)
            self.app.show(state, loading=isinstance(value, Loading))
            self.follow_up(event)

    def asked(self, key: Key[Any]) -> bool:
        """Whether a load of one slice was ever started: it stays Idle for a moment after that."""
        return key in self._latest

    def forget(self, key: Key[Any]) -> None:
        """A slice that failed counts as never asked for; what was there before stays."""
        self._latest.pop(key, None)
        if isinstance(self.state.get(key), Failed):
            self.put(key, Idle())

    def stop(self, key: Key[Any]) -> bool:
        """Stop the load of one slice, keeping what came; False when none runs."""
        if not isinstance(self.state.get(key), Loading):
            return False
        self.app.workers.cancel_group(self.app, _group(key))
        return True

    def end(self) -> None:
        """Cancel all of them."""
        for key in self._latest:
            self.app.workers.cancel_group(self.app, _group(key))

    def follow_up(self, event: Changed) -> None:
        """What is wanted next, now that this is known."""

    # How a load runs

    def once(self, key: Key[T], ask: Callable[[], Awaitable[T]]) -> None:
        """Ask for a slice whose answer comes whole."""

        async def loadable() -> Loadable[T]:
            try:
                return Ready(await ask(), time.time())
            except AppError as error:
                return Failed(error, time.time())

        self.ask(key, loadable)

    def ask(self, key: Key[T], ask: Callable[[], Awaitable[Loadable[T]]]) -> None:
        """Ask for a slice whose answer comes at once, and says itself how well it is known."""

        async def once() -> AsyncGenerator[Loadable[T], None]:
            yield Loading()
            yield await ask()

        self.fill(key, once)

    def fill(self, key: Key[T], loads: Callable[[], AsyncIterator[Loadable[T]]], keep: bool = True) -> None:
        """Run `loads` into the slice; the newest load of a slice wins."""
        number = next(self._numbers)
        self._latest[key] = number
        self._loads[key] = loads
        before = self.state.get(key) if keep else None
        self.app.spawn(partial(self._run, key, loads(), number, before), _group(key), exclusive=True)

    def newest_first(self, keys: Iterable[Key[Any]]) -> Sequence[Key[Any]]:
        """These slices, those that were asked for last first."""
        return sorted(keys, key=lambda key: -self._latest[key])

    def load_again(self, key: Key[Any]) -> None:
        """Load a slice as it was loaded last."""
        self.fill(key, self._loads[key])

    async def _run(
        self, key: Key[T], loads: AsyncIterator[Loadable[T]], number: int, before: Loadable[T] | None
    ) -> None:
        held = before if isinstance(before, Ready | Partial) else None
        last: Loadable[T] = Idle()
        try:
            async with aclosing(cast("AsyncGenerator[Loadable[T], None]", loads)):
                async for last in loads:
                    self._put_latest(key, number, _held(held, last))
        except CancelledError:
            self._put_latest(key, number, stopped(last, time.time()) if held is None else held)
            raise
        except Exception as error:
            self._put_latest(key, number, _held(held, _broken(last, error)))
            raise

    def _put_latest(self, key: Key[T], number: int, value: Loadable[T]) -> None:
        if self._latest.get(key) == number:
            self.put(key, value)


def _group(key: Key[Any]) -> str:
    return f"load {key}"


def _broken(slice_: Loadable[T], error: Exception) -> Loadable[T]:
    """What remains of a slice whose loading ended with a defect of ours: never one that loads for ever."""
    value, told = value_of(slice_), unexpected(error, "read this")
    return Failed(told, time.time()) if value is None else Partial(value, told, time.time())


def _held(held: Ready[T] | Partial[T] | None, new: Loadable[T]) -> Loadable[T]:
    """What a reload shows: the former rows until the new ones are complete, and the former ones if it fails."""
    if held is None:
        return new
    if isinstance(new, Loading):
        return Loading(held.value, new.pages, new.rows)
    if isinstance(new, Failed):
        return Partial(held.value, new.error, held.at, stale=isinstance(held, Ready) or held.stale)
    return new
