"""Buildspecs, and where their commands push to."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecrtui.domain.buildspec import BuildspecKind, kind_of, parse_buildspec
from ecrtui.domain.project import EnvironmentVariable, Project
from ecrtui.domain.pushtargets import PushEvidence, push_evidence
from ecrtui.domain.shell import joined_commands

ACCOUNT = "123456789012"
HOST = f"{ACCOUNT}.dkr.ecr.us-east-1.amazonaws.com"

SAMPLE = """\
version: 0.2
env: {shell: bash}
phases:
  pre_build:
    commands:
      - set -o pipefail
      - AWS_ACCOUNT_ID=${AWS_ACCOUNT_ID:-$(echo "$CODEBUILD_BUILD_ARN" | cut -d: -f5)}
      - REGISTRY=$AWS_ACCOUNT_ID.dkr.ecr.$AWS_DEFAULT_REGION.amazonaws.com
      - REPOSITORY_URI=$REGISTRY/${IMAGE_REPO_NAME:-pet-web}
      - IMAGE_TAG=main-$(echo "$CODEBUILD_RESOLVED_SOURCE_VERSION" | cut -c1-7)
      - aws ecr get-login-password --region $AWS_DEFAULT_REGION | docker login --username AWS --password-stdin $REGISTRY
  build:
    on-failure: ABORT
    commands:
      - docker build -t $REPOSITORY_URI:$IMAGE_TAG .
  post_build:
    commands:
      - docker push $REPOSITORY_URI:$IMAGE_TAG
