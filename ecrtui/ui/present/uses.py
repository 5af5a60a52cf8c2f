"""What runs a repository's images, from what is known of every region in scope."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ecrtui.domain.image import Image
from ecrtui.domain.manifest import ChildManifest
from ecrtui.domain.repository import Repository
from ecrtui.domain.usage import RepositoryUses, Use
from ecrtui.services.slices import UsageKey
from ecrtui.services.state import State, value_of


@dataclass(frozen=True, slots=True)
class ImageUses:
    """The uses of one repository's images, and what could not be checked (or not yet)."""

    uses: RepositoryUses | None
    unchecked: tuple[str, ...]

    def of(self, image: Image) -> tuple[Use, ...]:
        """What runs the image, as far as it is known."""
        return () if self.uses is None else self.uses.of(image)


NOT_KNOWN = ImageUses(None, ("what runs it is still loading",))


def uses_of(
    state: State,
    regions: Sequence[str],
    repository: Repository | None,
    children: Mapping[str, Sequence[ChildManifest]],
) -> ImageUses:
    """What is known of a repository's uses: its images may run in any region."""
    if repository is None:
        return NOT_KNOWN
    known = [value_of(state.get(UsageKey(region))) for region in regions]
    unchecked = [reason for usage in known if usage is not None for reason in usage.unchecked]
    missing = [region for region, usage in zip(regions, known, strict=True) if usage is None]
    unchecked += [f"{region}: what runs there is still loading" for region in missing]
    digests = {parent: tuple(child.digest for child in kids) for parent, kids in children.items()}
    uses = [use for usage in known if usage is not None for use in usage.uses]
    return ImageUses(RepositoryUses(repository, uses, digests), tuple(unchecked))
