"""Starting, stopping, retrying and watching builds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from ecrtui.domain.build import Build
from ecrtui.domain.text import Shown, shown
from ecrtui.services.builds import history, plan_retry, plan_start, plan_stop, started_build
from ecrtui.services.slices import ProjectsKey
from ecrtui.services.state import Ready, value_of
from ecrtui.ui.actions.propose import propose
from ecrtui.ui.dialogs.plan import Applied, PlanDialog, Results
from ecrtui.ui.dialogs.text_input import StartBuild, StartBuildDialog
from ecrtui.ui.going import go_to
from ecrtui.ui.subject import Subject

if TYPE_CHECKING:
    from ecrtui.ui.app import EcrtuiApp


def refusal_to_build(app: EcrtuiApp, subject: Subject) -> str:
    """Why no build of the subject's project can be started; empty when one can."""
    projects = app.state.get(ProjectsKey(subject.region))
    if isinstance(projects, Ready) and all(project.name != subject.name for project in projects.value):
        return f"there is no CodeBuild project {subject.name} in {subject.region}"
    return ""


def start_build(app: EcrtuiApp, subject: Subject) -> None:
    """Ask for source version and variables, then propose the start."""

    def chosen(wish: StartBuild | None) -> None:
        if wish is not None:
            propose_start(app, subject, wish.source_version, wish.variables)

    projects = value_of(app.state.get(ProjectsKey(subject.region))) or ()
    project = next((one for one in projects if one.name == subject.name), None)
    own = Shown("") if project is None else shown(project.source_version)
    app.push_screen(StartBuildDialog(shown(subject.name), own), chosen)


def propose_start(app: EcrtuiApp, subject: Subject, source_version: str, variables: Mapping[str, str]) -> None:
    """Propose one build; once it runs, watch it."""
    session = app.session
    if session is None:
        return
    step = plan_start(session.account, subject.region, subject.name, source_version=source_version, variables=variables)
    title = shown(f"Start a build of {subject.name}")
    propose(app, title, [step], verb=Shown("Start"), ended=lambda results: _watch_started(app, results))


def propose_starts(app: EcrtuiApp, subjects: Sequence[Subject]) -> None:
    """Propose a build of each of these projects, as it is configured; once they run, watch them."""
    session = app.session
    if session is None:
        return
    steps = [plan_start(session.account, subject.region, subject.name) for subject in subjects]
    title = shown(f"Start a build of {subjects[0].name}" if len(subjects) == 1 else f"Start {len(subjects)} builds")
    propose(app, title, steps, verb=Shown("Start"), ended=lambda results: _watch_started(app, results))


def stop_build(app: EcrtuiApp, build: Build) -> None:
    """Propose to stop a build."""
    if app.session is not None:
        step = plan_stop(app.session.account, build.region, build.id)
        title = shown(f"Stop {build.project} #{build.number or build.id}")
        propose(app, title, [step], verb=Shown("Stop"), ended=lambda results: app.feed_builds(poke=True))


def retry_build(app: EcrtuiApp, build: Build) -> None:
    """Propose to run a build again, with its source and variables."""
    if app.session is not None:
        step = plan_retry(app.session.account, build.region, build.id)
        title = shown(f"Retry {build.project} #{build.number or build.id}")
        propose(app, title, [step], verb=Shown("Retry"), ended=lambda results: _watch_started(app, results))


def _watch_started(app: EcrtuiApp, results: Results) -> None:
    """Watch the builds that were started to their end; go to the last one, unless something went wrong."""
    session = app.session
    started = [(result.change.region, build_id) for result in results if (build_id := started_build(result))]
    if session is None or not started:
        return
    app.set_scope((*app.scope, *(region for region, _ in started)))
    app.feed_builds()
    for region, build_id in started:
        session.following.watched.add(build_id)
        if session.feed is not None:
            session.feed.expect(build_id, region)
    if len(started) == len(results):
        if isinstance(app.screen, PlanDialog):
            app.screen.dismiss(Applied(results))
        go_to_build(app, started[-1][1])


def show_latest_build(app: EcrtuiApp, subject: Subject) -> None:
    """Go to the latest build of a project, wherever it is in the region's history."""
    session = app.session
    if session is None:
        return
    account = session.account

    async def find() -> None:
        builds = await history(account, subject.region, subject.name, limit=1)
        if not builds:
            app.tell(shown(f"{subject.name} was never built: b starts a build"), good=False)
            return
        app.feed_builds()
        if session.feed is not None:
            session.feed.expect(builds[0].id, subject.region)
        go_to_build(app, builds[0].id)

    app.spawn(find, "latest build", exclusive=True)


def go_to_build(app: EcrtuiApp, build_id: str) -> None:
    """Go to Builds, to this build, now or as soon as the feed knows it."""
    go_to(app, "builds", Subject(build_id=build_id))
