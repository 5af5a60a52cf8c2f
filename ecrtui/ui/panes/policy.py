"""The stored policy in sentences, and the draft beside it: edited, validated as one types."""

from __future__ import annotations

import time

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.message import Message
from textual.timer import Timer
from textual.widgets import TextArea

from ecrtui.domain.errors import AppError
from ecrtui.domain.lifecycle import Problem, parse, to_json, validate
from ecrtui.domain.text import Shown, shown
from ecrtui.services.ports import StoredPolicy
from ecrtui.services.state import Failed, Loadable, Loading, Partial, Ready, value_of
from ecrtui.ui.present.policies import alike, difference_lines, draft_word, pretty, problem_lines, stored_lines
from ecrtui.ui.present.problems import state_word
from ecrtui.ui.present.repositories import RepositoryKey
from ecrtui.ui.widgets.heading import Heading
from ecrtui.ui.widgets.policy_text import PolicyText
from ecrtui.ui.widgets.text_view import Line, TextView

_PAUSE = 0.12
"""Seconds after the last key until the draft is judged."""


class StoredPane(Vertical):
    """What the policy of one repository says now, and what the draft would change in it."""

    def __init__(self) -> None:
        super().__init__(id="stored")
        self.heading = Heading(Shown("LIFECYCLE"))
        self.view = TextView()

    def compose(self) -> ComposeResult:
        yield self.heading
        yield self.view

    def take_focus(self) -> None:
        """Have the keys go to the text."""
        self.view.focus()

    def show_policy(self, key: RepositoryKey | None, slice_: Loadable[StoredPolicy | None], draft: str) -> None:
        """Show the policy as it is known now."""
        self.heading.show(
            title=Shown("LIFECYCLE") if key is None else shown(f"LIFECYCLE  {key.name}"),
            note=Shown("") if key is None else shown(key.region),
            state=_word(slice_),
            role="bad" if isinstance(slice_, Failed) else "muted",
        )
        lines: list[Line] = list(stored_lines(slice_, time.time()))
        if isinstance(slice_, Ready | Partial) and draft.strip():
            stored = slice_.value
            lines += difference_lines(None if stored is None else stored.text, draft)
        self.view.show(lines)


def _word(slice_: Loadable[StoredPolicy | None]) -> Shown:
    if isinstance(slice_, Loading):
        return Shown("loading")
    return state_word(slice_.error) if isinstance(slice_, Failed) else Shown("")


class DraftPane(Vertical):
    """The text that would be put. It follows the stored policy of the current repository until it is edited."""

    class Judged(Message):
        """The draft is another one, and its problems are known."""

    def __init__(self) -> None:
        super().__init__(id="draft")
        self.heading = Heading(Shown("DRAFT"))
        self.text_area = PolicyText()
        self.problem_view = TextView(classes="problems")
        self.problem_view.can_focus = False
        self.problems: tuple[Problem, ...] = ()
        self._origin: tuple[RepositoryKey, str | None] | None = None
        self._as_loaded = ""
        self._current: int | None = None
        self._judging: Timer | None = None

    def compose(self) -> ComposeResult:
        yield self.heading
        yield self.text_area
        yield self.problem_view

    def on_mount(self) -> None:
        self.problem_view.display = False
        self._judge()

    def take_focus(self) -> None:
        """Have the keys go to the text."""
        self.text_area.focus()

    @property
    def text(self) -> str:
        """The draft."""
        return self.text_area.text

    @property
    def edited(self) -> bool:
        """Whether the draft is no longer what was loaded."""
        return self.text != self._as_loaded

    @property
    def valid(self) -> bool:
        """Whether the draft, as it is this moment, is a policy that ECR takes."""
        self._judge_now()
        return bool(self.text.strip()) and not self.problems

    def follow(self, key: RepositoryKey, slice_: Loadable[StoredPolicy | None]) -> None:
        """Begin with the stored policy of another repository, unless the draft was edited."""
        if not isinstance(slice_, Ready | Partial):
            if not self.edited and self._origin is not None and self._origin[0] != key:
                self._load(None, "")
            return
        stored = value_of(slice_)
        origin = (key, None if stored is None else stored.text)
        if origin == self._origin:
            return
        if not self.edited:
            self._load(origin, "" if stored is None else pretty(stored.text))
        elif self._origin is None or self._origin[0] == key:
            self._origin = origin
            self._show_heading()

    def _load(self, origin: tuple[RepositoryKey, str | None] | None, text: str) -> None:
        self._origin = origin
        self.text_area.forget(text)
        self._as_loaded = self.text
        self._judge()

    def settle(self) -> None:
        """The draft was applied: it is no longer an edited one."""
        self._as_loaded = self.text
        self._origin = None

    def clear(self) -> None:
        """Forget everything."""
        self._load(None, "")

    def fill(self, text: str) -> None:
        """Put another text into the draft, as if it had been typed."""
        self.text_area.fill(text)
        self._judge()

    def format(self) -> bool:
        """Write the draft in its usual form; False when it is not valid."""
        try:
            self.fill(to_json(parse(self.text)))
        except AppError:
            return False
        return True

    # Judging

    def on_text_area_changed(self, event: TextArea.Changed) -> None:
        """Judge once the typing pauses; what is wrong now may be half a word."""
        event.stop()
        if self._judging is not None:
            self._judging.stop()
        self._judging = self.set_timer(_PAUSE, self._judge)
        self._show_heading()

    def _judge_now(self) -> None:
        if self._judging is not None:
            self._judge()

    def _judge(self) -> None:
        if self._judging is not None:
            self._judging.stop()
            self._judging = None
        self.problems = validate(self.text) if self.text.strip() else ()
        self._current = None
        self._show_problems()
        self.post_message(self.Judged())

    def next_problem(self, by: int = 1) -> None:
        """Put the cursor on the next thing that is wrong."""
        self._judge_now()
        if not self.problems:
            return
        now = -1 if self._current is None else self._current
        self._current = (now + by) % len(self.problems)
        problem = self.problems[self._current]
        if problem.line is not None and problem.column is not None:
            self.text_area.go_to(problem.line, problem.column)
        self._show_problems()
        self.text_area.focus()

    def _show_problems(self) -> None:
        self.text_area.show_bad({problem.line for problem in self.problems if problem.line is not None})
        self.problem_view.display = bool(self.problems)
        self.problem_view.show(problem_lines(self.problems, self._current))
        if self._current is not None:
            self.problem_view.scroll_to(y=max(0, self._current - 1), animate=False)
        self._show_heading()

    def _show_heading(self) -> None:
        if self._judging is None:
            word, role = draft_word(self.text, self.problems, self._is_stored)
        else:
            word, role = Shown("…"), "muted"
        self.heading.show(note=self._note(), state=word, role=role)

    @property
    def _is_stored(self) -> bool:
        stored = None if self._origin is None else self._origin[1]
        return stored is not None and (not self.edited or alike(self.text, stored))

    def _note(self) -> Shown:
        if self.text_area.has_focus:
            return Shown("")
        return Shown("T templates, E edits")

    def on_descendant_focus(self) -> None:
        self._show_heading()

    def on_descendant_blur(self) -> None:
        self._show_heading()
