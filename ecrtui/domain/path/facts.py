"""What a path is drawn from: the facts of one name, each known, known to be absent, or unread with the reason."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from ecrtui.domain import permission
from ecrtui.domain.build import Build
from ecrtui.domain.drift import Drift
from ecrtui.domain.image import Image, ImageKind, ImageListing, classify
from ecrtui.domain.origin import Origin, origin_of
from ecrtui.domain.project import Project
from ecrtui.domain.repository import Repository
from ecrtui.domain.tags import TagKind, precedence
from ecrtui.domain.tags import classify as classify_tag
from ecrtui.domain.usage import KIND_WORDS, Use
from ecrtui.domain.verdict import Pairing, Verdict

_DEPLOYABLE = frozenset({ImageKind.IMAGE, ImageKind.INDEX, ImageKind.HELM})
_SHORT_LIVED = frozenset({TagKind.LATEST, TagKind.ENVIRONMENT})
_LONGEST_ENVIRONMENT = len("development")


@dataclass(frozen=True, slots=True)
class Unread:
    """Something that is not known, and why."""

    why: str
    action: str = ""
    """The IAM action that is missing, where that is the reason."""
    loading: bool = False
    """Whether it is only still on its way."""


WAITING = Unread("still being read", loading=True)


@dataclass(frozen=True, slots=True)
class Stock:
    """A repository's images, as far as the path is about them."""

    total: int = 0
    """Manifests of any kind and status."""
    bytes: int = 0
    """The sum of their sizes: an upper bound, since layers are shared."""
    images: tuple[Image, ...] = ()
    """Those that matter, newest first: the newest, the highest release, what environment tags name, what runs."""
    newest: str = ""
    """The digest of the image pushed last of those that can be deployed and are tagged; empty when none is."""
    release: str = ""
    """The digest of the highest release; empty when there is none."""
    incomplete: str = ""
    """Why not all images could be looked at; empty when they were."""

    def image(self, digest: str) -> Image | None:
        """The image with this digest, if it matters here."""
        return next((image for image in self.images if image.digest == digest), None)

    def named(self, tag: str) -> Image | None:
        """The image that a tag names, if it matters here."""
        return next((image for image in self.images if tag in image.tags), None)


def stock(listing: ImageListing, digests: Iterable[str] = (), tags: Iterable[str] = (), incomplete: str = "") -> Stock:
    """What matters of a listing to the uses that run these digests and name these tags."""
    wanted = frozenset(tags)
    rows = {row for digest in digests if (row := listing.find(digest)) is not None}
    newest, latest = -1, -1.0  # an instant that is not known is no later than any
    for row, names in enumerate(listing.tags):
        if not names:
            continue
        if any(name in wanted or _is_environment(name) for name in names):
            rows.add(row)
        if listing.pushed[row] > latest and _deployable(listing, row):
            newest, latest = row, listing.pushed[row]
    release = _release(listing)
    rows.update(row for row in (newest, release) if row >= 0)
    images = sorted((listing.row(row) for row in rows), key=lambda image: (-(image.pushed_at or 0.0), image.digest))
    return Stock(
        len(listing),
        sum(size for size in listing.sizes if size > 0),
        tuple(images),
        listing.digest(newest) if newest >= 0 else "",
        listing.digest(release) if release >= 0 else "",
        incomplete,
    )


def _is_environment(tag: str) -> bool:
    return len(tag) <= _LONGEST_ENVIRONMENT and tag.isalpha() and classify_tag(tag).kind in _SHORT_LIVED


def _deployable(listing: ImageListing, row: int) -> bool:
    if row in listing.subjects:
        return False
    return classify(listing.media_types[row], listing.artifact_types[row], listing.tags[row]) in _DEPLOYABLE


def _release(listing: ImageListing) -> int:
    """The row with the highest version, of releases if there are any; -1 without one."""
    best: tuple[object, ...] = ()
    found = -1
    for row, names in enumerate(listing.tags):
        for name in names:
            if name[-1:].isdigit() and (order := precedence(name)) is not None and order > best:
                best, found = order, row
    return found


@dataclass(frozen=True, slots=True)
class PathFacts:
    """Everything that is known of one name in one region. `None` says that there is none, `Unread` that it is open."""

    name: str
    region: str
    now: float
    pairing: Pairing | None = None
    """None while either side is still being read."""
    project: Project | Unread | None = WAITING
    repository: Repository | Unread | None = WAITING
    policy: str | Unread | None = WAITING
    """The text of the lifecycle policy."""
    stock: Stock | Unread = WAITING
    builds: tuple[Build, ...] | Unread = WAITING
    """The latest builds of the project, newest first."""
    drifts: tuple[Drift, ...] = ()
    """Every use of this repository's images, wherever it runs, beside what its tag names now."""
    unchecked: tuple[str, ...] = ()
    """Why there may be more of them."""
    waiting: bool = False
    """Whether what runs is still being asked for."""
    rights: tuple[permission.Verdict, ...] | Unread = WAITING
    """Whether the project's role may push, and who runs the images may pull; empty where there is nobody to ask of."""
    parents: Mapping[str, str] = field(default_factory=dict)
    """The index that a platform's image belongs to, by its digest, where it was read."""
    pushed: Mapping[str, Collection[str]] = field(default_factory=dict)
    """The digests that builds pushed by their logs, by build id, where logs were read."""
    created_on_push: bool = False
    """Whether AWS would create the missing repository when it is pushed to."""

    def origin(self, image: Image) -> Origin | None:
        """The build and commit that made an image, as far as it is known."""
        return origin_of(image, () if isinstance(self.builds, Unread) else self.builds, pushed=self.pushed)

    def running(self, drift: Drift) -> Image | None:
        """The image that a use runs, as people know it: of a platform without a tag the index that it belongs to."""
        image = drift.running_image
        parent = self.parents.get(drift.running or "")
        if (image is None or not image.tags) and parent and isinstance(self.stock, Stock):
            return self.stock.image(parent) or image
        return image

    @property
    def filled(self) -> bool:
        """Whether AWS fills the repository by a rule, so that no project of its name is needed."""
        return self.pairing is not None and self.pairing.verdict in (Verdict.REPLICA, Verdict.CACHE)

    def right_to_push(self) -> permission.Verdict | None:
        """Whether the project's role may push; None when that was not asked."""
        known = () if isinstance(self.rights, Unread) else self.rights
        return next((one for one in known if one.actor.purpose is permission.Purpose.PUSH), None)

    def right_to_pull(self, use: Use) -> permission.Verdict | None:
        """Whether a use may pull; None when that was not asked."""
        known = () if isinstance(self.rights, Unread) else self.rights
        label = f"{KIND_WORDS[use.kind]} {use.name} in {use.region}"
        pulls = (one for one in known if one.actor.purpose is permission.Purpose.PULL)
        return next((one for one in pulls if label in one.actor.used_in), None)
