"""Drift: the tag that a use names points to another digest by now than the one that runs.

Accuses only by what is known: where AWS does not say what runs, or an index was not read, it is unknown.
Rules: domain reference, sections 4 and 9.
"""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import isnan

from ecrtui.domain.image import Image
from ecrtui.domain.usage import Children, ListedUses, Use


class DriftState(StrEnum):
    """How what runs stands to the tag that it was started by."""

    NONE = "none"
    """The tag names what runs, or no tag decides what runs."""
    DRIFT = "drift"
    """The tag names another image than the one that runs."""
    TAG_GONE = "tag gone"
    """No image has the tag any more: what is started next cannot be pulled."""
    IMAGE_GONE = "image gone"
    """A digest decides what runs, and its image is deleted: it cannot be started again."""
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Drift:
    """One use, what runs, and what its tag names now."""

    use: Use
    state: DriftState
    why: str
    """A clause: "production names another image than the one that runs"."""
    tag: str | None = None
    """The tag that the use names; None when it names a digest."""
    running: str | None = None
    """The digest that runs; None when AWS does not say."""
    running_image: Image | None = None
    """The image that runs, as far as it is listed: it may be deleted, or a platform that was not read."""
    named: Image | None = None
    """The image that the tag names now."""

    @property
    def drifted(self) -> bool:
        """Whether somebody has to look: what runs is not what the tag names, or what it needs is gone."""
        return self.state in (DriftState.DRIFT, DriftState.TAG_GONE, DriftState.IMAGE_GONE)


def drift_of(
    use: Use,
    named: Image | None,
    running_image: Image | None = None,
    children: Children | None = None,
    *,
    complete: bool = True,
) -> Drift:
    """Judge one use by the image that its tag names now and the one that runs.

    `named` is None when no listed image has the tag, `running_image` when the running digest is not listed;
    `complete` says whether all images are listed. `children` are those of the indexes that were read.
    """
    running, tag = use.running_digest, use.reference.effective_tag

    def judged(state: DriftState, why: str) -> Drift:
        return Drift(use, state, why, tag, running, running_image, named)

    if use.next_tag is None and running is not None and running_image is None and complete:
        return judged(DriftState.IMAGE_GONE, "the image that it runs is deleted: it cannot be started again")
    if tag is None:
        return judged(DriftState.NONE, "it names a digest, which cannot move")
    if use.kind == "lambda-function" and ":" in use.name:
        return judged(DriftState.NONE, "a published version runs the same image for good")
    if named is None:
        if not complete:
            return judged(DriftState.UNKNOWN, f"the image that {tag} names is not listed yet")
        gone = f"no image has the tag {tag} any more"
        if use.next_tag is None:
            return judged(DriftState.NONE, f"{gone}, but a digest decides what runs")
        return judged(DriftState.TAG_GONE, f"{gone}: what is started next cannot be pulled")
    if running is None:
        return judged(*_without_digest(use, tag, named))
    if running == named.digest:
        return judged(DriftState.NONE, f"{tag} names what runs")
    return judged(*_compared(tag, running, running_image, named, children or {}))


def _without_digest(use: Use, tag: str, named: Image) -> tuple[DriftState, str]:
    """App Runner never says which digest runs, the others sometimes do not."""
    if use.auto_deploys:
        return DriftState.NONE, f"it deploys what is pushed to {tag} by itself"
    why = "AWS does not say which digest runs"
    if use.kind == "apprunner-service":
        why += ", and it does not deploy pushes by itself"
    if named.pushed_at is not None and use.deployed_at is not None and named.pushed_at > use.deployed_at:
        why += f"; what {tag} names was pushed after the last deployment"
    return DriftState.UNKNOWN, why


def _compared(
    tag: str, running: str, running_image: Image | None, named: Image, children: Children
) -> tuple[DriftState, str]:
    """Two different digests: an index and its child are the same image."""
    if named.is_index:
        if named.digest not in children:
            return DriftState.UNKNOWN, f"{tag} names an index whose platforms were not read"
        if running in children[named.digest]:
            return DriftState.NONE, f"what runs is a platform of the index that {tag} names"
    if running_image is not None and running_image.is_index:
        if running not in children:
            return DriftState.UNKNOWN, "what runs is an index whose platforms were not read"
        if named.digest in children[running]:
            return DriftState.NONE, f"{tag} names a platform of the index that runs"
    where = "" if running_image is not None else ", which is not in the repository any more"
    return DriftState.DRIFT, f"{tag} names another image than the one that runs{where}"


def redeploy_command(drift: Drift) -> str:
    """The `aws` command that makes a drifted use run what its tag names; empty where there is none.

    Tasks of no service end by themselves; App Runner wants a service's ARN, which is not known here.
    """
    use = drift.use
    if drift.state is not DriftState.DRIFT:
        return ""
    if use.kind == "ecs-service":
        cluster, _, service = use.name.partition("/")
        words = ["ecs", "update-service", "--cluster", cluster, "--service", service, "--force-new-deployment"]
    elif use.kind == "lambda-function":
        reference = use.reference
        uri = f"{reference.host}/{reference.repository}:{drift.tag}"
        words = ["lambda", "update-function-code", "--function-name", use.name, "--image-uri", uri]
    else:
        return ""
    return shlex.join(["aws", *words, "--region", use.region])


class Drifts:
    """The drift of the uses of one listing; `complete` says whether all images are listed."""

    def __init__(self, listed: ListedUses, *, complete: bool) -> None:
        self.listed = listed
        self._complete = complete

    def of(self, use: Use) -> Drift:
        """The drift of one use of this repository."""
        tag, digest, listing = use.reference.effective_tag, use.running_digest, self.listed.listing
        holder = None if tag is None else self.listed.holder(tag)
        row = None if digest is None else listing.find(digest)
        return drift_of(
            use,
            None if holder is None else listing.row(holder),
            None if row is None else listing.row(row),
            self.listed.uses.children,
            complete=self._complete,
        )

    def of_row(self, row: int) -> tuple[Drift, ...]:
        """The drift of every use of one row's image."""
        return tuple(self.of(use) for use in self.listed.rows.get(row, ()))

    def all(self) -> tuple[Drift, ...]:
        """The drift of every use of the repository, what drifted first."""
        found: Sequence[Drift] = [self.of(use) for use in self.listed.uses.uses]
        return tuple(sorted(found, key=lambda drift: (not drift.drifted, drift.use.kind, drift.use.name)))

    def built(self, image: Image) -> Image:
        """What the log of its build names: of a platform's image the index that holds it, else the image itself."""
        listing = self.listed.listing
        indexes = self.listed.uses.parents.get(image.digest, ())
        rows = [row for digest in indexes if (row := listing.find(digest)) is not None]
        first = min(rows, key=lambda row: (isnan(listing.pushed[row]), listing.pushed[row]), default=None)
        return image if first is None else listing.row(first)
