"""Scans in the list of images: the counts of an image, or why they are not known, in one cell."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from heapq import nlargest

from ecrtui.domain.errors import AppError
from ecrtui.domain.image import Image, ImageKind, ImageListing
from ecrtui.domain.manifest import ChildManifest
from ecrtui.domain.scan import ScanReport, counts_of, critical_count, rank, report_in, standing, weight
from ecrtui.domain.text import Shown, shown
from ecrtui.services.findings import Scan
from ecrtui.ui.present.problems import state_word
from ecrtui.ui.theme import Role
from ecrtui.ui.widgets.rows import BLANK, Cell

_CELL = 8
"""Cells that the counts may take: of many severities the worst ones are told."""
_NOT_ASKED = Cell(Shown("–"), "muted")


@dataclass(frozen=True, slots=True)
class ImageScans:
    """The scans of one repository's images, as far as they were asked for, with what AWS told unasked."""

    scans: Mapping[str, Scan] = field(default_factory=dict)
    """By digest."""
    children: Mapping[str, Sequence[ChildManifest]] = field(default_factory=dict)
    """The platforms of the indexes that were read."""

    def of(self, image: Image) -> tuple[Scan | None, ...] | None:
        """The scans of the image or, of an index, of its platforms; None where it is not known which these are."""
        if not image.is_index:
            return (report_in(image) or self.scans.get(image.digest),)
        platforms = [child for child in self.children.get(image.digest, ()) if not child.attestation]
        return tuple(self.scans.get(child.digest) for child in platforms) or None

    def unasked(self, images: Sequence[Image]) -> list[str]:
        """What to ask for, for these images to be known: newest tagged first, each digest once."""
        first = sorted(images, key=lambda image: (not image.tags, -(image.pushed_at or 0.0)))
        wanted: dict[str, None] = {}
        for image in first:
            if not _scanned(image) or self._attests(image.digest) or report_in(image) is not None:
                continue
            platforms = [child.digest for child in self.children.get(image.digest, ()) if not child.attestation]
            wanted.update(dict.fromkeys(platforms if image.is_index else [image.digest]))
        return list(wanted)

    def cell(self, image: Image) -> Cell:
        """The counts of the worst platform; `–` where nothing was asked, `?` and a word where it is not known."""
        if not _scanned(image) or self._attests(image.digest):
            return BLANK
        scans = self.of(image)
        if scans is None:
            return Cell(Shown("? index"), "muted")
        worst = max((scan for scan in scans if answers(scan)), key=_weight, default=None)
        silent = [scan for scan in scans if not answers(scan)]
        if worst is not None:
            return _counts_cell(worst, unknown=bool(silent))
        known = next((scan for scan in silent if scan is not None), None)
        return _NOT_ASKED if known is None else Cell(shown(f"? {word_of(known)}"), _word_role(known))

    def weight(self, image: Image) -> tuple[int, ...]:
        """Compares images by their findings; what is not known comes last."""
        known = [_weight(scan) for scan in self.of(image) or () if answers(scan)]
        return max(known, default=())

    def critical(self, image: Image) -> int | None:
        """Critical findings of the worst platform; None where they are not (all) known."""
        scans = self.of(image)
        counts = [critical_count(scan) if isinstance(scan, ScanReport) else None for scan in scans or ()]
        known = [count for count in counts if count is not None]
        return max(known) if known and (len(known) == len(counts) or max(known)) else None

    def _attests(self, digest: str) -> bool:
        """Whether it is an attestation in an index that was read."""
        return any(child.attestation and child.digest == digest for kids in self.children.values() for child in kids)


NO_SCANS = ImageScans()


_FOREMOST = 100
"""Images that are asked for where an order or a filter depends on what is not in sight."""


def foremost(listing: ImageListing, used: Iterable[int]) -> list[int]:
    """The rows that matter most: those that something runs, then the newest tagged ones."""
    newest = nlargest(_FOREMOST, (row for row, tags in enumerate(listing.tags) if tags), key=listing.pushed.__getitem__)
    return list(dict.fromkeys([*used, *newest]))[:_FOREMOST]


def _scanned(image: Image) -> bool:
    """Whether scanners look at things of this kind."""
    return image.kind in (ImageKind.IMAGE, ImageKind.INDEX) and image.subject is None


def answers(scan: Scan | None) -> bool:
    """Whether the findings are known."""
    return isinstance(scan, ScanReport) and scan.answers


def _weight(scan: Scan | None) -> tuple[int, ...]:
    return weight(scan) if isinstance(scan, ScanReport) else ()


def _counts_cell(scan: Scan | None, *, unknown: bool) -> Cell:
    counts = (counts_of(scan) if isinstance(scan, ScanReport) else None) or {}
    mark = " ?" if unknown else ""
    if not counts:
        return Cell(shown(f"✓ none{mark}"), "warn" if unknown else "muted")
    return Cell(shown(counts_words(counts, _CELL - len(mark)) + mark), counts_role(counts))


def counts_words(counts: Mapping[str, int], cells: int | None = None) -> str:
    """`2C 5H 11M`: counts with the first letter of their severity; the worst ones, where not all fit `cells`."""
    text = ""
    for severity, number in counts.items():
        longer = f"{text} {number}{severity[:1]}".strip()
        if text and cells is not None and len(longer) > cells:
            break
        text = longer
    return text


def counts_role(counts: Mapping[str, int]) -> Role:
    """Red with critical findings, yellow with high ones."""
    worst = min(map(rank, counts), default=len(counts))
    return "bad" if worst <= rank("CRITICAL") else "warn" if worst == rank("HIGH") else "plain"


def word_of(scan: Scan) -> str:
    """Why findings are not known, in a word."""
    return state_word(scan) if isinstance(scan, AppError) else standing(scan.status).word


def _word_role(scan: Scan) -> Role:
    return "warn" if isinstance(scan, AppError) or scan.status == "FAILED" else "muted"
