"""News beside the screen: the desktop notification that a person asked for holds nothing of a stranger's that acts."""

from __future__ import annotations

import pytest
from memory import MemoryAccount, a_repository

from driver import driving
from ecrtui.domain.text import Shown, shown
from ecrtui.ui.terminal import ExitFilter


@pytest.mark.fault("A2", "A3", "A5")
@pytest.mark.parametrize("name", ["4;1;50", "x\x07\x1b]52;c;eA==\x07", "\x9c\x1b\\\x1b[2J"])
async def test_a_notification_is_one_sequence(name: str, monkeypatch: pytest.MonkeyPatch):
    sent: list[str] = []
    async with driving(MemoryAccount(repositories=[a_repository("pet-web")]), notify=True) as t:
        assert t.app._driver is not None
        monkeypatch.setattr(t.app._driver, "write", sent.append)
        t.app.announce(shown(f"{name} succeeded"))
        monkeypatch.undo()
    (one,) = [text for text in sent if text.startswith("\x1b]9;")]
    assert one.startswith("\x1b]9;ecrtui: ")
    assert one.endswith("succeeded\x07")
    assert one[2:-1].isprintable()


@pytest.mark.fault("D69")
def test_beside_the_screen_too_everything_is_ascii_without_unicode():
    assert ExitFilter(unicode=False).written(Shown("✓ pet-web … 한국")).isascii()
