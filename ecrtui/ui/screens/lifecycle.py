"""Lifecycle: the policies of some repositories: read, drafted, previewed, put, deleted and restored."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Iterator, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.events import DescendantFocus, ScreenResume
from textual.widget import Widget

from ecrtui.domain.lifecycle import template, templates, to_json
from ecrtui.domain.text import Shown, shown
from ecrtui.resources import style_paths
from ecrtui.services.browse import IndexChildren
from ecrtui.services.slices import PolicyKey
from ecrtui.services.state import IDLE, Idle, Key, Loadable, Loading, State, value_of
from ecrtui.ui import commands
from ecrtui.ui.actions.lifecycle import (
    apply_policies,
    delete_policies,
    preview_all,
    preview_by_aws,
    restore_policies,
)
from ecrtui.ui.dialogs.pick import Option, PickDialog
from ecrtui.ui.dialogs.plan import Results
from ecrtui.ui.dialogs.template import TemplateDialog
from ecrtui.ui.panes.policy import DraftPane, StoredPane
from ecrtui.ui.panes.preview import PreviewPane
from ecrtui.ui.panes.targets import TargetsPane
from ecrtui.ui.present.policies import pretty
from ecrtui.ui.present.previews import AwsPreviewKey, PreviewKey, aws_marks
from ecrtui.ui.present.repositories import RepositoryKey
from ecrtui.ui.screens.mode import ModeScreen
from ecrtui.ui.subject import Subject
from ecrtui.ui.widgets.policy_text import PolicyText
from ecrtui.ui.widgets.resource_table import ResourceTable

if TYPE_CHECKING:
    from ecrtui.ui.app import EcrtuiApp

_GROUP = "lifecycle"
_STORED = "stored"


def show_lifecycle(app: EcrtuiApp, subjects: Sequence[Subject]) -> None:
    """Go to the lifecycle policies of these repositories."""
    keys = dict.fromkeys(RepositoryKey(one.region, one.name) for one in subjects if one.name)
    if keys:
        app.push_screen(LifecycleScreen(tuple(keys), app.current_mode))


class LifecycleScreen(ModeScreen):
    """Over the mode that it was called from; Esc goes back there."""

    CSS_PATH = style_paths("widgets", "lifecycle")
    BINDINGS: ClassVar[list[BindingType]] = [commands.local_binding("preview")]
    FOOTER: ClassVar[tuple[str, ...]] = (
        "edit",
        "templates",
        "preview",
        "apply",
        "view",
        "aws-preview",
        "filter",
        "restore",
        "delete",
        "help",
    )
    VERTICAL_BREAKPOINTS = [(0, "-low"), (18, "-tall")]
    WRITING: ClassVar[tuple[str, ...]] = ("back", "preview", "next-problem", "format", "next-pane")
    """What can be done while the draft is typed: letters are text there."""

    def __init__(self, keys: Sequence[RepositoryKey], mode: str) -> None:
        super().__init__()
        self.MODE = mode  # type: ignore[misc]  # the header points out where one came from
        self.targets = TargetsPane(keys)
        self.stored = StoredPane()
        self.draft = DraftPane()
        self.preview = PreviewPane()
        self._cache = IndexChildren()
        self._generation: int | None = None
        self._warned = False

    def body(self) -> ComposeResult:
        with Horizontal(id="lifecycle"):
            with Vertical(id="lifecycle-policy"):
                yield self.targets
                yield self.stored
                yield self.draft
            yield self.preview

    def on_mount(self) -> None:
        super().on_mount()
        self._generation = self.ecrtui.state.generation
        many = len(self.targets.keys) > 1
        self.set_class(many, "many")
        self.show_state(self.ecrtui.state)
        if many:
            self.targets.table.set_marks(self.targets.keys)
        self.enter(self.levels[0])
        self._load()

    def _load(self, again: bool = False) -> None:
        session = self.ecrtui.session
        if session is not None:
            for key in self.targets.keys:
                if again or isinstance(self.ecrtui.state.get(PolicyKey(*key)), Idle):
                    session.load_policy(*key)

    # Another account: nothing of the old one stays

    def on_screen_resume(self, event: ScreenResume) -> None:
        super().on_screen_resume(event)
        self._leave_if_over()

    def _leave_if_over(self) -> bool:
        over = self._generation is not None and self.ecrtui.state.generation != self._generation
        if over and self.is_current:
            self.dismiss()
        return over

    def show_state(self, state: State) -> None:
        if self._leave_if_over():
            self.draft.clear()
            return
        super().show_state(state)
        self.targets.show_state(state, self.draft.text)
        current = self.targets.current
        if current is None:
            return
        slice_ = state.get(PolicyKey(*current))
        self.draft.follow(current, slice_)
        self.stored.show_policy(current, slice_, self.draft.text)
        self.preview.show_preview(state, current, self.draft.text)

    def shown_slice(self, state: State) -> Loadable[Any]:
        current = self.targets.current
        return IDLE if current is None else state.get(PolicyKey(*current))

    def on_draft_pane_judged(self, event: DraftPane.Judged) -> None:
        """What depends on the draft is shown anew."""
        self._warned = False
        self.ecrtui.show_soon()

    def on_policy_text_text_cut(self, event: PolicyText.TextCut) -> None:
        """Nothing is left out silently."""
        self.ecrtui.tell(shown(f"too long for a policy: {event.lost:,} characters were left out"), good=False)

    def on_resource_table_highlighted(self, event: ResourceTable.Highlighted) -> None:
        """Follow the cursor among the repositories."""
        if event.table is self.targets.table:
            self.ecrtui.show_soon()

    def on_resource_table_marks_changed(self, event: ResourceTable.MarksChanged) -> None:
        """Say how many are marked."""
        self.ecrtui.show_soon()

    def on_resource_table_selected(self, event: ResourceTable.Selected) -> None:
        """Enter on a repository: to its policy."""
        if event.table is self.targets.table:
            self.enter(self.stored)

    # Panes: side by side, or one at a time on a narrow terminal

    @property
    def levels(self) -> Sequence[Widget]:
        """The panes in the order of Tab."""
        first = (self.targets,) if len(self.targets.keys) > 1 else ()
        return (*first, self.stored, self.draft, self.preview)

    @property
    def level(self) -> int:
        """The number of the pane with the focus."""
        return next((at for at, pane in enumerate(self.levels) if pane.has_focus_within), 0)

    def enter(self, pane: Widget) -> None:
        """Give the focus to a pane."""
        for one in self.levels:
            one.set_class(one is pane, "current")
        focus: Mapping[Widget, Widget] = {
            self.targets: self.targets.table,
            self.stored: self.stored.view,
            self.draft: self.draft.text_area,
            self.preview: self.preview.table,
        }
        focus[pane].focus()

    def on_descendant_focus(self, event: DescendantFocus) -> None:
        super().on_descendant_focus(event)
        now = self.levels[self.level]
        for pane in self.levels:
            pane.set_class(pane is now, "current")
        self.query_one("#lifecycle").set_class(now is self.preview, "at-preview")

    def command_next_pane(self) -> None:
        """To the next pane."""
        self.enter(self.levels[(self.level + 1) % len(self.levels)])

    def command_previous_pane(self) -> None:
        """To the pane before."""
        self.enter(self.levels[(self.level - 1) % len(self.levels)])

    def go_up(self) -> None:
        if self.level:
            before = self.levels[self.level - 1]
            self.enter(self.stored if before is self.draft else before)
        elif self.draft.edited and not self._warned:
            self._warned = True
            self.ecrtui.tell(Shown("the draft is applied nowhere yet: Esc again drops it"), good=False)
        else:
            self.dismiss()

    def stop_load(self) -> bool:
        busy = any(isinstance(self.ecrtui.state.get(key), Loading) for key in self._slices())
        if busy:
            self.ecrtui.workers.cancel_group(self.ecrtui, _GROUP)
            self._forget_unfinished()
        return busy

    def offered(self) -> Sequence[str]:
        return self.WRITING if self.draft.text_area.has_focus else self.FOOTER

    def footer_key(self, command: commands.Command) -> Shown:
        """While the draft is typed, a key that is no letter."""
        if self.draft.text_area.has_focus:
            keys = self.ecrtui.settings.keys.get(command.id, ",".join(command.keys)).split(",")
            return Shown(commands.written(next((key for key in keys if len(key) > 1), keys[0])))
        return super().footer_key(command)

    # Commands

    @property
    def subject(self) -> Subject:
        """What a command is about: the repository under the cursor."""
        current = self.targets.current
        return Subject() if current is None else Subject(current.region, current.name)

    @property
    def subjects(self) -> Sequence[Subject]:
        """What a command on many is about: the marked repositories."""
        return [Subject(*key) for key in self.targets.chosen]

    def command_lifecycle(self) -> None:
        """To the policy."""
        self.enter(self.stored)

    def command_refresh(self) -> None:
        """Load the policies again."""
        self._load(again=True)

    def loading_now(self, state: State) -> bool:
        return self.draft.text_area.has_focus or any(
            isinstance(state.get(PolicyKey(*key)), Loading) for key in self.targets.keys
        )

    def command_edit(self) -> None:
        """Into the draft."""
        self.enter(self.draft)

    def command_next_problem(self) -> None:
        """To the next thing that is wrong."""
        self.draft.next_problem()

    def refusal_next_problem(self) -> str:
        """There may be none."""
        return "" if self.draft.problems else "nothing is wrong with the draft"

    def command_format(self) -> None:
        """Lay the draft out."""
        if not self.draft.format():
            self.ecrtui.tell(Shown("the draft is not valid yet: F8 goes to what is wrong"), good=False)

    def command_view(self) -> None:
        """What goes, what stays, what is in use."""
        current = self.targets.current
        aws = None if current is None else value_of(self.ecrtui.state.get(AwsPreviewKey(*current)))
        self.preview.next_view(aws_marks(aws) is not None)
        self.ecrtui.show_soon()

    def refusal_view(self) -> str:
        """There must be a preview."""
        current = self.targets.current
        seen = None if current is None else value_of(self.ecrtui.state.get(PreviewKey(*current)))
        return "" if seen is not None else "there is no preview yet: p makes one"

    def command_templates(self) -> None:
        """Fill the draft."""
        options = [Option(one.id, shown(one.title), shown(one.description)) for one in templates()]
        stored = self._stored_text()
        if stored is not None:
            options.append(
                Option(_STORED, Shown("What is stored now"), Shown("begin again from the policy as it is set"))
            )
        self.ecrtui.push_screen(PickDialog(Shown("Fill the draft with"), options), self._template_picked)

    def _template_picked(self, picked: tuple[str, ...] | None) -> None:
        if not picked:
            return
        if picked[0] == _STORED:
            self._fill(pretty(self._stored_text() or ""))
            return
        chosen = template(picked[0])

        def numbered(numbers: dict[str, int] | None) -> None:
            if numbers is not None:
                self._fill(to_json(chosen.policy(numbers)))

        self.ecrtui.push_screen(TemplateDialog(chosen), numbered)

    def _fill(self, text: str) -> None:
        self.draft.fill(text)
        self.enter(self.draft)

    def _stored_text(self) -> str | None:
        current = self.targets.current
        stored = None if current is None else value_of(self.ecrtui.state.get(PolicyKey(*current)))
        return None if stored is None else stored.text

    # Previews and changes

    def _refusal_without_draft(self) -> str:
        if self.ecrtui.session is None:
            return "no account is open"
        if not self.draft.text.strip():
            return "the draft is empty: T fills it from a template"
        return "" if self.draft.valid else "the draft is not valid: F8 goes to what is wrong"

    def _slices(self) -> Iterator[Key[Any]]:
        """The previews of all repositories here."""
        for key in self.targets.keys:
            yield PreviewKey(*key)
            yield AwsPreviewKey(*key)

    def _start(self, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Run `work` instead of what ran before."""
        self._forget_unfinished()
        self.ecrtui.spawn(work, _GROUP, exclusive=True)

    def _forget_unfinished(self) -> None:
        """What was stopped does not seem to run."""
        session = self.ecrtui.session
        if session is not None:
            for key in self._slices():
                if isinstance(self.ecrtui.state.get(key), Loading):
                    session.put(key, IDLE)

    def command_preview(self) -> None:
        """What the draft would do to the chosen repositories."""
        session = self.ecrtui.session
        if session is None:
            return
        texts = dict.fromkeys(self.targets.chosen, self.draft.text)

        async def look() -> None:
            await preview_all(self.ecrtui, session, texts, self._cache)

        self._start(look)
        self.enter(self.preview if len(texts) == 1 else self.targets)

    def refusal_preview(self) -> str:
        """Why nothing can be previewed."""
        return self._refusal_without_draft()

    def command_aws_preview(self) -> None:
        """AWS's own preview of what was previewed."""
        session, current = self.ecrtui.session, self.targets.current
        seen = None if current is None else value_of(self.ecrtui.state.get(PreviewKey(*current)))
        if session is not None and current is not None and seen is not None:
            self._start(partial(preview_by_aws, self.ecrtui, session, current, seen))

    def refusal_aws_preview(self) -> str:
        """Ours comes first: the two are compared."""
        return self.refusal_view()

    def command_apply(self) -> None:
        """Put the draft on the chosen repositories."""
        session = self.ecrtui.session
        if session is not None:
            texts = dict.fromkeys(self.targets.chosen, self.draft.text)
            work = partial(apply_policies, self.ecrtui, session, texts, self._cache, ended=self._changed)
            self._start(work)

    def refusal_apply(self) -> str:
        """Why nothing can be applied."""
        return self._refusal_without_draft()

    def command_restore(self) -> None:
        """Put back what the last change replaced."""
        session = self.ecrtui.session
        if session is not None:
            work = partial(restore_policies, self.ecrtui, session, self.targets.chosen, self._cache, self._changed)
            self._start(work)

    def command_delete(self) -> None:
        """Delete the policies of the chosen repositories."""
        session = self.ecrtui.session
        if session is not None:
            keys = [key for key in self.targets.chosen if self._has_policy(key)]
            work = partial(delete_policies, self.ecrtui, session, keys, self._changed)
            self._start(work)

    def refusal_delete(self) -> str:
        """There must be a policy."""
        return "" if any(self._has_policy(key) for key in self.targets.chosen) else "no policy is set"

    def _has_policy(self, key: RepositoryKey) -> bool:
        return value_of(self.ecrtui.state.get(PolicyKey(*key))) is not None

    def _changed(self, results: Results) -> None:
        self.draft.settle()
