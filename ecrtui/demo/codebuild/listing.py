"""CodeBuild: projects and builds, listed and described."""

from __future__ import annotations

from ecrtui.demo.codebuild.answers import described, find_project, plain_name
from ecrtui.demo.codebuild.state import BuildRecord, builds_of
from ecrtui.demo.operations import CODEBUILD, Answer, Call, Json
from ecrtui.demo.paging import offset_page

_PAGE = 100


@CODEBUILD("ListProjects")
def list_projects(call: Call) -> Answer:
    projects = call.region.projects
    key = call.get("sortBy", "NAME")
    if key == "NAME":
        names = sorted(projects)
    else:
        field = "created" if key == "CREATED_TIME" else "lastModified"
        names = sorted(projects, key=lambda name: (projects[name].document[field], name))
    if call.get("sortOrder", "ASCENDING") == "DESCENDING":
        names.reverse()
    page, token = offset_page(names, f"projects {key}", call.get("nextToken"), _PAGE, CODEBUILD.invalid)
    return _paged("projects", list(page), token)


def _paged(name: str, items: list[str], token: str | None) -> Json:
    answer: Json = {name: items}
    return {**answer, "nextToken": token} if token else answer


@CODEBUILD("BatchGetProjects")
def batch_get_projects(call: Call) -> Answer:
    names = list(dict.fromkeys(plain_name(name) for name in call.params["names"]))
    projects = call.region.projects
    return {
        "projects": [projects[name].document for name in names if name in projects],
        "projectsNotFound": [name for name in names if name not in projects],
    }


@CODEBUILD("ListBuilds")
def list_builds(call: Call) -> Answer:
    records = sorted(call.region.builds.values(), key=lambda each: (-each.plan.started_at, each.plan.project, each.id))
    return _build_ids(call, records, "builds")


@CODEBUILD("ListBuildsForProject")
def list_builds_for_project(call: Call) -> Answer:
    project = find_project(call, call.params["projectName"])
    return _build_ids(call, builds_of(call.region, project.name), f"builds {project.name}")


def _build_ids(call: Call, newest_first: list[BuildRecord], scope: str) -> Json:
    ids = [each.id for each in newest_first]
    if call.get("sortOrder", "DESCENDING") == "ASCENDING":
        ids.reverse()
        scope += " ascending"
    page, token = offset_page(ids, scope, call.get("nextToken"), _PAGE, CODEBUILD.invalid)
    return _paged("ids", list(page), token)


@CODEBUILD("BatchGetBuilds")
def batch_get_builds(call: Call) -> Answer:
    ids = list(dict.fromkeys(each.rpartition(":build/")[2] for each in call.params["ids"]))
    builds = call.region.builds
    return {
        "builds": [described(call, builds[each]) for each in ids if each in builds],
        "buildsNotFound": [each for each in ids if each not in builds],
    }
