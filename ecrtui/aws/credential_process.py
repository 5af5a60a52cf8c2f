"""The program of credential_process: kept away from the terminal, ended with its children, and read only so far."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

from aiobotocore.credentials import AioProcessProvider
from botocore.exceptions import CredentialRetrievalError
from dateutil.parser import parse  # type: ignore[import-untyped]

from ecrtui import wards

_MOST = 2**20
"""Bytes that are read of what it prints; one that prints more is ended."""


class ProcessProvider(AioProcessProvider):
    """Botocore's; all that can be wrong with the program is a `CredentialRetrievalError`."""

    METHOD: str

    def __init__(self, profile_name: str, load_config: Callable[[], Any], started: Callable[[str], None]) -> None:
        """`started` hears of the program whenever it is run."""
        super().__init__(profile_name=profile_name, load_config=load_config, popen=self._start)
        self._started = started

    async def load(self) -> Any:  # type: ignore[override]  # as aiobotocore's own
        """The credentials that it prints, or None where the profile has none."""
        with self._explained():
            return await super().load()

    async def _retrieve_credentials_using(self, credential_process: str) -> Any:
        with self._explained():
            found = await super()._retrieve_credentials_using(credential_process)  # type: ignore[misc]
            if found["expiry_time"] is not None and parse(found["expiry_time"]).tzinfo is None:
                raise ValueError("no time zone")
        return found

    async def _start(self, *command: str, **options: Any) -> _Program:
        """Away from the terminal: it could read our keys otherwise, and write to our screen."""
        self._started(command[0])
        process = await asyncio.create_subprocess_exec(
            *command, stdin=subprocess.DEVNULL, start_new_session=True, **options
        )
        return _Program(process)

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise self._failed(f"it cannot be run: {error.filename}: {error.strerror}") from error
        except (ValueError, TypeError, AttributeError, LookupError) as error:
            raise self._failed("it printed no credentials") from error

    def _failed(self, why: str) -> CredentialRetrievalError:
        return CredentialRetrievalError(provider=self.METHOD, error_msg=why)


class _Program:
    """A running program: with its children it ends when nobody waits for it any more."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    @property
    def returncode(self) -> int | None:
        return self._process.returncode

    async def communicate(self) -> tuple[bytes, bytes]:
        with wards.noted(-self._process.pid):
            return await self._said()

    async def _said(self) -> tuple[bytes, bytes]:
        process = self._process
        assert process.stdout is not None
        assert process.stderr is not None
        try:
            said = await asyncio.gather(_beginning(process.stdout, self._end), _beginning(process.stderr))
            await process.wait()
            if len(said[0]) == _MOST:
                raise ValueError("it printed too much")
        except BaseException:
            self._end()
            process._transport.close()  # type: ignore[attr-defined]  # not public; who has left the group keeps it open
            await process.wait()
            raise
        return said[0], said[1]

    def _end(self) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)


async def _beginning(stream: asyncio.StreamReader, full: Callable[[], None] = lambda: None) -> bytes:
    """What comes first, and the rest taken too, so that the program can go on; `full` is called when it is too much."""
    said = bytearray()
    while part := await stream.read(65_536):
        said += part[: _MOST - len(said)]
        if len(said) == _MOST:
            full()
    return bytes(said)
