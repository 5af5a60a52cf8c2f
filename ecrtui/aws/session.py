"""Opening an AWS account. Importing this is cheap: botocore comes in with the first account or `warm()`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ecrtui.domain.errors import AppError
    from ecrtui.services.ports import Account


@dataclass(frozen=True, slots=True)
class StaticCredentials:
    """Credentials given outright; the AWS files and variables are then not read at all (embedded account)."""

    access_key: str
    secret_key: str
    token: str | None = None

    def __repr__(self) -> str:
        return f"StaticCredentials({self.access_key!r}, ***)"


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt of a read that failed and will be made again."""

    service: str
    operation: str
    region: str
    number: int
    """The attempt that failed, from 1."""
    of: int
    """How many are made at most."""
    delay: float
    """Seconds until the next one."""
    error: AppError


@dataclass(frozen=True, slots=True)
class AccountOptions:
    """How an account is opened. None leaves the choice to AWS's own variables and files. Times in seconds."""

    profile: str | None = None
    name: str = ""
    """What the account is called instead of by its profile: the embedded one has none."""
    region: str | None = None
    endpoint_url: str | None = None
    read_only: bool = False
    connect_timeout: float = 5.0
    read_timeout: float = 15.0
    operation_timeout: float = 30.0
    """Of a whole operation once there are credentials: every attempt and the pauses between them."""
    credentials: StaticCredentials | None = None
    attempts: int = 5
    """How often a read is tried at most."""
    backoff: float = 0.5
    """The longest pause before the second attempt; it doubles with each further one."""
    on_attempt: Callable[[Attempt], None] | None = None
    """Hears of every attempt that failed and will be repeated."""


async def open_account(options: AccountOptions) -> Account:
    """Open an account without any network call; what cannot be resolved locally raises `AppError`.

    Importing botocore and reading the AWS files happen in a thread.
    """
    import asyncio

    await asyncio.to_thread(warm)
    from ecrtui.aws.account import AwsAccount
    from ecrtui.aws.boto import create_session

    session = await asyncio.to_thread(create_session, options)
    return AwsAccount(session, options)


def warm() -> None:
    """Import botocore and load the models of the services in use; takes 0.4 s, once. Made for a thread."""
    from ecrtui.aws.boto import load_models

    load_models()


def profiles() -> tuple[str, ...]:
    """The profiles of the AWS files, in their order; empty when there are none or they cannot be read."""
    from ecrtui.aws.boto import available_profiles

    return available_profiles()
