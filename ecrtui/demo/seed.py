"""The seeded account: the same for the same instant, and alive: some of its builds are running."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from random import Random
from uuid import UUID

from ecrtui.demo import artifacts
from ecrtui.demo.account import ACCOUNT_ID, Account, Fault, Region
from ecrtui.demo.catalogue import (
    ENTRIES,
    REFUSED_REGION,
    REGIONS,
    SEOUL,
    VIRGINIA,
    Entry,
)
from ecrtui.demo.codebuild.plan import Built, Plan, Recipe, build_image, commit_of, rfc3339
from ecrtui.demo.codebuild.state import ALL_MET, BuildRecord, ProjectRecord, arrive
from ecrtui.demo.codebuild.targets import tags_of, target_of
from ecrtui.demo.operations import Json
from ecrtui.demo.registry import Repository, StoredImage
from ecrtui.demo.texts import BUILDSPECS, LIFECYCLES
from ecrtui.demo.workloads import seed_workloads

_DAY = 86_400.0
_RUNNING = (("pet-web", 0.88), ("payments-api", 0.45), ("search-indexer", 0.12))
"""Projects whose newest build runs when the account starts, and how far it has come."""
_DENIED = (
    "User: {principal} is not authorized to perform: {action} on resource: {resource} "
    "with an explicit deny in a resource-based policy"
)


def seeded_account(clock: Callable[[], float] | None = None, speed: float = 1.0) -> Account:
    """The demo account as of the clock's now. `speed` divides the duration of every build."""
    account = Account(clock, speed)
    now = account.clock()
    account.enabled = tuple(sorted((*REGIONS, REFUSED_REGION)))
    account.faults.append(
        Fault(
            "*",
            "UnrecognizedClientException",
            "The security token included in the request is invalid.",
            REFUSED_REGION,
        )
    )
    for entry in ENTRIES:
        _Seeder(account, entry, now).seed()
    for name, progress in _RUNNING:
        _run(account, name, progress, now)
    _configure_registries(account, now)
    seed_workloads(account, now)
    return account


