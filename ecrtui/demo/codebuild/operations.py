"""CodeBuild: projects and builds, over the wire."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from uuid import uuid4

from ecrtui.demo.codebuild.plan import Plan, commit_of
from ecrtui.demo.codebuild.script import Span
from ecrtui.demo.codebuild.state import BuildRecord, ProjectRecord, builds_of
from ecrtui.demo.codebuild.targets import outcome_of, tags_of, target_of
from ecrtui.demo.operations import CODEBUILD, Answer, Call, Json, ServiceError
from ecrtui.demo.paging import offset_page

_PAGE = 100
_TOKEN_LIFE = 300.0
_ACTIVE_LIMIT = 60


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
    names = list(dict.fromkeys(_plain(name) for name in call.params["names"]))
    projects = call.region.projects
    return {
        "projects": [projects[name].document for name in names if name in projects],
        "projectsNotFound": [name for name in names if name not in projects],
    }


def _plain(name: str) -> str:
    """A project's name from its name or ARN."""
    return name.rpartition(":project/")[2] if name.startswith("arn:") else name


def _project(call: Call, name: str) -> ProjectRecord:
    found = call.region.projects.get(_plain(name))
    if found is None:
        arn = f"arn:aws:codebuild:{call.region.name}:{call.account.id}:project/{name}"
        raise ServiceError("ResourceNotFoundException", f"Project cannot be found: {arn}")
    return found


@CODEBUILD("ListBuilds")
def list_builds(call: Call) -> Answer:
    records = sorted(call.region.builds.values(), key=lambda each: (-each.plan.started_at, each.plan.project, each.id))
    return _build_ids(call, records, "builds")


@CODEBUILD("ListBuildsForProject")
def list_builds_for_project(call: Call) -> Answer:
    project = _project(call, call.params["projectName"])
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


def described(call: Call, record: BuildRecord) -> Json:
    """A build as CodeBuild answers it at the instant of the call."""
    plan, now = record.plan, call.now
    spans = record.spans(now)
    complete = now >= record.ends_at
    answer: Json = {
        "id": record.id,
        "arn": f"arn:aws:codebuild:{plan.region}:{plan.account}:build/{record.id}",
        "buildNumber": plan.number,
        "startTime": plan.started_at,
        "currentPhase": spans[-1].kind,
        "buildStatus": record.status(now),
        "sourceVersion": record.source_version,
        "projectName": plan.project,
        "phases": [_phase(span, min(now, record.ends_at)) for span in spans],
        "source": record.source,
        "secondarySources": [],
        "secondarySourceVersions": [],
        "artifacts": {"location": ""},
        "cache": {"type": "NO_CACHE"},
        "environment": record.environment,
        "serviceRole": f"arn:aws:iam::{plan.account}:role/codebuild-{plan.project}-service-role",
        "logs": _logs(record, now),
        "timeoutInMinutes": record.timeout,
        "queuedTimeoutInMinutes": 480,
        "buildComplete": complete,
        "initiator": record.initiator,
        "encryptionKey": f"arn:aws:kms:{plan.region}:{plan.account}:alias/aws/s3",
    }
    if any(span.kind == "DOWNLOAD_SOURCE" for span in spans):
        answer["resolvedSourceVersion"] = plan.commit
    if complete:
        answer["endTime"] = record.ends_at
    return answer


def _phase(span: Span, until: float) -> Json:
    phase: Json = {"phaseType": span.kind, "startTime": span.start}
    if span.kind != "COMPLETED" and span.end <= until:
        phase |= {
            "phaseStatus": span.status,
            "endTime": span.end,
            "durationInSeconds": int(span.end - span.start),
            "contexts": [{"statusCode": span.code, "message": span.message}],
        }
    return phase


def _logs(record: BuildRecord, now: float) -> Json:
    plan = record.plan
    console = f"https://{plan.region}.console.aws.amazon.com/cloudwatch/home?region={plan.region}"
    logs: Json = {
        "cloudWatchLogs": {"status": "ENABLED"},
        "s3Logs": {"status": "DISABLED", "encryptionDisabled": False},
    }
    if now < plan.started_at + record.script.log_start:
        return {**logs, "deepLink": f"{console}#logsV2:log-groups/log-group/null/log-events/null"}
    group = f"/aws/codebuild/{plan.project}"
    link = f"{console}#logsV2:log-groups/log-group/{group.replace('/', '$252F')}/log-events/{plan.uuid}"
    arn = f"arn:aws:logs:{plan.region}:{plan.account}:log-group:{group}:log-stream:{plan.uuid}"
    return {
        **logs,
        "groupName": group,
        "streamName": plan.uuid,
        "deepLink": link,
        "cloudWatchLogsArn": arn,
    }


