"""An app with nothing but a dialog, for the tests of dialogs."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from typing import Any

from textual.app import App, ComposeResult
from textual.events import Event
from textual.pilot import Pilot
from textual.widgets import Static

from ecrtui.domain.change import ApiCall, Change, ChangeResult, Outcome
from ecrtui.domain.errors import AppError
from ecrtui.domain.text import Shown
from ecrtui.resources import styles_dir
from ecrtui.services.changes import Go, Step, Verified
from ecrtui.ui.dialogs.dialog import Dialog
from ecrtui.ui.dialogs.plan import Plan
from ecrtui.ui.present.plans import Place
from ecrtui.ui.terminal import ExitFilter
from ecrtui.ui.theme import register_themes

HOSTILE = "\x1b[2J\x1b]52;c;eA==\x07\u202e[/foo][@click=app.quit]x[/]\u200b\r\n\ud800é漢"
NOTHING = "nothing came of it yet"
PLACE = Place("123456789012", "arn:aws:sts::123456789012:assumed-role/Dev/me", "prod", "http://127.0.0.1:5000")


class DialogApp(App[None]):
    """Opens one dialog above some text, and keeps what came of it and what was copied or said."""

    CSS_PATH = [str(styles_dir() / name) for name in ("app.tcss", "widgets.tcss", "dialogs.tcss")]

    def __init__(self, dialog: Dialog[Any] | Callable[[], Dialog[Any]], theme: str = "ecrtui-dark") -> None:
        super().__init__()
        register_themes(self, theme)
        self._dialog = dialog
        self.result: Any = NOTHING
        self.copied: list[str] = []
        self.said: list[str] = []
        self.exit_filter = ExitFilter()

    def get_line_filters(self) -> list[Any]:
        return [*super().get_line_filters(), self.exit_filter]

    def compose(self) -> ComposeResult:
        yield Static("text below the dialog")

    def on_mount(self) -> None:
        if not isinstance(self._dialog, Dialog):
            self._dialog = self._dialog()  # a field with a value can only be made while an app runs
        self.push_screen(self._dialog, self.keep)

    @property
    def dialog(self) -> Dialog[Any]:
        assert isinstance(self._dialog, Dialog)
        return self._dialog

    def keep(self, result: Any) -> None:
        self.result = result

    def copy_to_clipboard(self, text: str) -> None:
        self.copied.append(text)
        super().copy_to_clipboard(text)

    def notify(self, message: str, **options: Any) -> None:
        self.said.append(message)
        super().notify(message, **options)


def screen_text(app: App[Any]) -> str:
    """What the terminal shows."""
    lines = app.screen._compositor.render_strips()
    return "\n".join("".join(segment.text for segment in line).rstrip() for line in lines)


async def settled(pilot: Pilot[Any], dialog: Dialog[Any]) -> None:
    """Wait until the dialog takes keys."""
    await pilot.pause()
    await pilot.pause(dialog.SETTLE + 0.02)
    assert not dialog.hurried(Event())


def change(name: str, word: str = "", operation: str = "CreateRepository", region: str = "ap-northeast-2") -> Change:
    call = ApiCall("ecr", operation, {"repositoryName": name})
    return Change(f"create the repository {name}", region, name, call, word)


def step(one: Change) -> Step:
    async def check() -> Go:
        return Go()

    async def verify(receipt: object) -> Verified:
        return Verified("it is there")

    return Step(one, check, verify)


class Sending:
    """Stands for the gateway: each result is given when the test releases it."""

    def __init__(self, results: Iterable[ChangeResult | Exception]) -> None:
        self.results = list(results)
        self.began = 0
        self.gate = asyncio.Semaphore(0)

    async def __call__(self) -> AsyncIterator[ChangeResult]:
        self.began += 1
        for result in self.results:
            await self.gate.acquire()
            if isinstance(result, Exception):
                raise result
            yield result

    def release(self, count: int = 1) -> None:
        for _ in range(count):
            self.gate.release()


def done(one: Change, outcome: Outcome = Outcome.DONE, detail: str = "", error: AppError | None = None) -> ChangeResult:
    return ChangeResult(one, outcome, detail, error)


def plan_of(changes: Sequence[Change], apply: Callable[[], AsyncIterator[ChangeResult]], **more: Any) -> Plan:
    title = Shown(f"Create {len(changes)} repositories")
    return Plan(title, PLACE, [step(one) for one in changes], apply, Shown("Create"), **more)
