"""What a change is: one API call that alters the account, and how it shows itself before it is sent."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


@dataclass(frozen=True, slots=True)
class ApiCall:
    """One AWS API call: service and operation by botocore's names, parameters as the API takes them."""

    service: str
    operation: str
    parameters: Mapping[str, Any]

    @property
    def action(self) -> str:
        """The IAM action that the call needs (`ecr:CreateRepository`)."""
        return f"{self.service}:{self.operation}"

    def command(self, region: str) -> str:
        """The equivalent `aws` command line, quoted for a POSIX shell."""
        words = ["aws", self.service, _kebab(self.operation), "--region", region]
        for member, value in self.parameters.items():
            words += _option(member, value)
        return shlex.join(words)


def _option(member: str, value: Any) -> list[str]:
    option = "--" + _kebab(member)
    if value is True:
        return [option]
    if value is False:
        return ["--no-" + option[2:]]
    return [option, value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)]


def _kebab(name: str) -> str:
    """`CreateRepository` -> `create-repository`, as the AWS CLI names operations and members."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", name).lower()


@dataclass(frozen=True, slots=True)
class Change:
    """One planned mutation, in one region, of one target."""

    title: str
    """What will happen, as a sentence without a full stop: "create the repository pet-web"."""
    region: str
    target: str
    """The name of what is changed: a repository, a project, a build."""
    call: ApiCall
    confirm_word: str = ""
    """The word that has to be typed before this is sent; empty when a plain confirmation is enough."""
    before: str = ""
    """The former text that this change replaces (a lifecycle policy), kept in the journal; else empty."""

    @property
    def command(self) -> str:
        """The equivalent `aws` command line."""
        return self.call.command(self.region)


class Outcome(StrEnum):
    """How one change ended."""

    DONE = "done"
    """Sent, and verified by reading back."""
    ALREADY = "already"
    """Nothing was sent: what was planned is already so."""
    DIFFERS = "differs"
    """It exists, but not as planned; `detail` says in what."""
    REFUSED = "refused"
    """Not sent: read-only, stale plan, missing precondition."""
    FAILED = "failed"
    """Sent or not, and certainly without effect."""
    UNKNOWN = "unknown"
    """Sent, and it could not be learnt whether it took effect."""


@dataclass(frozen=True, slots=True)
class ChangeResult:
    """One change with its outcome."""

    change: Change
    outcome: Outcome
    detail: str = ""
    error: Exception | None = None
    request_id: str = ""
    response: Mapping[str, Any] | None = None