"""
"""The buildspec of the domain reference, section 6."""


def spec(*commands: str, env: str = "") -> str:
    lines = "\n".join(f"      - {json.dumps(command)}" for command in commands)
    return f"version: 0.2\n{env}phases:\n  build:\n    commands:\n{lines}\n"


def evidence(buildspec: str, *variables: tuple[str, str], kind: str = "PLAINTEXT") -> PushEvidence:
    project = Project(
        "pet-web",
        "us-east-1",
        arn=f"arn:aws:codebuild:us-east-1:{ACCOUNT}:project/pet-web",
        buildspec=buildspec,
        variables=tuple(EnvironmentVariable(name, value, kind) for name, value in variables),
    )
    return push_evidence(project)


def places(found: PushEvidence) -> list[str]:
    return [
        f"{target.reference.host}/{target.reference.repository}"
        if target.reference
        else "?" + ",".join(target.unresolved)
        for target in found.pushes
    ]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("", BuildspecKind.DEFAULT),
        ("  \n", BuildspecKind.DEFAULT),
        ("ci/buildspec.yml", BuildspecKind.FILE),
        ("arn:aws:s3:::bucket/specs/buildspec.yml", BuildspecKind.S3),
        ("arn:aws-cn:s3:::bucket/x", BuildspecKind.S3),
        (SAMPLE, BuildspecKind.INLINE),
        ('{"version": 0.2}', BuildspecKind.INLINE),
        ("version: 0.2", BuildspecKind.INLINE),
    ],
)
def test_kinds(text: str, kind: BuildspecKind) -> None:
    assert kind_of(text) is kind
    assert parse_buildspec(text).kind is kind


def test_commands_in_the_order_they_run_with_their_lines() -> None:
    text = (
        "version: 0.2\n"
        "env:\n  variables: {A: b, N: 1}\n  parameter-store: {P: /p}\n  secrets-manager: {S: 's:x'}\n"
        "phases:\n"
        "  build:\n    commands:\n      - |\n        one\n        two \\\n          goes on\n        three\n"
        "    finally: [last]\n"
        "  install: {commands: first}\n"
    )
    found = parse_buildspec(text)
    assert [(one.phase, one.line, " ".join(one.text.split())) for one in found.commands] == [
        ("install", 15, "first"),
        ("build", 10, "one"),
        ("build", 11, "two goes on"),
        ("build", 13, "three"),
        ("build", 14, "last"),
    ]
    assert found.variables == (("A", "b"), ("N", "1"))
    assert found.hidden == ("P", "S")
    assert found.problems == ()


def test_the_reference_buildspec_pushes_to_its_own_repository() -> None:
    found = evidence(SAMPLE)
    assert places(found) == [f"{HOST}/pet-web"]
    assert found.pushes[0].line == 18
    assert found.runs_containers
    assert places(evidence(SAMPLE, ("IMAGE_REPO_NAME", "other"))) == [f"{HOST}/other"]
    elsewhere = evidence(SAMPLE, ("AWS_ACCOUNT_ID", "999999999999"))
    assert places(elsewhere) == [f"{HOST.replace(ACCOUNT, '9' * 12)}/pet-web"]


URI = f"{HOST}/pet-web"


@pytest.mark.parametrize(
    ("commands", "found"),
    [
        (["docker push " + URI], [URI]),
        (["docker push --quiet " + URI + ":v1"], [URI]),
        (["sudo docker --config /x image push " + URI], [URI]),
        (["podman push localhost/pet-web docker://" + URI + ":v1"], [URI]),
        (["export URI=" + URI, 'docker push "$URI:$TAG"'], [URI]),
        (["A=pet B=web", "R=" + HOST + "/$A-${B}; docker push $R && docker push $R:latest"], [URI, URI]),
        (["if true; then docker push " + URI + "; else docker push other; fi"], [URI, "docker.io/library/other"]),
        (["for t in a b; do docker push " + URI + ":$t; done"], [URI]),
        (['bash -c "docker push ' + URI + '"'], [URI]),
        (["docker buildx build --push -t " + URI + ":v1 --tag=" + URI + ":latest ."], [URI, URI]),
        (["docker build --output type=image,name=" + URI + ",push=true ."], [URI]),
        (["docker buildx build -t " + URI + " ."], []),
        (["docker buildx imagetools create -t " + URI + ":prod " + URI + ":v1"], [URI]),
        (["docker buildx bake --push"], ["?the bake file"]),
        (["docker compose push", "docker-compose push web"], ["?the compose file", "?the compose file"]),
        (["/kaniko/executor --context . --destination=" + URI + ":v1 -d " + URI], [URI, URI]),
        (["skopeo copy oci:x docker://" + URI + ":v1", "crane push x.tar " + URI], [URI, URI]),
        (["docker push $NOWHERE/pet-web:$TAG"], ["?NOWHERE,TAG"]),
        (["docker push $(cat image.txt)"], ["?$(cat image.txt)"]),
        (["URI=$(make name)", "docker push $URI:v1"], ["?URI"]),
        (["URI=`make name`", "docker push ${URI}"], ["?URI"]),
        (
            [
                "ID=$(aws sts get-caller-identity --query Account --output text)",
                "docker push $ID.dkr.ecr.us-east-1.amazonaws.com/pet-web",
            ],
            [URI],
        ),
        (["docker push " + HOST + "/${CODEBUILD_BUILD_ID%:*}"], [URI]),
        (["docker push " + HOST + "/$(echo $CODEBUILD_BUILD_ID | cut -d: -f1)"], [URI]),
        (["echo docker push " + URI, "# docker push " + URI, "git push origin main"], []),
        (["docker push " + URI + " 2>&1 | tee log"], [URI]),
    ],
)
def test_push_commands(commands: list[str], found: list[str]) -> None:
    assert places(evidence(spec(*commands))) == found


def test_what_parameter_store_holds_is_not_known() -> None:
    text = spec("docker push $URI:v1", env="env:\n  variables: {URI: known}\n  parameter-store: {URI: /uri}\n")
    assert places(evidence(text)) == ["?URI"]
    assert places(evidence(spec("docker push $URI:v1"), ("URI", "/uri"), kind="PARAMETER_STORE")) == ["?URI"]


def test_project_variables_win_over_the_buildspecs() -> None:
    text = spec("docker push $URI:v1", env=f"env:\n  variables: {{URI: {HOST}/one}}\n")
    assert places(evidence(text)) == [f"{HOST}/one"]
    assert places(evidence(text, ("URI", f"{HOST}/two"))) == [f"{HOST}/two"]


def test_an_image_that_is_tagged_but_not_seen_pushed_is_meant() -> None:
    found = evidence(spec(f"docker tag x {URI}:v1", "./push.sh"))
    assert places(found) == []
    assert [target.reference.repository for target in found.meant if target.reference] == ["pet-web"]


def test_secrets_of_a_command_are_not_quoted() -> None:
    found = evidence(spec(f"docker buildx build --build-arg TOKEN=hunter2 --push -t {URI} ."))
    assert "hunter2" not in found.pushes[0].evidence


@pytest.mark.parametrize(
    ("variables", "names"),
    [
        ([("IMAGE_REPO_NAME", "pet-web")], [("pet-web", ACCOUNT, "us-east-1")]),
        ([("IMAGE_REPO_NAME", "team/other:v1")], [("team/other", ACCOUNT, "us-east-1")]),
        ([("IMAGE_REPO_NAME", "x"), ("AWS_DEFAULT_REGION", "eu-west-1")], [("x", ACCOUNT, "eu-west-1")]),
        ([("IMAGE_REPO_NAME", "x"), ("AWS_ACCOUNT_ID", "9" * 12)], [("x", "9" * 12, "us-east-1")]),
        (
            [("IMAGE_REPO_NAME", "x"), ("ECR_REGISTRY", HOST.replace("us-east-1", "eu-west-1"))],
            [("x", ACCOUNT, "eu-west-1")],
        ),
        ([("ECR_URI", URI)], [("pet-web", ACCOUNT, "us-east-1")]),
        ([("REPOSITORY_URI", f"https://{URI}")], [("pet-web", ACCOUNT, "us-east-1")]),
        ([("ANYTHING", f"{URI}:v1")], [("pet-web", ACCOUNT, "us-east-1")]),
        (
            [("URI", "$AWS_ACCOUNT_ID.dkr.ecr.${AWS_REGION}.amazonaws.com/$N"), ("N", "a/b")],
            [("a/b", ACCOUNT, "us-east-1")],
        ),
        ([("BASE_IMAGE", f"{HOST}/base:1"), ("CACHE_FROM", f"{HOST}/cache")], []),
        ([("PINNED", f"{URI}@sha256:{'a' * 64}")], []),
        ([("TOKEN", "abc"), ("URL", "https://example.com/x"), ("IMAGE", "node:20")], []),
        ([("IMAGE_REPO_NAME", "$UNKNOWN")], [None]),
    ],
)
def test_variables(variables: list[tuple[str, str]], names: list[tuple[str, str, str] | None]) -> None:
    found = [
        (one.reference.repository, one.reference.registry_id, one.reference.region) if one.reference else None
        for one in evidence("buildspec.yml", *variables).meant
    ]
    assert found == names


HOSTILE = {
    "billion laughs": "a: &a [x]\n"
    + "".join(f"{b}: &{b} [*{a},*{a},*{a},*{a}]\n" for a, b in zip("abcdefgh", "bcdefghi", strict=True))
    + "phases:\n  build:\n    commands: *i\n",
    "anchor of itself": "phases: &p\n  build:\n    commands: &c [*c, *p]\n",
    "deep flow": "version: 0.2\nphases: " + "[" * 50_000,
    "deep block": "version: 0.2\nphases:\n" + "".join(" " * depth + "- \n" for depth in range(1, 200)),
    "many dashes": "version: 0.2\n" + "- " * 50_000,
    "python tag": "version: 0.2\nphases: !!python/object/apply:os.system ['true']\n",
    "unknown tag": "version: 0.2\nphases: {build: {commands: [!secret x]}}\n",
    "duplicate": "version: 0.2\nphases: {build: {commands: [a], commands: [b]}}\n",
    "control": "version: 0.2\nphases: \x00\n",
    "surrogate": "version: 0.2\nphases: \ud800\n",
    "not a mapping": "version:\n---\n- x\n",
    "list": "- a\n- b\n",
    "cut": "version: 0.2\nphases: {build: {commands: [a\n",
    "no phases": "version: 0.2\nbuild: x\n",
    "phases text": "version: 0.2\nphases: build\n",
    "commands mapping": "version: 0.2\nphases: {build: {commands: {a: b}}}\n",
    "too long": "version: 0.2\n" + "#" * 300_000,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_yaml_is_a_problem_and_no_more(name: str) -> None:
    found = parse_buildspec(HOSTILE[name])
    assert found.problems
    assert len(found.commands) < 100


def test_variables_that_double_do_not_grow_without_bound() -> None:
    found = evidence(spec("A=0123456789", *["A=$A$A"] * 60, "docker push $A"))
    assert len(found.pushes[0].evidence) < 1_000


def test_json_buildspecs() -> None:
    text = json.dumps({"version": "0.2", "phases": {"build": {"commands": [f"docker push {URI}"]}}}, indent="\t")
    assert places(evidence(text)) == [URI]


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet="ab $(){}'\"`;&|#\\\n=-:/X", max_size=80))
def test_any_shell_text_ends(text: str) -> None:
    for words, _ in joined_commands(text):
        assert words
    push_evidence(Project("a", "us-east-1", buildspec=spec(text, "docker push $X", f"docker push {text}")))


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=200))
def test_any_text_is_read(text: str) -> None:
    found = parse_buildspec("version: 0.2\nphases:\n" + text)
    assert found.kind is BuildspecKind.INLINE
