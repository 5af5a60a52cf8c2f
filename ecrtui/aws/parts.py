"""Parts of an answer that can fail by themselves: one that is refused costs that part only."""

from __future__ import annotations

from collections.abc import Awaitable
from dataclasses import dataclass, field
from typing import TypeVar

from ecrtui.aws.errors import lacks_operation
from ecrtui.domain.errors import AppError, ErrorKind

T = TypeVar("T")


def reason(error: AppError) -> str:
    """Why a part is missing, shortly: `ecr:DescribeRegistry is not allowed`, or what the error says."""
    if error.kind is ErrorKind.DENIED and error.action:
        return f"{error.action} is not allowed"
    return error.why or str(error)


@dataclass(slots=True)
class Unchecked:
    """What could not be checked in a region, as sentences."""

    region: str
    _sentences: dict[str, None] = field(default_factory=dict)

    async def attempt(self, part: str, asking: Awaitable[T], *, may_lack: bool = False) -> T | None:
        """The answer, or None where it is refused, and the refusal noted.

        What is gone since it was listed is no refusal; nor is, where the endpoint `may_lack` the service, that
        it does: nothing can run in a service that is not there.
        """
        try:
            return await asking
        except AppError as error:
            if error.kind is not ErrorKind.NOT_FOUND and not (may_lack and lacks_operation(error)):
                self._sentences[f"The {part} in {self.region} could not be checked: {reason(error)}"] = None
            return None

    @property
    def sentences(self) -> tuple[str, ...]:
        """The refusals, each once."""
        return tuple(self._sentences)
