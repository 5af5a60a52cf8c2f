"""Projects of the seeded account, and the builds of their past."""

from __future__ import annotations

from dataclasses import replace
from random import Random
from uuid import UUID

from ecrtui.demo.account import ACCOUNT_ID, Account
from ecrtui.demo.catalogue import Entry
from ecrtui.demo.codebuild.plan import Plan, commit_of
from ecrtui.demo.codebuild.state import ALL_MET, BuildRecord
from ecrtui.demo.codebuild.targets import tags_of, target_of
from ecrtui.demo.operations import Json
from ecrtui.demo.texts import BUILDSPECS

_DAY = 86_400.0


class History:
    """The past builds of one project."""

    def __init__(self, account: Account, entry: Entry, document: Json, now: float) -> None:
        self.account = account
        self.entry = entry
        self.document = document
        self.now = now
        self._chance = Random(f"builds {entry.region} {entry.name}")

    def builds(self) -> list[BuildRecord]:
        """Oldest first, the last less than three hours ago."""
        count = self.entry.builds
        at = self.now - 2_400 - self._chance.uniform(0, 7_200)
        starts = []
        for number in range(count):
            starts.append(at)
            at -= self._chance.uniform(0.15, 1.6) * _DAY * (1 + number / 20)
        return [self._build(number, start) for number, start in enumerate(reversed(starts), 1)]

    def _build(self, number: int, start: float) -> BuildRecord:
        outcome = self._outcome(number)
        stopped = outcome == "stopped"
        plan = new_plan(self.account, self.entry, self.document, number, start)
        plan = replace(plan, outcome="" if stopped else outcome)
        if outcome == "timed-out":
            plan = replace(plan, detail=str(_TIME_LIMIT))
        record = new_record(plan, self.document)
        if stopped:
            record = replace(record, stopped_at=start + record.script.end * 0.55)
        return replace(record, contacts_done=ALL_MET)

    def _outcome(self, number: int) -> str:
        """How a build ended: the newest as the catalogue says, the others mostly well."""
        entry = self.entry
        if entry.last == "repository-missing":
            return entry.last
        if number > entry.builds - (2 if entry.builds > 4 else 1):
            daemon_missing = not entry.privileged and entry.recipe.builder != "none"
            return "no-docker-daemon" if daemon_missing else entry.last or entry.recipe.outcome
        luck = self._chance.random()
        if luck < 0.05:
            return "stopped"
        return "command-failed" if luck < 0.14 and entry.recipe.target != "-" else ""


_TIME_LIMIT = 6
"""Minutes after which the builds that time out did so."""


def new_plan(account: Account, entry: Entry, document: Json, number: int, start: float) -> Plan:
    """The plan of a seeded build that ends well."""
    name, region = entry.name, entry.region
    plan = Plan(
        id=f"{name}:{UUID(commit_of(region, name, number)[:32])}",
        project=name,
        region=region,
        account=account.id,
        number=number,
        started_at=start,
        commit=commit_of(name, region, "build", number),
        recipe=entry.recipe,
        target="",
        tags=(),
        speed=account.speed,
        first=number == 1,
    )
    variables = document["environment"]["environmentVariables"]
    plan = replace(plan, target=target_of(plan, variables))
    return replace(plan, tags=tags_of(plan, variables, "main"))


def new_record(plan: Plan, document: Json) -> BuildRecord:
    """A build that a push or a pipeline started."""
    return BuildRecord(
        plan=plan,
        environment=document["environment"],
        source=document["source"],
        source_version="main",
        timeout=_TIME_LIMIT if plan.outcome == "timed-out" else document["timeoutInMinutes"],
        initiator="GitHub-Hookshot/9c1f2ab" if plan.number % 5 else f"codepipeline/{plan.project}",
    )


def project_document(entry: Entry, now: float) -> Json:
    """A project as CodeBuild answers it."""
    region, name = entry.region, entry.name
    return {
        "name": name,
        "arn": f"arn:aws:codebuild:{region}:{ACCOUNT_ID}:project/{name}",
        "description": f"Builds {name}",
        "source": {
            "type": "GITHUB",
            "location": f"https://github.com/acme/{name.lower()}.git",
            "gitCloneDepth": 1,
            "buildspec": BUILDSPECS[entry.buildspec or "file"].replace("{name}", name),
            "insecureSsl": False,
        },
        "sourceVersion": "main",
        "artifacts": {"type": "NO_ARTIFACTS"},
        "cache": {"type": "LOCAL", "modes": ["LOCAL_DOCKER_LAYER_CACHE"]} if entry.privileged else {"type": "NO_CACHE"},
        "environment": _environment(entry),
        "serviceRole": f"arn:aws:iam::{ACCOUNT_ID}:role/codebuild-{name}-service-role",
        "timeoutInMinutes": 60,
        "queuedTimeoutInMinutes": 480,
        "encryptionKey": f"arn:aws:kms:{region}:{ACCOUNT_ID}:alias/aws/s3",
        "tags": [{"key": key, "value": value} for key, value in entry.labels],
        "created": now - (entry.days + 14) * _DAY,
        "lastModified": now - 9 * _DAY,
        "badge": {"badgeEnabled": False},
        "logsConfig": {
            "cloudWatchLogs": {"status": "ENABLED"},
            "s3Logs": {"status": "DISABLED", "encryptionDisabled": False},
        },
        "projectVisibility": "PRIVATE",
    }


def _environment(entry: Entry) -> Json:
    return {
        "type": "LINUX_CONTAINER",
        "image": "aws/codebuild/amazonlinux-x86_64-standard:5.0",
        "computeType": "BUILD_GENERAL1_SMALL",
        "environmentVariables": [{"name": key, "value": value, "type": "PLAINTEXT"} for key, value in entry.variables],
        "privilegedMode": entry.privileged,
        "imagePullCredentialsType": "CODEBUILD",
    }
