"""Confirm and apply: the one dialog before every change, and the place where its outcome appears."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.events import Key
from textual.widget import Widget
from textual.widgets import Input

from ecrtui.domain.change import Change, ChangeResult
from ecrtui.domain.errors import AppError, Executed
from ecrtui.domain.text import Shown, shown
from ecrtui.services.changes import Step
from ecrtui.ui.defects import unexpected
from ecrtui.ui.dialogs.choices import Choice, Choices
from ecrtui.ui.dialogs.copy import copy_text
from ecrtui.ui.dialogs.dialog import Dialog
from ecrtui.ui.dialogs.entry import Entry
from ecrtui.ui.dialogs.sentence import Sentence
from ecrtui.ui.present.plans import (
    Place,
    commands_text,
    confirm_word,
    plan_lines,
    progress_lines,
    tally,
)
from ecrtui.ui.present.problems import explanation
from ecrtui.ui.widgets.rows import Cell
from ecrtui.ui.widgets.text_view import Line, TextView

_CANCEL = Choice("cancel", Shown("Cancel"))
_CLOSE = Choice("", Shown("Close"))

Results = tuple[ChangeResult, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """What is proposed, how it is applied, and what follows."""

    title: Shown
    """What will happen: `Create 3 repositories`."""
    place: Place
    steps: Sequence[Step]
    apply: Callable[[], AsyncIterator[ChangeResult]]
    """Sends the steps in order and yields the result of each. Called once, after the confirmation."""
    verb: Shown = Shown("Apply")
    notes: Sequence[Cell] = ()
    """Warnings to read before confirming."""
    record: Callable[[ChangeResult], None] = lambda result: None
    """Told of every result at once, also when the dialog was closed meanwhile."""
    ended: Callable[[Results], None] = lambda results: None
    """Told at the end, also when the dialog was closed meanwhile: what is shown has to be loaded again."""
    summary: Callable[[Results], Sequence[Cell]] = lambda results: ()
    """What exists now, a sentence each."""
    follow_ups: Callable[[Results], Sequence[Choice]] = lambda results: ()
    """What can be done next: `Try the rest again`, `Start the build`."""

    @property
    def changes(self) -> tuple[Change, ...]:
        """The changes of the steps."""
        return tuple(step.change for step in self.steps)


@dataclass(frozen=True, slots=True)
class Applied:
    """What came of a plan that was confirmed."""

    results: Results
    """Of the first steps, in order: all of them, unless the dialog was closed while changes were being sent."""
    follow_up: str = ""
    """The id of the follow-up that was chosen; empty for none."""


@dataclass(slots=True)
class _Progress:
    """How far the sending got; it goes on when the dialog is closed."""

    results: list[ChangeResult] = field(default_factory=list)
    sending: bool = False
    ended: bool = False
    error: AppError | None = None
    """What broke the sending off, where that is not in a result."""


class PlanDialog(Dialog[Applied | None]):
    """Shows a plan; applies it when confirmed; shows the outcome in the same place. None: nothing was sent."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("c", "copy", "Copy the commands", show=False)]

    def __init__(self, plan: Plan) -> None:
        super().__init__(Cell(plan.title, "strong"))
        self._plan = plan
        self._progress = _Progress()
        self._word = confirm_word(plan.changes)
        self._warned = False
        self.view = TextView(classes="fitted")
        self.entry = Entry(id="word")
        self.hint = Sentence(classes="hint")
        self.choices = Choices(_CANCEL, self._apply_choice(enabled=not self._word))

    def body(self) -> Iterable[Widget]:
        yield self.view
        yield self.hint
        if self._word:
            yield self.entry
        yield self.choices

    def on_mount(self) -> None:
        self.view.show(plan_lines(self._plan.place, self._plan.changes, self._plan.notes))
        if self._word:
            self.hint.show(Cell(Shown("Type ")), Cell(shown(self._word), "strong"), Cell(Shown(" to confirm:")))
        self.choices.focus()
        self.hold()

    def _apply_choice(self, enabled: bool) -> Choice:
        return Choice("apply", self._plan.verb, enabled)

    # The word that has to be typed

    def on_key(self, event: Key) -> None:
        """Letters typed on the choices belong to the word."""
        if self._word and not self._progress.sending and self.choices.has_focus and event.is_printable:
            event.stop()
            self.entry.focus()
            self.entry.insert_text_at_cursor(event.character or "")

    def on_input_changed(self, event: Input.Changed) -> None:
        """Apply can be chosen only while the word is there, letter by letter."""
        self.choices.show((_CANCEL, self._apply_choice(self._typed_right)))

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Enter goes to the choices and confirms nothing, whatever was pasted."""
        self.choices.show((_CANCEL, self._apply_choice(self._typed_right)), "apply" if self._typed_right else "cancel")
        if self._typed_right:
            self.choices.focus()
            self.hold()
        else:
            self.app.bell()

    @property
    def _typed_right(self) -> bool:
        return not self._word or self.entry.value in (self._word, shown(self._word))

    # Choices

    def on_choices_chosen(self, event: Choices.Chosen) -> None:
        """Cancel, apply, close or go on."""
        if self._progress.ended:
            self.dismiss(Applied(tuple(self._progress.results), event.choice.id))
        elif event.choice.id == "apply":
            self._begin()
        else:
            self.action_cancel()

    def action_cancel(self) -> None:
        """Close; while changes are sent only after saying that they go on."""
        if not self._progress.sending:
            self.dismiss(Applied(tuple(self._progress.results)) if self._progress.ended else None)
        elif self._warned:
            self.dismiss(Applied(tuple(self._progress.results)))
        else:
            self._warned = True
            words = "What was confirmed goes on even when this is closed; ! shows the outcome. Esc again closes it."
            self.hint.show(Cell(Shown(words), "warn"))

    def action_copy(self) -> None:
        """The commands that do the same."""
        copy_text(self.app, commands_text(self._plan.changes), Shown("AWS CLI commands"))

    # Applying

    def _begin(self) -> None:
        if self._progress.sending or not self._typed_right:
            return
        self._progress.sending = True
        self.entry.display = False
        self.hint.show()
        self.choices.show((Choice("close", Shown("Close, it goes on")),))
        self.hold()
        self._show_progress()
        self.app.run_worker(self._send(), group="changes", exit_on_error=False)

    async def _send(self) -> None:
        """Runs as a worker of the app, not of this dialog: closing the dialog stops nothing."""
        progress, plan = self._progress, self._plan
        try:
            async for result in plan.apply():
                progress.results.append(result)
                plan.record(result)
                self._show_progress()
        except AppError as error:
            progress.error = error
        except Exception as error:  # noqa: BLE001  whatever broke, the person must learn that it did
            progress.error = _broken_off(error)
        progress.sending, progress.ended = False, True
        plan.ended(tuple(progress.results))
        self._show_end()

    def _show_progress(self) -> None:
        if not self.is_mounted:
            return
        results, changes = self._progress.results, self._plan.changes
        self.view.show(progress_lines(changes, results, sending=self._progress.sending))
        if self._progress.sending:
            counted = Shown(f"   {len(results)} of {len(changes)}")
            self.title_line.show(Cell(self._plan.title, "strong"), Cell(counted, "muted"))

    def _show_end(self) -> None:
        progress, plan = self._progress, self._plan
        results = tuple(progress.results)
        if not self.is_mounted:
            return
        lines: list[Line] = list(progress_lines(plan.changes, results, sending=False))
        if progress.error is not None:
            lines += [(cell,) for cell in explanation(progress.error)]
        summary = plan.summary(results)
        if summary:
            lines = [*((cell,) for cell in summary), (Cell(Shown("")),), *lines]
        self.title_line.show(Cell(Shown(f"{plan.title}   "), "strong"), *tally(results))
        self.hint.show()
        self.view.show(lines)
        self.view.scroll_home(animate=False)
        self.choices.show((_CLOSE, *plan.follow_ups(results)), _CLOSE.id)
        self.choices.focus()
        self.hold()


def _broken_off(error: Exception) -> AppError:
    remedy = "Look at what exists now before you try again."
    return unexpected(error, "go on sending", remedy, Executed.UNKNOWN)
