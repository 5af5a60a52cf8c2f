"""The audit of buildspecs: each check on a buildspec that has the fault, and on one that has not."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ecrtui.domain.buildspec import parse_buildspec, parse_stored_buildspec
from ecrtui.domain.buildspec_audit import CHECKS, BuildspecFinding, audit_buildspec, not_audited
from ecrtui.domain.buildspec_audit.secrets import is_secret
from ecrtui.domain.project import EnvironmentVariable, Project
from ecrtui.domain.repository import Repository

ACCOUNT = "123456789012"
REGION = "eu-central-1"
HOST = f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com"
LOGIN = f"aws ecr get-login-password --region {REGION} | docker login --username AWS --password-stdin {HOST}"
TAG = "main-$(echo $CODEBUILD_RESOLVED_SOURCE_VERSION | cut -c1-7)"
PUSH = f"docker push {HOST}/pet-web:$IMAGE_TAG"
GOOD = (f"IMAGE_TAG={TAG}", LOGIN, f"docker build -t {HOST}/pet-web:$IMAGE_TAG .", PUSH)


def a_project(*commands: str, phase: str = "build", **given: Any) -> Project:
    """A project whose inline buildspec has these commands, from line 5 on."""
    lines = ["version: 0.2", "phases:", f"  {phase}:", "    commands:", *(f"      - |-\n        {c}" for c in commands)]
    arn = f"arn:aws:codebuild:{REGION}:{ACCOUNT}:project/pet-web"
    values = {"privileged": True, "environment_type": "LINUX_CONTAINER", "source_type": "GITHUB", **given}
    return Project("pet-web", REGION, arn, buildspec="\n".join(lines), **values)


def a_repository(mutability: str = "MUTABLE", *exclusions: str) -> Repository:
    """The repository that the project pushes to."""
    arn = f"arn:aws:ecr:{REGION}:{ACCOUNT}:repository/pet-web"
    return Repository("pet-web", REGION, ACCOUNT, arn, f"{HOST}/pet-web", None, mutability, exclusions)


def audited(project: Project, repository: Repository | None = None) -> tuple[BuildspecFinding, ...]:
    """What is found."""
    return audit_buildspec(project, parse_buildspec(project.buildspec), repository)


def ids(project: Project, repository: Repository | None = None) -> list[str]:
    """The checks that find something."""
    return [finding.check_id for finding in audited(project, repository)]


def test_a_good_buildspec_has_no_fault() -> None:
    assert audited(a_project(*GOOD), a_repository("IMMUTABLE")) == ()


REFERENCE = """version: 0.2
env: {shell: bash}
phases:
  pre_build:
    commands:
      - set -o pipefail
      - "AWS_ACCOUNT_ID=${AWS_ACCOUNT_ID:-$(echo $CODEBUILD_BUILD_ARN | cut -d: -f5)}"
      - REGISTRY=$AWS_ACCOUNT_ID.dkr.ecr.$AWS_DEFAULT_REGION.amazonaws.com
      - REPOSITORY_URI=$REGISTRY/${IMAGE_REPO_NAME:-pet-web}
      - IMAGE_TAG=main-$(echo "$CODEBUILD_RESOLVED_SOURCE_VERSION" | cut -c1-7)
      - aws ecr get-login-password --region $AWS_DEFAULT_REGION |
          docker login --username AWS --password-stdin $REGISTRY
  build:
    on-failure: ABORT
    commands:
      - docker build -t $REPOSITORY_URI:$IMAGE_TAG .
  post_build:
    commands:
      - docker push $REPOSITORY_URI:$IMAGE_TAG
