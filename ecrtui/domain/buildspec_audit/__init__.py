"""What is wrong with a project and its buildspec, line by line (domain reference, section 6)."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from ecrtui.domain.buildspec import Buildspec, BuildspecKind
from ecrtui.domain.buildspec_audit import environment, logins, pushing, secrets
from ecrtui.domain.buildspec_audit.finding import CHECKS, BuildspecFinding, BuildspecSeverity
from ecrtui.domain.buildspec_audit.trace import Trace, trace
from ecrtui.domain.project import Project
from ecrtui.domain.repository import Repository

__all__ = ["CHECKS", "BuildspecFinding", "BuildspecSeverity", "audit_buildspec", "not_audited"]

_CHECKS: tuple[Callable[[Trace], Iterator[BuildspecFinding]], ...] = (
    *environment.CHECKS,
    *secrets.CHECKS,
    *logins.CHECKS,
    *pushing.CHECKS,
)


def not_audited(spec: Buildspec) -> str:
    """Why the commands of a buildspec cannot be audited, as a clause; empty where they can."""
    if spec.seen:
        return ""
    if spec.kind is BuildspecKind.INLINE:
        return spec.problems[0].sentence if spec.problems else "it has no commands"
    if spec.kind is BuildspecKind.S3:
        why = f": {spec.problems[0].sentence}" if spec.problems else ", and was not read"
        return f"the buildspec is {spec.location or 'in S3'}{why}"
    return f"the buildspec is {spec.location or 'buildspec.yml'} in the source, which CodeBuild does not show"


def audit_buildspec(
    project: Project, spec: Buildspec, repository: Repository | None = None, account: str = ""
) -> tuple[BuildspecFinding, ...]:
    """What is wrong with a project and its buildspec, in the order of lines; the project's own faults first.

    `spec` is `parse_buildspec(project.buildspec)`, or what `services.buildspecs` read from S3. `repository` is
    the one that the project is paired with; `account` is the account id where the project's ARN has none.
    Where `not_audited` has a reason, only the project itself is judged.
    """
    seen = trace(project, spec, repository, project.account or account)
    found = [finding for check in _CHECKS for finding in check(seen)]
    return tuple(sorted(dict.fromkeys(found), key=lambda finding: finding.line or 0))
