"""Gathering what decides about permissions: few calls, and one that is refused costs that part only."""

from __future__ import annotations

import json
from collections import Counter

import pytest
from memory import ACCOUNT, REGION, MemoryAccount, a_project, a_repository

from ecrtui.domain.errors import AppError, ErrorKind
from ecrtui.domain.permission import (
    PULL_ACTIONS,
    PUSH_ACTIONS,
    TOKEN,
    Access,
    Actor,
    Caller,
    Decision,
    Purpose,
    Simulated,
)
from ecrtui.domain.reference import parse
from ecrtui.domain.usage import Usage, Use, UseKind
from ecrtui.services.permissions import PermissionReport, load_permissions, simulate
from ecrtui.services.usage import load_uses

NAME = "pet-web"
REPOSITORY = a_repository(NAME)
BUILDER = f"arn:aws:iam::{ACCOUNT}:role/builder"
RUNNER = f"arn:aws:iam::{ACCOUNT}:role/runner"
FOREIGN = "arn:aws:iam::210987654321:role/theirs"
TOKYO = "ap-northeast-1"


def use(name: str, role: str, kind: UseKind = "ecs-service", region: str = REGION, of: str = NAME) -> Use:
    reference = parse(f"{a_repository(of).uri}:v1")
    assert reference is not None
    return Use(kind, name, region, reference, role=role)


def may(*actions: str, arn: str = REPOSITORY.arn) -> list[Simulated]:
    return [Simulated(action, "*" if action == TOKEN else arn, Decision.ALLOWED) for action in (TOKEN, *actions)]


def an_account(*uses: Use, policy: str | None = None) -> MemoryAccount:
    by_region = {region: [one for one in uses if one.region == region] for region in (REGION, TOKYO)}
    return MemoryAccount(
        regions=(REGION, TOKYO),
        repositories=[REPOSITORY],
        projects=[a_project(NAME, service_role=BUILDER), a_project("other", service_role="nobody")],
        usages={region: Usage(tuple(found)) for region, found in by_region.items()},
        repository_policies={} if policy is None else {NAME: policy},
        simulations={BUILDER: may(*PUSH_ACTIONS), RUNNER: may(*PULL_ACTIONS)},
    )


async def report_of(account: MemoryAccount) -> PermissionReport:
    uses = await load_uses(account, (REGION, TOKYO))
    return await load_permissions(account, REGION, NAME, uses)


def answers(report: PermissionReport) -> list[tuple[str, Access]]:
    return [(verdict.actor.label, verdict.access) for verdict in report.verdicts]


async def test_everybody_who_uses_the_repository_in_any_region_is_judged() -> None:
    account = an_account(
        use("shop/web", RUNNER), use("shop/tokyo", RUNNER, region=TOKYO), use("x", FOREIGN, of="other")
    )
    report = await report_of(account)
    assert answers(report) == [("role builder", Access.OK), ("role runner", Access.OK)]
    assert report.verdicts[1].actor.used_in == (f"service shop/web in {REGION}", f"service shop/tokyo in {TOKYO}")
    assert (report.project and report.project.name, report.policy, report.errors) == (NAME, None, ())


async def test_each_role_is_simulated_once() -> None:
    """However many tasks run in it: a call for the token, one for the repository."""
    account = an_account(*(use(f"shop/{number}", RUNNER) for number in range(50)))
    await report_of(account)
    asked = Counter(target for action, _, target in account.calls if action == "iam:SimulatePrincipalPolicy")
    assert asked == {BUILDER: 2, RUNNER: 2}
    others = Counter(action for action, _, _ in account.calls if action.startswith(("ecr:", "codebuild:")))
    assert others == {"ecr:DescribeRepositories": 1, "ecr:GetRepositoryPolicy": 1, "codebuild:BatchGetProjects": 1}


async def test_many_repositories_share_the_calls_for_a_role() -> None:
    account = an_account()
    puller = Actor("ecs", Purpose.PULL, Caller(RUNNER))
    arns = [a_repository(f"pet-{number}").arn for number in range(120)]
    simulations = await simulate(account.permissions(), [(arn, [puller]) for arn in arns], ACCOUNT)
    found = simulations[RUNNER]
    assert not isinstance(found, AppError)
    assert {one.resource for one in found} == {"*", *arns}
    assert len(account.calls) == 4  # the token, and 120 repositories by 50


