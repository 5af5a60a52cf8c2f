"""The command line at the foot of the screen, opened by `:`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.widget import Widget
from textual.widgets import Input

from ecrtui.domain.text import Shown, shown
from ecrtui.ui.dialogs.dialog import Dialog
from ecrtui.ui.dialogs.entry import Entry
from ecrtui.ui.dialogs.sentence import Sentence
from ecrtui.ui.present.commandline import Invocation, LineProblem, Verb, completed, completions, read
from ecrtui.ui.widgets.rows import Cell

_NAMED = 12
"""Completions that are shown."""


class CommandLine(Dialog[Invocation | None]):
    """One line; Tab completes, up and down go through what was typed before."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("tab", "complete", "Complete", show=False, priority=True),
        Binding("up", "recall(-1)", "Earlier", show=False),
        Binding("down", "recall(1)", "Later", show=False),
    ]

    def __init__(self, verbs: Sequence[Verb], history: list[str]) -> None:
        """`history` holds the lines of this session, oldest first; what is accepted is appended to it."""
        super().__init__()
        self._verbs = tuple(verbs)
        self._history = history
        self._at = len(history)
        self.entry = Entry(id="line")
        self.hint = Sentence()

    def body(self) -> Iterable[Widget]:
        yield self.hint
        yield Horizontal(Sentence(Cell(Shown(":"), "strong"), classes="prompt"), self.entry, id="prompted")

    def on_mount(self) -> None:
        self.entry.focus()
        self._suggest()

    def on_input_changed(self, event: Input.Changed) -> None:
        """Show what it can become."""
        self._suggest()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Do it, or say what is wrong with it; an empty line closes."""
        if not event.value.strip():
            self.dismiss(None)
            return
        result = read(event.value, self._verbs)
        if isinstance(result, LineProblem):
            self.hint.show(Cell(result.shown, "bad"))
            return
        self._history.append(event.value.strip())
        self.dismiss(result)

    def action_complete(self) -> None:
        """As far as it is certain."""
        text = completed(self.entry.value, self._verbs)
        if text != self.entry.value:
            self._put(text)

    def action_recall(self, by: int) -> None:
        """An earlier line, or a later one."""
        self._at = max(0, min(len(self._history), self._at + by))
        self._put(self._history[self._at] if self._at < len(self._history) else "")

    def _put(self, text: str) -> None:
        self.entry.value = shown(text)
        self.entry.cursor_position = len(self.entry.value)

    def _suggest(self) -> None:
        found = completions(self.entry.value, self._verbs)
        more = f" and {len(found) - _NAMED} more" if len(found) > _NAMED else ""
        words = "  ".join(found[:_NAMED]) + more
        verb = next((verb for verb in self._verbs if verb.name == self.entry.value.strip()), None)
        if verb is not None and verb.help:
            words = f"{verb.help} ({verb.name} {verb.argument})" if verb.argument else verb.help
        self.hint.show(Cell(shown(words), "muted"))
