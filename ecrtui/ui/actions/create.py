"""Creating repositories: the form, the plan, the outcome, and what comes after it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

from ecrtui.domain.change import ChangeResult, Outcome
from ecrtui.domain.errors import AppError
from ecrtui.domain.names import NamingRule
from ecrtui.domain.project import Project
from ecrtui.domain.text import Shown, shown
from ecrtui.services import create_plan
from ecrtui.services.create_plan import CreatePlan
from ecrtui.services.slices import ProjectsKey, RegionsKey, RepositoriesKey
from ecrtui.services.state import Idle, Loadable, Ready, value_of
from ecrtui.ui.actions.builds import propose_starts, refusal_to_build
from ecrtui.ui.actions.propose import propose
from ecrtui.ui.dialogs.choices import Choice
from ecrtui.ui.dialogs.create import CreateDialog, Known
from ecrtui.ui.dialogs.pick import Option, PickDialog
from ecrtui.ui.dialogs.plan import Applied, Results
from ecrtui.ui.present.create import Target, draft_of, left_out
from ecrtui.ui.subject import Subject
from ecrtui.ui.widgets.rows import Cell

if TYPE_CHECKING:
    from ecrtui.ui.app import EcrtuiApp

_SUCCEEDED = (Outcome.DONE, Outcome.ALREADY)
_OTHER = ""


def refusal_to_create(app: EcrtuiApp) -> str:
    """Why no repository can be created now; empty when one can."""
    if app.session is None:
        return "no account is open yet"
    return "" if app.scope else "no region is in scope: R chooses regions"


def choose_and_create(app: EcrtuiApp) -> None:
    """Ask which projects without a repository are to get one, then open the form."""
    lacking = _lacking(app)
    if not lacking:
        create_repositories(app, (Subject(app.scope[0]),))
        return
    many = len(app.scope) > 1
    options = [
        Option(str(number), shown(subject.name), shown(subject.region if many else "has no repository"))
        for number, subject in enumerate(lacking)
    ]
    options.append(Option(_OTHER, Shown("another name…"), Shown("typed in the form")))

    def picked(values: tuple[str, ...] | None) -> None:
        if values is None:
            return
        chosen = [lacking[int(value)] for value in values if value != _OTHER]
        create_repositories(app, chosen or (Subject(app.scope[0]),))

    title = Shown("Create a repository for which projects?")
    app.push_screen(PickDialog(title, options, several=True), picked)


def _lacking(app: EcrtuiApp) -> list[Subject]:
    """The projects of the regions in scope without a repository of their name, where both sides are known."""
    found = []
    for region in app.scope:
        projects, repositories = app.state.get(ProjectsKey(region)), app.state.get(RepositoriesKey(region))
        if isinstance(projects, Ready) and isinstance(repositories, Ready):
            names = sorted(project.name for project in projects.value)
            found += [Subject(region, name) for name in names if repositories.value.find(name) is None]
    return found


def create_repositories(app: EcrtuiApp, subjects: Sequence[Subject]) -> None:
    """Open the form for these names; one without a name is typed there."""
    targets = [Target(subject.region, subject.name) for subject in subjects]
    draft = draft_of(app.settings.create, targets)
    app.push_screen(CreateDialog(draft, _known(app, targets[0].region), lambda form: _plan(app, form)))


def _known(app: EcrtuiApp, first: str) -> Known:
    usable = [status.name for status in value_of(app.state.get(RegionsKey())) or () if not status.refusal]

    def projects(region: str) -> Loadable[tuple[Project, ...]]:
        slice_ = app.state.get(ProjectsKey(region))
        if isinstance(slice_, Idle) and app.session is not None:
            app.session.load_projects(region)
        return slice_

    def exists(target: Target) -> bool:
        listing = value_of(app.state.get(RepositoriesKey(target.region)))
        return listing is not None and listing.find(target.name) is not None

    return Known(tuple(dict.fromkeys((first, *app.scope, *usable))), projects, exists, _rule(app))


def _rule(app: EcrtuiApp) -> NamingRule | None:
    """The configured naming rule; the recommended one where it cannot be read, after saying so."""
    if app.settings.naming_rule is None:
        return None
    try:
        return NamingRule.of(app.settings.naming_rule)
    except AppError as error:
        app.report(error)
        return None


def _plan(app: EcrtuiApp, form: CreateDialog) -> None:
    app.spawn(partial(_plan_and_propose, app, form), "plan creation", exclusive=True)


async def _plan_and_propose(app: EcrtuiApp, form: CreateDialog) -> None:
    """Look at what exists; then show the plan over the form, or in it why there is nothing to send."""
    session, draft = app.session, form.wanted
    if session is None:
        form.planned()
        return
    try:
        plan = await create_plan.plan(
            session.account, draft.settings(), allow_without_project=draft.without_project, rule=_rule(app)
        )
    except AppError as error:
        form.planned(Cell(shown(str(error)), "bad"))
        return
    if not form.is_current or session is not app.session:
        return
    form.planned(*(() if plan.steps else left_out(plan)))
    if plan.steps:
        _propose(app, plan, lambda: form.dismiss(None))
    else:
        _reload(app, {item.settings.region for item in plan.items})


def _propose(app: EcrtuiApp, plan: CreatePlan, applied: Callable[[], object], before: Results = ()) -> None:
    """Show the plan and apply it; `before` is what an earlier part of it came to, which can be built too."""
    names = [item.settings.name for item in plan.items if item.steps]
    title = f"Create {names[0]}" if len(names) == 1 else f"Create {len(names)} repositories"

    def then(outcome: Applied) -> None:
        applied()
        if outcome.follow_up == "rest":
            rest = create_plan.remaining(plan, outcome.results)
            _propose(app, rest, lambda: None, (*before, *outcome.results))
        elif outcome.follow_up == "build":
            propose_starts(app, _buildable(app, (*before, *outcome.results)))

    propose(
        app,
        shown(title),
        plan.steps,
        verb=Shown("Create"),
        notes=left_out(plan),
        ended=lambda results: _reload(app, {result.change.region for result in results}),
        summary=_summary,
        follow_ups=lambda results: _follow_ups(app, plan, results, before),
        then=then,
    )


def _reload(app: EcrtuiApp, regions: set[str]) -> None:
    """What was created belongs in the lists."""
    for region in regions:
        app.load_region(region, again=True)


def _summary(results: Results) -> tuple[Cell, ...]:
    """What exists now, a sentence each."""
    sentences = create_plan.exists_now(results)
    return tuple(
        Cell(shown(sentence), "good" if result.outcome in _SUCCEEDED else "warn")
        for sentence, result in zip(sentences, results, strict=True)
    )


def _follow_ups(app: EcrtuiApp, plan: CreatePlan, results: Results, before: Results) -> tuple[Choice, ...]:
    choices = []
    if create_plan.remaining(plan, results).items:
        choices.append(Choice("rest", Shown("Try the rest again")))
    if number := len(_buildable(app, (*before, *results))):
        choices.append(Choice("build", Shown("Start the build" if number == 1 else f"Start {number} builds")))
    return tuple(choices)


def _buildable(app: EcrtuiApp, results: Sequence[ChangeResult]) -> list[Subject]:
    """The repositories that exist as planned now, and have a project as far as is known."""
    created = [
        Subject(result.change.region, result.change.target)
        for result in results
        if result.change.call.operation == "CreateRepository" and result.outcome in _SUCCEEDED
    ]
    return [subject for subject in created if not refusal_to_build(app, subject)]
