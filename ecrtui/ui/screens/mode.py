"""A mode: one full screen with the header, the mode's own panes, the filter line and the footer."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, cast

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.events import DescendantBlur, DescendantFocus, ScreenResume
from textual.screen import Screen

from ecrtui.domain.text import Shown, shown
from ecrtui.services.slices import IdentityKey
from ecrtui.services.state import IDLE, Loadable, Loading, State
from ecrtui.ui import commands
from ecrtui.ui.dialogs.sentence import Sentence
from ecrtui.ui.modes import MODES
from ecrtui.ui.panes.list_pane import ListPane
from ecrtui.ui.present.header import header_of
from ecrtui.ui.searchable import Searchable
from ecrtui.ui.subject import Subject
from ecrtui.ui.widgets.cell_line import CellLine
from ecrtui.ui.widgets.filter_bar import FilterBar
from ecrtui.ui.widgets.key_footer import FooterKey, KeyFooter
from ecrtui.ui.widgets.rows import Cell
from ecrtui.ui.widgets.status_header import StatusHeader

if TYPE_CHECKING:
    from ecrtui.ui.app import EcrtuiApp

_TICK = 15.0
"""Seconds between repaints of ages; nothing is sent to the terminal where no age changed."""


_LEAST_WIDTH, _LEAST_HEIGHT = 40, 10


class ModeScreen(Screen[None]):
    """One mode of the app. Subclasses give `body` and show the state in their panes."""

    BINDINGS: ClassVar[list[BindingType]] = [
        # Textual's screen has these keys for the next widget that is shown: a narrow terminal shows one pane only.
        Binding("tab", "app.run('next-pane')", "Next pane", show=False),
        Binding("shift+tab", "app.run('previous-pane')", "Pane before", show=False),
    ]
    AUTO_FOCUS = ""  # each says itself where the keys go at first: Textual's choice would come between
    MODE: ClassVar[str] = ""
    FOOTER: ClassVar[tuple[str, ...]] = ()
    """The ids of the commands that matter here, most telling first."""
    desks: Sequence[object] = ()
    """What carries out commands for the screen besides itself."""

    def __init__(self) -> None:
        super().__init__()
        self.header = StatusHeader()
        self.banner = Sentence(classes="banner")
        self.footer_keys = KeyFooter()
        self.filter_bar = FilterBar()
        self.too_small = CellLine(id="too-small")
        self._filtered: Searchable | None = None

    def compose(self) -> ComposeResult:
        yield self.header
        yield self.banner
        yield from self.body()
        yield self.filter_bar
        yield self.footer_keys
        yield self.too_small

    def body(self) -> ComposeResult:
        """The panes of the mode."""
        raise NotImplementedError

    def on_mount(self) -> None:
        self.filter_bar.display = False
        self.set_interval(_TICK, self._tick)
        self.ecrtui.show_soon()

    def on_resize(self) -> None:
        """Below the least size there is one sentence and nothing else."""
        width, height = self.app.size
        self.set_class(width < _LEAST_WIDTH or height < _LEAST_HEIGHT, "-too-small")
        sentence = f"too small: {width}x{height}, needs {_LEAST_WIDTH}x{_LEAST_HEIGHT}"
        self.too_small.show_cells([Cell(Shown(sentence), "warn")])

    def session_opened(self) -> None:
        """Another account is in use from now on."""

    def show_state(self, state: State) -> None:
        """Show what is known now."""
        self._show_header()
        self._show_banner()
        self._show_footer()

    def on_screen_resume(self, event: ScreenResume) -> None:
        self.ecrtui.show_soon()

    def on_descendant_focus(self, event: DescendantFocus) -> None:
        self._show_header()
        self._show_footer()

    def on_descendant_blur(self, event: DescendantBlur) -> None:
        self._show_footer()

    @property
    def ecrtui(self) -> EcrtuiApp:
        """The app, with its type."""
        return cast("EcrtuiApp", self.app)

    # The filter line

    def open_filter(self, pane: Searchable) -> None:
        """Open the filter line for one list or text."""
        self._filtered = pane
        self.footer_keys.display = False  # its line is taken: nothing else has to be laid out anew
        self.filter_bar.open(pane.filter_text, tuple(pane.fields.values()))

    def on_filter_bar_filter_changed(self, event: FilterBar.FilterChanged) -> None:
        """Filter as it is typed."""
        if self._filtered is not None:
            self._filtered.set_filter(event.text)
            problem = self._filtered.problem
            self.filter_bar.show_problem(Shown("") if problem is None else shown(str(problem)))

    def on_filter_bar_filter_closed(self, event: FilterBar.FilterClosed) -> None:
        """Back to the list; Esc drops the filter, Enter keeps it."""
        pane, self._filtered = self._filtered, None
        self.footer_keys.display = True
        if pane is not None:
            if not event.kept:
                pane.set_filter("")
            pane.take_focus()

    def command_back(self) -> None:
        """Clear the filter of the focused list, stop its load, or go one level up."""
        pane = self.focused_searchable
        if pane is not None and pane.filter_text:
            pane.set_filter("")
        elif not self._stop_waiting() and not self.stop_load():
            self.go_up()

    def _stop_waiting(self) -> bool:
        logins = self.ecrtui.logins
        return logins is not None and logins.stop()

    @property
    def subject(self) -> Subject:
        """What a command is about: the row under the cursor."""
        return Subject()

    @property
    def no_subject(self) -> str:
        """Why commands are about nothing; empty when they are about something."""
        if self.subject.name:
            return ""
        loading = isinstance(self.shown_slice(self.ecrtui.state), Loading)
        return "it is still loading" if loading else "nothing is selected"

    @property
    def subjects(self) -> Sequence[Subject]:
        """What a command on many is about: the marked rows, else the one under the cursor."""
        return [self.subject] if self.subject.name else []

    def reveal(self, subject: Subject) -> None:
        """Go to what is named here, now or as soon as it is known."""

    def command_refresh(self) -> None:
        """Load again what is shown."""

    def loading_now(self, state: State) -> bool:
        """Whether what is shown is still loading."""
        return False

    def stop_load(self) -> bool:
        """Stop what is loading in the focused pane; False when nothing is."""
        return False

    def go_up(self) -> None:
        """One level up."""

    @property
    def focused_searchable(self) -> Searchable | None:
        """The list or text that has the focus."""
        chain = () if self.focused is None else self.focused.ancestors_with_self
        return next((node for node in chain if isinstance(node, Searchable)), None)

    @property
    def focused_pane(self) -> ListPane | None:
        """The list that has the focus."""
        pane = self.focused_searchable
        return pane if isinstance(pane, ListPane) else None

    # Header and footer

    def _show_banner(self) -> None:
        logins = self.ecrtui.logins
        self.banner.show(*(() if logins is None else logins.banner))

    def _show_header(self) -> None:
        app, state = self.ecrtui, self.ecrtui.state
        session = app.session
        self.header.show(
            header_of(
                None if session is None else session.account,
                app.profile_name,
                state.get(IdentityKey()),
                app.scope,
                MODES,
                self.MODE,
                self.shown_slice(state),
                time.time(),
                demo=app.backend.demo,
                retry=app.retries.note,
                crumbs=self.crumbs if self.has_class("-narrow") else (),
            )
        )

    @property
    def crumbs(self) -> Sequence[str]:
        """Where one is: region, repository, image; a narrow terminal has no other place that says so."""
        return ()

    def shown_slice(self, state: State) -> Loadable[Any]:
        """The slice whose age the header tells."""
        return IDLE

    def on_status_header_mode_requested(self, event: StatusHeader.ModeRequested) -> None:
        """A mode was clicked in the header."""
        if MODES[event.mode] != self.MODE:
            self.ecrtui.action_run(MODES[event.mode])

    def _show_footer(self) -> None:
        chain = self.ecrtui.chain_from(self.focused or self)
        self.footer_keys.show(_footer(self.offered(), chain, self.ecrtui, self.footer_key))

    def offered(self) -> Sequence[str]:
        """The ids of the commands for the footer now."""
        return self.FOOTER

    def footer_key(self, command: commands.Command) -> Shown:
        """The key of a command as the footer names it."""
        return self.ecrtui.key_of(command)

    def _tick(self) -> None:
        if self.is_current:
            self.show_state(self.ecrtui.state)


def _footer(
    ids: Sequence[str], chain: Sequence[object], app: EcrtuiApp, key: Callable[[commands.Command], Shown]
) -> tuple[FooterKey, ...]:
    """The footer's entries: those that something here offers, greyed where refused."""
    entries = []
    for id_ in ids:
        command = commands.BY_ID[id_]
        reason = commands.refusal(chain, command, app.read_only)
        if reason is not None:
            entries.append(FooterKey(key(command), Shown(command.label), not reason))
    return tuple(entries)
