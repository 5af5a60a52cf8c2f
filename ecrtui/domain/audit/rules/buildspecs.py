"""Rules about what projects run: each check of `domain/buildspec_audit.py` is one."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from typing import NamedTuple

from ecrtui.domain.audit import docs
from ecrtui.domain.audit.actions import PROJECTS, REPOSITORIES, STORED
from ecrtui.domain.audit.facts import NameFacts, NotRead, Unread, known
from ecrtui.domain.audit.rule import Found, Rule, Severity
from ecrtui.domain.buildspec import Buildspec, BuildspecKind
from ecrtui.domain.buildspec_audit import CHECKS, BuildspecFinding, audit_buildspec, not_audited
from ecrtui.domain.project import Project
from ecrtui.domain.repository import Repository

OF_THE_PROJECT = frozenset({"privileged-mode", "lambda-compute", "plaintext-secret"})
"""Checks that say something also where the buildspec cannot be seen."""

_SEVERITIES = {"error": Severity.HIGH, "warn": Severity.MEDIUM, "info": Severity.INFO}


class _Words(NamedTuple):
    title: str
    why: str
    remedy: str


_WORDS: Mapping[str, _Words] = {
    "unreadable": _Words(
        "A buildspec that is not valid",
        "CodeBuild refuses it before the first command runs.",
        "Correct the line.",
    ),
    "privileged-mode": _Words(
        "Docker without privileged mode",
        "There is no Docker daemon to talk to: “Cannot connect to the Docker daemon”.",
        "Switch privileged mode on in the project's environment.",
    ),
    "lambda-compute": _Words(
        "Docker on Lambda compute",
        "Lambda compute has no Docker daemon and no privileged mode.",
        "Use EC2 compute, or build with a tool that needs no daemon.",
    ),
    "no-login": _Words(
        "A push or pull without login",
        "The registry answers “no basic auth credentials”.",
        "Log in to that registry before.",
    ),
    "login-elsewhere": _Words(
        "A login to another registry",
        "The login is good for one host only: the push goes to another.",
        "Log in to the host that is pushed to.",
    ),
    "get-login": _Words(
        "aws ecr get-login",
        "Version 2 of the AWS CLI does not have it any more.",
        "Pipe `aws ecr get-login-password` into `docker login --password-stdin`.",
    ),
    "push-after-failure": _Words(
        "A push after a failed build",
        "POST_BUILD runs also when BUILD failed: what was built before, or half of it, is pushed.",
        "Check CODEBUILD_BUILD_SUCCEEDING before the push, or set `on-failure: ABORT` in BUILD.",
    ),
    "only-latest": _Words(
        "A build that pushes nothing but latest",
        "Every build overwrites the one before: nothing can be rolled back or told apart.",
        "Push a tag with the commit as well.",
    ),
    "no-source-version": _Words(
        "A tag from a source that has no commit",
        "Sources in S3, and none at all, have no commit: the tag is empty or an ARN, and the reference invalid.",
        "Take the tag from the build's number or start.",
    ),
    "plaintext-secret": _Words(
        "A secret in plain text",
        "Everybody who may look at the project or its builds can read it.",
        "Put it into Secrets Manager or Parameter Store, name it there, and change the secret.",
    ),
    "secret-in-command": _Words(
        "A secret among the build arguments",
        "Build arguments stay in the image's history, for everybody who can pull it.",
        "Use `docker build --secret`.",
    ),
    "docker-hub-limit": _Words(
        "Base images from Docker Hub without login",
        "CodeBuild's addresses are shared: the limit of anonymous pulls is used up by others.",
        "Log in to Docker Hub, or pull through a cache rule of ECR.",
    ),
    "masked-failure": _Words(
        "A failed push that is passed over",
        "The build is green, and nothing was pushed.",
        "Let the command fail.",
    ),
    "account-undefined": _Words(
        "An account id that nobody sets",
        "CodeBuild does not supply AWS_ACCOUNT_ID: the reference is invalid.",
        "Set the variable in the project, or take it from CODEBUILD_BUILD_ARN.",
    ),
    "one-platform": _Words(
        "One platform for all",
        "A plain `docker build` makes an image of the build's own architecture: elsewhere “exec format error”.",
        "Build with `docker buildx build --platform`.",
    ),
}


def _check(id_: str) -> Callable[[NameFacts], Iterator[Found]]:
    def check(facts: NameFacts) -> Iterator[Found]:
        assert facts.project is not None
        unread = facts.buildspec if isinstance(facts.buildspec, Unread) else None
        spec = Buildspec(BuildspecKind.S3) if unread and id_ in OF_THE_PROJECT else known(facts.buildspec)
        for finding in _findings(facts.project, spec, facts.repository, facts.around.account):
            if finding.check_id == id_:
                yield Found(
                    finding.sentence,
                    key=_key(finding),
                    severity=_SEVERITIES[finding.severity],
                    remedy=finding.remedy,
                    line=finding.line,
                    file=spec.location if finding.line is not None else "",
                )
        if unread:
            raise NotRead(unread)
        if (why := not_audited(spec)) and not (spec.kind is BuildspecKind.INLINE and id_ == "unreadable"):
            raise NotRead(Unread(why))

    return check


def _key(finding: BuildspecFinding) -> str:
    """By its sentence: a line moves with every edit above it."""
    return finding.sentence


@lru_cache(maxsize=1_024)
def _findings(
    project: Project, spec: Buildspec, repository: Repository | None, account: str
) -> tuple[BuildspecFinding, ...]:
    """Read once for all rules."""
    return audit_buildspec(project, spec, repository, account)


def _rule(id_: str, words: _Words) -> Rule[NameFacts]:
    return Rule(
        id_ if id_ == "plaintext-secret" else f"buildspec-{id_}",
        words.title,
        _SEVERITIES[CHECKS[id_]],
        "project",
        (*PROJECTS, *REPOSITORIES, *STORED),
        words.why,
        words.remedy,
        "ecrtui path {name} --region {region}",
        _check(id_),
        "compare",
        docs=docs.BUILDSPEC,
    )


RULES = tuple(_rule(id_, words) for id_, words in _WORDS.items())
