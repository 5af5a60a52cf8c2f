"""Verdicts of Compare."""

from __future__ import annotations

import json
import random
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecrtui.domain.errors import AppError, ErrorKind
from ecrtui.domain.pairing import HEALTHY, LastImage, Pairing, RegionFacts, Side, Verdict, pair
from ecrtui.domain.project import EnvironmentVariable, Project
from ecrtui.domain.registry import CreationTemplate, Destination, PullThroughRule, RegistrySettings, ReplicationRule
from ecrtui.domain.repository import Repository

ACCOUNT = "123456789012"
EAST, WEST = "us-east-1", "eu-west-1"
DENIED = AppError(
    ErrorKind.DENIED, "list the projects", why="not authorized", action="codebuild:ListProjects", remedy="Allow it."
)


def uri(name: str, region: str = EAST, account: str = ACCOUNT) -> str:
    return f"{account}.dkr.ecr.{region}.amazonaws.com/{name}"


def repository(name: str, region: str = EAST) -> Repository:
    return Repository(name, region, ACCOUNT, f"arn:aws:ecr:{region}:{ACCOUNT}:repository/{name}", uri(name, region))


def project(
    name: str, *commands: str, region: str = EAST, buildspec: str = "", privileged: bool = True, **variables: str
) -> Project:
    if commands:
        buildspec = json.dumps({"version": 0.2, "phases": {"build": {"commands": list(commands)}}})
    return Project(
        name,
        region,
        arn=f"arn:aws:codebuild:{region}:{ACCOUNT}:project/{name}",
        buildspec=buildspec,
        privileged=privileged,
        variables=tuple(EnvironmentVariable(key, value) for key, value in variables.items()),
    )


def facts(*rows: Project | Repository, region: str = EAST) -> RegionFacts:
    return RegionFacts(
        region,
        ACCOUNT,
        Side(tuple(row for row in rows if isinstance(row, Project))),
        Side(tuple(row for row in rows if isinstance(row, Repository))),
    )


def only(*rows: Project | Repository, **members: object) -> Pairing:
    (found,) = pair([replace(facts(*rows), **members)])  # type: ignore[arg-type]
    return found


def said(pairing: Pairing) -> str:
    return " | ".join(pairing.evidence)


def test_paired_by_name_when_the_buildspec_cannot_be_seen() -> None:
    for buildspec, words in (
        ("", "buildspec.yml"),
        ("ci/build.yml", "the file ci/build.yml"),
        ("arn:aws:s3:::b/k", "S3 (arn:aws:s3:::b/k)"),
    ):
        found = only(project("pet-web", buildspec=buildspec), repository("pet-web"))
        assert (found.verdict, found.certainty, found.target) == (Verdict.PAIRED, "by-name", None)
        assert words in said(found)
        assert "cannot be seen" in said(found)
        assert found.suggestion == ""


def test_paired_by_evidence() -> None:
    found = only(project("pet-web", f"docker push {uri('pet-web')}:v1"), repository("pet-web"))
    assert (found.verdict, found.certainty) == (Verdict.PAIRED, "proven")
    assert found.target is not None
    assert found.target.repository == "pet-web"
    assert "buildspec line 1 pushes to" in said(found)
    found = only(project("pet-web", IMAGE_REPO_NAME="pet-web"), repository("pet-web"))
    assert (found.verdict, found.certainty) == (Verdict.PAIRED, "proven")
    assert "cannot be seen" in said(found)


def test_missing_repository() -> None:
    found = only(project("api-server"))
    assert (found.verdict, found.suggestion) == (Verdict.MISSING_REPOSITORY, "Create the repository api-server.")
    assert "there is no repository api-server in us-east-1" in said(found)


def test_a_repository_that_a_template_creates_is_not_missing() -> None:
    template = CreationTemplate("ROOT", ("CREATE_ON_PUSH",))
    others = CreationTemplate("team", ("REPLICATION",))
    for registry, verdict in (
        (RegistrySettings("here", templates=(template,)), Verdict.CREATED_ON_PUSH),
        (RegistrySettings("here", templates=(others,)), Verdict.MISSING_REPOSITORY),
        (RegistrySettings("here", unread={"templates": "ecr:X is not allowed"}), Verdict.MISSING_REPOSITORY),
    ):
        found = only(project("api-server"), registry=registry)
        assert found.verdict is verdict
        assert ("is not known: ecr:X" in said(found)) == bool(registry.unread)


