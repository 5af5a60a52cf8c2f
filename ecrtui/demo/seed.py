"""The seeded account: the same for the same instant, and alive: some of its builds are running."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace

from ecrtui.demo.account import ACCOUNT_ID, Account, Fault, Region
from ecrtui.demo.catalogue import ENTRIES, REFUSED_REGION, REGIONS, SEOUL, VIRGINIA, Entry
from ecrtui.demo.codebuild.state import BuildRecord, ProjectRecord
from ecrtui.demo.codebuild.steps import script
from ecrtui.demo.history import History, new_plan, new_record, project_document
from ecrtui.demo.operations import Json
from ecrtui.demo.registry import Repository
from ecrtui.demo.stock import Stock
from ecrtui.demo.texts import LIFECYCLES
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
        _seed(account, entry, now)
    for name, progress in _RUNNING:
        _run(account, name, progress, now)
    _configure_registries(account, now)
    seed_workloads(account, now)
    return account


def _seed(account: Account, entry: Entry, now: float) -> None:
    """Make what one entry of the catalogue says."""
    region = account.region(entry.region)
    builds: list[BuildRecord] = []
    if entry.builds >= 0:
        document = project_document(entry, now)
        region.projects[entry.name] = ProjectRecord(entry.name, document, entry.recipe)
        builds = History(account, entry, document, now).builds()
        region.builds.update((each.id, each) for each in builds)
    if entry.images >= 0:
        Stock(entry, _new_repository(account, entry, now), now).fill(builds)
    if entry.denied:
        denied = Fault(f"ecr:{entry.denied}", "AccessDeniedException", _DENIED, entry.region, entry.name)
        account.faults.append(denied)


def _new_repository(account: Account, entry: Entry, now: float) -> Repository:
    made = account.new_repository(entry.region, entry.name, now - (entry.days + 12) * _DAY)
    made.mutability, made.exclusions = entry.mutability, entry.exclusions
    made.scan_on_push = entry.scan
    made.labels = dict(entry.labels)
    made.lifecycle = LIFECYCLES.get(entry.lifecycle)
    made.lifecycle_evaluated_at = now - 5 * 3600 if made.lifecycle else 0.0
    if entry.kms:
        made.encryption = "KMS"
        made.kms_key = f"arn:aws:kms:{entry.region}:{ACCOUNT_ID}:key/7a1b9c3d-52e4-4f06-8a7d-0c1e2f3a4b5c"
    if "policy" in entry.extras:
        made.policy = _policy()
    return made


def _run(account: Account, name: str, progress: float, now: float) -> None:
    """Start a build so long ago that it has come as far as asked."""
    region = account.region(SEOUL)
    project = region.projects[name]
    entry = next(each for each in ENTRIES if (each.name, each.region) == (name, SEOUL))
    plan = new_plan(account, entry, project.document, entry.builds + 1, now)
    started = now - script(plan).end * progress
    record = new_record(replace(plan, started_at=started), project.document)
    region.begin(record)


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
