"""Who pushes to a repository and who pulls from it, what that needs, and what the answer can be.

Rules: domain reference, section 5. `permission_verdicts` answers.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Literal

from ecrtui.domain.errors import AppError
from ecrtui.domain.project import Project
from ecrtui.domain.usage import KIND_WORDS, Use

TOKEN = "ecr:GetAuthorizationToken"
"""What a login needs, on `*`."""
PUSH_ACTIONS = (
    "ecr:BatchCheckLayerAvailability",
    "ecr:InitiateLayerUpload",
    "ecr:UploadLayerPart",
    "ecr:CompleteLayerUpload",
    "ecr:PutImage",
    "ecr:BatchGetImage",
)
"""What every push needs on the repository."""
PULL_ACTIONS = ("ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer")
"""What every pull needs on the repository."""
SIMULATE = "iam:SimulatePrincipalPolicy"
LAMBDA = "lambda.amazonaws.com"

_POLICY_VERSION = "2012-10-17"


class Decision(StrEnum):
    """What one side (the identity's policies, or the repository's) says of one action."""

    ALLOWED = "allowed"
    EXPLICIT_DENY = "explicit deny"
    IMPLICIT_DENY = "implicit deny"
    """Nothing allows it."""
    UNKNOWN = "unknown"
    """It depends on what is not known here (conditions, context values)."""


@dataclass(frozen=True, slots=True)
class Simulated:
    """What IAM's simulator says of one action on one resource."""

    action: str
    """`ecr:PutImage`."""
    resource: str
    """An ARN, or `*`."""
    decision: Decision
    boundary: bool = False
    """Whether a permissions boundary or an organisation's policy (SCP) is what denies it."""
    missing_context: tuple[str, ...] = ()
    """Context keys whose values the simulator lacked; the decision is UNKNOWN then."""


class Purpose(StrEnum):
    """What somebody wants of the repository."""

    PUSH = "push"
    PULL = "pull"


class Access(StrEnum):
    """What the answer is."""

    OK = "ok"
    BROKEN = "broken"
    UNKNOWN = "unknown"
    """It was checked, and cannot be decided from what is known."""
    NOT_CHECKED = "not checked"
    """A part of what decides could not be read."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks: an IAM role, or an AWS service on behalf of one of its resources."""

    role: str = ""
    """The role's ARN; empty for a service."""
    service: str = ""
    """`lambda.amazonaws.com`; empty for a role."""
    source: str = ""
    """ARN of the resource that a service acts for (the function)."""

    @property
    def account(self) -> str:
        """The account of the role, or of what the service acts for; empty when the ARN names none."""
        parts = (self.role or self.source).split(":", 5)
        return parts[4] if len(parts) == 6 else ""


ActorKind = Literal["codebuild", "ecs", "fargate", "apprunner", "lambda"]
"""`fargate`: ECS without an execution role, where no instance pulls in its stead."""


@dataclass(frozen=True, slots=True)
class Actor:
    """Somebody who pushes to a repository or pulls from it, and in which role."""

    kind: ActorKind
    purpose: Purpose
    caller: Caller
    """The role, or the service; without either there is no role to pull with."""
    used_in: tuple[str, ...] = ()
    """What acts in this role: `project pet-web`, `service shop/pet-web in eu-west-1`."""

    @property
    def label(self) -> str:
        """`role ecs-execution`, `lambda.amazonaws.com`, `no role`."""
        return role_label(self.caller.role) if self.caller.role else self.caller.service or "no role"

    @property
    def actions(self) -> tuple[str, ...]:
        """What it needs on the repository; App Runner also describes the image."""
        if self.purpose is Purpose.PUSH:
            return PUSH_ACTIONS
        return (*PULL_ACTIONS, "ecr:DescribeImages") if self.kind == "apprunner" else PULL_ACTIONS

    @property
    def logs_in(self) -> bool:
        """Whether it needs a token for the registry; Lambda does not."""
        return not self.caller.service


class Place(StrEnum):
    """Where an action is missing or denied."""

    ROLE = "the role's policies"
    REPOSITORY = "the repository policy"
    BOUNDARY = "a permissions boundary or an organisation's policy"


@dataclass(frozen=True, slots=True)
class Gap:
    """One action that is not allowed, and where that has to change."""

    action: str
    resource: str
    """The repository's ARN, or `*`."""
    place: Place
    denied: bool = False
    """Whether it is denied there explicitly; else nothing there allows it."""
    by: str = ""
    """The statement that denies it, where it is known: `statement 2 (NoPush)`."""


@dataclass(frozen=True, slots=True)
class Mend:
    """The smallest policy that mends something. It is shown and copied, never applied."""

    place: Place
    name: str
    """The role or the repository that lacks it."""
    statements: tuple[Mapping[str, Any], ...]

    @property
    def title(self) -> str:
        """`add to the policies of role codebuild-pet-web`."""
        what = "policies of role" if self.place is Place.ROLE else "repository policy of"
        return f"add to the {what} {self.name}"

    @property
    def text(self) -> str:
        """The policy as JSON."""
        return json.dumps({"Version": _POLICY_VERSION, "Statement": list(self.statements)}, indent=2)


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether one actor may do what it wants with the repository."""

    actor: Actor
    access: Access
    reason: str
    """A clause."""
    gaps: tuple[Gap, ...] = ()
    """What is missing, for certain."""
    mends: tuple[Mend, ...] = ()


Simulations = Mapping[str, Sequence[Simulated] | AppError]
"""What the simulator said of each role (by ARN), or why it could not be asked."""


# Who acts


def actors(repository_arn: str, project: Project | None, uses: Iterable[Use], account: str = "") -> tuple[Actor, ...]:
    """Who pushes to a repository and who pulls from it, each role once.

    `uses` are those of this repository; `account` is where they run (empty: not known).
    """
    found: dict[tuple[ActorKind, Caller], dict[str, None]] = {}
    partition = repository_arn.split(":")[1] if repository_arn.count(":") > 1 else "aws"
    for use in uses:
        kind, caller = _puller(use, partition, account)
        found.setdefault((kind, caller), {})[f"{KIND_WORDS[use.kind]} {use.name} in {use.region}"] = None
    pullers = (Actor(kind, Purpose.PULL, caller, tuple(where)) for (kind, caller), where in found.items())
    if project is None:
        return tuple(pullers)
    pusher = Actor("codebuild", Purpose.PUSH, Caller(project.service_role), (f"project {project.name}",))
    return (pusher, *pullers)


def _puller(use: Use, partition: str, account: str) -> tuple[ActorKind, Caller]:
    match use.kind:
        case "lambda-function":
            source = f"arn:{partition}:lambda:{use.region}:{account}:function:{use.name}" if account else ""
            return "lambda", Caller(service=LAMBDA, source=source)
        case "apprunner-service":
            return "apprunner", Caller(use.role)
    return "fargate" if use.fargate and not use.role else "ecs", Caller(use.role)


def role_label(role: str) -> str:
    """`role ecs-execution`, of its ARN."""
    return f"role {role.rpartition('/')[2]}"
