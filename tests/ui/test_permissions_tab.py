"""Permissions in Explore: I opens them, what is missing and what mends it is shown, c copies it."""

from __future__ import annotations

import json

from memory import ACCOUNT, REGION, MemoryAccount, a_project, a_repository, an_image
from rich.cells import cell_len

from driver import driving
from ecrtui.domain.errors import AppError, ErrorKind
from ecrtui.domain.permission import PUSH_ACTIONS, TOKEN, Decision, Simulated
from ecrtui.domain.reference import parse
from ecrtui.domain.usage import Usage, Use
from ecrtui.services.permissions import PermissionReport
from ecrtui.services.state import Failed, Loading, Ready
from ecrtui.ui.present.permissions import permission_lines

REPOSITORY = a_repository("pet-web")
PUT = "ecr:PutImage"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/ci"


def account(policy: str | None = None, **settings) -> MemoryAccount:
    reference = parse(f"{REPOSITORY.uri}:v1")
    assert reference is not None
    allowed = [Simulated(action, REPOSITORY.arn, Decision.ALLOWED) for action in PUSH_ACTIONS if action != PUT]
    return MemoryAccount(
        repositories=[REPOSITORY],
        images={"pet-web": [an_image("v1")]},
        projects=[a_project("pet-web", service_role=ROLE)],
        usages={REGION: Usage((Use("apprunner-service", "web", REGION, reference),))},
        simulations={ROLE: [Simulated(TOKEN, "*", Decision.ALLOWED), *allowed]},
        repository_policies={} if policy is None else {"pet-web": policy},
        **settings,
    )


async def test_what_is_missing_and_the_statement_that_mends_it():
    async with driving(account()) as t:
        await t.sees("pet-web")
        await t.press("I")
        await t.sees("push as role ci", "missing in the role's policies: ecr:PutImage", "project pet-web")
        assert t.line("push as role ci").lstrip().startswith("✗ broken")
        await t.sees("add to the policies of role ci", '"Action": ["ecr:PutImage"]')
        await t.press("G")
        await t.sees("pull as no role", "App Runner pulls from ECR with one only", "no repository policy")


async def test_c_copies_the_policy():
    async with driving(account()) as t:
        await t.sees("pet-web")
        await t.press("I")
        await t.sees("push as role ci")
        await t.press("c")
        await t.sees("role policy")
        await t.press(*["j"] * 6, "enter")
        await t.sees("role policy copied")
        assert json.loads(t.app.clipboard)["Statement"] == [
            {"Effect": "Allow", "Action": ["ecr:PutImage"], "Resource": REPOSITORY.arn}
        ]


async def test_r_asks_anew():
    async with driving(mended := account()) as t:
        await t.sees("pet-web")
        await t.press("I")
        await t.sees("missing in the role's policies")
        mended.simulations[ROLE] = [*mended.simulations[ROLE], Simulated(PUT, REPOSITORY.arn, Decision.ALLOWED)]
        await t.press("r")
        await t.misses("missing in the role's policies")
        await t.sees("the role's policies allow it")


async def test_a_refused_simulation_says_what_to_ask_for():
    refused = account()
    refused.faults.deny("iam:SimulatePrincipalPolicy")
    async with driving(refused) as t:
        await t.sees("pet-web")
        await t.press("I")
        await t.sees("? not checked", "iam:SimulatePrincipalPolicy is not allowed")
        await t.misses("missing in")


async def test_the_repository_policy_as_sentences_and_json():
    text = json.dumps({"Statement": [{"Sid": "All", "Effect": "Allow", "Principal": "*", "Action": "ecr:*"}]})
    async with driving(account(text)) as t:
        await t.sees("pet-web")
        await t.press("I")
        await t.sees("✓ ok", "⚠ allows every action to everyone")
        await t.press("G")
        await t.sees('"Sid": "All"')


async def test_the_policies_of_two_marked_repositories_are_compared():
    text = json.dumps({"Statement": [{"Sid": "All", "Effect": "Allow", "Principal": "*", "Action": "ecr:*"}]})
    two = account(text)
    two.area(REGION).repositories["pet-api"] = a_repository("pet-api")
    async with driving(two) as t:
        await t.sees("pet-api", "pet-web")
        await t.press("=")
        await t.sees("mark two images or repositories")
        await t.press("*", "=")
        await t.sees("Repository policy of pet-api and of pet-web", '+      "Sid": "All"')
        await t.press("enter")
        assert t.app.clipboard.startswith("--- pet-api\n+++ pet-web\n")
        two.faults.deny("ecr:GetRepositoryPolicy")
        await t.misses("Repository policy of")
        await t.press("=")
        await t.sees("GetRepositoryPolicy")


async def test_a_repository_that_is_gone_says_so():
    async with driving(asked := account()) as t:
        await t.sees("pet-web")
        asked.faults.fail("ecr:DescribeRepositories", ErrorKind.NOT_FOUND, target="pet-web")
        await t.press("I")
        await t.sees("Cannot DescribeRepositories pet-web")


def test_every_state_of_the_slice_shows_something_else():
    report = PermissionReport(REPOSITORY, None, None, (), ("Lambda: not allowed",))
    shown = [
        permission_lines(slice_)
        for slice_ in (Loading(), Ready(report, 0.0), Failed(AppError(ErrorKind.DENIED, "look"), 0.0))
    ]
    assert len(set(shown)) == 3
    assert permission_lines(Loading(report)) == shown[1]
    words = " ".join(cell.text for line in shown[1] for cell in line)
    assert "not checked" in words
    assert "no project of this name" in words


def test_hostile_policies_are_harmless():
    hostile = (
        '{"Statement": [{"Sid": "\\u001b[2J\\u202e", "Effect": "Allow", "Principal": "*", "Action": "e:\\u001b"}]}'
    )
    for text in (hostile, "\x1b[2J{", hostile + "\x07"):
        for line in permission_lines(Ready(PermissionReport(REPOSITORY, None, text, ()), 0.0)):
            for cell in line:
                assert cell.text.isprintable()
                assert cell_len(cell.text) < 1_000
