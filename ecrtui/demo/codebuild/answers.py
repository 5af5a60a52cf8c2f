"""CodeBuild's projects and builds found, and builds as its answers show them."""

from __future__ import annotations

from ecrtui.demo.codebuild.script import Span
from ecrtui.demo.codebuild.state import BuildRecord, ProjectRecord
from ecrtui.demo.operations import Call, Json, ServiceError


def plain_name(name: str) -> str:
    """A project's name from its name or ARN."""
    return name.rpartition(":project/")[2] if name.startswith("arn:") else name


def find_project(call: Call, name: str) -> ProjectRecord:
    """The project of this name or ARN, which must exist."""
    found = call.region.projects.get(plain_name(name))
    if found is None:
        arn = f"arn:aws:codebuild:{call.region.name}:{call.account.id}:project/{name}"
        raise ServiceError("ResourceNotFoundException", f"Project cannot be found: {arn}")
    return found


def find_build(call: Call, build_id: str) -> BuildRecord:
    """The build of this id or ARN, which must exist."""
    found = call.region.builds.get(build_id.rpartition(":build/")[2])
    if found is None:
        arn = f"arn:aws:codebuild:{call.region.name}:{call.account.id}:build/{build_id}"
        raise ServiceError("ResourceNotFoundException", f"Build cannot be found: {arn}")
    return found


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
