"""Snippets: each is valid for its tool, says what is so, and no name gets out of its quotes."""

from __future__ import annotations

import json
import shlex
import subprocess
from typing import Any

import botocore.session
import pytest
import yaml
from botocore.validate import ParamValidator
from hypothesis import given, settings
from hypothesis import strategies as st

from ecrtui.domain.image import Image
from ecrtui.domain.permission import PULL_ACTIONS, PUSH_ACTIONS
from ecrtui.domain.project import Project
from ecrtui.domain.pushtargets import push_evidence
from ecrtui.domain.repository import Repository
from ecrtui.domain.snippets import Snippet, SnippetValues, snippets

HOST = "123456789012.dkr.ecr.ap-northeast-2.amazonaws.com"
ARN = "arn:aws:ecr:ap-northeast-2:123456789012:repository/pet-web"
DIGEST = "sha256:" + "7d" * 32
REPOSITORY = Repository("pet-web", "ap-northeast-2", "123456789012", ARN, f"{HOST}/pet-web")
IMAGE = Image(DIGEST, ("latest", "v2.4.1"))
SHELL = [f"{tool}-{verb}" for verb in ("login", "pull", "push") for tool in ("docker", "podman", "finch")]


def made(
    repository: Repository = REPOSITORY, image: Image | None = IMAGE, project: Project | None = None, role: str = ""
) -> dict[str, Snippet]:
    return {one.name: one for one in snippets(SnippetValues(repository, image, project, role))}


def named(name: str, uri: str = "", **others: Any) -> Repository:
    arn = f"arn:aws:ecr:ap-northeast-2:123456789012:repository/{name}"
    return Repository(name, "ap-northeast-2", "123456789012", arn, uri or f"{HOST}/{name}", **others)


# The buildspec


def test_the_buildspec_is_yaml_that_logs_in_checks_and_pushes() -> None:
    spec = yaml.safe_load(made()["buildspec"].text)
    assert spec["version"] == 0.2
    assert spec["env"] == {"shell": "bash", "variables": {"REGISTRY": HOST, "REPOSITORY": "pet-web"}}
    phases = {name: phase["commands"] for name, phase in spec["phases"].items()}
    assert all(isinstance(line, str) for lines in phases.values() for line in lines)
    assert any("get-login-password" in line and "docker login" in line for line in phases["pre_build"])
    assert any("$CODEBUILD_RESOLVED_SOURCE_VERSION" in line and "TAG=main-" in line for line in phases["pre_build"])
    check, push = phases["post_build"]
    assert "CODEBUILD_BUILD_SUCCEEDING" in check
    assert push.startswith("docker push")


def test_the_buildspec_pushes_where_the_path_wants_it_by_our_own_reading() -> None:
    for name in ("pet-web", "team/pet-web", "0123"):
        text = made(named(name))["buildspec"].text
        seen = push_evidence(Project(name, "ap-northeast-2", buildspec=text), "123456789012")
        assert not seen.buildspec.problems
        (target,) = seen.targets
        assert target.reference is not None
        place = (target.reference.registry_id, target.reference.region, target.reference.repository)
        assert place == ("123456789012", "ap-northeast-2", name)


@pytest.mark.parametrize(
    ("project", "tag"),
    [
        (Project("x", "r", source_version="refs/heads/release"), "TAG=release-$(echo"),
        (Project("x", "r", source_version="feature/x$(id)"), "TAG=feature-x-id-$(echo"),
        (Project("x", "r", source_version="4f2a91c00"), "TAG=main-$(echo"),
        (Project("x", "r", source_version="pr/12"), "TAG=main-$(echo"),
        (Project("x", "r", source_type="S3"), "TAG=build-$CODEBUILD_BUILD_NUMBER"),
    ],
)
def test_the_tag_comes_from_the_commit_where_there_is_one(project: Project, tag: str) -> None:
    lines = yaml.safe_load(made(project=project)["buildspec"].text)["phases"]["pre_build"]["commands"]
    assert any(line.startswith(tag) for line in lines)


# Commands


@pytest.mark.parametrize("tool", ["docker", "podman", "finch"])
def test_each_tool_logs_in_pulls_and_pushes(tool: str) -> None:
    all_ = made()
    login = shlex.split(all_[f"{tool}-login"].text)
    assert login[:3] == ["aws", "ecr", "get-login-password"]
    assert login[login.index("--region") + 1] == "ap-northeast-2"
    assert login[-1] == HOST
    assert login[login.index("|") + 1] == tool
    assert shlex.split(all_[f"{tool}-pull"].text) == [tool, "pull", f"{HOST}/pet-web:v2.4.1"]
    _, build, push = all_[f"{tool}-push"].text.splitlines()
    assert shlex.split(build) == [tool, "build", "-t", f"{HOST}/pet-web:$TAG", "."]
    assert shlex.split(push) == [tool, "push", f"{HOST}/pet-web:$TAG"]


