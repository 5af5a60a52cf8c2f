"""The MFA code of a role, asked for on the terminal of a command: on stderr, unseen, read from stdin."""

from __future__ import annotations

import asyncio
import os
import sys
import termios
from collections.abc import Iterator
from contextlib import contextmanager

from ecrtui.domain.errors import AppError, ErrorKind
from ecrtui.domain.text import shown
from ecrtui.services.ports import CodeQuestion


async def ask_code(question: CodeQuestion) -> str:
    """The code that is typed; `AppError` where there is no terminal, or its input ends."""
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise _no_code(question, "there is no terminal to ask at")
    descriptor, loop = sys.stdin.fileno(), asyncio.get_running_loop()
    typed: asyncio.Future[bytes] = loop.create_future()

    def read() -> None:
        if not typed.done():
            typed.set_result(os.read(descriptor, 1024))

    with _unseen(descriptor):  # before it is asked for: who answers at once is not seen either
        if question.problem:
            sys.stderr.write(f"{shown(question.problem)}\n")
        sys.stderr.write(shown(f"MFA code of {question.device} for the role {question.role}: "))
        sys.stderr.flush()
        loop.add_reader(descriptor, read)
        try:
            line = await typed
        finally:
            loop.remove_reader(descriptor)
            sys.stderr.write("\n")
    if not line:
        raise _no_code(question, "none was given")
    return line.decode("utf-8", "replace").strip()


@contextmanager
def _unseen(descriptor: int) -> Iterator[None]:
    """What is typed is not shown meanwhile."""
    before = termios.tcgetattr(descriptor)
    quiet = [*before]
    quiet[3] &= ~termios.ECHO
    termios.tcsetattr(descriptor, termios.TCSADRAIN, quiet)
    try:
        yield
    finally:
        termios.tcsetattr(descriptor, termios.TCSADRAIN, before)


def _no_code(question: CodeQuestion, why: str) -> AppError:
    return AppError(
        ErrorKind.CREDENTIALS,
        "find usable credentials",
        why=f"the profile {question.profile} asks for an MFA code, and {why}",
        remedy="Run this on a terminal, or take a session with `aws sts get-session-token` first.",
    )
