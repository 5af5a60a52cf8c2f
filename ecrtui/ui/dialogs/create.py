"""The create form: name, project, settings, all judged while they are typed; then the plan.

One form serves one repository, whose name can be typed, and several, whose names are listed with their verdicts.
It stays open under the plan, so that whoever cancels the plan finds everything as it was.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.widget import Widget
from textual.widgets import Input

from ecrtui.domain.lifecycle import Template, template, templates
from ecrtui.domain.names import NamingRule, judge
from ecrtui.domain.project import Project
from ecrtui.domain.text import Shown, shown
from ecrtui.resources import style_paths
from ecrtui.services.state import Loadable
from ecrtui.ui.dialogs.choices import Choice, Choices
from ecrtui.ui.dialogs.dialog import Dialog
from ecrtui.ui.dialogs.entry import Entry
from ecrtui.ui.dialogs.form import FormRow, OptionLine, lines_of
from ecrtui.ui.dialogs.sentence import Sentence
from ecrtui.ui.present.create import (
    ENCRYPTION_WORDS,
    MUTABILITIES,
    Draft,
    Standing,
    Target,
    exclusion_problems,
    name_notes,
    policy_notes,
    project_standing,
    suggestion_for,
    tag_problems,
    target_note,
)
from ecrtui.ui.widgets.rows import Cell

_CANCEL = Choice("cancel", Shown("Cancel"))
_NO_POLICY = ""
_SWITCH = {"yes": "yes", "no": "no"}
_MOST_PARAMETERS = 3
_POLL = 0.5
"""Seconds between looks at whether the projects have come meanwhile."""


@dataclass(frozen=True, slots=True)
class Known:
    """What the form asks of the app while somebody types."""

    regions: Sequence[str]
    """The regions to choose from, the proposed one first."""
    projects: Callable[[str], Loadable[tuple[Project, ...]]]
    """The projects of a region, as far as they are known; what is not is loaded."""
    exists: Callable[[Target], bool]
    """Whether a repository of that name is known to exist."""
    rule: NamingRule | None = None


class CreateDialog(Dialog[None]):
    """The form. `plan` is called with what is wanted; it opens the plan above, or says why there is none."""

    CSS_PATH = style_paths("widgets", "dialogs", "create")
    AUTO_FOCUS = ""
    """The form says itself where the focus goes: Textual would give it to the first field, shown or not."""
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down", "app.focus_next", "Next field", show=False),
        Binding("up", "app.focus_previous", "Field before", show=False),
        Binding("pagedown", "scroll(1)", "Scroll down", show=False),
        Binding("pageup", "scroll(-1)", "Scroll up", show=False),
        Binding("ctrl+y", "suggestion", "Take the suggestion", show=False, priority=True),
    ]

    def __init__(self, draft: Draft, known: Known, plan: Callable[[CreateDialog], None]) -> None:
        several = len(draft.targets) > 1
        title = f"Create {len(draft.targets)} repositories" if several else "Create a repository"
        super().__init__(Cell(Shown(title), "strong"))
        self._given = draft
        self._known = known
        self._plan = plan
        self._several = several
        self._planning = False
        self._left_at: Widget | None = None
        self._build_fields(draft)
        self.form = VerticalScroll(id="form")
        self.answer = Sentence(classes="hint")
        self.hint = Sentence(classes="hint keys")
        self.choices = Choices(_CANCEL, Choice("plan", Shown("Show the plan")))

    def _build_fields(self, draft: Draft) -> None:
        first = draft.targets[0]
        self.place = OptionLine({name: name for name in self._known.regions}, first.region)
        self.name_entry = Entry(shown(first.name), hint=Shown("such as pet-web"), id="name")
        self.without_project = OptionLine(
            {"no": "no, the project comes first", "yes": "yes, create without a project"},
            "yes" if draft.without_project else "no",
        )
        self.mutability = OptionLine(MUTABILITIES, draft.mutability)
        self.exclusions = Entry(shown(draft.exclusions), hint=Shown("such as latest, production, v*"))
        self.scan = OptionLine(_SWITCH, "yes" if draft.scan_on_push else "no")
        self.encryption = OptionLine(ENCRYPTION_WORDS, draft.encryption)
        self.kms_key = Entry(shown(draft.kms_key), hint=Shown("key id, ARN or alias; empty for AWS's own key"))
        kinds = {_NO_POLICY: "none", **{kind.id: kind.title for kind in templates()}}
        self.template = OptionLine(kinds, draft.template)
        self.parameters = [Entry(classes="number") for _ in range(_MOST_PARAMETERS)]
        self.tags = Entry(shown(draft.tags), hint=Shown("none; such as team=payments, env=production"))

        self.region_row = FormRow(Shown("Region"), self.place)
        self.name_row = FormRow(Shown("Name"), self.name_entry)
        self.names = Sentence(classes="names")
        self.project = FormRow(Shown("No project"), self.without_project)
        self.mutability_row = FormRow(Shown("Tags are"), self.mutability)
        self.exclusions_row = FormRow(Shown("  except"), self.exclusions)
        self.scan_row = FormRow(Shown("Scan on push"), self.scan)
        self.encryption_row = FormRow(Shown("Encryption"), self.encryption)
        self.kms_row = FormRow(Shown("  KMS key"), self.kms_key)
        self.template_row = FormRow(Shown("Lifecycle"), self.template)
        self.parameter_rows = [FormRow(Shown(""), entry) for entry in self.parameters]
        self.tags_row = FormRow(Shown("AWS tags"), self.tags)

    def body(self) -> Iterable[Widget]:
        yield self.form
        yield self.answer
        yield self.choices
        yield self.hint

    @property
    def rows(self) -> Sequence[Widget]:
        """The rows of the form from top to bottom."""
        names: Sequence[Widget] = (self.names,) if self._several else (self.region_row, self.name_row)
        return (
            *names,
            self.project,
            self.mutability_row,
            self.exclusions_row,
            self.scan_row,
            self.encryption_row,
            self.kms_row,
            self.template_row,
            *self.parameter_rows,
            self.tags_row,
        )

    def on_mount(self) -> None:
        self.form.can_focus = False
        self.form.mount_all(self.rows)
        self._show_template()
        self._judge()
        self.call_after_refresh((self.choices if self._several else self.name_entry).focus)
        self.set_interval(_POLL, self._look_again)
        self.hint.show(Cell(Shown("Tab next field   ←→ changes   Enter shows the plan   Esc closes"), "muted"))
        self.hold()

    def on_screen_suspend(self) -> None:
        """Make way for the plan above."""
        self._left_at = self.focused
        self.add_class("covered")

    def on_screen_resume(self) -> None:
        """The plan was cancelled: everything is as it was, the focus too, which no invisible field can hold."""
        self.remove_class("covered")
        if self._left_at is not None:
            self.call_after_refresh(self._left_at.focus)

    # What is typed

    @property
    def draft(self) -> Draft:
        """The form as it stands."""
        targets = self._given.targets
        if not self._several:
            targets = (Target(self.place.value, self.name_entry.value.strip()),)
        return replace(
            self._given,
            targets=targets,
            without_project=self.without_project.value == "yes",
            mutability=self.mutability.value,
            exclusions=self.exclusions.value,
            scan_on_push=self.scan.value == "yes",
            encryption=self.encryption.value,
            kms_key=self.kms_key.value,
            template=self.template.value,
            parameters=self._numbers(),
            tags=self.tags.value,
        )

    def _numbers(self) -> dict[str, str]:
        kind = self._template
        names = () if kind is None else [parameter.name for parameter in kind.parameters]
        return {name: entry.value for name, entry in zip(names, self.parameters, strict=False)}

    @property
    def _template(self) -> Template | None:
        return template(self.template.value) if self.template.value else None

    @property
    def wanted(self) -> Draft:
        """What is to be planned: the form without the names that are left out."""
        draft = self.draft
        return replace(draft, targets=tuple(target for target in draft.targets if self._usable(target, draft)))

    def _usable(self, target: Target, draft: Draft) -> bool:
        standing = self._standing(target)
        return not judge(target.name).faults and (draft.without_project or not standing.missing)

    def _standing(self, target: Target) -> Standing:
        return project_standing(target, self._known.projects(target.region))

    # Judging it

    def on_input_changed(self, event: Input.Changed) -> None:
        """Judge what is there now."""
        self._judge()

    def on_option_line_changed(self, event: OptionLine.Changed) -> None:
        """Judge what is there now; another template has other numbers."""
        if event.line is self.template:
            self._show_template()
        self._judge()

    def _look_again(self) -> None:
        """Projects may have come meanwhile."""
        if self.is_current and not self._planning:
            self._judge()

    def _show_template(self) -> None:
        kind = self._template
        parameters = () if kind is None else kind.parameters
        for number, (row, entry) in enumerate(zip(self.parameter_rows, self.parameters, strict=True)):
            row.display = number < len(parameters)
            if row.display:
                row.label(shown(f"  {parameters[number].label}"))
                entry.value = str(parameters[number].default)

    def _judge(self) -> None:
        draft = self.draft
        self._judge_names(draft)
        self.exclusions_row.display = draft.excluding
        problems = [exclusion_problems(draft), tag_problems(draft)]
        self.exclusions_row.say(*problems[0])
        self.tags_row.say(*problems[1])
        self.kms_row.display = draft.encryption != "AES256"
        self.encryption_row.say(Cell(Shown("it can never be changed afterwards"), "muted"))
        notes, usable = policy_notes(draft)
        self.template_row.say(*notes)
        ready = usable and not any(problems) and bool(self.wanted.targets) and not self._planning
        self.choices.show((_CANCEL, Choice("plan", Shown("Show the plan"), ready)), "plan" if ready else "cancel")

    def _judge_names(self, draft: Draft) -> None:
        standings = [self._standing(target) for target in draft.targets]
        self.project.display = draft.without_project or any(one.missing or one.doubtful for one in standings)
        if self._several:
            notes = [
                target_note(target, self._known.rule, standing, draft.without_project)
                for target, standing in zip(draft.targets, standings, strict=True)
            ]
            self.names.show(*lines_of(notes))
            return
        target = draft.targets[0]
        cells = [*name_notes(target.name, self._known.rule)]
        if suggestion := suggestion_for(target.name, self._known.rule):
            cells.append(Cell(shown(f"  {suggestion} would do: ^y takes it"), "strong"))
        if self._known.exists(target):
            cells.append(Cell(Shown("= a repository of this name exists: the plan compares it"), "warn"))
        self.name_row.say(*cells, standings[0].note)

    def action_suggestion(self) -> None:
        """Take the name that was suggested."""
        suggestion = "" if self._several else suggestion_for(self.name_entry.value.strip(), self._known.rule)
        if suggestion:
            self.name_entry.value = suggestion
            self.name_entry.action_end()

    def action_scroll(self, pages: int) -> None:
        """Scroll the form, whatever has the focus."""
        self.form.scroll_relative(y=pages * max(1, self.form.size.height - 1), animate=False)

    # Going on

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Enter shows the plan."""
        self._show_plan()

    def on_option_line_submitted(self, event: OptionLine.Submitted) -> None:
        """Enter shows the plan."""
        self._show_plan()

    def on_choices_chosen(self, event: Choices.Chosen) -> None:
        """Show the plan, or close."""
        if event.choice.id == "plan":
            self._show_plan()
        else:
            self.action_cancel()

    def _show_plan(self) -> None:
        ready = self.choices.choices[-1].enabled
        if not ready:
            self.app.bell()
            return
        self._planning = True
        self.answer.show(Cell(Shown("planning: looking at what exists…"), "muted"))
        self._judge()
        self._plan(self)

    def planned(self, *answer: Cell) -> None:
        """The plan is shown above, or there is none for the reasons of `answer`."""
        self._planning = False
        if self.is_mounted:
            self.answer.show(*lines_of(answer))
            self._judge()
