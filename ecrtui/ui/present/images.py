"""The images list of one repository: tagged images and leftovers, with children and referrers under their parent."""

from __future__ import annotations

from collections.abc import Callable, Collection, Container, Hashable, Mapping, Sequence
from math import isnan
from typing import Any

from ecrtui.domain.drift import DriftState
from ecrtui.domain.image import Image, ImageKind, classify
from ecrtui.domain.manifest import ChildManifest
from ecrtui.domain.query import Field, FieldKind
from ecrtui.domain.tagging import DEPLOYABLE
from ecrtui.domain.tags import TagKind, kinds, telling, version_key
from ecrtui.domain.text import Shown, shown
from ecrtui.domain.text.imitation import flagged
from ecrtui.domain.units import age, size
from ecrtui.ui.present.lineage import Lineage
from ecrtui.ui.present.scans import NO_SCANS, ImageScans
from ecrtui.ui.present.source import SortValue
from ecrtui.ui.present.uses import ImageUses
from ecrtui.ui.theme import glyphs
from ecrtui.ui.widgets.columns import Column
from ecrtui.ui.widgets.rows import BLANK, Cell

NEVER = float("-inf")

COLUMNS = (
    Column("tags", Shown("TAGS"), minimum=20, ideal=26, maximum=None),
    Column("digest", Shown("DIGEST"), minimum=12, ideal=12, priority=3),
    Column("pushed", Shown("AGE"), minimum=6, ideal=6, align="right", priority=0),
    Column("size", Shown("SIZE"), minimum=8, ideal=8, align="right", priority=4),
    Column("use", Shown("USED BY"), minimum=8, ideal=12, priority=2),
    Column("kind", Shown("KIND"), minimum=6, ideal=10, priority=7),
    Column("scan", Shown("SCAN"), minimum=8, ideal=10, priority=5),
    Column("pulled", Shown("PULLED"), minimum=8, ideal=8, align="right", priority=8),
    Column("status", Shown("STATUS"), minimum=8, ideal=9, priority=6),
    Column("named", Shown("NAMED BY"), minimum=8, ideal=14, priority=9),
)

NAMED_BY: Mapping[TagKind, str] = {
    TagKind.SEMVER: "version",
    TagKind.BRANCH_SHA: "commit",
    TagKind.SHA: "commit",
    TagKind.DATE: "date",
    TagKind.ENVIRONMENT: "env",
    TagKind.OTHER: "other",
    TagKind.FLOATING: "moving",
    TagKind.LATEST: "latest",
    TagKind.COSIGN: "cosign",
}
"""What a tag of each kind names, in a word."""

FIELDS: Mapping[str, Field] = {
    field.name: field
    for field in (
        Field("tag", FieldKind.TEXT, "any of the tags"),
        Field("digest", FieldKind.TEXT, "the digest"),
        Field("age", FieldKind.AGE, "time since the push"),
        Field("pulled", FieldKind.AGE, "time since the last pull"),
        Field("size", FieldKind.SIZE, "compressed size"),
        Field("kind", FieldKind.TEXT, "image, index, signature, SBOM…"),
        Field("status", FieldKind.TEXT, "active, archived, activating"),
        Field("tagged", FieldKind.FLAG, "whether it has a tag"),
        Field("named", FieldKind.TEXT, "what its tags name: version, commit, date, env, latest, moving, other"),
        Field("used", FieldKind.FLAG, "whether something runs it"),
        Field("drift", FieldKind.FLAG, "whether its tag and what runs are not the same"),
        Field("critical", FieldKind.NUMBER, "critical findings, of the newest and the used images"),
    )
}


