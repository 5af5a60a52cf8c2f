"""Which image each image is about, and what all weigh: kept up with a listing that grows, never worked out anew."""

from __future__ import annotations

from collections.abc import Mapping

from ecrtui.domain.image import ImageListing


class Lineage:
    """The parents of the rows of one listing, and the sum of their sizes."""

    def __init__(self, listing: ImageListing) -> None:
        self.listing = listing
        self._parents: dict[int, int] = {}
        self._bytes = 0
        self._known = 0
        self._orphans: dict[str, list[int]] = {}
        """Rows that are about an image which is not listed yet, by its digest."""

    @property
    def parents(self) -> Mapping[int, int]:
        """The row of each referrer's subject, where both are listed: by the manifest, or by cosign's tag."""
        self._catch_up()
        return self._parents

    @property
    def bytes(self) -> int:
        """The sum of the sizes: an upper bound, since layers are shared."""
        self._catch_up()
        return self._bytes

    def _catch_up(self) -> None:
        """Read the rows that came since the last look."""
        start, end = self._known, len(self.listing)
        if start == end:
            return
        listing, self._known = self.listing, end
        sizes = listing.sizes[start:end]
        self._bytes += sum(sizes) + sizes.count(-1)
        if self._orphans:
            for row in range(start, end):
                self._parents.update(dict.fromkeys(self._orphans.pop(listing.digest(row), ()), row))
        for row, tags in enumerate(listing.tags[start:end], start):
            if len(tags) == 1 and tags[0].startswith("sha256-"):
                self._put_under(row, "sha256:" + tags[0][7:71])
            elif row in listing.subjects:
                self._put_under(row, listing.subjects[row])

    def _put_under(self, row: int, digest: str) -> None:
        parent = self.listing.find(digest)
        if parent is None:
            self._orphans.setdefault(digest, []).append(row)
        elif parent != row:
            self._parents[row] = parent
