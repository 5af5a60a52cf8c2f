"""What a check of a buildspec finds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

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
    """What is wrong, as a clause without a full stop and without the line: it stays when lines move."""
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
"""Every check, and how bad at most what it finds is."""


def fault(
    check_id: str, line: int | None, sentence: str, remedy: str, severity: BuildspecSeverity | None = None
) -> BuildspecFinding:
    """A finding of a check, as bad as the check says unless told otherwise."""
    return BuildspecFinding(check_id, severity or CHECKS[check_id], line, sentence, remedy)
