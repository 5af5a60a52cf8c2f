"""CodeBuild: starting, stopping and retrying builds."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from uuid import uuid4

from ecrtui.demo.codebuild.answers import described, find_build, find_project
from ecrtui.demo.codebuild.plan import Plan, commit_of
from ecrtui.demo.codebuild.state import BuildRecord, ProjectRecord, builds_of
from ecrtui.demo.codebuild.targets import outcome_of, tags_of, target_of
from ecrtui.demo.operations import CODEBUILD, Answer, Call, Json, ServiceError

_TOKEN_LIFE = 300.0
_ACTIVE_LIMIT = 60


@CODEBUILD("StartBuild")
def start_build(call: Call) -> Answer:
    project = find_project(call, call.params["projectName"])
    request = json.dumps({**call.params, "idempotencyToken": None}, sort_keys=True)
    token = call.get("idempotencyToken", "")
    if (former := _same_token(call, token, request)) is not None:
        return {"build": described(call, former)}
    _check_limits(call, project)
    document = project.document
    environment, source = _environment(call, document), _source(call, document)
    version = call.get("sourceVersion", document.get("sourceVersion", ""))
    plan = _new_plan(call, project, version)
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
    call.region.begin(record)
    return {"build": described(call, record)}


def _new_plan(call: Call, project: ProjectRecord, version: str) -> Plan:
    """The plan of a build that starts now, before its settings are looked at."""
    number = _next_number(call, project.name)
    return Plan(
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


def _source(call: Call, document: Json) -> Json:
    buildspec = call.get("buildspecOverride")
    source: Json = document["source"]
    return source if buildspec is None else {**source, "buildspec": buildspec}


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


@CODEBUILD("StopBuild")
def stop_build(call: Call) -> Answer:
    record = find_build(call, call.params["id"])
    if call.now < record.ends_at:
        record = replace(record, stopped_at=call.now)
        call.region.builds[record.id] = record
        call.region.running.discard(record.id)
    return {"build": described(call, record)}


@CODEBUILD("RetryBuild")
def retry_build(call: Call) -> Answer:
    if call.get("id") is None:
        raise ServiceError("InvalidInputException", "Build id must not be null")
    former = find_build(call, call.params["id"])
    request = json.dumps({"retry": former.id})
    token = call.get("idempotencyToken", "")
    if (same := _same_token(call, token, request)) is not None:
        return {"build": described(call, same)}
    if call.now < former.ends_at:
        raise ServiceError("InvalidInputException", f"Build {former.id} is still in progress")
    project = find_project(call, former.plan.project)
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
    call.region.begin(record)
    return {"build": described(call, record)}