def test_no_project() -> None:
    found = only(repository("orphan"))
    assert found.verdict is Verdict.NO_PROJECT
    assert "there is no project orphan" in said(found)


def test_never_pushed_only_where_the_repository_is_known_to_be_empty() -> None:
    rows = (project("pet-web"), repository("pet-web"))
    assert only(*rows).verdict is Verdict.PAIRED
    assert only(*rows, last_images={"pet-web": None}).verdict is Verdict.NEVER_PUSHED
    image = LastImage("sha256:x", "v1", 5.0)
    found = only(*rows, last_images={"pet-web": image})
    assert (found.verdict, found.last_image) == (Verdict.PAIRED, image)


@pytest.mark.parametrize(
    ("maker", "words"),
    [
        (lambda: project("batch-jobs", f"docker push {uri('legacy')}:v1"), "legacy in us-east-1"),
        (lambda: project("batch-jobs", IMAGE_REPO_NAME="legacy"), "variable IMAGE_REPO_NAME is legacy"),
        (lambda: project("batch-jobs", ECR_URI=uri("batch-jobs", WEST)), "in eu-west-1"),
        (lambda: project("batch-jobs", ECR_URI=uri("batch-jobs", account="9" * 12)), "account 999999999999"),
        (lambda: project("batch-jobs", "docker push ghcr.io/acme/batch-jobs"), "ghcr.io/acme/batch-jobs"),
        (lambda: project("batch-jobs", "docker push $URI", URI=f"{uri('batch-jobs')}-v2"), "batch-jobs-v2"),
    ],
)
@pytest.mark.parametrize("with_repository", [True, False])
def test_pushes_elsewhere(maker: object, words: str, with_repository: bool) -> None:
    assert callable(maker)
    rows = (maker(), repository("batch-jobs")) if with_repository else (maker(),)
    found = only(*rows)
    assert (found.verdict, found.certainty) == (Verdict.PUSHES_ELSEWHERE, "proven")
    assert words in said(found)
    assert found.target is not None
    assert found.suggestion


def test_whether_the_target_exists_is_said_where_it_can_be_seen() -> None:
    row = project("batch-jobs", IMAGE_REPO_NAME="legacy")
    there = {one.name: one for one in pair([facts(row, repository("legacy"))])}
    assert "which exists" in said(there["batch-jobs"])
    assert there["legacy"].verdict is Verdict.NO_PROJECT
    assert "project batch-jobs in us-east-1 pushes here" in said(there["legacy"])
    assert "which does not exist" in said(only(row))
    unread = only(row, repositories=Side[Repository]((), False))
    assert unread.verdict is Verdict.PUSHES_ELSEWHERE
    assert "cannot be seen from here" in said(unread)
    away = project("batch-jobs", ECR_URI=uri("legacy", WEST))
    rows = pair([facts(away), facts(repository("legacy", WEST), region=WEST)])
    assert [(one.name, one.region, one.verdict) for one in rows] == [
        ("legacy", WEST, Verdict.NO_PROJECT),
        ("batch-jobs", EAST, Verdict.PUSHES_ELSEWHERE),
    ]
    assert "which exists" in said(rows[1])
    assert "project batch-jobs in us-east-1 pushes here" in said(rows[0])


def test_a_project_that_pushes_to_its_own_and_to_another_is_paired() -> None:
    row = project("pet-web", f"docker push {uri('pet-web')}", f"docker push {uri('pet-web', account='9' * 12)}")
    found = only(row, repository("pet-web"))
    assert (found.verdict, found.certainty) == (Verdict.PAIRED, "proven")
    assert "it also pushes to pet-web in us-east-1 of account 999999999999" in said(found)


def test_a_push_that_depends_on_what_is_not_known_accuses_nobody() -> None:
    found = only(project("pet-web", "docker push $SOMEWHERE:v1"), repository("pet-web"))
    assert (found.verdict, found.certainty) == (Verdict.PAIRED, "by-name")
    assert "depends on SOMEWHERE" in said(found)


