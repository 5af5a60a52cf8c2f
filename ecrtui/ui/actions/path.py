"""Choosing a name, and going to its path."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ecrtui.domain.text import Shown, shown
from ecrtui.services.slices import ProjectsKey, RepositoriesKey
from ecrtui.services.state import value_of
from ecrtui.ui.dialogs.pick import Option, PickDialog
from ecrtui.ui.going import go_to
from ecrtui.ui.subject import Subject

if TYPE_CHECKING:
    from ecrtui.ui.app import EcrtuiApp


def choose_path(app: EcrtuiApp) -> None:
    """Ask for a name, of the projects and repositories that are known."""
    names = known_names(app)
    many = len(app.scope) > 1
    options = [
        Option(f"{name} {region}", shown(name), shown(f"{region}  {what}" if many else what))
        for (name, region), what in names.items()
    ]

    def chosen(picked: tuple[str, ...] | None) -> None:
        if picked:
            name, _, region = picked[0].rpartition(" ")
            go_to(app, "path", Subject(region, name))

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
