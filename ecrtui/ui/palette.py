"""The command palette: every command that applies here, and the themes."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING, NamedTuple, cast

from textual.command import DiscoveryHit, Hit, Hits, Provider
from textual.content import Content
from textual.types import IgnoreReturnCallbackType

from ecrtui.ui import commands
from ecrtui.ui.dialogs.dialog import Dialog
from ecrtui.ui.theme import THEMES

if TYPE_CHECKING:
    from ecrtui.ui.app import EcrtuiApp


class _Entry(NamedTuple):
    name: str
    help: str
    run: IgnoreReturnCallbackType


class CommandProvider(Provider):
    """Offers what the focused part of the screen can do now. All texts are our own: nothing remote is here."""

    async def discover(self) -> Hits:
        for entry in self._entries():
            yield DiscoveryHit(Content(entry.name), entry.run, text=entry.name, help=entry.help)

    async def search(self, query: str) -> Hits:
        matcher = self.matcher(query)
        for entry in self._entries():
            searched = f"{entry.name}: {entry.help}"
            score = matcher.match(searched)
            if score > 0:
                yield Hit(score, Content(entry.name), entry.run, text=entry.name, help=entry.help)

    def _entries(self) -> Iterator[_Entry]:
        """The commands that are not refused, then the themes; none above a dialog."""
        if isinstance(self.screen, Dialog):
            return
        app = cast("EcrtuiApp", self.app)
        chain = app.chain_from(self.focused or self.screen)
        for command in commands.COMMANDS:
            if commands.refusal(chain, command, app.read_only) == "":
                yield _Entry(command.label, command.help, partial(commands.carry_out, chain, command))
        for theme in THEMES:
            yield _Entry(f"theme {theme.name}", "Wear this theme", partial(self._wear, theme.name))

    def _wear(self, name: str) -> None:
        self.app.theme = name
