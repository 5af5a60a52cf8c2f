"""Path: what is done to the parts of the chain, and where Enter on each of them leads."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ecrtui.domain.path import Mend
from ecrtui.domain.snippets import snippets
from ecrtui.domain.text import Shown, shown
from ecrtui.services.path_parts import snippet_values
from ecrtui.services.slices import IdentityKey
from ecrtui.services.state import value_of
from ecrtui.ui.actions.builds import go_to_build, show_latest_build
from ecrtui.ui.actions.create import create_repositories
from ecrtui.ui.actions.path import choose_path
from ecrtui.ui.dialogs.copy import CopyDialog, copy_text
from ecrtui.ui.dialogs.pick import PickDialog
from ecrtui.ui.dialogs.snippet import SnippetDialog
from ecrtui.ui.going import go_to
from ecrtui.ui.present.copying import (
    Copyable,
    build_copies,
    console_link,
    image_copies,
    project_copies,
    repository_copies,
)
from ecrtui.ui.present.path import snippet_options
from ecrtui.ui.screens.lifecycle import show_lifecycle
from ecrtui.ui.subject import Subject

if TYPE_CHECKING:
    from ecrtui.ui.app import EcrtuiApp
    from ecrtui.ui.screens.path import PathScreen


class PathDesk:
    """Commands on the path that is shown."""

    def __init__(self, screen: PathScreen) -> None:
        self._screen = screen

    @property
    def _app(self) -> EcrtuiApp:
        return self._screen.ecrtui

    # Opening the parts

    def open(self, spot: str) -> None:
        """The part in its own screen; for a link what mends it."""
        kind = spot.partition(":")[0]
        if kind == "project":
            self._open_project()
        elif kind in ("push", "hold", "run"):
            self._open_link(kind)
        else:
            self._open_images()

    def _open_project(self) -> None:
        if self._screen.has_project and self._screen.place is not None:
            show_latest_build(self._app, self._screen.place)
        else:
            self._app.tell(Shown("there is no project to go to"), good=False)

    def _open_link(self, kind: str) -> None:
        """Where something mends the link, that; else to the part behind it."""
        assert self._screen.made is not None
        link = next(link for link in self._screen.made.links if link.kind == kind)
        mends = [check.mend for check in link.checks if check.mend is not None and check.standing is link.standing]
        if mends:
            self._do(mends[0])
        elif kind == "push":
            self._open_project()
        else:
            self._open_images()

    def _do(self, mend: Mend) -> None:
        match mend.kind:
            case "path":
                name, _, region = mend.text.rpartition(" ")
                self._screen.follow(Subject(region, name))
            case "logs":
                go_to_build(self._app, mend.text)
            case "policy":
                title = mend.words[:1].upper() + mend.words[1:]
                self._app.push_screen(SnippetDialog(shown(title), Shown("mending policy"), mend.text))
            case _:
                self._app.action_run(mend.kind)

    def _open_images(self) -> None:
        if not self._screen.has_repository:
            if not self.refusal_create():
                self.command_create()
            else:
                self._app.tell(Shown("there is no repository to go to"), good=False)
            return
        go_to(self._app, "explore", self._screen.subject)

    # Commands

    def command_open_path(self) -> None:
        """The path of another name."""
        choose_path(self._app)

    def command_create(self) -> None:
        """Create the repository that the project lacks."""
        if self._screen.place is not None:
            create_repositories(self._app, [self._screen.place])

    def refusal_create(self) -> str:
        """Why there is nothing to create."""
        if self._screen.place is None or self._screen.parts is None:
            return "no name is chosen" if self._screen.place is None else "it is still being read"
        if self._screen.has_repository:
            return "it has a repository"
        return "" if self._screen.has_project else "there is no project to create it for"

    def refusal_lifecycle(self) -> str:
        """A policy needs a repository."""
        return "" if self._screen.has_repository else "there is no repository"

    def command_lifecycle(self) -> None:
        """The lifecycle policy of the repository."""
        show_lifecycle(self._app, self._screen.subjects)

    def command_logs(self) -> None:
        """The log of the build that the cursor is about, else of the latest one."""
        if self._screen.place is not None:
            show_latest_build(self._app, self._screen.place)

    def refusal_logs(self) -> str:
        """Only projects have builds."""
        return "" if self._screen.has_project else "there is no project"

    def command_copy(self) -> None:
        """What can be copied: what mends the link first, then references and commands."""
        if (place := self._screen.place) is not None:
            self._app.push_screen(CopyDialog(shown(f"{place.name} in {place.region}"), self._copies()))

    def refusal_copy(self) -> str:
        """Why there is nothing to copy."""
        return "" if self._copies() else "nothing is known of it yet"

    def _copies(self) -> list[Copyable]:
        parts, made, subject = self._screen.parts, self._screen.made, self._screen.subject
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
        parts = self._screen.parts
        values = None if parts is None else snippet_values(parts, self._screen.subject.digest or "")
        if values is None:
            return
        made = {one.name: one for one in snippets(values)}

        def chosen(names: tuple[str, ...] | None) -> None:
            if names:
                one = made[names[0]]
                self._app.push_screen(SnippetDialog(shown(one.title), shown(one.name), one.text))

        self._app.push_screen(PickDialog(Shown("Snippets"), snippet_options(tuple(made.values()))), chosen)

    def refusal_snippets(self) -> str:
        """Snippets need a repository."""
        return "" if self._screen.has_repository else "there is no repository yet"

    def command_console(self) -> None:
        """The link to the AWS console of what the cursor is on."""
        identity = value_of(self._app.state.get(IdentityKey()))
        if identity is not None:
            project = self._screen.chain.spot in ("project", "push") and self._screen.has_project
            copy_text(
                self._app, console_link(self._screen.subject, identity.account, project=project), Shown("Console link")
            )

    def refusal_console(self) -> str:
        """Why there is no link."""
        if self._screen.place is None:
            return "no name is chosen"
        known = value_of(self._app.state.get(IdentityKey())) is not None
        return "" if known else "the account is not known yet"
