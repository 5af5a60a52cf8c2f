"""The seeded account: the same for the same instant, and alive: some of its builds are running."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from ecrtui.demo.account import ACCOUNT_ID, Account, Fault
from ecrtui.demo.apprunner.seeded import seed_app_services
from ecrtui.demo.catalogue import ENTRIES, REFUSED_REGION, REGIONS, SEOUL, Entry
from ecrtui.demo.codebuild.state import BuildRecord, ProjectRecord
from ecrtui.demo.codebuild.steps import script
from ecrtui.demo.functions.seeded import seed_functions
from ecrtui.demo.history import History, new_plan, new_record, project_document
from ecrtui.demo.iam.seeded import seed_roles
from ecrtui.demo.policies import policy_of
from ecrtui.demo.registries import configure_registries, mark_scans
from ecrtui.demo.registry import Repository
from ecrtui.demo.stock import Stock
from ecrtui.demo.texts import BUILDSPECS, LIFECYCLES
from ecrtui.demo.workloads import seed_workloads

_DAY = 86_400.0
_RUNNING = (("pet-web", 0.88), ("payments-api", 0.45), ("search-indexer", 0.12))
"""Projects whose newest build runs when the account starts, and how far it has come."""
_NEW_POLICIES = ("keep-12",)
"""Policies that were put today: AWS has not run them yet."""
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
    configure_registries(account, now)
    seed_roles(account, now)
    seed_workloads(account, now)
    seed_app_services(account, now)
    seed_functions(account, now)
    account.buckets["acme-buildspecs"] = dict(_stored_buildspecs())
    mark_scans(account)
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
    made.lifecycle_evaluated_at = now - 5 * 3600 if made.lifecycle and entry.lifecycle not in _NEW_POLICIES else 0.0
    if entry.kms:
        made.encryption = "KMS"
        made.kms_key = f"arn:aws:kms:{entry.region}:{ACCOUNT_ID}:key/7a1b9c3d-52e4-4f06-8a7d-0c1e2f3a4b5c"
    made.policy = policy_of(entry.policy, entry.name, entry.region)
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


def _stored_buildspecs() -> Iterator[tuple[str, bytes]]:
    """The buildspecs that are kept in a bucket, by key."""
    for entry in ENTRIES:
        if entry.buildspec == "s3":
            yield f"{entry.name}/buildspec.yml", BUILDSPECS["push"].replace("{name}", entry.name).encode()