async def test_roles_of_other_accounts_are_not_asked_about() -> None:
    report = await report_of(account := an_account(use("shop/web", FOREIGN)))
    assert answers(report)[1] == ("role theirs", Access.BROKEN)  # the repository does not name it
    assert FOREIGN not in [target for _, _, target in account.calls]
    grant = {"Effect": "Allow", "Principal": {"AWS": FOREIGN}, "Action": "ecr:*"}
    report = await report_of(an_account(use("shop/web", FOREIGN), policy=json.dumps({"Statement": grant})))
    assert answers(report)[1] == ("role theirs", Access.NOT_CHECKED)


async def test_a_refused_simulation_costs_that_and_nothing_else() -> None:
    account = an_account(use("shop/web", RUNNER), use("resize", "", "lambda-function"))
    account.faults.deny("iam:SimulatePrincipalPolicy")
    report = await report_of(account)
    assert answers(report) == [
        ("role builder", Access.NOT_CHECKED),
        ("role runner", Access.NOT_CHECKED),
        ("lambda.amazonaws.com", Access.UNKNOWN),
    ]
    assert all("iam:SimulatePrincipalPolicy is not allowed" in verdict.reason for verdict in report.verdicts[:2])
    assert {error.action for error in report.errors} == {"iam:SimulatePrincipalPolicy"}
    asked = [target for action, _, target in account.calls if action == "iam:SimulatePrincipalPolicy"]
    assert sorted(asked) == [BUILDER, RUNNER]


async def test_one_role_that_is_refused_or_gone_leaves_the_others() -> None:
    account = an_account(use("shop/web", RUNNER), use("shop/old", f"{RUNNER}-gone"))
    account.faults.fail("iam:SimulatePrincipalPolicy", ErrorKind.TIMEOUT, target=BUILDER)
    report = await report_of(account)
    assert answers(report) == [
        ("role builder", Access.NOT_CHECKED),
        ("role runner", Access.OK),
        ("role runner-gone", Access.BROKEN),
    ]
    assert [error.kind for error in report.errors] == [ErrorKind.TIMEOUT]


async def test_a_refused_policy_or_project_is_told() -> None:
    account = an_account(use("shop/web", RUNNER))
    account.faults.deny("ecr:GetRepositoryPolicy")
    account.faults.deny("codebuild:BatchGetProjects")
    report = await report_of(account)
    assert answers(report) == [("role runner", Access.NOT_CHECKED)]
    assert [error.action for error in report.errors] == ["codebuild:BatchGetProjects", "ecr:GetRepositoryPolicy"]
    assert isinstance(report.policy, AppError)


async def test_without_our_account_id_the_others_still_answer() -> None:
    account = an_account(use("shop/web", RUNNER))
    account.faults.deny("sts:GetCallerIdentity")
    assert answers(await report_of(account)) == [("role builder", Access.OK), ("role runner", Access.OK)]


async def test_what_could_not_be_looked_at_is_passed_on() -> None:
    account = an_account()
    account.faults.deny("lambda:ListFunctions", region=TOKYO)
    report = await report_of(account)
    assert len(report.unchecked) == 1
    assert TOKYO in report.unchecked[0]


async def test_a_name_without_a_project_or_without_a_repository() -> None:
    lone = a_repository("team/pet.web")
    account = MemoryAccount(repositories=[lone])
    report = await load_permissions(account, REGION, lone.name, await load_uses(account, [REGION]))
    assert (report.project, report.verdicts, report.errors) == (None, (), ())
    assert "codebuild:BatchGetProjects" not in [
        action for action, _, _ in account.calls
    ]  # no project can bear that name
    with pytest.raises(AppError) as raised:
        await load_permissions(account, REGION, "nothing", await load_uses(account, [REGION]))
    assert raised.value.kind is ErrorKind.NOT_FOUND
