"""Small forms: one field with live judgement, and what a build is started with."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from textual.widget import Widget
from textual.widgets import Input

from ecrtui.domain.names import image_tag_faults
from ecrtui.domain.text import NOTHING, Shown, shown
from ecrtui.ui.dialogs.choices import Choice, Choices
from ecrtui.ui.dialogs.dialog import Dialog
from ecrtui.ui.dialogs.entry import Entry
from ecrtui.ui.dialogs.sentence import Sentence
from ecrtui.ui.widgets.rows import Cell
from ecrtui.ui.widgets.text_view import TextView

_CANCEL = Choice("cancel", Shown("Cancel"))
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_LEGIBLE = 80
"""Characters of a variable's value that the form shows."""


class TextDialog(Dialog[str | None]):
    """One field; the text is judged while it is typed and can be used once nothing is wrong with it."""

    def __init__(
        self,
        title: Shown,
        verb: Shown,
        *,
        faults: Callable[[str], Sequence[str]],
        notes: Callable[[str], Sequence[Cell]] = lambda text: (),
        value: Shown = NOTHING,
    ) -> None:
        """`faults` say what is wrong with a text, `notes` what to know about one that is right."""
        super().__init__(Cell(title, "strong"))
        self._verb = verb
        self._faults = faults
        self._notes = notes
        self.entry = Entry(value, id="text")
        self.judgement = TextView(classes="few")
        self.choices = Choices(_CANCEL, Choice("ok", verb, enabled=False))

    def body(self) -> Iterable[Widget]:
        yield self.entry
        yield self.judgement
        yield self.choices

    def on_mount(self) -> None:
        self.judgement.can_focus = False
        self.entry.focus()
        self._judge()

    @property
    def _wrong(self) -> Sequence[str]:
        return self._faults(self.entry.value) if self.entry.value else ["type it"]

    def _judge(self) -> None:
        wrong = self._wrong
        self.choices.show((_CANCEL, Choice("ok", self._verb, not wrong)), "cancel" if wrong else "ok")
        if not self.entry.value:
            self.judgement.show(())
        elif wrong:
            self.judgement.show([(Cell(shown(f"✗ {fault}"), "bad"),) for fault in wrong])
        else:
            self.judgement.show([(note,) for note in self._notes(self.entry.value)])

    def on_input_changed(self, event: Input.Changed) -> None:
        """Judge what is there now."""
        self._judge()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Enter uses it."""
        if not self._wrong:
            self.dismiss(event.value)

    def on_choices_chosen(self, event: Choices.Chosen) -> None:
        """Use it, or do not."""
        self.dismiss(self.entry.value if event.choice.id == "ok" else None)


class TagDialog(TextDialog):
    """Another tag for an image. `taken` are the tags of the repository with the digests they point at."""

    def __init__(self, image: Shown, digest: str, taken: Mapping[str, str], *, immutable: bool = False) -> None:
        self._digest = digest
        self._taken = taken
        self._immutable = immutable
        title = Shown(f"Another tag for {image}")
        super().__init__(title, Shown("Go on"), faults=self._tag_faults, notes=self._tag_notes)

    def _tag_faults(self, tag: str) -> Sequence[str]:
        faults = [fault.sentence for fault in image_tag_faults(tag)]
        holder = self._taken.get(tag)
        if holder == self._digest:
            faults.append("the image has this tag already")
        elif holder is not None and self._immutable:
            faults.append(f"{holder[:19]} has this tag, and tags of this repository cannot be moved")
        return faults

    def _tag_notes(self, tag: str) -> Sequence[Cell]:
        holder = self._taken.get(tag)
        if holder is None:
            return (Cell(Shown("✓ no image has this tag"), "good"),)
        return (Cell(shown(f"⚠ moves the tag away from {holder[:19]}"), "warn"),)


@dataclass(frozen=True, slots=True)
class StartBuild:
    """What a build is to be started with."""

    source_version: str = ""
    """A branch, tag, commit or pull request; empty for the project's own."""
    variables: Mapping[str, str] = field(default_factory=dict)
    """Plaintext variables that override the project's."""


class StartBuildDialog(Dialog[StartBuild | None]):
    """Source version and variables of a build. Every field may stay empty."""

    def __init__(self, project: Shown, source_version: Shown = NOTHING, given: StartBuild | None = None) -> None:
        """`source_version` is the project's own; `given` is what the form begins with."""
        super().__init__(Cell(Shown("Start a build of "), "strong"), Cell(project, "strong"))
        given = given or StartBuild()
        self._variables: dict[str, str] = dict(given.variables)
        own = Shown(f"the project's own: {source_version or 'its default branch'}")
        self.version = Entry(shown(given.source_version), hint=own, id="version")
        self.variable = Entry(hint=Shown("NAME=VALUE, Enter adds it; NAME alone takes it away"), id="variable")
        self.list = TextView(classes="few")
        self.problem = Sentence()
        self.choices = Choices(_CANCEL, Choice("start", Shown("Go on")))

    def body(self) -> Iterable[Widget]:
        yield Sentence(Cell(Shown("Branch, tag, commit or pr/N"), "muted"))
        yield self.version
        yield Sentence(Cell(Shown("Variables that override the project's"), "muted"))
        yield self.variable
        yield self.list
        yield self.problem
        yield self.choices

    def on_mount(self) -> None:
        self.version.focus()
        self._show_variables()

    def on_input_changed(self, event: Input.Changed) -> None:
        """Say at once what is wrong."""
        self._say(self._fault() if event.input is self.version else "")

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Enter adds the variable that was typed; with none, it goes on to the plan."""
        if event.input is self.variable and event.value:
            self._add()
        else:
            self._go_on()

    def on_choices_chosen(self, event: Choices.Chosen) -> None:
        """Go on with what is there; a variable that was typed and not added belongs to it."""
        if event.choice.id == "start":
            self._go_on()
        else:
            self.dismiss(None)

    def _go_on(self) -> None:
        if (not self.variable.value or self._add()) and not self._fault():
            self.dismiss(StartBuild(self.version.value.strip(), dict(self._variables)))
        else:
            self._say(self._fault() or self.problem.text)

    def _fault(self) -> str:
        return "a source version has no blanks in it" if re.search(r"\s", self.version.value.strip()) else ""

    def _say(self, problem: str) -> None:
        self.problem.show(*((Cell(shown(problem), "bad"),) if problem else ()))

    def _add(self) -> bool:
        """Take the variable over into the list, or say what is wrong with it."""
        name, equals, value = self.variable.value.partition("=")
        name = name.strip()
        if not equals and name in self._variables:
            del self._variables[name]
        elif not equals:
            self._say(f"write {name or 'NAME'}=VALUE")
            return False
        elif problem := variable_fault(name):
            self._say(problem)
            return False
        else:
            self._variables[name] = value
        self.variable.value = ""
        self._say("")
        self._show_variables()
        return True

    def _show_variables(self) -> None:
        lines = [(Cell(shown(f"{name}={value}", _LEGIBLE)),) for name, value in self._variables.items()]
        self.list.show(lines)
        self.list.display = bool(lines)


def variable_fault(name: str) -> str:
    """Why an environment variable cannot be called so, as a sentence; empty when it can."""
    if not _NAME.fullmatch(name):
        return "a variable's name is letters, digits and _, and begins with no digit"
    if name.startswith("CODEBUILD_"):
        return "names that begin with CODEBUILD_ belong to CodeBuild"
    return ""
