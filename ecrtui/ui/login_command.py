"""The command that logs in, on our terminal while the app has left it."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

from ecrtui import wards
from ecrtui.domain.errors import AppError, ErrorKind
from ecrtui.ui.present.login import ending, written


async def run(command: Sequence[str]) -> AppError | None:
    """Run it; what went wrong. What it said of that stays to be read until Enter is pressed."""
    _say(f"$ {written(command)}\n")
    with _Interrupts() as interrupts:
        try:
            code = await _ended(command, interrupts)
        except OSError as error:
            return _not_run(command, error)
        if code == 0:
            return None
        if interrupts.number:
            return _failed(command, "was interrupted")
        _say(f"\n{written(command)} {ending(code)}. Enter goes back to ecrtui.")
        await _enter(interrupts)
    return _failed(command, ending(code))


async def _ended(command: Sequence[str], interrupts: _Interrupts) -> int:
    process = await asyncio.create_subprocess_exec(*command)
    interrupts.ends = process.kill
    try:
        with wards.noted(process.pid):
            return await process.wait()
    finally:
        if process.returncode is None:
            process.kill()


class _Interrupts:
    r"""ctrl+c and ctrl+\ are the command's and not ours; the second one ends what does not heed the first.

    They are caught and not ignored, since children inherit what is ignored.
    """

    def __init__(self) -> None:
        self.number = 0
        self.ends: Callable[[], object] = lambda: None
        """Ends what is waited for."""
        self._former: dict[int, Any] = {}

    def __enter__(self) -> _Interrupts:
        self._former = {number: signal.signal(number, self._came) for number in (signal.SIGINT, signal.SIGQUIT)}
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self._former.items():
            signal.signal(number, handler)

    def _came(self, *_: object) -> None:
        self.number += 1
        if self.number > 1:
            with suppress(ProcessLookupError):
                self.ends()


async def _enter(interrupts: _Interrupts) -> None:
    """Wait for the key, or for an interrupt."""
    loop, keyboard = asyncio.get_running_loop(), sys.__stdin__
    assert keyboard is not None
    pressed = asyncio.Event()
    interrupts.number, interrupts.ends = 1, lambda: loop.call_soon_threadsafe(pressed.set)

    def read() -> None:
        with suppress(OSError):  # the terminal is gone: that ends the app
            os.read(keyboard.fileno(), 4096)
        pressed.set()

    loop.add_reader(keyboard.fileno(), read)
    try:
        await pressed.wait()
    finally:
        loop.remove_reader(keyboard.fileno())


def _say(text: str) -> None:
    print(text, file=sys.__stderr__, flush=True)


def _failed(command: Sequence[str], how: str) -> AppError:
    return AppError(
        ErrorKind.LOCAL,
        f"log in with {written(command)}",
        why=f"it {how}",
        remedy="Run it again, or elsewhere: a login is seen here.",
    )


def _not_run(command: Sequence[str], error: OSError) -> AppError:
    return AppError(
        ErrorKind.LOCAL,
        f"log in with {written(command)}",
        why=f"{command[0]}: {error.strerror or error}",
        remedy="Install the AWS CLI, or log in where it is: a login is seen here.",
    )
