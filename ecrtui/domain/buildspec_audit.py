"""What is wrong with a project and its buildspec, line by line (domain reference, section 6)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from ecrtui.domain.buildspec import Buildspec, BuildspecKind
from ecrtui.domain.project import Project
from ecrtui.domain.repository import Repository

BuildspecSeverity = Literal["error", "warn", "info"]


@dataclass(frozen=True, slots=True)
class BuildspecFinding:
    """One fault. No text of it holds the value of a secret."""

    check_id: str
    """One of `CHECKS`."""
    severity: BuildspecSeverity
    line: int | None
    """In the buildspec, from 1; None for what is wrong with the project itself."""
    sentence: str
    """What is wrong, as a clause without a full stop."""
    remedy: str
    """What to do, as an imperative sentence."""


CHECKS: dict[str, BuildspecSeverity] = {
    "unreadable": "error",
    "privileged-mode": "error",
    "lambda-compute": "error",
    "no-login": "error",
    "login-elsewhere": "error",
    "get-login": "error",
    "pushes-elsewhere": "error",
    "push-after-failure": "warn",
    "only-latest": "warn",
    "fixed-tag": "warn",
    "no-source-version": "warn",
    "plaintext-secret": "error",
    "secret-in-command": "error",
    "docker-hub-limit": "warn",
    "masked-failure": "error",
    "account-undefined": "error",
    "one-platform": "info",
}
"""Every check, and how bad what it finds is."""


def not_audited(spec: Buildspec) -> str:
    """Why the commands of a buildspec cannot be audited, as a clause; empty where they can."""
    if spec.seen:
        return ""
    if spec.kind is BuildspecKind.INLINE:
        return spec.problems[0].sentence if spec.problems else "it has no commands"
    if spec.kind is BuildspecKind.S3:
        return f"the buildspec is in {spec.location} and was not read"
    return f"the buildspec is {spec.location or 'buildspec.yml'} in the source, which CodeBuild does not show"


def audit_buildspec(
    project: Project, spec: Buildspec, repository: Repository | None = None, account: str = ""
) -> tuple[BuildspecFinding, ...]:
    """What is wrong with a project and its buildspec, in the order of lines; the project's own faults first.

    `spec` is `parse_buildspec(project.buildspec)`, or what `services.buildspecs` read from S3. `repository` is
    the one that the project is paired with; `account` is the account id where the project's ARN has none.
    Where `not_audited` has a reason, only the project itself is judged.
    """
    return ()
