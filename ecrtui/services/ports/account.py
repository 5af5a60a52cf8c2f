"""An account, and what belongs to the whole of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from ecrtui.domain.cost import Prices
from ecrtui.domain.permission import Simulated
from ecrtui.domain.usage import Usage
from ecrtui.services.ports.builds import Builds, Logs
from ecrtui.services.ports.login import Login, Network
from ecrtui.services.ports.registry import Registry
from ecrtui.services.ports.sender import Identity, Sender


@dataclass(frozen=True, slots=True)
class RegionStatus:
    """One region of the account. `refusal` is empty where it can be used, else why it cannot."""

    name: str
    refusal: str = ""


class Permissions(Protocol):
    """IAM, for the whole account."""

    async def simulate(
        self, role: str, actions: Sequence[str], resources: Sequence[str], *, fresh: bool = False
    ) -> tuple[Simulated, ...]:
        """What the role's own policies, boundary and SCPs say of every action on every resource.

        Asked anew when `fresh`, else perhaps remembered.
        Resource policies, session policies and VPC endpoint policies are not part of it (IAM's
        SimulatePrincipalPolicy). DENIED when we may not simulate; NOT_FOUND when there is no such role.
        """
        ...


class Runtime(Protocol):
    """What runs images in one region: ECS, App Runner, Lambda."""

    async def usage(self) -> Usage:
        """Every use of an image, and what could not be checked."""
        ...


class Account(Protocol):
    """One opened AWS account: a profile, its credentials and its endpoint."""

    @property
    def profile(self) -> str:
        """The profile's name; `default` where none is set."""
        ...

    @property
    def endpoint(self) -> str:
        """The endpoint URL when it is not AWS's own, else empty."""
        ...

    @property
    def read_only(self) -> bool:
        """Whether the sender refuses every change."""
        ...

    @property
    def default_region(self) -> str:
        """The region of the profile or environment; empty where none is set."""
        ...

    @property
    def login(self) -> Login:
        """How its credentials stand."""
        ...

    @property
    def network(self) -> Network:
        """Whether it can be reached."""
        ...

    @property
    def sender(self) -> Sender:
        """The door for changes; use `services.changes`, never this."""
        ...

    async def identity(self, fresh: bool = False) -> Identity:
        """Who we are; asked anew when `fresh`, else remembered as long as the credentials are the same."""
        ...

    async def regions(self) -> tuple[RegionStatus, ...]:
        """The regions of the account: ListRegions, else DescribeRegions, else the partition's list."""
        ...

    def registry(self, region: str) -> Registry:
        """ECR in that region."""
        ...

    def builds(self, region: str) -> Builds:
        """CodeBuild in that region."""
        ...

    def logs(self, region: str) -> Logs:
        """CloudWatch Logs in that region."""
        ...

    def runtime(self, region: str) -> Runtime:
        """What runs images in that region."""
        ...

    def permissions(self) -> Permissions:
        """IAM, for the whole account."""
        ...

    async def prices(self, region: str) -> Prices:
        """What storage costs there, by AWS's price list; AppError when it cannot be asked."""
        ...

    async def close(self) -> None:
        """Close every connection."""
        ...
