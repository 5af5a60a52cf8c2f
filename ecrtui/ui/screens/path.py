"""Path: one name, the whole chain, and what mends or opens each part of it."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.containers import Vertical

from ecrtui.domain.path import Chain, Mend
from ecrtui.domain.snippets import snippets
from ecrtui.domain.text import Shown, shown
from ecrtui.resources import style_paths
from ecrtui.services.path import load_path
from ecrtui.services.path_gathering import PathCache
from ecrtui.services.path_parts import PathParts, chain_of, snippet_values
from ecrtui.services.ports import Account
from ecrtui.services.slices import IdentityKey, PathKey, ProjectsKey, RepositoriesKey
from ecrtui.services.state import IDLE, Loadable, Loading, State, value_of
from ecrtui.ui import commands
from ecrtui.ui.actions.builds import go_to_build, show_latest_build
from ecrtui.ui.actions.create import create_repositories
from ecrtui.ui.dialogs.copy import CopyDialog, copy_text
from ecrtui.ui.dialogs.pick import Option, PickDialog
from ecrtui.ui.dialogs.snippet import SnippetDialog
from ecrtui.ui.panes.path import PathView
from ecrtui.ui.present.copying import (
    Copyable,
    build_copies,
    console_link,
    image_copies,
    project_copies,
    repository_copies,
)
from ecrtui.ui.present.path import detail_lines, help_words, snippet_options
from ecrtui.ui.present.repositories import RepositoryKey
from ecrtui.ui.screens.explore import ExploreScreen
from ecrtui.ui.screens.lifecycle import show_lifecycle
from ecrtui.ui.screens.mode import ModeScreen
from ecrtui.ui.subject import Subject
from ecrtui.ui.widgets.heading import Heading
from ecrtui.ui.widgets.rows import Cell
from ecrtui.ui.widgets.text_view import TextView

if TYPE_CHECKING:
    from ecrtui.ui.app import EcrtuiApp

_AGES = 10.0
"""Seconds after which the ages in a picture that has not changed are said anew."""
_READING = ((Cell(Shown("  reading…"), "muted"),),)
_NOTHING = (
    (Cell(Shown("  no name is chosen")),),
    (Cell(Shown("  p or 4 chooses one of those that are known here, :path NAME takes any"), "muted"),),
)


def show_path(app: EcrtuiApp, subject: Subject) -> None:
    """Go to the path of a name."""

    async def go() -> None:
        await app.switch_mode("path")
        if isinstance(app.mode_screen, PathScreen):
            app.mode_screen.follow(subject)

    app.spawn(go, "go to path", exclusive=True)


def open_path(app: EcrtuiApp, subject: Subject) -> None:
    """The path of the name under the cursor; where there is none, the one shown last, or a question."""
    former = next((screen for screen in app.mode_screens if isinstance(screen, PathScreen)), None)
    if app.current_mode != "path" and subject.name:
        show_path(app, subject)
    elif app.current_mode != "path" and former is not None and former.place is not None:
        app.switch_mode("path")
    else:
        choose_path(app)


def choose_path(app: EcrtuiApp) -> None:
    """Ask for a name, of the projects and repositories that are known."""
    names = known_names(app)
    many = len(app.scope) > 1
    options = [Option(f"{name} {region}", shown(name), shown(f"{region}  {what}" if many else what))
               for (name, region), what in names.items()]  # fmt: skip

    def chosen(picked: tuple[str, ...] | None) -> None:
        if picked:
            name, _, region = picked[0].rpartition(" ")
            show_path(app, Subject(region, name))

    empty = Shown("no project and no repository is known yet; :path NAME takes any name")
    app.push_screen(PickDialog(Shown("Path of"), options, empty=empty), chosen)


def known_names(app: EcrtuiApp) -> dict[tuple[str, str], str]:
    """Name and region of every project and repository of the regions in scope, with what it is."""
    found: dict[tuple[str, str], list[str]] = {}
    for region in app.scope:
        for project in value_of(app.state.get(ProjectsKey(region))) or ():
            found.setdefault((project.name, region), []).append("project")
        listing = value_of(app.state.get(RepositoriesKey(region)))
        for name in () if listing is None else listing.names:
            found.setdefault((name, region), []).append("repository")
    return {place: " and ".join(found[place]) for place in sorted(found)}


def place_of(app: EcrtuiApp, name: str) -> Subject:
    """A name in the first region in scope that knows it, else in the first one."""
    known = [region for known, region in known_names(app) if known == name]
    regions = [region for region in app.scope if region in known] or list(app.scope)
    return Subject(regions[0] if regions else "", name)


class PathScreen(ModeScreen):
    """The fourth screen."""

    CSS_PATH = style_paths("widgets", "path")
    MODE: ClassVar[str] = "path"
    FOOTER: ClassVar[tuple[str, ...]] = (
        "open-path",
        "snippets",
        "create",
        "build",
        "logs",
        "lifecycle",
        "copy",
        "console",
        "refresh",
        "help",
    )
    VERTICAL_BREAKPOINTS = [(0, "-low"), (18, "-tall"), (32, "-high")]

    def __init__(self) -> None:
        super().__init__()
        self.heading = Heading(Shown("PATH"))
        self.chain = PathView(self._say)
        self.detail = TextView(id="part")
        self.place: Subject | None = None
        """Region and name of the path."""
        self._drawn: tuple[PathParts | None, float] = (None, 0.0)
        self._made: Chain | None = None
        self._cache: tuple[Account, PathCache] | None = None
        """What was read for good, of the account in use."""

    def body(self) -> ComposeResult:
        with Vertical(id="path"):
            yield self.heading
            yield self.chain
            yield self.detail

    def on_mount(self) -> None:
        super().on_mount()
        self.chain.focus()

    def session_opened(self) -> None:
        if self.place is not None and self.place.region:
            self.follow(None)

    def follow(self, subject: Subject | None) -> None:
        """Show the path of this name from now on."""
        self.place = None if subject is None or not subject.name else Subject(subject.region, subject.name)
        self._made, self._drawn = None, (None, 0.0)
        self.detail.scroll_home(animate=False)
        if self.ecrtui.mode_screen is self:
            self.show_state(self.ecrtui.state)

    # What is shown

    def show_state(self, state: State) -> None:
        super().show_state(state)
        if self.place is not None and not self.place.region and self.ecrtui.scope:
            self.place = place_of(self.ecrtui, self.place.name)  # asked for before the account was open
        if self.place is None:
            self.chain.show_chain(None, _NOTHING)
            self.detail.show(())
            self.heading.show(title=Shown("PATH"))
            return
        self._ask()
        self._draw(state.get(self.key))
        self._show_detail()

    def _ask(self) -> None:
        """Load the path, unless it is there."""
        session = self.ecrtui.session
        if session is not None and self.key.region and not session.asked(self.key):
            self._load()

    def _draw(self, slice_: Loadable[PathParts]) -> None:
        """The picture anew where something came, or where the ages in it are old."""
        parts, drawn, now = value_of(slice_), self._drawn, time.time()
        if parts is None:
            self.chain.show_chain(None, _READING)
        elif parts is not drawn[0] or now - drawn[1] > _AGES:
            self._made, self._drawn = chain_of(parts, now), (parts, now)
            self.chain.show_chain(self._made)
        key, word = self.key, "loading" if isinstance(slice_, Loading) else ""
        self.heading.show(title=shown(f"PATH  {key.name}"), note=shown(key.region), state=Shown(word))

    @property
    def key(self) -> PathKey:
        """The slice of the path that is shown."""
        place = self.place or Subject()
        return PathKey(place.region, place.name)

    @property
    def parts(self) -> PathParts | None:
        """What is known of the name."""
        return value_of(self.ecrtui.state.get(self.key))

    def _load(self) -> None:
        session, key = self.ecrtui.session, self.key
        if session is not None:
            if self._cache is None or self._cache[0] is not session.account:
                self._cache = session.account, PathCache(session.account)
            known, scope = self._cache[1], self.ecrtui.scope
            session.fill(key, load_path(session.account, key.region, key.name, scope, cache=known))

    def _show_detail(self) -> None:
        made, spot = self._made, self.chain.spot
        self.detail.show(() if made is None or not spot else detail_lines(made, spot, self._say))

    def _say(self, mend: Mend) -> str:
        return help_words(mend, lambda id_: self.ecrtui.key_of(commands.BY_ID[id_]))

    def on_path_view_moved(self, event: PathView.Moved) -> None:
        """Follow the cursor."""
        self.detail.scroll_home(animate=False)
        self._show_detail()
        self._show_footer()

    def shown_slice(self, state: State) -> Loadable[PathParts]:
        return IDLE if self.place is None else state.get(self.key)

    def loading_now(self, state: State) -> bool:
        return isinstance(self.shown_slice(state), Loading)

    def stop_load(self) -> bool:
        return self.ecrtui.session is not None and self.ecrtui.session.stop(self.key)

    def command_refresh(self) -> None:
        """Read every part again."""
        if self.ecrtui.session is None:
            self.ecrtui.open_session(self.ecrtui.profile)
        elif self.place is not None:
            self._load()

    # What commands are about

    @property
    def subject(self) -> Subject:
        """The name; on an image, or what runs one, with its digest."""
        place, spot = self.place, self.chain.spot
        if place is None or self._made is None or ":" not in spot:
            return place or Subject()
        kind, _, number = spot.partition(":")
        part = next(part for part in self._made.parts if part.kind == kind)
        digest = part.entries[int(number)].digest
        there = self.parts is not None and self.parts.stock is not None and self.parts.stock.image(digest)
        return Subject(place.region, place.name, digest if there else None)

    @property
    def subjects(self) -> Sequence[Subject]:
        return [self.subject] if self._has_repository else []

    @property
    def _has_repository(self) -> bool:
        return self.parts is not None and value_of(self.parts.repository) is not None

    @property
    def _has_project(self) -> bool:
        return self.parts is not None and value_of(self.parts.project) is not None

    # Opening the parts

    def on_path_view_chosen(self, event: PathView.Chosen) -> None:
        """Enter: the part in its own screen; for a link what mends it."""
        kind = event.spot.partition(":")[0]
        if kind == "project":
            self._open_project()
        elif kind in ("push", "hold", "run"):
            self._open_link(kind)
        else:
            self._open_images(used_by=kind == "runtime")

    def _open_project(self) -> None:
        if self._has_project and self.place is not None:
            show_latest_build(self.ecrtui, self.place)
        else:
            self.ecrtui.tell(Shown("there is no project to go to"), good=False)

    def _open_link(self, kind: str) -> None:
        """Where something mends the link, that; else to the part behind it."""
        assert self._made is not None
        link = next(link for link in self._made.links if link.kind == kind)
        mends = [check.mend for check in link.checks if check.mend is not None and check.standing is link.standing]
        if mends:
            self._do(mends[0])
        elif kind == "push":
            self._open_project()
        else:
            self._open_images(used_by=kind == "run")

    def _do(self, mend: Mend) -> None:
        match mend.kind:
            case "path":
                name, _, region = mend.text.rpartition(" ")
                self.follow(Subject(region, name))
            case "logs":
                go_to_build(self.ecrtui, mend.text)
            case "policy":
                title = mend.words[:1].upper() + mend.words[1:]
                self.ecrtui.push_screen(SnippetDialog(shown(title), Shown("mending policy"), mend.text))
            case _:
                self.ecrtui.action_run(mend.kind)

    def _open_images(self, *, used_by: bool = False) -> None:
        if not self._has_repository:
            if not self.refusal_create():
                self.command_create()
            else:
                self.ecrtui.tell(Shown("there is no repository to go to"), good=False)
            return
        app, subject = self.ecrtui, self.subject

        def reveal() -> None:
            if isinstance(app.mode_screen, ExploreScreen):
                app.mode_screen.reveal(RepositoryKey(subject.region, subject.name), subject.digest)

        app.switch_mode("explore")
        app.call_later(reveal)

    # Commands

    def command_open_path(self) -> None:
        """The path of another name."""
        choose_path(self.ecrtui)

    def command_create(self) -> None:
        """Create the repository that the project lacks."""
        if self.place is not None:
            create_repositories(self.ecrtui, [self.place])

    def refusal_create(self) -> str:
        """Why there is nothing to create."""
        if self.place is None or self.parts is None:
            return "no name is chosen" if self.place is None else "it is still being read"
        if self._has_repository:
            return "it has a repository"
        return "" if self._has_project else "there is no project to create it for"

    def refusal_lifecycle(self) -> str:
        """A policy needs a repository."""
        return "" if self._has_repository else "there is no repository"

    def command_lifecycle(self) -> None:
        """The lifecycle policy of the repository."""
        show_lifecycle(self.ecrtui, self.subjects)

    def command_logs(self) -> None:
        """The log of the build that the cursor is about, else of the latest one."""
        if self.place is not None:
            show_latest_build(self.ecrtui, self.place)

    def refusal_logs(self) -> str:
        """Only projects have builds."""
        return "" if self._has_project else "there is no project"

    def command_copy(self) -> None:
        """What can be copied: what mends the link first, then references and commands."""
        if self.place is not None:
            self.ecrtui.push_screen(CopyDialog(shown(f"{self.place.name} in {self.place.region}"), self._copies()))

    def refusal_copy(self) -> str:
        """Why there is nothing to copy."""
        return "" if self._copies() else "nothing is known of it yet"

    def _copies(self) -> list[Copyable]:
        parts, made, subject = self.parts, self._made, self.subject
        if parts is None or made is None:
            return []
        checks = [check for link in made.links for check in link.checks if check.mend is not None]
        copies = [Copyable("mending policy", c.mend.text) for c in checks if c.mend and c.mend.kind == "policy"]
        repository, project = value_of(parts.repository), value_of(parts.project)
        image = None if parts.stock is None or subject.digest is None else parts.stock.image(subject.digest)
        if repository is not None:
            copies += repository_copies(repository) if image is None else image_copies(repository, image)
        copies += () if project is None else project_copies(project)
        builds = value_of(parts.builds) or ()
        return [*copies, *(() if not builds else build_copies(builds[0]))]

    def command_snippets(self) -> None:
        """Texts with the real values, to be copied."""
        parts = self.parts
        values = None if parts is None else snippet_values(parts, self.subject.digest or "")
        if values is None:
            return
        made = {one.name: one for one in snippets(values)}

        def chosen(names: tuple[str, ...] | None) -> None:
            if names:
                one = made[names[0]]
                self.ecrtui.push_screen(SnippetDialog(shown(one.title), shown(one.name), one.text))

        self.ecrtui.push_screen(PickDialog(Shown("Snippets"), snippet_options(tuple(made.values()))), chosen)

    def refusal_snippets(self) -> str:
        """Snippets need a repository."""
        return "" if self._has_repository else "there is no repository yet"

    def command_console(self) -> None:
        """The link to the AWS console of what the cursor is on."""
        identity = value_of(self.ecrtui.state.get(IdentityKey()))
        if identity is not None:
            project = self.chain.spot in ("project", "push") and self._has_project
            copy_text(self.ecrtui, console_link(self.subject, identity.account, project=project), Shown("Console link"))

    def refusal_console(self) -> str:
        """Why there is no link."""
        if self.place is None:
            return "no name is chosen"
        known = value_of(self.ecrtui.state.get(IdentityKey())) is not None
        return "" if known else "the account is not known yet"

    # Moving about

    def command_next_pane(self) -> None:
        """Between the picture and the detail."""
        inside = self.chain.has_focus
        self.set_class(inside, "inside")
        self.call_after_refresh((self.detail if inside else self.chain).focus)

    def command_previous_pane(self) -> None:
        """There are two panes only."""
        self.command_next_pane()

    def go_up(self) -> None:
        if self.detail.has_focus:
            self.command_next_pane()
