"""Parts of an answer that can fail by themselves: one that is refused costs that part only."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TypeVar

from ecrtui.domain.errors import AppError, ErrorKind

T = TypeVar("T")


def reason(error: AppError) -> str:
    """Why a part is missing, shortly: `ecr:DescribeRegistry is not allowed`, or what the error says."""
    if error.kind is ErrorKind.DENIED and error.action:
        return f"{error.action} is not allowed"
    return error.why or str(error)


def no_image(what: str, region: str, said: str) -> AppError:
    """The error for something that runs an image, of which AWS does not say one that can be understood."""
    why = f"its image, {said}, cannot be understood" if said else "AWS does not say which image it runs"
    return AppError(ErrorKind.MALFORMED, what, where=region, why=why)


@dataclass(slots=True)
class Unchecked:
    """What could not be checked in a region, as sentences."""

    region: str
    _refused: dict[tuple[str, str], list[str]] = field(default_factory=dict)
    """Names by part and reason; a part that has no names is refused as a whole."""

    async def attempt(
        self, part: str, asking: Awaitable[T], name: str = "", absent: Callable[[AppError], bool] | None = None
    ) -> T | None:
        """The answer, or None where it is refused, and the refusal noted.

        What is gone since it was listed is no refusal; nor is an error of which `absent` knows that the whole
        service is not there: nothing can run in it.
        """
        try:
            return await asking
        except AppError as error:
            if error.kind is not ErrorKind.NOT_FOUND and not (absent and absent(error)):
                names = self._refused.setdefault((part, reason(error)), [])
                names += [name] if name else []
            return None

    @property
    def sentences(self) -> tuple[str, ...]:
        """The refusals, each reason once."""
        return tuple(
            f"The {part}{_listed(names)} in {self.region} could not be checked: {why}"
            for (part, why), names in self._refused.items()
        )


def _listed(names: list[str]) -> str:
    more = f" and {len(names) - 1:,} more" if len(names) > 1 else ""
    return f" {names[0]}{more}" if names else ""
