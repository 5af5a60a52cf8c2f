"""What runs images in one region, over all services that can."""

from __future__ import annotations

from typing import Protocol

from ecrtui.aws.batches import gathered
from ecrtui.domain.usage import Usage


class Runner(Protocol):
    """One service that runs images."""

    async def usage(self) -> Usage:
        """Every use of an image in it, and what could not be checked."""
        ...


class AwsRuntime:
    """The port `Runtime` over ECS, App Runner and Lambda."""

    def __init__(self, *runners: Runner) -> None:
        self._runners = runners

    async def usage(self) -> Usage:
        """Every use of an image, and what could not be checked; one refused service costs that one only."""
        found = await gathered(runner.usage() for runner in self._runners)
        return Usage(
            tuple(use for usage in found for use in usage.uses),
            tuple(reason for usage in found for reason in usage.unchecked),
        )