"""


def test_the_buildspec_of_the_reference_has_no_fault() -> None:
    assert audited(replace(a_project(), buildspec=REFERENCE), a_repository("IMMUTABLE")) == ()


def test_lines_are_those_of_the_buildspec() -> None:
    without = REFERENCE.replace("    on-failure: ABORT\n", "")
    (finding,) = audited(replace(a_project(), buildspec=without))
    assert (finding.check_id, finding.severity, finding.line) == ("push-after-failure", "warn", 18)
    assert without.splitlines()[17].strip() == "- docker push $REPOSITORY_URI:$IMAGE_TAG"


OTHER = "999999999999.dkr.ecr.eu-central-1.amazonaws.com"
FAULTS: list[tuple[str, Project, Repository | None]] = [
    ("privileged-mode", a_project(*GOOD, privileged=False), None),
    ("lambda-compute", a_project(*GOOD, privileged=False, environment_type="LINUX_LAMBDA_CONTAINER"), None),
    ("no-login", a_project(GOOD[0], *GOOD[2:]), None),
    ("no-login", a_project(GOOD[0], *GOOD[2:], LOGIN), None),
    ("no-login", a_project(f"docker pull {HOST}/base:1", *GOOD), None),
    ("no-login", a_project(GOOD[0], f"docker buildx build --push -t {HOST}/pet-web:$IMAGE_TAG ."), None),
    ("login-elsewhere", a_project(GOOD[0], f"docker login -u AWS --password-stdin {OTHER}", *GOOD[2:]), None),
    ("login-elsewhere", a_project(GOOD[0], LOGIN.replace(f"region {REGION}", "region us-east-1"), *GOOD[2:]), None),
    ("get-login", a_project("$(aws ecr get-login --no-include-email --region eu-central-1)", *GOOD), None),
    ("get-login", a_project("eval `aws --region x ecr get-login`", *GOOD), None),
    ("pushes-elsewhere", a_project(GOOD[0], LOGIN, f"docker push {HOST}/other:$IMAGE_TAG"), None),
    ("push-after-failure", replace(a_project(), buildspec=REFERENCE.replace("ABORT", "CONTINUE")), None),
    ("only-latest", a_project(LOGIN, f"docker push {HOST}/pet-web"), None),
    ("only-latest", a_project("T=latest", LOGIN, f"docker push {HOST}/pet-web:${{T}}"), None),
    ("fixed-tag", a_project(*GOOD, f"docker push {HOST}/pet-web:v1"), a_repository("IMMUTABLE")),
    ("fixed-tag", a_project(*GOOD, f"docker push {HOST}/pet-web:v1"), a_repository("IMMUTABLE_WITH_EXCLUSION", "l*")),
    ("no-source-version", a_project(*GOOD, source_type="S3"), None),
    ("plaintext-secret", a_project(*GOOD, variables=(EnvironmentVariable("DB_PASSWORD", "hunter22"),)), None),
    ("secret-in-command", a_project(*GOOD[:3], "docker build --build-arg NPM_TOKEN=$NPM_TOKEN .", PUSH), None),
    ("secret-in-command", a_project(*GOOD, "docker login -u me -p hunter22"), None),
    ("secret-in-command", a_project(*GOOD, "export API_KEY=hunter22"), None),
    ("docker-hub-limit", a_project(*GOOD, "docker pull python:3.12"), None),
    ("docker-hub-limit", a_project("docker run --rm -v $PWD:/w node:20 npm test", *GOOD), None),
    ("docker-hub-limit", a_project("docker build --build-arg BASE_IMAGE=alpine:3 .", *GOOD), None),
    ("masked-failure", a_project(*GOOD[:3], f"{PUSH} || true"), None),
    ("masked-failure", a_project(*GOOD[:3], f"{PUSH} 2>&1 | tee push.log"), None),
    ("masked-failure", a_project(*GOOD[:3], f"{PUSH} && echo ok || echo failed"), None),
    ("masked-failure", a_project(*GOOD[:3], f"{PUSH}; echo done"), None),
    ("account-undefined", a_project(*GOOD, "echo $AWS_ACCOUNT_ID"), None),
    ("one-platform", a_project(*GOOD, environment_type="ARM_CONTAINER"), None),
]


@pytest.mark.parametrize(("check", "project", "repository"), FAULTS)
def test_a_fault_is_found_alone(check: str, project: Project, repository: Repository | None) -> None:
    findings = audited(project, repository)
    assert [finding.check_id for finding in findings] == [check]
    assert findings[0].severity == CHECKS[check]
    assert findings[0].remedy.endswith((".", "$IMAGE_TAG", HOST))
    assert (findings[0].line is None) == (check == "plaintext-secret")


def test_every_check_has_an_example() -> None:
    assert {check for check, *_ in FAULTS} | {"unreadable"} == set(CHECKS)


RIGHT: list[tuple[Project, Repository | None]] = [
    (a_project(*GOOD, privileged=False, docker_server=True), None),
    (a_project("export DOCKER_HOST=tcp://build:2375", *GOOD, privileged=False), None),
    (a_project("/kaniko/executor --destination " + f"{HOST}/pet-web:$IMAGE_TAG", privileged=False), None),
    (a_project("REGISTRY=$(cat registry)", GOOD[0], "docker login -u AWS --password-stdin $REGISTRY", *GOOD[2:]), None),
    (a_project("mkdir -p ~/.docker && echo '{\"credHelpers\": {}}' > ~/.docker/config.json", *GOOD[2:]), None),
    (a_project(*GOOD, f"docker push {HOST}/cache:$IMAGE_TAG"), None),
    (a_project(*GOOD, f"docker push {HOST}/pet-web:latest"), a_repository("IMMUTABLE_WITH_EXCLUSION", "latest*")),
    (a_project(*GOOD, "docker build --build-arg VERSION=1.2.3 --build-arg SECRET_NAME=x ."), None),
    (a_project("docker login -u me --password-stdin", "docker pull python:3.12", *GOOD), None),
    (a_project("docker run public.ecr.aws/docker/library/node:20 npm test", *GOOD), None),
    (a_project(*GOOD[:3], f"{PUSH} || {{ echo failed; exit 1; }}"), None),
    (a_project(*GOOD[:3], f"set -o pipefail; {PUSH} | tee push.log"), None),
    (a_project(*GOOD[:3], f"if ! {PUSH}; then echo failed; fi"), None),
    (a_project(*GOOD[:3], f"{PUSH} > /dev/null 2>&1"), None),
    (a_project("AWS_ACCOUNT_ID=$(cat account)", "echo ${AWS_ACCOUNT_ID}", *GOOD), None),
    (a_project("echo ${AWS_ACCOUNT_ID:-none}", *GOOD), None),
    (a_project("echo $AWS_ACCOUNT_ID", *GOOD, variables=(EnvironmentVariable("AWS_ACCOUNT_ID", ACCOUNT),)), None),
    (a_project(*GOOD, variables=(EnvironmentVariable("DB_PASSWORD", "/db/pw", "PARAMETER_STORE"),)), None),
    (a_project("docker buildx create --use", "npm test", privileged=False), None),
    (
        a_project(GOOD[0], LOGIN, GOOD[2].replace("build -t", "build --platform linux/arm64 -t"), PUSH),
        None,
    ),
]


@pytest.mark.parametrize(("project", "repository"), RIGHT)
def test_what_is_right_is_not_found(project: Project, repository: Repository | None) -> None:
    assert audited(project, repository) == ()


def test_a_script_may_have_logged_in() -> None:
    (finding,) = audited(a_project("./scripts/login.sh", GOOD[0], *GOOD[2:]))
    assert (finding.check_id, finding.severity) == ("no-login", "warn")
    assert "./scripts/login.sh" in finding.sentence


SECRETS = ("hunter22hunter22", "AKIAIOSFODNN7EXAMPLE", "s3cr3t/with+signs==")


@pytest.mark.parametrize("secret", SECRETS)
def test_no_finding_repeats_a_secret(secret: str) -> None:
    text = f"""version: 0.2
