"""Credentials and the network: how they stand, and what one can do about it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol

from ecrtui.domain.errors import AppError


@dataclass(frozen=True, slots=True)
class CodeQuestion:
    """A role asks for the MFA code of a device. `problem` says what was wrong with the one before."""

    profile: str
    role: str
    device: str
    """The device's ARN, or its serial number."""
    problem: str = ""


class Login(Protocol):
    """How the credentials of an account stand, and what renews them."""

    @property
    def problem(self) -> AppError | None:
        """Why requests cannot be signed now, or are refused; None while all is well."""
        ...

    @property
    def command(self) -> tuple[str, ...]:
        """The command that logs in anew (`aws sso login --profile work`); empty where none does."""
        ...

    @property
    def waiting_for(self) -> str:
        """Who is asked for credentials and has kept one waiting (`the SSO portal`); empty when nobody has."""
        ...

    def on_change(self, listener: Callable[[], None]) -> None:
        """Have `listener` called when they are lost, when they are back, and when another is waited for."""
        ...

    def stop(self) -> None:
        """Wait no longer for who is waited for; that is not asked again by itself."""
        ...

    def asks(self, ask: Callable[[CodeQuestion], Awaitable[str]]) -> None:
        """Have MFA codes asked so; `ask` raises `AppError` when none is given."""
        ...

    async def again(self) -> bool:
        """Look for credentials anew, whatever failed before; whether nothing is known to be wrong then."""
        ...


class Network(Protocol):
    """Whether the endpoints of an account can be reached. Those that cannot are looked at until they answer again."""

    def on_return(self, listener: Callable[[], None]) -> None:
        """Have `listener` called when an endpoint answers again for want of which something was given up."""
        ...

    async def pause(self, seconds: float) -> None:
        """Wait so long, or until an endpoint that was lost answers again."""
        ...
