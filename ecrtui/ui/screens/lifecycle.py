"""Lifecycle: the policies of some repositories: read, drafted, previewed, put, deleted and restored."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.events import ScreenResume

from ecrtui.domain.text import Shown, shown
from ecrtui.resources import style_paths
from ecrtui.services.slices import PolicyKey
from ecrtui.services.state import IDLE, Idle, Loadable, Loading, State
from ecrtui.ui import commands
from ecrtui.ui.desks.draft import DraftDesk
from ecrtui.ui.desks.policies import PoliciesDesk
from ecrtui.ui.panes.policy import DraftPane, StoredPane
from ecrtui.ui.panes.preview import PreviewPane
from ecrtui.ui.panes.targets import TargetsPane
from ecrtui.ui.present.repositories import RepositoryKey
from ecrtui.ui.screens.panes import PanesScreen
from ecrtui.ui.subject import Subject
from ecrtui.ui.widgets.policy_text import PolicyText
from ecrtui.ui.widgets.resource_table import ResourceTable

if TYPE_CHECKING:
    from ecrtui.ui.app import EcrtuiApp


def show_lifecycle(app: EcrtuiApp, subjects: Sequence[Subject]) -> None:
    """Go to the lifecycle policies of these repositories."""
    keys = dict.fromkeys(RepositoryKey(one.region, one.name) for one in subjects if one.name)
    if keys:
        app.push_screen(LifecycleScreen(tuple(keys), app.current_mode))


class LifecycleScreen(PanesScreen):
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
        "restore",
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
        self._policies = PoliciesDesk(self)
        self.desks = (self._policies, DraftDesk(self))
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
        self._generation = self.ecrtui.state.generation
        many = len(self.targets.keys) > 1
        self.set_class(many, "many")
        self.show_state(self.ecrtui.state)
        if many:
            self.targets.table.set_marks(self.targets.keys)
        self.enter(self.panes[0])
        self._load()

    def _load(self, again: bool = False) -> None:
        session = self.ecrtui.session
        if session is not None:
            for key in self.targets.keys:
                if again or isinstance(self.ecrtui.state.get(PolicyKey(*key)), Idle):
                    session.load_policy(*key)

    # Another account: nothing of the old one stays

    def on_screen_resume(self, event: ScreenResume) -> None:
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

    # The panes

    @property
    def panes(self) -> Sequence[TargetsPane | StoredPane | DraftPane | PreviewPane]:
        first = (self.targets,) if len(self.targets.keys) > 1 else ()
        return (*first, self.stored, self.draft, self.preview)

    def go_up(self) -> None:
        if self.at is self.preview:
            self.enter(self.stored)
        elif self.at is not self.panes[0]:
            super().go_up()
        elif self.draft.edited and not self._warned:
            self._warned = True
            self.ecrtui.tell(Shown("the draft is applied nowhere yet: Esc again drops it"), good=False)
        else:
            self.dismiss()

    def stop_load(self) -> bool:
        return self._policies.stop()

    def offered(self) -> Sequence[str]:
        return self.WRITING if self.draft.text_area.has_focus else self.FOOTER

    def footer_key(self, command: commands.Command) -> Shown:
        """While the draft is typed, a key that is no letter."""
        if self.draft.text_area.has_focus:
            keys = self.ecrtui.settings.keys.get(command.id, ",".join(command.keys)).split(",")
            return Shown(commands.written(next((key for key in keys if len(key) > 1), keys[0])))
        return super().footer_key(command)

    # What commands are about

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