class _Seeder:
    """Makes what one entry of the catalogue says."""

    def __init__(self, account: Account, entry: Entry, now: float) -> None:
        self.account = account
        self.entry = entry
        self.now = now
        self.chance = Random(f"ecrtui {entry.region} {entry.name}")

    def seed(self) -> None:
        entry, region = self.entry, self.account.region(self.entry.region)
        repository = self._repository() if entry.images >= 0 else None
        builds: list[BuildRecord] = []
        if entry.builds >= 0:
            document = project_document(entry, self.now)
            region.projects[entry.name] = ProjectRecord(entry.name, document, entry.recipe)
            builds = self._history(document)
            region.builds.update((each.id, each) for each in builds)
        if repository is not None:
            self._fill(repository, builds)
        if entry.denied:
            self.account.faults.append(
                Fault(f"ecr:{entry.denied}", "AccessDeniedException", _DENIED, entry.region, entry.name)
            )

    def _repository(self) -> Repository:
        entry = self.entry
        made = self.account.new_repository(entry.region, entry.name, self.now - (entry.days + 12) * _DAY)
        made.mutability, made.exclusions = entry.mutability, entry.exclusions
        made.scan_on_push = entry.scan
        made.labels = dict(entry.labels)
        made.lifecycle = LIFECYCLES.get(entry.lifecycle)
        made.lifecycle_evaluated_at = self.now - 5 * 3600 if made.lifecycle else 0.0
        if entry.kms:
            made.encryption = "KMS"
            made.kms_key = f"arn:aws:kms:{entry.region}:{ACCOUNT_ID}:key/7a1b9c3d-52e4-4f06-8a7d-0c1e2f3a4b5c"
        if "policy" in entry.extras:
            made.policy = _policy()
        return made

    def _history(self, document: Json) -> list[BuildRecord]:
        """The builds of the past, oldest first, the last some hours ago."""
        count = self.entry.builds
        at = self.now - 2_400 - self.chance.uniform(0, 7_200)
        starts = [at]
        for _ in range(count - 1):
            at -= self.chance.uniform(0.15, 1.6) * _DAY * (1 + len(starts) / 20)
            starts.append(at)
        starts = sorted(starts)[:count]
        return [self._past_build(document, number, start, count) for number, start in enumerate(starts, 1)]

    def _past_build(self, document: Json, number: int, start: float, count: int) -> BuildRecord:
        recipe = self.entry.recipe
        outcome = self._outcome(number, count)
        stopped = outcome == "stopped"
        plan = new_plan(
            self.account,
            self.entry.name,
            self.entry.region,
            document,
            recipe,
            number,
            start,
            outcome="" if stopped else outcome,
        )
        if plan.outcome == "timed-out":
            plan = replace(plan, detail="6")
        record = _record(plan, document)
        if stopped:
            record = replace(record, stopped_at=start + record.script.end * 0.55)
        return replace(record, contacts_done=ALL_MET)

    def _outcome(self, number: int, count: int) -> str:
        """How a build of the history ended: the newest as the catalogue says, the others mostly well."""
        entry = self.entry
        final = entry.last or entry.recipe.outcome
        if not entry.privileged and entry.recipe.builder != "none":
            final = "no-docker-daemon"
        if entry.last == "repository-missing":
            return entry.last
        if number > count - (2 if count > 4 else 1):
            return final
        luck = self.chance.random()
        if luck < 0.05:
            return "stopped"
        return "command-failed" if luck < 0.14 and entry.recipe.target != "-" else ""

    def _fill(self, repository: Repository, builds: list[BuildRecord]) -> None:
        """Images of the time before the known builds, then those that the builds pushed, then the rest."""
        own = [each for each in builds if self._pushed(each, repository)]
        per_step = 1 + 2 * len(self.entry.recipe.platforms) if self.entry.recipe.builder == "buildx" else 1
        until = own[0].plan.started_at if own else self.now - 3 * _DAY
        if "helm" in self.entry.extras:
            self._charts(repository, until)
            return
        early = max(0, self.entry.images - per_step * len(own) - self._extras())
        self._images(repository, early, per_step, until)
        for record in own:
            started = record.plan.started_at
            for contact in record.script.contacts:
                if contact.tag:
                    arrive(repository, record.plan, contact.tag, started + contact.at)
        self._environments(repository)
        self._referrers(repository)
        self._archive(repository)
        self._pulls_and_scans(repository)

    def _pushed(self, record: BuildRecord, repository: Repository) -> bool:
        succeeded = not record.plan.outcome and record.stopped_at is None
        return succeeded and record.plan.target == repository.uri

    def _extras(self) -> int:
        return 6 * ("signatures" in self.entry.extras) + 6 * ("referrers" in self.entry.extras)

    def _images(self, repository: Repository, count: int, per_step: int, until: float) -> None:
        """Releases, branch builds and untagged leftovers, oldest first."""
        recipe = self.entry.recipe
        steps, rest = divmod(count, per_step)
        spans = sorted(self.chance.random() ** 0.7 for _ in range(steps + rest))
        version = [1, 0, 0]
        for number, span in enumerate(spans):
            at = until - self.entry.days * _DAY * (1 - span) - 3_600
            single = number < rest and per_step > 1
            commit = commit_of(self.entry.region, self.entry.name, number)
            made = build_image(
                repository.name.replace("/", "-"),
                Recipe(language=recipe.language) if single else recipe,
                commit,
                rfc3339(at),
                key=commit,
            )
            _store(repository, made, at, self._tags(number, commit, version))

    def _tags(self, number: int, commit: str, version: list[int]) -> tuple[str, ...]:
        luck = self.chance.random()
        if number % 9 == 4:
            part = 2 if luck < 0.6 else 1 if luck < 0.95 else 0
            version[part:] = [version[part] + 1] + [0] * (2 - part)
            return f"v{version[0]}.{version[1]}.{version[2]}", f"main-{commit[:7]}"
        if luck < 0.16:
            return ()
        return (f"feature-login-{commit[:7]}",) if luck > 0.93 else (f"main-{commit[:7]}",)

    def _charts(self, repository: Repository, until: float) -> None:
        for number in range(self.entry.images):
            chart = artifacts.helm_chart(self.entry.name.rpartition("/")[2], f"0.{number}.0")
            repository.put(StoredImage.of(chart, until - (self.entry.images - number) * 9 * _DAY, (f"0.{number}.0",)))

    def _environments(self, repository: Repository) -> None:
        """Where the moving tags stand: `latest` on the newest, `production` on the last release."""
        tagged = sorted((each for each in repository.images.values() if each.tags), key=lambda each: each.pushed_at)
        releases = [each for each in tagged if any(tag.startswith("v") for tag in each.tags)]
        if tagged and "latest" not in repository.tagged:
            repository.tag(tagged[-1].digest, "latest")
        if len(tagged) > 12 and self.entry.mutability != "IMMUTABLE":
            repository.tag(tagged[-3].digest, "staging")
            repository.tag((releases or tagged)[-1].digest, "production")

    def _referrers(self, repository: Repository) -> None:
        """Signatures and SBOMs of the newest tagged images."""
        newest = sorted((each for each in repository.images.values() if each.tags), key=lambda each: -each.pushed_at)[
            :6
        ]
        for number, image in enumerate(newest):
            subject = artifacts.Artifact(
                image.manifest, image.media_type, image.artifact_type, image.size, image.digest
            )
            if "signatures" in self.entry.extras:
                made = artifacts.cosign_signature(subject)
                tag = image.digest.replace(":", "-") + ".sig"
                repository.put(StoredImage.of(made, image.pushed_at + 40, (tag,)))
            if "referrers" in self.entry.extras:
                kind = "application/vnd.cncf.notary.signature" if number % 2 else "application/spdx+json"
                note = {"org.opencontainers.image.created": rfc3339(image.pushed_at + 60)}
                made = artifacts.referrer(subject, kind, 2_100 if number % 2 else 88_000, note)
                repository.put(StoredImage.of(made, image.pushed_at + 60))

    def _archive(self, repository: Repository) -> None:
        if "archived" not in self.entry.extras:
            return
        oldest = sorted(repository.images.values(), key=lambda each: each.pushed_at)[: len(repository.images) // 12]
        for image in oldest:
            archived_at = image.pushed_at + self.chance.uniform(200, 400) * _DAY
            repository.put(replace(image, status="ARCHIVED", archived_at=min(archived_at, self.now - _DAY)))

    def _pulls_and_scans(self, repository: Repository) -> None:
        for image in list(repository.images.values()):
            pulled, scanned = None, None
            if image.tags and self.chance.random() < 0.55:
                pulled = min(self.now - 60, image.pushed_at + self.chance.expovariate(1 / (20 * _DAY)))
            if not {"latest", "staging", "production"}.isdisjoint(image.tags):
                pulled = self.now - self.chance.uniform(300, 40_000)
            if self.entry.scan and image.status == "ACTIVE":
                scanned = image.pushed_at + 2
            if pulled is not None or scanned is not None:
                repository.put(replace(image, pulled_at=pulled, scanned_at=scanned))


def _store(repository: Repository, made: Built, at: float, tags: tuple[str, ...]) -> None:
    for artifact in made.others:
        repository.put(StoredImage.of(artifact, at))
    repository.put(StoredImage.of(made.top, at, tags))
    for artifact in (made.top, *made.others):
        if artifact.config:
            repository.configs[artifact.config_digest] = artifact.config


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
        "environment": {
            "type": "LINUX_CONTAINER",
            "image": "aws/codebuild/amazonlinux-x86_64-standard:5.0",
            "computeType": "BUILD_GENERAL1_SMALL",
            "environmentVariables": [
                {"name": key, "value": value, "type": "PLAINTEXT"} for key, value in entry.variables
            ],
            "privilegedMode": entry.privileged,
            "imagePullCredentialsType": "CODEBUILD",
        },
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


def new_plan(
    account: Account,
    name: str,
    region: str,
    document: Json,
    recipe: Recipe,
    number: int,
    start: float,
    outcome: str,
) -> Plan:
    """The plan of a seeded build."""
    commit = commit_of(name, region, "build", number)
    plan = Plan(
        id=f"{name}:{UUID(commit_of(region, name, number)[:32])}",
        project=name,
        region=region,
        account=account.id,
        number=number,
        started_at=start,
        commit=commit,
        recipe=recipe,
        target="",
        tags=(),
        outcome=outcome,
        speed=account.speed,
        first=number == 1,
    )
    variables = document["environment"]["environmentVariables"]
    plan = replace(plan, target=target_of(plan, variables))
    return replace(plan, tags=tags_of(plan, variables, "main"))


def _record(plan: Plan, document: Json) -> BuildRecord:
    return BuildRecord(
        plan=plan,
        environment=document["environment"],
        source=document["source"],
        source_version="main",
        timeout=6 if plan.outcome == "timed-out" else document["timeoutInMinutes"],
        initiator="GitHub-Hookshot/9c1f2ab" if plan.number % 5 else f"codepipeline/{plan.project}",
    )


def _run(account: Account, name: str, progress: float, now: float) -> None:
    """Start a build so long ago that it has come as far as asked."""
    region = account.region(SEOUL)
    project = region.projects[name]
    number = 1 + sum(each.plan.project == name for each in region.builds.values())
    plan = new_plan(account, name, SEOUL, project.document, project.recipe, number, now, "")
    started = now - _record(plan, project.document).script.end * progress
    record = _record(replace(plan, started_at=started), project.document)
    region.builds[record.id] = record
    region.running.add(record.id)


def _configure_registries(account: Account, now: float) -> None:
    """What differs between the regions' registries: scanning, replication, cache rules, templates."""
    virginia, seoul = account.region(VIRGINIA), account.region(SEOUL)
    virginia.registry.scan_type = "ENHANCED"
    virginia.registry.scan_rules = [_scan_rule("CONTINUOUS_SCAN", "*")]
    for repository in virginia.registry.repositories.values():
        for image in list(repository.images.values()):
            repository.put(replace(image, scanned_at=image.pushed_at + 5))
    seoul.registry.scan_rules = [_scan_rule("SCAN_ON_PUSH", "pet-*"), _scan_rule("MANUAL", "*")]
    seoul.registry.replication = [
        {
            "destinations": [{"region": VIRGINIA, "registryId": account.id}],
            "repositoryFilters": [{"filter": "pet-web", "filterType": "PREFIX_MATCH"}],
        }
    ]
    _add_templates(seoul, account, now)


def _scan_rule(frequency: str, pattern: str) -> Json:
    return {"scanFrequency": frequency, "repositoryFilters": [{"filter": pattern, "filterType": "WILDCARD"}]}


def _add_templates(region: Region, account: Account, now: float) -> None:
    region.registry.cache_rules = [
        {
            "ecrRepositoryPrefix": "docker-hub",
            "upstreamRegistryUrl": "registry-1.docker.io",
            "upstreamRegistry": "docker-hub",
            "registryId": account.id,
            "createdAt": now - 200 * _DAY,
            "updatedAt": now - 200 * _DAY,
        }
    ]
    region.registry.templates = [
        {
            "prefix": "docker-hub",
            "description": "Cached upstream images",
            "encryptionConfiguration": {"encryptionType": "AES256"},
            "imageTagMutability": "MUTABLE",
            "appliedFor": ["PULL_THROUGH_CACHE"],
            "createdAt": now - 200 * _DAY,
            "updatedAt": now - 200 * _DAY,
        }
    ]


def _policy() -> str:
    statement = {
        "Sid": "PullFromStaging",
        "Effect": "Allow",
        "Principal": {"AWS": "arn:aws:iam::210987654321:root"},
        "Action": ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]}, indent=2)
