"""The credentials of a session: found once for all clients, and fresh before each call."""

from __future__ import annotations

import asyncio
import time
from typing import Any

from aiobotocore.session import AioSession

from ecrtui.aws.errors import credentials_error
from ecrtui.domain.errors import AppError

_PATIENCE = 20.0
"""Seconds for a search or a renewal: it may wait for IMDS, for SSO, or for a program."""

_REMEMBERED = 5.0
"""Seconds for which a failure to find credentials is answered again without another search."""


class Credentials:
    """Finds and renews what signs the requests; everything that fails is a CREDENTIALS `AppError`."""

    def __init__(self, session: AioSession, profile: str) -> None:
        self._session = session
        self._profile = profile
        self._searching = asyncio.Lock()
        self._found: Any = None
        self._failed: tuple[float, Exception | None] | None = None

    async def ready(self) -> None:
        """Return when the credentials are there and fresh."""
        if self._found is None:
            async with self._searching:
                if self._found is None:
                    self._found = await self._search()
        try:
            async with asyncio.timeout(_PATIENCE):
                await self._found.get_frozen_credentials()
        except Exception as error:  # a broken SSO cache or program raises anything
            raise self._error(error) from error

    async def _search(self) -> Any:
        if self._failed and time.monotonic() - self._failed[0] < _REMEMBERED:
            raise self._error(self._failed[1])
        error: Exception | None = None
        try:
            async with asyncio.timeout(_PATIENCE):
                found = await self._session.get_credentials()
        except Exception as raised:  # noqa: BLE001  # as above
            found, error = None, raised
        if found is None:
            self._failed = (time.monotonic(), error)
            raise self._error(error)
        return found

    def _error(self, error: Exception | None) -> AppError:
        return credentials_error(error, self._profile, "find usable credentials")