env:
  variables:
    HARMLESS: x
    githubToken: {secret}
phases:
  build:
    commands:
      - docker login -u me -p {secret}
      - docker build --build-arg DB_PASSWORD={secret} .
      - export MY_SECRET="{secret}"
"""
    variables = (EnvironmentVariable("API_TOKEN", secret), EnvironmentVariable("MY_SECRET_ARN", "arn:aws:x"))
    findings = audited(replace(a_project(), buildspec=text, variables=variables))
    found = [(finding.check_id, finding.line) for finding in findings]
    assert found == [
        ("plaintext-secret", None),
        ("plaintext-secret", 5),
        ("secret-in-command", 9),
        ("secret-in-command", 10),
        ("secret-in-command", 11),
    ]
    assert secret not in repr(findings)


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("DB_PASSWORD", "x1y2z3", True),
        ("dbPassword", "x1y2z3", True),
        ("npm-token", "x1y2z3", True),
        ("DB_PWD", "x1y2z3", True),
        ("PLAIN", "https://me:hunter22@example.test/", True),
        ("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE", True),
        ("KEY", "-----BEGIN RSA PRIVATE KEY-----", True),
        ("PWD", "x1y2z3", False),
        ("DB_PASSWORD", "", False),
        ("DB_PASSWORD", "$OTHER", False),
        ("DB_PASSWORD", "/prod/db/password", False),
        ("DB_PASSWORD_LENGTH", "16", False),
        ("SECRET_ARN", "abc", False),
        ("TOKEN_URL", "https://example.test/token", False),
        ("USE_TOKEN", "true", False),
        ("TOKENIZER", "bert", False),
        ("COMPASS", "north", False),
    ],
)
def test_what_counts_as_a_secret(name: str, value: str, expected: bool) -> None:
    assert is_secret(name, value) == expected


def test_a_buildspec_that_codebuild_refuses() -> None:
    text = "version: 0.2\nphases:\n  build:\n    commands:\n      - echo a: b\n      - echo\nversion: 0.2\n"
    findings = audited(replace(a_project(), buildspec=text))
    assert [(finding.check_id, finding.severity, finding.line) for finding in findings] == [
        ("unreadable", "error", 5),
        ("unreadable", "warn", 7),
    ]


def test_what_cannot_be_seen_is_said_and_the_project_is_judged() -> None:
    variables = (EnvironmentVariable("DB_PASSWORD", "hunter22"),)
    for text, reason in (
        ("", "buildspec.yml"),
        ("ci/build.yml", "ci/build.yml"),
        ("arn:aws:s3:::bucket/spec.yml", "arn:aws:s3:::bucket/spec.yml"),
        ("version: 0.2\nphases: {}", "no commands"),
    ):
        project = replace(a_project(), buildspec=text, variables=variables)
        assert reason in not_audited(parse_buildspec(text))
        assert "plaintext-secret" in ids(project)
    assert not_audited(parse_buildspec(REFERENCE)) == ""


def test_a_stored_buildspec_is_audited_as_an_inline_one() -> None:
    project = replace(a_project(), buildspec="arn:aws:s3:::bucket/spec.yml")
    spec = parse_stored_buildspec(project.buildspec, REFERENCE.replace("ABORT", "CONTINUE"))
    assert not_audited(spec) == ""
    assert [finding.check_id for finding in audit_buildspec(project, spec)] == ["push-after-failure"]
    assert "not YAML" in not_audited(parse_stored_buildspec(project.buildspec, "a: [b"))


words = st.sampled_from(
    [
        *("docker", "push", "pull", "login", "build", "-t", "--push", "||", "true", "|", ";", "&&", "$(", ")", "`"),
        *(HOST, f"{HOST}/pet-web:$T", "$T", "T=1", "export", "aws ecr get-login", "-p", "'", '"', "{", "2>&1", "\n"),
        *("--build-arg", "TOKEN=x", "$AWS_ACCOUNT_ID", "FROM", "sh -c", "crane", "copy", "&", "set -o pipefail"),
    ]
)


@given(st.lists(st.lists(words, max_size=8).map(" ".join), max_size=5), st.booleans())
@example(["' \n TOKEN=x"], False)
@settings(max_examples=150, deadline=None)
def test_any_commands_can_be_audited(commands: list[str], privileged: bool) -> None:
    lines = ["version: 0.2", "phases:", "  post_build:", "    commands:"]
    text = "\n".join([*lines, *(f"      - {command!r}" for command in commands)])
    for repository in (None, a_repository("IMMUTABLE")):
        for finding in audited(replace(a_project(), buildspec=text, privileged=privileged), repository):
            assert finding.check_id in CHECKS
            assert finding.line is None or 1 <= finding.line <= len(text.splitlines())
            assert finding.sentence
            assert finding.remedy


@given(st.text(max_size=300))
@settings(max_examples=60, deadline=None)
def test_any_text_can_be_audited(text: str) -> None:
    audited(replace(a_project(), buildspec=f"version: 0.2\n{text}"))


@pytest.mark.parametrize(
    "text",
    [
        f"docker push {HOST}/a:1",
        f"docker push {HOST}/a:1; docker push {HOST}/b:2 || true",
        "aws --a --a --a --a --a --a --a --a --a --a --a ecr get-logi",
        f"docker login {OTHER}",
        "read read read read read read read read read",
        "echo $AWS_ACCOUNT_I://a:b://a:b://a:b",
    ],
)
def test_the_largest_buildspec_is_read_in_one_go(text: str) -> None:
    """Nothing takes time that grows faster than the text: otherwise this would take minutes."""
    head = "version: 0.2\nphases:\n  build:\n    commands:\n"
    lines = 250_000 // (len(text) + 12)
    for body in (f"      - {text}\n" * lines, f"      - {'; '.join([text] * lines)}\n"):
        project = replace(a_project(), buildspec=head + body)
        assert len(project.buildspec) < 256 * 1024
        audited(project, a_repository("IMMUTABLE"))