@CODEBUILD("StartBuild")
def start_build(call: Call) -> Answer:
    project = _project(call, call.params["projectName"])
    request = json.dumps({**call.params, "idempotencyToken": None}, sort_keys=True)
    token = call.get("idempotencyToken", "")
    if (former := _same_token(call, token, request)) is not None:
        return {"build": described(call, former)}
    _check_limits(call, project)
    document = project.document
    source = dict(document["source"])
    if call.get("buildspecOverride") is not None:
        source["buildspec"] = call.params["buildspecOverride"]
    environment = _environment(call, document)
    version = call.get("sourceVersion", document.get("sourceVersion", ""))
    number = _next_number(call, project.name)
    plan = Plan(
        id=f"{project.name}:{uuid4()}",
        project=project.name,
        region=call.region.name,
        account=call.account.id,
        number=number,
        started_at=call.now,
        commit=_commit(version, project.name, number),
        recipe=project.recipe,
        target="",
        tags=(),
        speed=call.account.speed,
    )
    plan = _aimed(call, plan, environment, source, version)
    record = BuildRecord(
        plan=plan,
        environment=environment,
        source=source,
        source_version=version,
        timeout=call.get("timeoutInMinutesOverride", document["timeoutInMinutes"]),
        initiator="demo",
        token=token,
        request=request,
    )
    _start(call, record)
    return {"build": described(call, record)}


def _aimed(call: Call, plan: Plan, environment: Json, source: Json, version: str) -> Plan:
    """The plan with what it pushes, and how it ends, as its settings say."""
    variables = environment["environmentVariables"]
    recipe, outcome = outcome_of(plan.recipe, environment, source)
    plan = replace(plan, recipe=recipe, outcome=outcome)
    plan = replace(plan, target=target_of(plan, variables))
    repository = call.account.find_repository(plan.target)
    empty = repository is None or not repository.images
    return replace(plan, tags=tags_of(plan, variables, version), first=empty)


def _environment(call: Call, document: Json) -> Json:
    environment = dict(document["environment"])
    variables = {each["name"]: each for each in environment["environmentVariables"]}
    for each in call.get("environmentVariablesOverride", []):
        variables[each["name"]] = {"type": "PLAINTEXT", **each}
    environment["environmentVariables"] = list(variables.values())
    overrides = {
        "privilegedMode": "privilegedModeOverride",
        "image": "imageOverride",
        "computeType": "computeTypeOverride",
        "type": "environmentTypeOverride",
    }
    for name, override in overrides.items():
        if call.get(override) is not None:
            environment[name] = call.params[override]
    return environment


def _same_token(call: Call, token: str, request: str) -> BuildRecord | None:
    """The build that this token started within its five minutes."""
    for record in call.region.builds.values() if token else ():
        if record.token == token and call.now - record.plan.started_at < _TOKEN_LIFE:
            if record.request != request:
                raise ServiceError("InvalidInputException", "Idempotency token was used with different parameters")
            return record
    return None


def _check_limits(call: Call, project: ProjectRecord) -> None:
    active = [call.region.builds[each] for each in call.region.running]
    if len(active) >= _ACTIVE_LIMIT:
        raise ServiceError(
            "AccountLimitExceededException",
            f"Cannot have more than {_ACTIVE_LIMIT} builds in queue for the account",
        )
    limit = project.document.get("concurrentBuildLimit")
    if limit and sum(each.plan.project == project.name for each in active) >= limit:
        raise ServiceError(
            "AccountLimitExceededException", f"Cannot have more than {limit} builds in queue for the project"
        )


def _next_number(call: Call, project: str) -> int:
    return max((each.plan.number for each in builds_of(call.region, project)), default=0) + 1


def _commit(version: str, project: str, number: int) -> str:
    if re.fullmatch(r"[0-9a-f]{7,40}", version):
        return version + commit_of(project, version)[len(version) :]
    return commit_of(project, version, number)


def _start(call: Call, record: BuildRecord) -> None:
    call.region.builds[record.id] = record
    call.region.running.add(record.id)


def _build(call: Call, build_id: str) -> BuildRecord:
    found = call.region.builds.get(build_id.rpartition(":build/")[2])
    if found is None:
        arn = f"arn:aws:codebuild:{call.region.name}:{call.account.id}:build/{build_id}"
        raise ServiceError("ResourceNotFoundException", f"Build cannot be found: {arn}")
    return found


@CODEBUILD("StopBuild")
def stop_build(call: Call) -> Answer:
    record = _build(call, call.params["id"])
    if call.now < record.ends_at:
        record = replace(record, stopped_at=call.now)
        call.region.builds[record.id] = record
        call.region.running.discard(record.id)
    return {"build": described(call, record)}


@CODEBUILD("RetryBuild")
def retry_build(call: Call) -> Answer:
    if call.get("id") is None:
        raise ServiceError("InvalidInputException", "Build id must not be null")
    former = _build(call, call.params["id"])
    request = json.dumps({"retry": former.id})
    token = call.get("idempotencyToken", "")
    if (same := _same_token(call, token, request)) is not None:
        return {"build": described(call, same)}
    if call.now < former.ends_at:
        raise ServiceError("InvalidInputException", f"Build {former.id} is still in progress")
    project = _project(call, former.plan.project)
    _check_limits(call, project)
    plan = replace(
        former.plan,
        id=f"{project.name}:{uuid4()}",
        number=_next_number(call, project.name),
        started_at=call.now,
        recipe=project.recipe,
        detail="",
        speed=call.account.speed,
    )
    record = replace(
        former,
        plan=_aimed(call, plan, former.environment, former.source, former.source_version),
        initiator="demo",
        token=token,
        request=request,
        stopped_at=None,
        contacts_done=0,
    )
    _start(call, record)
    return {"build": described(call, record)}
