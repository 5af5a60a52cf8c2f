"""Changes: who sends them, and what came back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from ecrtui.domain.change import ApiCall


@dataclass(frozen=True, slots=True)
class Identity:
    """Who we are (STS GetCallerIdentity)."""

    account: str
    arn: str
    user_id: str = ""
    credentials: int = field(default=0, compare=False)
    """Which of the account's credentials this holds for: they may be replaced."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the service answered to a change."""

    request_id: str
    response: Mapping[str, Any]


class Sender(Protocol):
    """The only way to a mutating call. Refuses when read-only."""

    async def send(self, region: str, call: ApiCall, identity: Identity) -> Receipt:
        """Send once, signed with the credentials that `identity` holds for; refused when there are others by now.

        Repeated only when the parameters hold an idempotency token.
        """
        ...