@pytest.mark.parametrize("name", ["Pet_Web", "pet___web", "pet-web-"])
def test_projects_that_cannot_name_a_repository(name: str) -> None:
    found = only(project(name))
    assert found.verdict is Verdict.NAME_CANNOT_PAIR
    assert "pet-web" in found.suggestion
    assert f"no repository can be named {name}" in said(found)


@pytest.mark.parametrize("name", ["team/pet-web", "pet.web"])
def test_repositories_that_cannot_name_a_project(name: str) -> None:
    found = only(repository(name))
    assert found.verdict is Verdict.NAME_CANNOT_PAIR
    assert "pet-web" in found.suggestion


def test_near_misses_are_hints_only() -> None:
    found = {one.name: one for one in pair([facts(project("pet-web"), repository("pet_web"))])}
    assert found["pet-web"].verdict is Verdict.MISSING_REPOSITORY
    assert "repository pet_web differs in case or separators only" in said(found["pet-web"])
    assert found["pet_web"].verdict is Verdict.NO_PROJECT
    assert "project pet-web differs in case or separators only" in said(found["pet_web"])


def test_not_a_container_build() -> None:
    assert only(project("lint", "npm test", privileged=False)).verdict is Verdict.NOT_A_CONTAINER_BUILD
    found = only(project("lint", buildspec="buildspec.yml", privileged=False))
    assert (found.verdict, found.certainty) == (Verdict.NOT_A_CONTAINER_BUILD, "by-name")
    assert "privileged mode is off" in said(found)
    assert only(project("web", privileged=False, IMAGE_REPO_NAME="web")).verdict is Verdict.MISSING_REPOSITORY
    kaniko = project("web", f"/kaniko/executor --destination={uri('web')}", privileged=False)
    assert only(kaniko).verdict is Verdict.MISSING_REPOSITORY
    assert only(project("web", privileged=False), repository("web")).verdict is Verdict.PAIRED


def test_the_image_that_a_build_runs_in_is_no_target() -> None:
    row = replace(project("pet-web"), environment_image=uri("build-environment") + ":1")
    assert only(row, repository("pet-web")).verdict is Verdict.PAIRED


def test_an_inline_buildspec_that_cannot_be_read_is_said() -> None:
    found = only(project("pet-web", buildspec="version: 0.2\nphases: [\n"), repository("pet-web"))
    assert (found.verdict, found.certainty) == (Verdict.PAIRED, "by-name")
    assert "cannot be read" in said(found)


def test_a_side_that_could_not_be_read_gives_unknown_with_the_action() -> None:
    found = only(repository("pet-web"), projects=Side[Project]((), False, DENIED))
    assert (found.verdict, found.suggestion) == (Verdict.UNKNOWN, "Allow it.")
    assert "codebuild:ListProjects" in said(found)
    other = AppError(ErrorKind.DENIED, "list the repositories", why="no", action="ecr:DescribeRepositories")
    found = only(project("pet-web"), repositories=Side[Repository]((), False, other))
    assert found.verdict is Verdict.UNKNOWN
    assert "ecr:DescribeRepositories" in said(found)
    assert found.suggestion
    found = only(project("pet-web"), repositories=Side[Repository]((), False))
    assert (found.verdict, "still being read" in said(found)) == (Verdict.UNKNOWN, True)


def test_a_region_that_could_not_be_read_at_all_is_not_passed_over() -> None:
    found = only(projects=Side[Project]((), False, DENIED), repositories=Side[Repository]())
    assert (found.name, found.verdict) == ("", Verdict.UNKNOWN)
    assert "codebuild:ListProjects" in said(found)
    assert pair([facts()]) == ()
    assert pair([replace(facts(), projects=Side[Project]((), False))]) == (), "still loading"


_NAMES = ["pet-web", "pet_web", "Pet-Web", "api", "team/api", "pet.web", "ab", "x--y"]
_PROJECTS = st.builds(
    lambda name, region, command, privileged, variable: project(
        name, *([command] if command else []), region=region, privileged=privileged, **variable
    ),
    st.sampled_from([name for name in _NAMES if "/" not in name and "." not in name]),
    st.sampled_from([EAST, WEST]),
    st.sampled_from(
        ["", "npm test", "docker push $X", f"docker push {uri('pet-web')}", f"docker push {uri('api', WEST)}"]
    ),
    st.booleans(),
    st.sampled_from([{}, {"IMAGE_REPO_NAME": "api"}, {"ECR_URI": uri("pet-web")}, {"X": "y"}]),
)
_REPOSITORIES = st.builds(repository, st.sampled_from(_NAMES), st.sampled_from([EAST, WEST]))


