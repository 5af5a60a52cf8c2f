"""CodeBuild: creating, changing and deleting projects."""

from __future__ import annotations

from ecrtui.demo.codebuild.answers import plain_name
from ecrtui.demo.codebuild.plan import Recipe
from ecrtui.demo.codebuild.state import ProjectRecord
from ecrtui.demo.operations import CODEBUILD, Answer, Call, Json, ServiceError

_SETTABLE = (
    "description",
    "source",
    "secondarySources",
    "sourceVersion",
    "artifacts",
    "cache",
    "environment",
    "serviceRole",
    "timeoutInMinutes",
    "queuedTimeoutInMinutes",
    "encryptionKey",
    "tags",
    "vpcConfig",
    "logsConfig",
    "concurrentBuildLimit",
)


@CODEBUILD("CreateProject")
def create_project(call: Call) -> Answer:
    name = call.params["name"]
    arn = f"arn:aws:codebuild:{call.region.name}:{call.account.id}:project/{name}"
    if name in call.region.projects:
        raise ServiceError("ResourceAlreadyExistsException", f"Project already exists: {arn}")
    document: Json = {
        "name": name,
        "arn": arn,
        "timeoutInMinutes": 60,
        "queuedTimeoutInMinutes": 480,
        "encryptionKey": f"arn:aws:kms:{call.region.name}:{call.account.id}:alias/aws/s3",
        "cache": {"type": "NO_CACHE"},
        "badge": {"badgeEnabled": bool(call.get("badgeEnabled"))},
        "created": call.now,
        **_settings(call),
        "lastModified": call.now,
    }
    call.region.projects[name] = ProjectRecord(name, document, Recipe())
    return {"project": document}


@CODEBUILD("UpdateProject")
def update_project(call: Call) -> Answer:
    former = call.region.projects.get(call.params["name"])
    if former is None:
        raise ServiceError("ResourceNotFoundException", f"Project cannot be found: {call.params['name']}")
    document = {**former.document, **_settings(call), "lastModified": call.now}
    call.region.projects[former.name] = ProjectRecord(former.name, document, former.recipe)
    return {"project": document}


def _settings(call: Call) -> Json:
    settings: Json = {name: call.params[name] for name in _SETTABLE if call.get(name) is not None}
    if "environment" in settings:
        given = settings["environment"]
        variables = [{"type": "PLAINTEXT", **each} for each in given.get("environmentVariables") or []]
        settings["environment"] = {"privilegedMode": False, **given, "environmentVariables": variables}
    return settings


@CODEBUILD("DeleteProject")
def delete_project(call: Call) -> Answer:
    call.region.projects.pop(plain_name(call.params["name"]), None)
    return {}
