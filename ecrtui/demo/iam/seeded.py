"""The roles of the seeded account: one for each project, those that pull, and why some of them cannot."""

from __future__ import annotations

from ecrtui.demo.account import ACCOUNT_ID, Account
from ecrtui.demo.catalogue import ENTRIES, Entry
from ecrtui.demo.history import new_plan
from ecrtui.demo.iam.state import Policy, Role
from ecrtui.demo.operations import Json

LOGIN = "ecr:GetAuthorizationToken"
PUSH = (
    "ecr:BatchCheckLayerAvailability",
    "ecr:InitiateLayerUpload",
    "ecr:UploadLayerPart",
    "ecr:CompleteLayerUpload",
    "ecr:PutImage",
    "ecr:BatchGetImage",
)
PULL = ("ecr:BatchCheckLayerAvailability", "ecr:GetDownloadUrlForLayer", "ecr:BatchGetImage")
_LOGS = ("logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents")
_READ = (LOGIN, *PULL, "ecr:Describe*", "ecr:List*", "ecr:GetLifecyclePolicy", "ecr:GetRepositoryPolicy")

EXECUTION, CHECKOUT = "ecsTaskExecutionRole", "checkoutTaskExecutionRole"
APPRUNNER, SANDBOX = "AppRunnerECRAccessRole", "SandboxAppRunnerRole"
FUNCTIONS = "lambda-basic-execution"


def seed_roles(account: Account, now: float) -> None:
    """Make every role that something in the account names."""
    for entry in ENTRIES:
        if entry.builds >= 0:
            role = _project_role(account, entry, now)
            account.roles[role.name] = role
    for role in _PULLING:
        account.roles[role.name] = role


def _statement(*actions: str, on: tuple[str, ...] = ("*",), effect: str = "Allow", **more: Json) -> Json:
    return {"Effect": effect, "Action": list(actions), "Resource": list(on), **more}


def _managed(name: str, *actions: str) -> Policy:
    return Policy(name, "aws-managed", (_statement(*actions),))


def _project_role(account: Account, entry: Entry, now: float) -> Role:
    """The service role of a project: it may write its log, and push to where its builds push."""
    name = f"codebuild-{entry.name}-service-role"
    policies = [Policy(f"{entry.name}-logs", "role", (_statement(*_LOGS),))]
    boundary = None
    if entry.recipe.builder != "none":
        policies += _PUSHING.get(entry.name, _usual)(*_targets(account, entry, now))
        boundary = _BOUNDARIES.get(entry.name)
    return Role(name, tuple(policies), boundary)


def _targets(account: Account, entry: Entry, now: float) -> tuple[str, ...]:
    """The ARNs of the repositories that a project may push to: that of its name, and where its builds push."""
    document = account.region(entry.region).projects[entry.name].document
    own = f"arn:aws:ecr:{entry.region}:{ACCOUNT_ID}:repository/{entry.name}"
    plan = new_plan(account, entry, document, 1, now)
    if not plan.target:
        return (own,)
    registry, _, _, region = plan.host.split(".")[:4]
    return tuple(dict.fromkeys((own, f"arn:aws:ecr:{region}:{registry}:repository/{plan.repository}")))


def _login_and(*statements: Json) -> list[Policy]:
    return [Policy("ecr-access", "role", (_statement(LOGIN), *statements))]


def _usual(*targets: str) -> list[Policy]:
    return _login_and(_statement(*PUSH, on=targets))


def _half_a_push(*targets: str) -> list[Policy]:
    """Whoever wrote it forgot the two actions that begin and end a push."""
    kept = [each for each in PUSH if each not in ("ecr:InitiateLayerUpload", "ecr:PutImage")]
    return _login_and(_statement(*kept, on=targets))


def _read_only(*targets: str) -> list[Policy]:
    return [_managed("AmazonEC2ContainerRegistryReadOnly", *_READ)]


def _without_login(*targets: str) -> list[Policy]:
    return [Policy("ecr-access", "role", (_statement(*PUSH, on=targets),))]


def _login_only(*targets: str) -> list[Policy]:
    """The repository's own policy lets it push."""
    return _login_and()


def _power_user(*targets: str) -> list[Policy]:
    return [_managed("AmazonEC2ContainerRegistryPowerUser", *PUSH, *_READ)]


def _everything(*targets: str) -> list[Policy]:
    return [_managed("AmazonEC2ContainerRegistryFullAccess", "ecr:*")]


def _conditional(*targets: str) -> list[Policy]:
    """Only the region that the request is made in decides."""
    region = targets[0].split(":")[3]
    return _login_and(_statement(*PUSH, on=targets, Condition={"StringEquals": {"aws:RequestedRegion": region}}))


def _guarded(*targets: str) -> list[Policy]:
    """A guardrail that somebody attached since forbids every push."""
    freeze = Policy("push-freeze", "user-managed", (_statement("ecr:PutImage", effect="Deny"),))
    return [*_usual(*targets), freeze]


_PUSHING = {
    "payment-api": _half_a_push,
    "notification-service": _read_only,
    "catalog-service": _without_login,
    "consent-api": _login_only,
    "pet-web": _power_user,
    "monolith": _everything,
    "ledger": _conditional,
    "cdn-purger": _guarded,
}
"""What differs from the usual, by project."""

_BOUNDARIES = {
    "invoice-mailer": Policy("developer-boundary", "user-managed", (_statement("logs:*", "s3:*", "ecr:Get*"),)),
}

_PULLING = (
    Role(EXECUTION, (_managed("AmazonECSTaskExecutionRolePolicy", LOGIN, *PULL, *_LOGS[1:]),)),
    Role(CHECKOUT, (Policy("execution", "role", (_statement(LOGIN, PULL[0], *_LOGS),)),)),
    Role(APPRUNNER, (_managed("AWSAppRunnerServicePolicyForECRAccess", LOGIN, *PULL, "ecr:DescribeImages"),)),
    Role(SANDBOX, (Policy("ecr-access", "role", (_statement(LOGIN, "ecr:DescribeImages"),)),)),
    Role(FUNCTIONS, (_managed("AWSLambdaBasicExecutionRole", *_LOGS),)),
)


def role_arn(name: str) -> str:
    """The ARN of a role of this account."""
    return f"arn:aws:iam::{ACCOUNT_ID}:role/{name}"