def regions(
    projects: list[Project], repositories: list[Repository], complete: tuple[bool, bool] = (True, True)
) -> list[RegionFacts]:
    return [
        RegionFacts(
            region,
            ACCOUNT,
            Side([one for one in projects if one.region == region], complete[0], None if complete[0] else DENIED),
            Side([one for one in repositories if one.region == region], complete[1], None if complete[1] else DENIED),
        )
        for region in (EAST, WEST)
    ]


_LISTS = (
    st.lists(_PROJECTS, max_size=6, unique_by=lambda one: (one.region, one.name)),
    st.lists(_REPOSITORIES, max_size=6, unique_by=lambda one: (one.region, one.name)),
)


@settings(max_examples=120, deadline=None)
@given(*_LISTS, st.randoms(use_true_random=False))
def test_all_are_there_once_and_in_any_order(
    projects: list[Project], repositories: list[Repository], shuffle: random.Random
) -> None:
    found = pair(regions(projects, repositories))
    assert {one.project for one in found if one.project} == set(projects)
    assert {one.repository for one in found if one.repository} == set(repositories)
    names = {(one.region, one.name) for one in projects} | {(one.region, one.name) for one in repositories}
    assert [(one.region, one.name) for one in found] == sorted(names)
    for row in found:
        assert row.project is None or row.project.name == row.name
        assert row.repository is None or row.repository.name == row.name
        assert row.verdict is not Verdict.UNKNOWN
        assert row.evidence
        assert (row.verdict is Verdict.PAIRED) <= (row.project is not None and row.repository is not None)
        assert bool(row.suggestion) == (row.verdict not in (Verdict.PAIRED, Verdict.NOT_A_CONTAINER_BUILD))
    again = regions(shuffle.sample(projects, len(projects)), shuffle.sample(repositories, len(repositories)))
    assert pair(reversed(again)) == found


