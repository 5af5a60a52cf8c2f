"""Drives the whole app in a test, as a story: keys in, the screen out.

async with driving(account) as t:
    await t.press("G", "enter")
    await t.sees("IMAGES  pet-web")
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

from memory import MemoryJournal
from textual.pilot import Pilot

from ecrtui.services.ports import Account, Journal
from ecrtui.settings import Settings
from ecrtui.ui.app import EcrtuiApp
from ecrtui.ui.backend import Backend

DEADLINE = 15.0
"""Seconds within which something must appear; slow machines need most of it, a test that passes none."""


class Driver:
    """One running app."""

    def __init__(self, app: EcrtuiApp, pilot: Pilot[int]) -> None:
        self.app = app
        self.pilot = pilot

    @property
    def screen(self) -> str:
        """What stands on the screen now, a line each."""
        strips = self.app.screen._compositor.render_strips(self.app.size)
        return "\n".join(strip.text.rstrip() for strip in strips)

    async def press(self, *keys: str) -> None:
        """Press keys, one after the other."""
        await self.pilot.press(*keys)

    async def type(self, text: str) -> None:
        """Type text."""
        await self.pilot.press(*(_KEYS.get(character, character) for character in text))

    async def until(self, holds: Callable[[], bool], what: str) -> None:
        """Wait until something holds; fails with the screen when it does not come."""
        try:
            async with asyncio.timeout(DEADLINE):
                while not holds():  # noqa: ASYNC110 - a screen tells nobody that it changed
                    await asyncio.sleep(0.01)
        except TimeoutError:
            raise AssertionError(f"{what} did not come; the screen is:\n{self.screen}") from None
        await self._settled()

    async def _settled(self) -> None:
        """Wait until widgets have taken their messages; a second at most, since one that is removed never answers."""
        with suppress(TimeoutError):
            async with asyncio.timeout(1):
                await self.pilot.pause(0)

    async def sees(self, *texts: str) -> None:
        """Wait until all these texts are on the screen."""
        for text in texts:
            await self.until(lambda text=text: text in self.screen, repr(text))  # type: ignore[misc]

    async def sees_match(self, pattern: str) -> re.Match[str]:
        """Wait until the screen matches."""
        await self.until(lambda: re.search(pattern, self.screen) is not None, pattern)
        found = re.search(pattern, self.screen)
        assert found is not None
        return found

    async def misses(self, text: str) -> None:
        """Wait until a text is gone from the screen."""
        await self.until(lambda: text not in self.screen, f"the end of {text!r}")

    def line(self, text: str) -> str:
        """The line of the screen with this text."""
        return next(line for line in self.screen.splitlines() if text in line)


@asynccontextmanager
async def driving(
    account: Account,
    *,
    size: tuple[int, int] = (120, 36),
    journal: Journal | None = None,
    profiles: tuple[str, ...] = (),
    open_account: Any = None,
    **settings: Any,
) -> AsyncIterator[Driver]:
    """The app over an account, without automatic refreshes unless asked for."""

    async def opened(profile: str | None, retrying: Callable[[str], None]) -> Account:
        return account

    settings.setdefault("refresh", -1.0)
    record = journal or MemoryJournal()
    backend = Backend(open_account or opened, lambda: profiles, lambda: record)
    app = EcrtuiApp(Settings(**settings), backend, {})
    async with app.run_test(size=size, notifications=True) as pilot:
        driver = Driver(app, pilot)
        await driver.until(lambda: app.mode_screen is not None and app.mode_screen.is_mounted, "the first screen")
        yield driver
    assert app.exit_filter.caught == 0, "a string got past the text boundary"


def fixture_text(name: str) -> str:
    """A file of tests/fixtures."""
    return (Path(__file__).parent / "fixtures" / name).read_text()


_KEYS = {
    " ": "space",
    "/": "slash",
    ":": "colon",
    "-": "minus",
    "_": "underscore",
    ".": "full_stop",
    "<": "less_than_sign",
    ">": "greater_than_sign",
    "=": "equals_sign",
}
