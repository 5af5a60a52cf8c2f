"""Snippets with the real values of one repository: what a person would otherwise write by hand, and get wrong.

Each is valid for its tool as it stands. What comes from AWS is checked before it goes into a text that a shell,
CodeBuild or a service will act on: a value that such a text cannot hold makes a refusal, never a snippet.
Facts: domain reference, sections 5 (policies) and 6 (the buildspec).
"""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from ecrtui.domain.image import Image
from ecrtui.domain.names import can_name_repository
from ecrtui.domain.permission import PULL_ACTIONS, PUSH_ACTIONS
from ecrtui.domain.project import Project
from ecrtui.domain.repository import Repository
from ecrtui.domain.tags import TagKind, classify, primary_tag

Language = Literal["yaml", "json", "shell"]

_PUSH = (*PUSH_ACTIONS, "ecr:GetDownloadUrlForLayer")
"""What a push needs on the repository; the last one for cache pulls and blob mounts."""
_PULL = (*PULL_ACTIONS, "ecr:BatchCheckLayerAvailability")
"""What a pull needs; the last one as AWS's own policies have it."""

_TOOLS = ("docker", "podman", "finch")
_HOST = re.compile(r"[A-Za-z0-9.-]{1,253}(?::[0-9]{1,5})?")
_REGION = re.compile(r"[a-z0-9-]{2,32}")
_TAG = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,127}")
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
_ARN = re.compile(r"arn:[a-z-]+:[a-z]+:[a-z0-9-]*:[0-9]*:[\w+=,.@/-]+", re.ASCII)
_BRANCH = re.compile(r"[^A-Za-z0-9._]+")
_COMMITLESS = frozenset({"S3", "NO_SOURCE"})
_MOVING = frozenset({TagKind.LATEST, TagKind.ENVIRONMENT, TagKind.FLOATING})


@dataclass(frozen=True, slots=True)
class Snippet:
    """One text to copy. Where it cannot be made `text` is empty and `refusal` says why."""

    name: str
    """How it is asked for: `buildspec`, `docker-push`."""
    title: str
    language: Language
    text: str = ""
    refusal: str = ""


@dataclass(frozen=True, slots=True)
class SnippetValues:
    """What the snippets are about. Without an image those that name one are refused."""

    repository: Repository
    image: Image | None = None
    project: Project | None = None
    access_role: str = ""
    """ARN of the role with which App Runner pulls; empty for the one that its console makes."""


class _RefusedError(ValueError):
    """A snippet cannot be made; the text says why."""


def snippets(values: SnippetValues) -> tuple[Snippet, ...]:
    """Every snippet of a repository, in the order of the path: build, push, pull, run, permit."""
    makers: dict[str, tuple[str, Language, Callable[[_Checked], str]]] = {
        "buildspec": ("Buildspec: build and push", "yaml", _buildspec),
        **{f"{tool}-login": (f"Log in with {tool}", "shell", _login(tool)) for tool in _TOOLS},
        **{f"{tool}-pull": (f"Pull with {tool}", "shell", _pull(tool)) for tool in _TOOLS},
        **{f"{tool}-push": (f"Build and push with {tool}", "shell", _push(tool)) for tool in _TOOLS},
        "ecs-tag": ("ECS container definition, by tag", "json", _ecs_by_tag),
        "ecs-digest": ("ECS container definition, by digest", "json", _ecs_by_digest),
        "apprunner": ("App Runner source configuration", "json", _apprunner),
        "push-policy": ("IAM policy: push to this repository", "json", _policy("Push", _PUSH)),
        "pull-policy": ("IAM policy: pull from this repository", "json", _policy("Pull", _PULL)),
    }
    checked = _Checked(values)
    return tuple(_made(name, *maker, checked) for name, maker in makers.items())


def _made(name: str, title: str, language: Language, make: Callable[[_Checked], str], values: _Checked) -> Snippet:
    try:
        return Snippet(name, title, language, make(values))
    except _RefusedError as refusal:
        return Snippet(name, title, language, refusal=str(refusal))


class _Checked:
    """The values, each looked at when it is asked for; _RefusedError where no snippet may hold it."""

    def __init__(self, values: SnippetValues) -> None:
        self._values = values
        self.project = values.project

    @property
    def name(self) -> str:
        name = self._values.repository.name
        if not can_name_repository(name):
            raise _RefusedError("the repository's name is not one that ECR allows")
        return name

    @property
    def host(self) -> str:
        """The registry's host, of the URI as AWS gave it."""
        host, _, name = self._values.repository.uri.partition("/")
        if not _HOST.fullmatch(host) or name != self.name:
            raise _RefusedError("the repository's URI is not one of a registry and this name")
        return host

    @property
    def uri(self) -> str:
        return f"{self.host}/{self.name}"

    @property
    def region(self) -> str:
        return _matched(_REGION, self._values.repository.region, "the region's name is none of AWS's")

    @property
    def arn(self) -> str:
        return _matched(_ARN, self._values.repository.arn, "the repository's ARN is malformed")

    @property
    def account(self) -> str:
        return self.arn.split(":")[4]

    @property
    def partition(self) -> str:
        return self.arn.split(":")[1]

    @property
    def access_role(self) -> str:
        given = self._values.access_role
        usual = f"arn:{self.partition}:iam::{self.account}:role/service-role/AppRunnerECRAccessRole"
        return _matched(_ARN, given, "the access role's ARN is malformed") if given else usual

    @property
    def image(self) -> Image:
        if self._values.image is None:
            raise _RefusedError("the repository holds no image that is known here")
        return self._values.image

    @property
    def tag(self) -> str:
        tag = primary_tag(tuple(tag for tag in self.image.tags if _TAG.fullmatch(tag)))
        if tag is None:
            raise _RefusedError("the image has no tag that every tool takes: use its digest")
        return tag

    @property
    def by_tag(self) -> str:
        return f"{self.uri}:{self.tag}"

    @property
    def by_digest(self) -> str:
        return f"{self.uri}@{_matched(_DIGEST, self.image.digest, 'the image has no sha256 digest')}"

    @property
    def reference(self) -> str:
        """By tag where the image has one, else by digest."""
        return self.by_tag if any(_TAG.fullmatch(tag) for tag in self.image.tags) else self.by_digest

    @property
    def branch(self) -> str:
        """What the tags of this project begin with: the branch that it builds."""
        version = "" if self.project is None else self.project.source_version
        branch = _BRANCH.sub("-", version.removeprefix("refs/heads/")).strip("-._")[:60]
        commit = re.fullmatch(r"[0-9a-f]{7,40}", branch)
        return "main" if not branch or commit or branch.startswith(("pr-", "arn-", "refs-")) else branch


