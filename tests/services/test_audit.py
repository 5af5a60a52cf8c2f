"""The audit over an account: what it asks, what a refusal costs, and how it comes to an end."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Collection, Sequence
from contextlib import aclosing
from datetime import date
from typing import Any

from memory import ACCOUNT, INDEX, NOW, REGION, MemoryAccount, a_project, a_repository, an_image, digest_of

from ecrtui.domain.audit.report import Report
from ecrtui.domain.audit.rule import Severity
from ecrtui.domain.audit.rules import BY_ID, RULES
from ecrtui.domain.audit.suppression import Suppression
from ecrtui.domain.errors import ErrorKind
from ecrtui.domain.permission import PULL_ACTIONS, PUSH_ACTIONS, TOKEN, Decision, Simulated
from ecrtui.domain.reference import Reference
from ecrtui.domain.registry import Destination, RegistrySettings, ReplicationRule
from ecrtui.domain.scan import ScanReport
from ecrtui.domain.usage import Usage, Use
from ecrtui.services.audit import audit
from ecrtui.services.state import Failed, Loadable, Loading, Partial, Ready, value_of

OTHER = "eu-central-1"
DAY = 86_400.0
ROLE = f"arn:aws:iam::{ACCOUNT}:role/builder"


def a_use(repository: str, tag: str, digest: str | None, region: str = REGION) -> Use:
    reference = Reference(f"{ACCOUNT}.dkr.ecr.{region}.amazonaws.com", repository, tag, None, ACCOUNT, region)
    return Use("ecs-service", f"shop/{repository}", region, reference, digest, 1, role=ROLE)


def an_account(number: int = 3, **more: Any) -> MemoryAccount:
    """Pairs `app-0`, `app-1`, …, each with twelve images of which a service runs the newest."""
    names = [f"app-{one}" for one in range(number)]
    images = {
        name: [
            an_image(f"v1.0.{one}", pushed_at=NOW - one * DAY, digest=digest_of(f"{name} {one}")) for one in range(12)
        ]
        for name in names
    }
    uses = tuple(a_use(name, "v1.0.0", images[name][0].digest) for name in names)
    scans = [ScanReport(images[name][0].digest, "COMPLETE", counts={"CRITICAL": 1}) for name in names]
    allowed = [Simulated(action, "*", Decision.ALLOWED) for action in (TOKEN, *PUSH_ACTIONS)]
    allowed += [
        Simulated(action, a_repository(name).arn, Decision.ALLOWED)
        for name in names
        for action in (*PUSH_ACTIONS, *PULL_ACTIONS)
    ]
    given: dict[str, Any] = {
        "repositories": [a_repository(name, mutability="IMMUTABLE") for name in names],
        "projects": [a_project(name, service_role=ROLE) for name in names],
        "images": images,
        "usages": {REGION: Usage(uses)},
        "scans": scans,
        "simulations": {ROLE: allowed},
        **more,
    }
    return MemoryAccount(**given)


async def audited(account: MemoryAccount, regions: Sequence[str] = (REGION,), **more: Any) -> Loadable[Report]:
    """The end of an audit."""
    return [state async for state in audit(account, regions, clock=lambda: NOW, **more)][-1]


async def report_of(account: MemoryAccount, regions: Sequence[str] = (REGION,), **more: Any) -> Report:
    report = value_of(await audited(account, regions, **more))
    assert report is not None
    return report


def ids(report: Report) -> set[str]:
    return {finding.rule.id for finding in report.findings}


def lacking(report: Report) -> dict[str, Collection[str]]:
    """The rules that were not checked, by the action to ask for."""
    found: dict[str, set[str]] = {}
    for one in report.not_checked:
        found.setdefault(one.unread.action, set()).update(rule.id for rule in one.rules)
    return found


# What it finds


async def test_findings_come_while_it_runs() -> None:
    states = [state async for state in audit(an_account(), [REGION], clock=lambda: NOW)]
    assert all(isinstance(state, Loading) for state in states[:-1])
    assert isinstance(states[-1], Ready)
    numbers = [len(report.findings) for state in states if (report := value_of(state)) is not None]
    assert numbers == sorted(numbers)
    assert numbers[0] == 0 < numbers[-2] <= numbers[-1]
    looked_at = [report.looked_at for state in states if (report := value_of(state)) is not None]
    assert looked_at[-1] == 3


async def test_what_is_wrong_is_found() -> None:
    report = await report_of(an_account())
    assert {"critical-findings", "no-lifecycle-policy"} <= ids(report)
    assert [finding.severity.rank for finding in report.findings] == sorted(
        finding.severity.rank for finding in report.findings
    )
    assert report.counts()[Severity.CRITICAL] == 3
    assert (report.account, report.regions, report.names, report.images) == (ACCOUNT, (REGION,), 3, 36)


async def test_a_copy_in_another_region_is_compared_with_what_is_listed_there() -> None:
    settings = RegistrySettings(REGION, replication=(ReplicationRule((Destination(OTHER, ACCOUNT),)),))
    image = an_image("v1.0.0", pushed_at=NOW - DAY)
    account = MemoryAccount(
        regions=(REGION, OTHER),
        repositories=[a_repository("app"), a_repository("app", OTHER)],
        images={(REGION, "app"): [image], (OTHER, "app"): [an_image("v1.0.0", pushed_at=NOW - 2 * DAY)]},
        projects=[a_project("app")],
        settings=[settings],
    )
    rules = [BY_ID["replication-gap"], BY_ID["no-project"]]
    report = await report_of(account, [REGION, OTHER], rules=rules)
    assert ids(report) == {"replication-gap"}
    alone = await report_of(account, [REGION], rules=rules)
    assert [one.unread.why for one in alone.not_checked] == [
        f"the copies in {OTHER}: {OTHER} is not among the regions that are audited"
    ]


# What it asks


async def test_calls_are_counted_and_bounded() -> None:
    number = 40
    account = an_account(number)
    await report_of(account)
    calls = Counter(action for action, _, _ in account.calls)
    per_repository = {
        "ecr:DescribeImages",
        "ecr:GetLifecyclePolicy",
        "ecr:GetRepositoryPolicy",
        "ecr:DescribeImageScanFindings",
    }
    assert {action: calls[action] for action in per_repository} == dict.fromkeys(per_repository, number)
    # one role, asked once for its token and once for all its repositories
    assert calls["iam:SimulatePrincipalPolicy"] == 2
    shared = sum(count for action, count in calls.items() if action not in per_repository)
    assert shared <= 60
    assert "ecr:BatchGetImage" not in calls  # it may count as a pull


async def test_what_no_rule_needs_is_not_asked() -> None:
    account = an_account()
    await report_of(account, rules=[BY_ID["naming"]])
    asked = {action for action, _, _ in account.calls}
    assert asked == {
        "sts:GetCallerIdentity",
        "codebuild:ListProjects",
        "codebuild:BatchGetProjects",
        "ecr:DescribeRepositories",
    }


async def test_scans_are_asked_of_what_runs_only() -> None:
    account = an_account()
    await report_of(account, rules=[BY_ID["critical-findings"]])
    asked = [target for action, _, target in account.calls if action == "ecr:DescribeImageScanFindings"]
    assert len(asked) == 3


# What a refusal costs


async def test_a_refused_service_costs_its_rules_only() -> None:
    account = an_account()
    account.faults.deny("ecr:GetLifecyclePolicy")
    state = await audited(account)
    assert isinstance(state, Partial)
    assert state.error is not None
    assert state.error.action == "ecr:GetLifecyclePolicy"
    report = state.value
    assert lacking(report) == {
        "ecr:GetLifecyclePolicy": {"no-lifecycle-policy", "lifecycle-deletes-running"},
        "": _unseen_buildspecs(),
    }
    assert "critical-findings" in ids(report)
    assert len(report.errors) == 1  # three repositories, one refusal


def _unseen_buildspecs() -> set[str]:
    return {rule.id for rule in RULES if rule.id.startswith("buildspec-")} | {"plaintext-secret"}


async def test_one_refused_repository_costs_itself_only() -> None:
    account = an_account()
    account.faults.deny("ecr:DescribeImages", target="app-1")
    report = await report_of(account)
    missing = [one for one in report.not_checked if one.unread.action == "ecr:DescribeImages"]
    assert {name for one in missing for name in one.names} == {"app-1"}
    assert {finding.name for finding in report.findings if finding.rule.id == "critical-findings"} == {"app-0", "app-2"}


async def test_refused_simulations_are_not_checked_never_missing() -> None:
    account = an_account()
    account.faults.deny("iam:SimulatePrincipalPolicy")
    report = await report_of(account)
    assert "role-cannot-push" not in ids(report)
    assert "role-cannot-push" in lacking(report)["iam:SimulatePrincipalPolicy"]


async def test_refused_projects_leave_the_repositories() -> None:
    account = an_account()
    account.faults.deny("codebuild:ListProjects")
    report = await report_of(account)
    assert "missing-repository" in lacking(report)["codebuild:ListProjects"]
    assert "no-project" in lacking(report)["codebuild:ListProjects"]
    assert "no-project" not in ids(report)
    assert "critical-findings" in ids(report)


async def test_uses_that_could_not_be_looked_at_clear_nobody() -> None:
    old = [an_image("v1.0.0", pushed_at=NOW - 300 * DAY)]
    refused = Usage((), ("The ECS clusters could not be checked: ecs:ListClusters is not allowed",))
    account = an_account(1, images={"app-0": old}, usages={REGION: refused})
    report = await report_of(account)
    assert "unused" not in ids(report)
    assert {"unused", "drift", "critical-findings"} <= set(lacking(report)["ecs:ListClusters"])


async def test_a_region_that_is_down_leaves_the_others() -> None:
    account = an_account(regions=(REGION, OTHER))
    account.faults.fail("ecr:DescribeRepositories", ErrorKind.NETWORK, region=OTHER)
    account.faults.fail("codebuild:ListProjects", ErrorKind.NETWORK, region=OTHER)
    report = await report_of(account, [REGION, OTHER])
    assert "critical-findings" in ids(report)
    assert {one.region for one in report.not_checked if not one.names and "drift" in {r.id for r in one.rules}} == {
        OTHER
    }


async def test_nothing_at_all_is_a_failure() -> None:
    account = an_account()
    account.faults.fail("ecr:DescribeRepositories", ErrorKind.CREDENTIALS)
    account.faults.fail("codebuild:ListProjects", ErrorKind.CREDENTIALS)
    state = await audited(account)
    assert isinstance(state, Failed)
    assert state.error.exit_code == 3


async def test_an_empty_region_is_fine() -> None:
    state = await audited(MemoryAccount())
    assert isinstance(state, Ready)
    assert (state.value.findings, state.value.not_checked) == ((), ())


# How it ends


async def test_it_can_be_stopped() -> None:
    account = an_account(20)
    gate = account.faults.hold("ecr:DescribeImages")
    async with aclosing(audit(account, [REGION], clock=lambda: NOW)) as states:
        async for state in states:
            report = value_of(state)
            if report is not None and report.names:
                break
    gate.set()
    asked = len(account.calls)
    await _turns()
    assert len(account.calls) == asked


async def _turns() -> None:
    for _ in range(20):
        await asyncio.sleep(0)


# Suppression


def suppression(rule: str = "critical-findings", match: str = "app-1", until: date | None = None) -> Suppression:
    return Suppression(rule, match, "known", until)


async def test_suppressed_findings_are_kept_apart() -> None:
    report = await report_of(an_account(), suppressions=[suppression()])
    assert [(one.finding.name, one.by.reason) for one in report.suppressed] == [("app-1", "known")]
    critical = {finding.name for finding in report.findings if finding.rule.id == "critical-findings"}
    assert critical == {"app-0", "app-2"}
    assert report.counts()[Severity.CRITICAL] == 2


async def test_expired_suppressions_suppress_nothing_and_are_told() -> None:
    today = date.fromtimestamp(NOW)
    over = suppression(until=date(2020, 1, 1))
    holds = suppression("no-lifecycle-policy", f"{REGION}/app-*", today)
    report = await report_of(an_account(), suppressions=[over, holds])
    assert report.expired == (over,)
    assert report.counts()[Severity.CRITICAL] == 3
    assert {one.finding.rule.id for one in report.suppressed} == {"no-lifecycle-policy"}


def test_what_a_suppression_covers() -> None:
    assert suppression("*", "*").covers("drift", REGION, "")
    assert suppression("buildspec-*", f"{OTHER}/*").covers("buildspec-no-login", OTHER, "team/app")
    assert not suppression("buildspec-*", f"{OTHER}/*").covers("buildspec-no-login", REGION, "team/app")
    assert not suppression("drift", "app").covers("drift", REGION, "app-1")


async def test_fingerprints_are_the_same_from_run_to_run() -> None:
    first, second = await report_of(an_account()), await report_of(an_account())
    assert [one.fingerprint for one in first.findings] == [one.fingerprint for one in second.findings]
    assert len({one.fingerprint for one in first.findings}) == len(first.findings)


async def test_copies_of_a_region_that_could_not_be_listed_are_unknown() -> None:
    settings = RegistrySettings(REGION, replication=(ReplicationRule((Destination(OTHER, ACCOUNT),)),))
    account = an_account(1, regions=(REGION, OTHER), settings=[settings])
    account.faults.deny("ecr:DescribeRepositories", region=OTHER)
    report = await report_of(account, [REGION, OTHER], rules=[BY_ID["replication-gap"]])
    assert report.findings == ()
    assert {one.unread.why for one in report.not_checked if one.names} == {
        f"the copies in {OTHER}: ecr:DescribeRepositories is not allowed"
    }


async def test_an_index_that_may_not_be_read_is_not_checked() -> None:
    index = an_image("v1.0.0", media_type=INDEX)
    account = an_account(
        1, images={"app-0": [index]}, usages={REGION: Usage((a_use("app-0", "v1.0.0", index.digest),))}
    )
    account.faults.deny("ecr:BatchGetImage")
    report = await report_of(account, rules=[BY_ID["critical-findings"]])
    assert lacking(report) == {"ecr:BatchGetImage": {"critical-findings"}}