class ImageRows:
    """The images of one listing as rows; what runs them and their children are looked up for shown rows only."""

    def __init__(
        self,
        lineage: Lineage,
        uses: ImageUses,
        children: Mapping[str, Sequence[ChildManifest]],
        expanded: Collection[str],
        now: float,
        scans: ImageScans = NO_SCANS,
    ) -> None:
        self.listing = lineage.listing
        self._lineage = lineage
        self._uses = uses
        self._children = children
        self._digests = {parent: tuple(child.digest for child in kids) for parent, kids in children.items()}
        self._expanded = expanded
        self._now = now
        self.scans = scans
        """The scans as they are known now; they come while the rows stay."""
        self._parents = self._find_parents()
        self._stamp = object()

    def at(self, now: float) -> ImageRows:
        """The same rows at another instant: ages are told from `now` on."""
        self._now = now
        return self

    def __len__(self) -> int:
        return len(self.listing)

    def key(self, index: int, /) -> str:
        return self.listing.digest(index)

    def find(self, key: Hashable, /) -> int | None:
        return self.listing.find(key) if isinstance(key, str) else None

    def cells(self, index: int, /) -> Sequence[Cell]:
        image = self.listing.row(index)
        return (
            self._tags_cell(index, image),
            Cell(shown(short_digest(image.digest)), "muted"),
            BLANK if image.pushed_at is None else Cell(shown(age(self._now - image.pushed_at))),
            Cell(Shown("–"), "muted") if image.size is None else Cell(shown(size(image.size, "MB")), "number"),
            self.use_cell(index),
            Cell(shown(image.kind), "muted"),
            self.scans.cell(image),
            Cell(Shown("–"), "muted") if image.pulled_at is None else Cell(shown(age(self._now - image.pulled_at))),
            BLANK if image.status == "ACTIVE" else Cell(shown(image.status.lower()), "warn"),
            named_cell(image),
        )

    @property
    def stamp(self) -> Hashable:
        return self._stamp

    def folded(self, start: int, stop: int, /) -> list[str]:
        listing = self.listing
        return [f"{' '.join(listing.tags[row])} {listing.digest(row)}".casefold() for row in range(start, stop)]

    def terms(self) -> Mapping[str, Callable[[int], Any]]:
        listing = self.listing
        return {
            "tag": lambda row: listing.tags[row],
            "digest": listing.digest,
            "age": listing.pushed.__getitem__,
            "pulled": listing.pulled.__getitem__,
            "size": listing.sizes.__getitem__,
            "kind": lambda row: str(self._kind(row)),
            "status": lambda row: listing.statuses[row],
            "tagged": lambda row: bool(listing.tags[row]),
            "named": lambda row: [NAMED_BY[kind] for kind in kinds(listing.tags[row])],
            "used": self._is_used,
            "drift": self._is_drifted,
            "critical": lambda row: self.scans.critical(listing.row(row)),
        }

    def sort_value(self, column: str, /) -> SortValue | None:
        listing = self.listing
        return {
            "tags": lambda row: version_key(listing.tags[row]),
            "digest": listing.digest,
            "named": lambda row: [NAMED_BY[kind] for kind in kinds(listing.tags[row])],
            "pushed": lambda row: NEVER if isnan(listing.pushed[row]) else listing.pushed[row],
            "size": listing.sizes.__getitem__,
            "use": self._use_rank,
            "kind": self._kind,
            "scan": lambda row: self.scans.weight(listing.row(row)),
            "pulled": lambda row: NEVER if isnan(listing.pulled[row]) else listing.pulled[row],
            "status": listing.statuses.__getitem__,
        }.get(column)

    def nested(self) -> Container[int]:
        self._parents = self._find_parents()
        return self._parents

    def arranged(self, order: list[int], /) -> list[int]:
        if not self._expanded:
            return order
        under: dict[int, list[int]] = {}
        for row, parent in self._parents.items():
            under.setdefault(parent, []).append(row)
        opened = {self.listing.find(digest) for digest in self._expanded}
        out: list[int] = []
        for row in order:
            out.append(row)
            if row in opened:
                out += under.get(row, ())
        return out

    @property
    def used_rows(self) -> Sequence[int]:
        """The rows of the images that something runs."""
        return () if self._uses.drifts is None else tuple(self._uses.drifts.listed.rows)

    def has_more(self, index: int) -> bool:
        """Whether something stands under the row: platforms of an index, signatures and the like."""
        return self.listing.row(index).is_index or index in self._parents.values()

    def use_cell(self, index: int) -> Cell:
        """Whether something runs the image (by digest, by tag only), whether that drifted, or that it is not known."""
        uses = self._uses.of_row(index)
        if not uses:
            return Cell(glyphs().unknown, "muted") if self._uses.unchecked else BLANK
        running = not all(use.by_tag for use in uses)
        states = {drift.state for drift in self._uses.drift_of_row(index)}
        if DriftState.TAG_GONE in states:
            return Cell(shown(f"{glyphs().missing} no tag"), "bad")
        if DriftState.DRIFT in states:
            return Cell(shown(f"{glyphs().running if running else glyphs().warning} drift"), "warn")
        return Cell(shown(f"{glyphs().running} in use"), "good") if running else _by_tag_cell()

    def _find_parents(self) -> Mapping[int, int]:
        """The row of each child's index and of each referrer's subject, where both are listed."""
        if not self._digests:
            return self._lineage.parents
        find, parents = self.listing.find, dict(self._lineage.parents)
        for digest, kids in self._digests.items():
            parent = find(digest)
            for kid in kids:
                row_of_kid = find(kid)
                if parent is None or row_of_kid is None or row_of_kid == parent:
                    continue
                if not self.listing.tags[row_of_kid]:
                    parents[row_of_kid] = parent
        return parents

    def _tags_cell(self, index: int, image: Image) -> Cell:
        if index in self._parents:
            return Cell(shown(f"  └ {self._child_label(image)}"), "muted")
        cell = tags_cell(image.tags)
        if image.status == "ACTIVE":
            return cell
        return Cell(shown(f"{cell.text}  {image.status.lower()}"), "muted")  # nobody can pull it: seen at any width

    def _child_label(self, image: Image) -> str:
        for kids in self._children.values():
            for kid in kids:
                if kid.digest == image.digest:
                    return "attestation" if kid.attestation else kid.platform or "unknown platform"
        return f"{image.kind} {' '.join(image.tags)}".strip()

    def _kind(self, row: int) -> ImageKind:
        listing = self.listing
        return classify(listing.media_types[row], listing.artifact_types[row], listing.tags[row])

    def _is_used(self, row: int) -> bool | None:
        if self._uses.of_row(row):
            return True
        return None if self._uses.unchecked else False

    def _is_drifted(self, row: int) -> bool | None:
        drifts = self._uses.drift_of_row(row)
        if any(drift.drifted for drift in drifts):
            return True
        unsure = self._uses.unchecked or any(drift.state is DriftState.UNKNOWN for drift in drifts)
        return None if unsure else False

    def _use_rank(self, row: int) -> int:
        """Drift before what runs, that before what only a tag names, that before the rest."""
        uses = self._uses.of_row(row)
        if not uses:
            return 0
        if any(drift.drifted for drift in self._uses.drift_of_row(row)):
            return 3
        return 1 if all(use.by_tag for use in uses) else 2


def _by_tag_cell() -> Cell:
    return Cell(shown(f"{glyphs().running} by tag"), "warn")


def tags_cell(tags: tuple[str, ...]) -> Cell:
    """The two tags that say most, and how many more there are."""
    if not tags:
        return Cell(Shown("<untagged>"), "muted")
    first = telling(tags)
    more = f"  +{len(tags) - len(first)}" if len(tags) > len(first) else ""
    text = "  ".join(first) + more
    return Cell(shown(f"⚠ {text}"), "warn") if any(map(flagged, tags)) else Cell(shown(text), "name")


def named_cell(image: Image) -> Cell:
    """What the tags name, the most telling first; nothing unique is worth a look where something can be deployed."""
    found = kinds(image.tags)
    words = " ".join(dict.fromkeys(NAMED_BY[kind] for kind in found))
    lasting = any(NAMED_BY[kind] in ("version", "commit") for kind in found)
    calm = lasting or not found or image.subject is not None or image.kind not in DEPLOYABLE
    return Cell(shown(words), "muted" if calm else "warn")


def short_digest(digest: str) -> str:
    """The first 12 characters of a digest's hash, as docker shows it."""
    return digest.partition(":")[2][:12] or digest[:12]
