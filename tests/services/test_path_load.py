"""Gathering a path: parts as they come, one refused part costs itself, and the calls are bounded."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from memory import ACCOUNT, NOW, REGION, FakeTime, MemoryAccount, a_build, a_project, a_repository, an_image, an_index

from ecrtui.domain.path import Standing
from ecrtui.domain.permission import PUSH_ACTIONS, TOKEN, Decision, Simulated
from ecrtui.domain.project import EnvironmentVariable
from ecrtui.domain.reference import parse
from ecrtui.domain.registry import CreationTemplate, Destination, RegistrySettings, ReplicationRule
from ecrtui.domain.usage import Usage, Use
from ecrtui.services.path import load_path, loaded_path
from ecrtui.services.path_parts import PathParts, chain_of, snippet_values
from ecrtui.services.state import Failed, Loading, Ready, value_of

ROLE = f"arn:aws:iam::{ACCOUNT}:role/codebuild-pet-web"
COMMIT = "4f2a91c0" * 5
NEW = an_image("main-4f2a91c", "latest", pushed_at=NOW - 3_600)
OLD = an_image("v2.4.1", "production", pushed_at=NOW - 300_000)
OWN = (EnvironmentVariable("IMAGE_REPO_NAME", "pet-web"),)


def allowed(role: str = ROLE, *without: str) -> dict[str, Sequence[Simulated]]:
    arn = a_repository("pet-web").arn
    pairs = [(TOKEN, "*"), *((action, arn) for action in PUSH_ACTIONS)]
    return {role: [Simulated(*pair, Decision.ALLOWED) for pair in pairs if pair[0] not in without]}


def running(tag: str, digest: str | None, region: str = REGION, repository: str = "pet-web") -> Use:
    reference = parse(f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/{repository}:{tag}")
    assert reference is not None
    return Use("ecs-service", "shop/front", region, reference, digest, 3)


def account(**settings: Any) -> MemoryAccount:
    return MemoryAccount(
        **{
            "regions": (REGION, "us-east-1"),
            "repositories": [a_repository("pet-web")],
            "projects": [a_project("pet-web", variables=OWN, service_role=ROLE)],
            "images": {"pet-web": [NEW, OLD]},
            "builds": [
                a_build("pet-web", 7, status="SUCCEEDED", started_at=NOW - 3_700, resolved_source_version=COMMIT)
            ],
            "usages": {"us-east-1": Usage((running("production", OLD.digest, "us-east-1"),))},
            "simulations": allowed(),
            **settings,
        }
    )


async def path(account: MemoryAccount, name: str = "pet-web") -> PathParts:
    return await loaded_path(account, REGION, name, (REGION, "us-east-1"), clock=FakeTime())


async def test_a_whole_path_is_gathered_with_few_calls_and_what_runs_elsewhere() -> None:
    known = account()
    parts = await path(known)
    made = chain_of(parts, NOW)
    assert made.headline == "pet-web: project pushes, repository ok, production runs v2.4.1 (3 tasks)"
    assert made.standing is Standing.OK
    assert parts.errors == ()
    assert len(known.calls) <= 20
    assert known.count("codebuild:BatchGetProjects") == 1
    assert known.count("ecr:DescribeImages") == 1


async def test_the_parts_come_one_after_the_other() -> None:
    slow = account()
    gate = slow.faults.hold("ecr:DescribeImages")
    states = load_path(slow, REGION, "pet-web", (REGION,), clock=FakeTime())
    seen: list[PathParts] = []
    async for state in states:
        parts = value_of(state)
        assert parts is not None
        seen.append(parts)
        if gate.reached.is_set() and isinstance(parts.builds, Ready) and not gate.is_set():
            assert isinstance(state, Loading)
            assert isinstance(parts.images, Loading)
            assert chain_of(parts, NOW).loading
            gate.set()
    assert isinstance(seen[0].project, Loading)
    assert isinstance(seen[-1].images, Ready)
    assert not chain_of(seen[-1], NOW).loading


@pytest.mark.fault("C53")
async def test_a_load_that_is_left_ends_its_tasks() -> None:
    slow = account()
    slow.faults.hold("ecr:DescribeImages")
    states = load_path(slow, REGION, "pet-web", (REGION,), clock=FakeTime())
    async for _ in states:
        if slow.faults.held["ecr:DescribeImages"].reached.is_set():
            break
    await states.aclose()  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("action", "kind"),
    [
        ("codebuild:BatchGetProjects", "push"),
        ("ecr:DescribeRepositories", "push"),
        ("ecr:DescribeImages", "hold"),
        ("codebuild:ListBuildsForProject", "push"),
        ("ecr:GetLifecyclePolicy", ""),
        ("iam:SimulatePrincipalPolicy", ""),
        ("ecr:GetRepositoryPolicy", ""),
    ],
)
async def test_one_refused_part_costs_itself_and_says_what_is_missing(action: str, kind: str) -> None:
    refused = account()
    refused.faults.deny(action)
    parts = await path(refused)
    assert [error.action for error in parts.errors] == [action]
    made = chain_of(parts, NOW)
    for link in made.links:
        assert link.standing is not Standing.BROKEN
        if link.kind == kind:
            assert link.standing is Standing.UNKNOWN
            assert any(action in check.why for check in link.checks)
    assert isinstance(parts.project, Failed) == (action == "codebuild:BatchGetProjects")


async def test_uses_that_cannot_be_seen_make_the_last_link_unknown() -> None:
    blind = account(usages={"us-east-1": Usage((), ("ecs:ListClusters is not allowed in us-east-1",))})
    made = chain_of(await path(blind), NOW)
    assert made.links[2].standing is Standing.UNKNOWN
    assert "what runs it is unknown" in made.headline


async def test_a_role_that_lacks_an_action_breaks_the_push_with_the_statement() -> None:
    broken = account(simulations=allowed(ROLE, "ecr:PutImage"))
    made = chain_of(await path(broken), NOW)
    check = made.links[0].leading
    assert check.word == "role may not push"
    assert "ecr:PutImage" in check.why
    assert check.mend is not None
    assert "ecr:PutImage" in check.mend.text
    assert "InitiateLayerUpload" not in check.mend.text


async def test_a_repository_without_project_says_who_pushes_to_it() -> None:
    other = a_project("pet-shop", variables=OWN, service_role=ROLE)
    made = chain_of(await path(account(projects=[other], builds=[])), NOW)
    assert made.links[0].leading.word == "no project"
    assert f"project pet-shop in {REGION} pushes here" in made.links[0].leading.why


async def test_a_replica_needs_no_project_and_leads_to_where_it_comes_from() -> None:
    rule = ReplicationRule((Destination(REGION, ACCOUNT),), ("pet-",))
    known = account(projects=[], builds=[], settings=[RegistrySettings("us-east-1", ACCOUNT, (rule,))])
    made = chain_of(await path(known), NOW)
    check = made.links[0].leading
    assert (check.standing, check.word) == (Standing.OK, "replica of us-east-1")
    assert check.mend is not None
    assert (check.mend.kind, check.mend.text) == ("path", "pet-web us-east-1")
    assert made.headline.startswith("pet-web: replica of us-east-1, repository ok")
    built = [call for call in known.calls if call[0] == "codebuild:ListBuildsForProject"]
    assert built == [("codebuild:ListBuildsForProject", "us-east-1", "pet-web")], "it is built where it comes from"
    known.faults.deny("ecr:DescribeRegistry", region="us-east-1")
    alone = chain_of(await path(known), NOW).links[0].leading
    assert (alone.standing, alone.word) == (Standing.BROKEN, "no project")
    assert "replica of one in us-east-1 is not checked: ecr:DescribeRegistry is not allowed" in alone.why


async def test_a_project_that_pushes_elsewhere_says_whether_that_exists() -> None:
    there = EnvironmentVariable("REPOSITORY_URI", f"{ACCOUNT}.dkr.ecr.us-east-1.amazonaws.com/pet-web")
    project = a_project("pet-web", variables=(there,), service_role=ROLE)
    repositories = [a_repository("pet-web", "us-east-1")]
    made = chain_of(await path(account(projects=[project], repositories=repositories)), NOW)
    assert made.links[0].leading.word == "pushes elsewhere"
    assert "which exists" in made.links[0].leading.why
    missing = chain_of(await path(account(projects=[project], repositories=[])), NOW)
    assert "which does not exist" in missing.links[0].leading.why
    hidden = account(projects=[project], repositories=repositories)
    hidden.faults.deny("ecr:DescribeRepositories", region="us-east-1")
    assert "which cannot be seen from here" in chain_of(await path(hidden), NOW).links[0].leading.why


async def test_a_missing_repository_that_a_template_creates_is_no_error() -> None:
    template = CreationTemplate("ROOT", ("CREATE_ON_PUSH",))
    made = chain_of(
        await path(account(repositories=[], usages={}, settings=[RegistrySettings(REGION, templates=(template,))])), NOW
    )
    assert made.links[0].leading.word == "created on push"
    assert made.standing is not Standing.BROKEN


async def test_what_runs_from_a_repository_that_is_gone_is_seen() -> None:
    made = chain_of(await path(account(repositories=[])), NOW)
    assert [entry.name for entry in made.parts[3].entries] == ["shop/front"]
    assert made.links[2].standing is Standing.BROKEN


async def test_an_index_and_its_platform_are_one_image() -> None:
    platform = an_image(pushed_at=NOW - 3_600)
    index, text = an_index("production", children={"linux/amd64": platform.digest})
    known = account(
        images={"pet-web": [index, platform]},
        manifests={index.digest: text},
        usages={REGION: Usage((running("production", platform.digest),))},
    )
    assert chain_of(await path(known), NOW).links[2].standing is Standing.OK


async def test_the_log_of_a_build_proves_what_it_made() -> None:
    build_id = "pet-web:00000007"
    lines = [f"main-4f2a91c: digest: {NEW.digest} size: 1234"]
    push = f"The push refers to repository [{a_repository('pet-web').uri}]"
    made = chain_of(await path(account(logs={build_id: [push, *lines]})), NOW)
    newest = next(entry for entry in made.parts[2].entries if entry.digest == NEW.digest)
    assert newest.text.endswith("#7 4f2a91c, proven")


async def test_nothing_of_the_name() -> None:
    made = chain_of(await path(account(), "nothing-here"), NOW)
    assert made.headline == "nothing-here: neither project nor repository"
    assert snippet_values(await path(account(), "nothing-here")) is None
    odd = chain_of(await path(account(), "Not A Name\x1b"), NOW)
    assert odd.standing is Standing.BROKEN


async def test_snippets_are_about_the_image_that_is_meant_or_the_release() -> None:
    parts = await path(account())
    values = snippet_values(parts)
    assert values is not None
    assert values.image is not None
    assert values.image.digest == OLD.digest
    chosen = snippet_values(parts, NEW.digest)
    assert chosen is not None
    assert chosen.image is not None
    assert chosen.image.digest == NEW.digest