@pytest.mark.parametrize("name", SHELL)
def test_a_shell_reads_every_command(name: str) -> None:
    assert subprocess.run(["sh", "-n", "-c", made()[name].text], capture_output=True, check=False).stderr == b""


# Running it


def judged(service: str, operation: str, parameters: dict[str, Any]) -> str:
    """What botocore says against these parameters; its App Runner model has the patterns too."""
    model = botocore.session.get_session().get_service_model(service)
    shape = model.operation_model(operation).input_shape
    return str(ParamValidator().validate(parameters, shape).generate_report())


def test_a_container_definition_by_tag_and_by_digest() -> None:
    all_ = made(named("team/pet.web"))
    for name, image in (("ecs-tag", ":v2.4.1"), ("ecs-digest", f"@{DIGEST}")):
        definition = json.loads(all_[name].text)
        assert definition["name"] == "team-pet-web"
        assert definition["image"] == f"{HOST}/team/pet.web{image}"
        assert judged("ecs", "RegisterTaskDefinition", {"family": "x", "containerDefinitions": [definition]}) == ""


@pytest.mark.parametrize(("tags", "follows"), [(("v2.4.1",), False), (("production",), True), ((), False)])
def test_an_apprunner_source_follows_a_tag_only_where_it_moves(tags: tuple[str, ...], follows: bool) -> None:
    role = "arn:aws:iam::123456789012:role/apprunner"
    source = json.loads(made(image=Image(DIGEST, tags), role=role)["apprunner"].text)
    assert judged("apprunner", "CreateService", {"ServiceName": "pet-web", "SourceConfiguration": source}) == ""
    assert source["AutoDeploymentsEnabled"] is follows
    assert source["AuthenticationConfiguration"]["AccessRoleArn"] == role
    expected = f":{tags[0]}" if tags else f"@{DIGEST}"
    assert source["ImageRepository"]["ImageIdentifier"] == f"{HOST}/pet-web{expected}"


# Policies


@pytest.mark.parametrize(
    ("name", "actions"),
    [
        ("push-policy", (*PUSH_ACTIONS, "ecr:GetDownloadUrlForLayer")),
        ("pull-policy", (*PULL_ACTIONS, "ecr:BatchCheckLayerAvailability")),
    ],
)
def test_a_policy_allows_the_login_everywhere_and_the_rest_here(name: str, actions: tuple[str, ...]) -> None:
    policy = json.loads(made()[name].text)
    assert policy["Version"] == "2012-10-17"
    login, rest = policy["Statement"]
    assert (login["Action"], login["Resource"]) == ("ecr:GetAuthorizationToken", "*")
    assert (rest["Action"], rest["Resource"]) == (list(actions), ARN)


# What cannot be made


def test_without_an_image_what_names_one_is_refused_and_the_rest_is_there() -> None:
    all_ = made(image=None)
    refused = {name for name, one in all_.items() if one.refusal}
    assert refused == {"docker-pull", "podman-pull", "finch-pull", "ecs-tag", "ecs-digest", "apprunner"}
    assert all(bool(one.text) != bool(one.refusal) for one in all_.values())


def test_a_tag_that_tools_do_not_take_makes_room_for_the_digest() -> None:
    all_ = made(image=Image(DIGEST, ("日本語", "$(id)")))
    assert shlex.split(all_["docker-pull"].text)[-1] == f"{HOST}/pet-web@{DIGEST}"
    assert "digest" in all_["ecs-tag"].refusal


HOSTILE = st.text(alphabet="ab$`\"'\\\n\t ;|&(){}<>:@/.-_\x1b\u202e#!", min_size=1, max_size=30)


@settings(max_examples=150, deadline=None)
@given(name=HOSTILE, host=HOSTILE, tag=HOSTILE, digest=HOSTILE, version=HOSTILE, region=HOSTILE)
def test_no_name_gets_out_of_its_quotes(name: str, host: str, tag: str, digest: str, version: str, region: str) -> None:
    """Only what the values may hold stands between the words of ours."""
    for repository in (
        named(name),
        named("pet-web", f"{host}/pet-web"),
        Repository("pet-web", region, "1", f"arn:aws:ecr:x:1:repository/{name}", f"{HOST}/pet-web"),
    ):
        project = Project("x", "r", source_version=version)
        for one in made(repository, Image(digest, (tag,)), project).values():
            if one.refusal:
                assert one.text == ""
            elif one.language == "json":
                json.loads(one.text)
            elif one.language == "yaml":
                assert set(yaml.safe_load(one.text)) == {"version", "env", "phases"}
                assert not set(one.text) & set("`;&\x1b\u202e\t")
            else:
                assert not set(one.text.replace("2>&1", "")) & set("`;&\x1b\u202e\t")
                assert one.text.count("\n") in (1, 3)
