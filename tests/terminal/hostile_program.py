"""The app on this terminal, over the account whose every string is hostile."""

from __future__ import annotations

import sys

from hostile import PAYLOADS, hostile_account
from memory import MemoryAccount, MemoryJournal

from ecrtui.settings import Settings
from ecrtui.ui.app import run
from ecrtui.ui.backend import Backend


async def opened(profile: str | None, retrying: object) -> MemoryAccount:
    return hostile_account()


sys.exit(run(Settings(refresh=-1.0), Backend(opened, lambda: tuple(PAYLOADS.values()), MemoryJournal), {}))
