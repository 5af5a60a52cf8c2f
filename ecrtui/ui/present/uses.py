"""What runs a repository's images, from what is known of every region in scope."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ecrtui.domain.drift import Drift, Drifts
from ecrtui.domain.image import Image
from ecrtui.domain.usage import Use


@dataclass(frozen=True, slots=True)
class ImageUses:
    """The uses of one repository's images, and what could not be checked (or not yet)."""

    drifts: Drifts | None
    """None while the repository or its images are not known."""
    unchecked: tuple[str, ...]
    """Sentences; while there is one, any image may be in use."""
    regions: tuple[str, ...] = ()
    """Where uses were looked for."""

    def of(self, image: Image) -> tuple[Use, ...]:
        """What runs the image, as far as it is known."""
        if self.drifts is None:
            return ()
        row = self.drifts.listed.listing.find(image.digest)
        return self.drifts.listed.uses.of(image) if row is None else self.of_row(row)

    def of_row(self, row: int) -> tuple[Use, ...]:
        """What runs the image of one row."""
        return () if self.drifts is None else self.drifts.listed.rows.get(row, ())

    def drift_of(self, image: Image) -> tuple[Drift, ...]:
        """Each of the image's uses beside what its tag names."""
        return () if self.drifts is None else tuple(self.drifts.of(use) for use in self.of(image))

    def drift_of_row(self, row: int) -> tuple[Drift, ...]:
        """Each use of one row's image beside what its tag names."""
        return () if self.drifts is None else self.drifts.of_row(row)

    def all(self) -> Sequence[Drift]:
        """Every use of the repository, what drifted first."""
        return () if self.drifts is None else self.drifts.all()


NOT_KNOWN = ImageUses(None, ("what runs it is still loading",))