def _matched(pattern: re.Pattern[str], text: str, refusal: str) -> str:
    if not pattern.fullmatch(text):
        raise _RefusedError(refusal)
    return text


# Build


def _buildspec(values: _Checked) -> str:
    """Section 6's model: logs in, pushes only what was built, and names the image by its commit."""
    source = "" if values.project is None else values.project.source_type
    tag = f'TAG={values.branch}-$(echo "$CODEBUILD_RESOLVED_SOURCE_VERSION" | cut -c1-7)'
    if source in _COMMITLESS:  # CodeBuild has no commit for these
        tag = "TAG=build-$CODEBUILD_BUILD_NUMBER"
    login = _login_line("docker", '"$REGISTRY"', values.region)
    return "\n".join(
        (
            "version: 0.2",
            "env:",
            "  shell: bash",
            "  variables:",
            f"    REGISTRY: {json.dumps(values.host)}",
            f"    REPOSITORY: {json.dumps(values.name)}",
            "phases:",
            "  pre_build:",
            "    commands:",
            "      - set -o pipefail",
            f"      - {tag}",
            "      - IMAGE=$REGISTRY/$REPOSITORY:$TAG",
            f"      - {login}",
            "  build:",
            "    on-failure: ABORT",
            "    commands:",
            '      - docker build -t "$IMAGE" .',
            "  post_build:",
            "    commands:",
            '      - test "$CODEBUILD_BUILD_SUCCEEDING" = 1',
            '      - docker push "$IMAGE"',
            "",
        )
    )


# Commands


def _login_line(tool: str, registry: str, region: str) -> str:
    return f"aws ecr get-login-password --region {region} | {tool} login --username AWS --password-stdin {registry}"


def _login(tool: str) -> Callable[[_Checked], str]:
    return lambda values: _login_line(tool, shlex.quote(values.host), values.region) + "\n"


def _pull(tool: str) -> Callable[[_Checked], str]:
    return lambda values: shlex.join((tool, "pull", values.reference)) + "\n"


def _push(tool: str) -> Callable[[_Checked], str]:
    """With a tag of its own: a snippet that moved `production` would be a trap."""

    def make(values: _Checked) -> str:
        image = f'{shlex.quote(values.uri)}:"$TAG"'
        lines = (
            "TAG=$(git rev-parse --abbrev-ref HEAD | tr -c 'A-Za-z0-9._\\n' '-')-$(git rev-parse --short=7 HEAD)",
            f"{tool} build -t {image} .",
            f"{tool} push {image}",
        )
        return "\n".join((*lines, ""))

    return make


# Run


def _ecs_by_tag(values: _Checked) -> str:
    return _container(values, values.by_tag)


def _ecs_by_digest(values: _Checked) -> str:
    return _container(values, values.by_digest)


def _container(values: _Checked, image: str) -> str:
    name = re.sub(r"[^a-zA-Z0-9_-]", "-", values.name)[:255]
    return _json({"name": name, "image": image, "essential": True, "portMappings": [{"containerPort": 8080}]})


def _apprunner(values: _Checked) -> str:
    moving = "@" not in values.reference and classify(values.tag).kind in _MOVING
    return _json(
        {
            "ImageRepository": {
                "ImageIdentifier": values.reference,
                "ImageRepositoryType": "ECR",
                "ImageConfiguration": {"Port": "8080"},
            },
            "AutoDeploymentsEnabled": moving,
            "AuthenticationConfiguration": {"AccessRoleArn": values.access_role},
        }
    )


# Permit


def _policy(sid: str, actions: tuple[str, ...]) -> Callable[[_Checked], str]:
    def make(values: _Checked) -> str:
        return _json(
            {
                "Version": "2012-10-17",
                "Statement": [
                    {"Sid": "Login", "Effect": "Allow", "Action": "ecr:GetAuthorizationToken", "Resource": "*"},
                    {"Sid": sid, "Effect": "Allow", "Action": list(actions), "Resource": values.arn},
                ],
            }
        )

    return make


def _json(document: Mapping[str, Any]) -> str:
    return json.dumps(document, indent=2) + "\n"
