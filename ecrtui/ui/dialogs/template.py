"""The numbers of a lifecycle template, each in a field of its own, with what comes of them."""

from __future__ import annotations

from collections.abc import Iterable

from textual.containers import Horizontal
from textual.widget import Widget
from textual.widgets import Input

from ecrtui.domain.errors import AppError
from ecrtui.domain.lifecycle import Template, sentences
from ecrtui.domain.text import Shown, shown
from ecrtui.ui.dialogs.choices import Choice, Choices
from ecrtui.ui.dialogs.dialog import Dialog
from ecrtui.ui.dialogs.entry import Entry
from ecrtui.ui.dialogs.sentence import Sentence
from ecrtui.ui.widgets.rows import Cell
from ecrtui.ui.widgets.text_view import Line, TextView

_CANCEL = Choice("cancel", Shown("Cancel"))
_WHOLE = 7
"""Digits that a number may have."""


class TemplateDialog(Dialog[dict[str, int] | None]):
    """Asks for the numbers of one template; returns them by name."""

    def __init__(self, template: Template) -> None:
        super().__init__(Cell(shown(template.title), "strong"))
        self._template = template
        self.entries = {
            parameter.name: Entry(shown(str(parameter.default)), id=f"number-{parameter.name}")
            for parameter in template.parameters
        }
        self.result = TextView(classes="few")
        self.result.can_focus = False
        self.choices = Choices(_CANCEL, Choice("fill", Shown("Fill in")))

    def body(self) -> Iterable[Widget]:
        yield Sentence(Cell(shown(self._template.description), "muted"))
        for parameter in self._template.parameters:
            label = Sentence(Cell(shown(f"{parameter.label.capitalize():<28}")), classes="number-label")
            yield Horizontal(label, self.entries[parameter.name], classes="number")
        yield self.result
        yield self.choices

    def on_mount(self) -> None:
        next(iter(self.entries.values())).focus()
        self._judge()

    def on_input_changed(self, event: Input.Changed) -> None:
        """Say what comes of the numbers now."""
        self._judge()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Enter goes to the next field, and from the last one on."""
        fields = list(self.entries.values())
        at = fields.index(event.input) if isinstance(event.input, Entry) else -1
        if at + 1 < len(fields):
            fields[at + 1].focus()
        elif self._fault() is None:
            self.dismiss(self._numbers())

    def on_choices_chosen(self, event: Choices.Chosen) -> None:
        """Use the numbers, or do not."""
        self.dismiss(self._numbers() if event.choice.id == "fill" else None)

    def _numbers(self) -> dict[str, int]:
        return {name: int(entry.value) for name, entry in self.entries.items()}

    def _fault(self) -> str | None:
        """What is wrong with the numbers; None when they make a policy."""
        for parameter in self._template.parameters:
            text = self.entries[parameter.name].value.strip()
            if not (text.isascii() and text.isdigit() and len(text) <= _WHOLE):
                return f"{parameter.label} must be a whole number from {parameter.least} on"
        try:
            self._template.policy(self._numbers())
        except AppError as error:
            return f"{error.why}. {error.remedy}"
        return None

    def _judge(self) -> None:
        fault = self._fault()
        self.choices.show((_CANCEL, Choice("fill", Shown("Fill in"), fault is None)))
        if fault is not None:
            self.result.show([(Cell(shown(f"✗ {fault}"), "bad"),)])
            return
        lines: list[Line] = [(Cell(shown(one)),) for one in sentences(self._template.policy(self._numbers()))]
        self.result.show(lines)
