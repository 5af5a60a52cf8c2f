"""What `ecrtui usage` is asked about: everything, a repository, or an image, here or in another registry."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ecrtui.domain.errors import AppError, ErrorKind
from ecrtui.domain.image import ImageListing
from ecrtui.domain.names import can_name_repository
from ecrtui.domain.reference import Reference, parse

_HEX = re.compile(r"(?:sha256:)?([0-9a-f]{6,64})")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked for."""

    repository: str
    """Empty: everything, unless another registry's image is meant."""
    version: str = ""
    """A tag, a digest or the beginning of one; empty: all images."""
    region: str = ""
    registry_id: str = ""
    """Both empty unless a whole URI of an ECR registry was written."""
    reference: Reference | None = None
    """The URI that was written."""
    repository_asked: bool = False
    """Whether it was named, so that everything about it is wanted."""

    @property
    def everything(self) -> bool:
        """Whether nothing was named."""
        return not self.repository and self.reference is None

    @property
    def foreign(self) -> Reference | None:
        """The reference to a registry that is not ECR's private one; None for any other."""
        return self.reference if self.reference is not None and not self.reference.is_ecr else None

    def rows_in(self, listing: ImageListing) -> tuple[int, ...]:
        """The row of the wanted image, if one is meant and there; AppError as `row_in`."""
        row = self.row_in(listing)
        return () if row is None else (row,)

    def row_in(self, listing: ImageListing) -> int | None:
        """The row of the wanted image: by tag, digest, or the beginning of one; AppError when several have that."""
        if not self.version:
            return None
        if (row := listing.find(self.version)) is not None:
            return row
        tagged = [row for row, tags in enumerate(listing.tags) if self.version in tags]
        if tagged:
            return tagged[0]
        match = _HEX.fullmatch(self.version)
        start = f"sha256:{match[1]}" if match else None
        rows = [row for row in range(len(listing)) if start and listing.digest(row).startswith(start)]
        if len(rows) > 1:
            why = f"{len(rows)} images begin with {start}"
            what = f"find {self.version} in {self.repository}"
            raise AppError(ErrorKind.INVALID, what, listing.region, why, "Give more of the digest.")
        return rows[0] if rows else None


def wanted(text: str) -> Wanted:
    """What a text names; AppError (usage) when it can be neither a repository nor an image."""
    text = text.strip()
    if not text:
        return Wanted("")
    reference = parse(text)
    if reference is not None and (reference.is_ecr or text.startswith(f"{reference.host}/")):
        version = reference.digest or reference.tag or ""
        return Wanted(
            reference.repository, version, reference.region, reference.registry_id, reference, repository_asked=True
        )
    path, _, digest = text.partition("@")
    repository, _, tag = path.partition(":")
    if not can_name_repository(repository) or "/" in tag or (reference is None and not digest):
        why = "it names neither a repository nor an image"
        raise AppError(ErrorKind.USAGE, f"read {text}", why=why, remedy="Write REPOSITORY or REPOSITORY:TAG.")
    return Wanted(repository, digest or tag, repository_asked=True)
