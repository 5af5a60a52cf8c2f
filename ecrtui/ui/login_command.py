"""The command that logs in, on our terminal while the app has left it."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress

from ecrtui.domain.errors import AppError, ErrorKind
from ecrtui.ui.present.login import ending, written


async def run(command: Sequence[str]) -> AppError | None:
    """Run it; what went wrong. What it said of that stays to be read until Enter is pressed."""
    _say(f"$ {written(command)}\n")
    try:
        process = await asyncio.create_subprocess_exec(*command)
    except OSError as error:
        return _not_run(command, error)
    interrupts = _Interrupts(process.kill)
    with interrupts.taken():
        try:
            code = await process.wait()
        finally:
            if process.returncode is None:
                process.kill()
        if code == 0:
            return None
        if not interrupts.number:
            _say(f"\n{written(command)} {ending(code)}. Enter goes back to ecrtui.")
            await _enter(interrupts)
    return _failed(command, ending(code), by_hand=bool(interrupts.number))


class _Interrupts:
    r"""ctrl+c and ctrl+\ are the command's and not ours; the second one kills a command that does not heed the first.

    They are caught and not ignored, since children inherit what is ignored.
    """

    def __init__(self, kill: Callable[[], None]) -> None:
        self.number = 0
        self.wait: asyncio.Future[None] | None = None
        """What an interrupt ends, too."""
        self._kill = kill

    @contextmanager
    def taken(self) -> Iterator[None]:
        former = {number: signal.signal(number, self._came) for number in (signal.SIGINT, signal.SIGQUIT)}
        try:
            yield
        finally:
            for number, handler in former.items():
                signal.signal(number, handler)

    def _came(self, *_: object) -> None:
        self.number += 1
        if self.wait is not None and not self.wait.done():
            self.wait.get_loop().call_soon_threadsafe(self.wait.cancel)
        elif self.number > 1:
            with suppress(ProcessLookupError):
                self._kill()


async def _enter(interrupts: _Interrupts) -> None:
    loop, keyboard = asyncio.get_running_loop(), sys.__stdin__
    assert keyboard is not None
    pressed = interrupts.wait = loop.create_future()

    def read() -> None:
        os.read(keyboard.fileno(), 4096)
        if not pressed.done():
            pressed.set_result(None)

    loop.add_reader(keyboard.fileno(), read)
    try:
        await asyncio.wait([pressed])
    finally:
        loop.remove_reader(keyboard.fileno())


def _say(text: str) -> None:
    print(text, file=sys.__stderr__, flush=True)


def _failed(command: Sequence[str], how: str, *, by_hand: bool) -> AppError:
    return AppError(
        ErrorKind.LOCAL,
        f"log in with {written(command)}",
        why="it was interrupted" if by_hand else f"it {how}",
        remedy="Run it again, or elsewhere: a login is seen here.",
    )


def _not_run(command: Sequence[str], error: OSError) -> AppError:
    return AppError(
        ErrorKind.LOCAL,
        f"log in with {written(command)}",
        why=f"{command[0]}: {error.strerror or error}",
        remedy="Install the AWS CLI, or log in where it is: a login is seen here.",
    )
