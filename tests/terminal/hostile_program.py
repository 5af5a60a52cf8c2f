"""The app on this terminal, over the account whose every string is hostile.

Its exit code is 1 where the exit filter had anything to do.
"""

from __future__ import annotations

import gc
import sys

from hostile import PAYLOADS, hostile_account
from memory import MemoryAccount, MemoryJournal

from ecrtui.settings import Settings
from ecrtui.ui.app import run
from ecrtui.ui.backend import Backend
from ecrtui.ui.terminal import ExitFilter


async def opened(profile: str | None, retrying: object) -> MemoryAccount:
    return hostile_account()


code = run(Settings(refresh=-1.0), Backend(opened, lambda: tuple(PAYLOADS.values()), MemoryJournal), {})
caught = sum(each.caught for each in gc.get_objects() if isinstance(each, ExitFilter))
sys.exit(code or (f"the exit filter caught {caught}" if caught else 0))