@settings(max_examples=120, deadline=None)
@given(*_LISTS, st.tuples(st.booleans(), st.booleans()), st.randoms(use_true_random=False))
def test_what_is_not_known_is_never_held_against_anybody(
    projects: list[Project], repositories: list[Repository], complete: tuple[bool, bool], shuffle: random.Random
) -> None:
    """Rows that are missing because a list is not complete never turn a verdict into another accusation."""
    full = {(one.region, one.name): one for one in pair(regions(projects, repositories))}
    seen_projects = projects if complete[0] else shuffle.sample(projects, len(projects) // 2)
    seen_repositories = repositories if complete[1] else shuffle.sample(repositories, len(repositories) // 2)
    for row in pair(regions(seen_projects, seen_repositories, complete)):
        if not row.name:
            continue
        if not complete[0]:
            assert row.verdict is not Verdict.NO_PROJECT
        if not complete[1]:
            assert row.verdict is not Verdict.MISSING_REPOSITORY
        if row.verdict is not Verdict.UNKNOWN:
            assert row.verdict is full[row.region, row.name].verdict


def test_a_repository_kept_in_a_parameter_is_not_known_and_no_sign_of_nothing() -> None:
    hidden = EnvironmentVariable("IMAGE_REPO_NAME", "/shop/repository", "PARAMETER_STORE")
    found = only(replace(project("pet-web", privileged=False), variables=(hidden,)))
    assert (found.verdict, found.certainty) == (Verdict.MISSING_REPOSITORY, "by-name")
    assert "variable IMAGE_REPO_NAME is in PARAMETER_STORE: its value cannot be seen" in said(found)
    found = only(replace(project("pet-web", f"docker push {uri('other')}"), variables=(hidden,)))
    assert found.verdict is Verdict.PUSHES_ELSEWHERE


# What AWS fills by itself


def copied(*prefixes: str, to: str = WEST, region: str = EAST, **members: object) -> RegistrySettings:
    rule = ReplicationRule((Destination(to, ACCOUNT),), prefixes)
    return RegistrySettings(region, ACCOUNT, (rule,), **members)  # type: ignore[arg-type]


def of_west(name: str, source: RegionFacts, **members: object) -> Pairing:
    """The pairing of a repository in the west, compared beside the east."""
    west = replace(facts(repository(name, WEST), region=WEST), registry=RegistrySettings(WEST), **members)  # type: ignore[arg-type]
    return next(one for one in pair([source, west]) if one.region == WEST)


@pytest.mark.parametrize("name", ["pet-web", "team/pet-web"])
def test_a_replica_needs_no_project(name: str) -> None:
    source = replace(facts(project(name.rpartition("/")[2]), repository(name)), registry=copied("pet-", "team/"))
    found = of_west(name, source)
    assert (found.verdict, found.source, found.suggestion) == (Verdict.REPLICA, EAST, "")
    assert f"the replication rules of us-east-1 copy {name} here" in said(found)
    assert found.verdict in HEALTHY


def test_only_what_a_rule_copies_from_what_is_there_is_a_replica() -> None:
    there = facts(repository("pet-web"))
    assert of_west("dog-web", replace(there, registry=copied("pet-"))).verdict is Verdict.NO_PROJECT
    assert of_west("pet-old", replace(there, registry=copied("pet-"))).verdict is Verdict.NO_PROJECT, (
        "its source is gone"
    )
    assert of_west("pet-web", replace(there, registry=copied(to="eu-north-1"))).verdict is Verdict.NO_PROJECT
    assert of_west("pet-web", replace(there, registry=copied(), account="9" * 12)).verdict is Verdict.NO_PROJECT
    unseen = replace(there, repositories=Side[Repository]((), False, DENIED), registry=copied())
    assert of_west("pet-web", unseen).verdict is Verdict.REPLICA, "a rule that is known outweighs a list that is not"
    pushed = replace(facts(project("pet-web", f"docker push {uri('pet-web', WEST)}"), repository("pet-web")))
    assert of_west("pet-web", replace(pushed, registry=copied())).verdict is Verdict.NO_PROJECT, "a project pushes here"
    own = project("pet-web", region=WEST)
    west = replace(facts(own, repository("pet-web", WEST), region=WEST))
    assert pair([replace(there, registry=copied()), west])[0].verdict is Verdict.PAIRED


def test_rules_that_are_not_known_accuse_nobody() -> None:
    unread = RegistrySettings(EAST, unread={"replication": "ecr:DescribeRegistry is not allowed"})
    found = of_west("pet-web", replace(facts(repository("pet-web")), registry=unread))
    assert found.verdict is Verdict.UNKNOWN
    assert "is not checked: ecr:DescribeRegistry is not allowed" in said(found)
    assert "Allow ecr:DescribeRegistry in us-east-1" in found.suggestion
    assert of_west("dog-web", replace(facts(repository("pet-web")), registry=unread)).verdict is Verdict.NO_PROJECT
    awaited = of_west("pet-web", replace(facts(repository("pet-web")), registry_awaited=True))
    assert (awaited.verdict, awaited.suggestion) == (Verdict.UNKNOWN, ""), "it is still being read"
    alone = replace(facts(repository("pet-web")), registry=RegistrySettings(EAST))
    assert "us-east-1 alone is compared" in said(pair([alone])[0])


def test_a_cache_of_another_registry_needs_no_project() -> None:
    rules = RegistrySettings(EAST, pull_through=(PullThroughRule("hub", "registry-1.docker.io"),))
    found = only(repository("hub/library/nginx"), registry=rules)
    assert (found.verdict, found.source) == (Verdict.CACHE, "registry-1.docker.io")
    assert only(repository("hubble/nginx"), registry=rules).verdict is Verdict.NAME_CANNOT_PAIR
    unread = RegistrySettings(EAST, unread={"pull_through": "ecr:DescribePullThroughCacheRules is not allowed"})
    assert "whether it is a pull-through cache is not checked" in said(only(repository("pet-web"), registry=unread))


def test_a_missing_repository_waits_for_the_creation_templates() -> None:
    waiting = only(project("pet-web"), registry_awaited=True)
    assert (waiting.verdict, waiting.suggestion) == (Verdict.UNKNOWN, "")
    assert "creation templates of us-east-1 are still being read" in said(waiting)
    assert only(project("pet-web"), registry=RegistrySettings(EAST)).verdict is Verdict.MISSING_REPOSITORY
