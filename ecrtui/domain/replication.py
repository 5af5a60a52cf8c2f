"""Where a repository's images are copied to, whether they are there, and what AWS creates by itself.

Rules are per region, copy what was pushed after they were made, and do not chain. A registry's rules are shown,
never rewritten: this API's model may lack members that a rewrite would drop (domain reference, sections 1, 11).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import inf
from typing import TypeVar

from ecrtui.domain.image import Image
from ecrtui.domain.registry import CreationTemplate, Destination, PullThroughRule, RegistrySettings, Replica
from ecrtui.domain.units import MINUTE

ROOT = "ROOT"
"""The prefix of what holds where no other prefix does."""
CREATE_ON_PUSH = "CREATE_ON_PUSH"
USUAL_DELAY = 30 * MINUTE
"""Most images are replicated within this time (ECR user guide, "Private image replication")."""

R = TypeVar("R", CreationTemplate, PullThroughRule)


def replicated_to(name: str, settings: RegistrySettings) -> tuple[Destination, ...] | None:
    """Where the rules copy a repository's images to; None when the rules could not be read."""
    if "replication" in settings.unread:
        return None
    matching = (rule for rule in settings.replication if not rule.prefixes or any(map(name.startswith, rule.prefixes)))
    return tuple(dict.fromkeys(destination for rule in matching for destination in rule.destinations))


def created_on_push(name: str, settings: RegistrySettings) -> bool | None:
    """Whether AWS creates a missing repository of this name when something is pushed; None when not known."""
    if "templates" in settings.unread:
        return None
    template = template_for(name, settings)
    return template is not None and CREATE_ON_PUSH in template.applied_for


def template_for(name: str, settings: RegistrySettings) -> CreationTemplate | None:
    """The creation template that holds for a name: the one with the longest prefix, else `ROOT`."""
    return _longest(name, settings.templates)


def cached_from(name: str, settings: RegistrySettings) -> PullThroughRule | None:
    """The pull-through cache rule that fills a repository of this name."""
    return _longest(name, settings.pull_through)


def _longest(name: str, rules: Iterable[R]) -> R | None:
    """The prefix `team` is of names that begin with `team/`."""
    matching = [rule for rule in rules if rule.prefix == ROOT or name.startswith(rule.prefix.rstrip("/") + "/")]
    return max(matching, key=lambda rule: (rule.prefix != ROOT, len(rule.prefix)), default=None)


class CopyState(StrEnum):
    """How a tag in another region stands to the one here."""

    SAME = "same"
    DIFFERS = "differs"
    """It names another digest."""
    MISSING = "missing"
    OLDER = "older"
    """Not there, and pushed before anything that was copied: rules copy what is pushed after they were made."""
    UNDER_WAY = "under way"
    """Not there, and pushed so lately that it may still come."""
    FAILED = "failed"
    """AWS says that it could not be replicated."""
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Copy:
    """A repository's tags elsewhere, as far as they were asked for."""

    destination: Destination
    digests: Mapping[str, str] | None
    """Digests by tag; None when they could not be read."""
    why: str = ""
    """Why they could not be read, or why there are none."""
    by_rule: bool = True
    """Whether a rule replicates to it; otherwise the repository merely bears the same name."""


@dataclass(frozen=True, slots=True)
class TagRow:
    """One tag here, and how each copy stands to it."""

    tag: str
    digest: str
    pushed_at: float | None
    states: tuple[CopyState, ...]
    """One for each copy, in their order."""
    there: tuple[str, ...]
    """The digest that the tag names there; empty where there is none."""


@dataclass(frozen=True, slots=True)
class Gap:
    """A tag that should be elsewhere, as it is here, and is not."""

    repository: str
    region: str
    destination: Destination
    state: CopyState
    """MISSING, DIFFERS or FAILED."""
    tag: str
    digest: str
    there: str = ""
    """The other digest, where it differs."""
    why: str = ""


def tag_rows(
    images: Iterable[Image],
    copies: Sequence[Copy],
    now: float,
    replicas: Mapping[str, Sequence[Replica]] | None = None,
) -> tuple[TagRow, ...]:
    """Every tag of these images beside the copies, in the order of the images.

    `replicas` is what AWS says of the replication of an image, by its digest.
    """
    said, images = replicas or {}, tuple(images)
    begun = [_begun(images, copy) for copy in copies]
    rows = []
    for image in images:
        failed = {replica.destination for replica in said.get(image.digest, ()) if replica.status == "FAILED"}
        for tag in image.tags:
            there = tuple((copy.digests or {}).get(tag, "") for copy in copies)
            states = tuple(
                _state(image, digest, copy, copy.destination in failed, since, now)
                for copy, digest, since in zip(copies, there, begun, strict=True)
            )
            rows.append(TagRow(tag, image.digest, image.pushed_at, states, there))
    return tuple(rows)


def _begun(images: Iterable[Image], copy: Copy) -> float:
    """When the oldest image was pushed that is there by a rule; for ever where that is not known."""
    if not copy.by_rule or copy.digests is None:
        return -inf
    copied = (image for image in images if any(copy.digests.get(tag) == image.digest for tag in image.tags))
    return min((image.pushed_at for image in copied if image.pushed_at is not None), default=-inf)


def _state(image: Image, there: str, copy: Copy, failed: bool, begun: float, now: float) -> CopyState:
    if copy.digests is None:
        return CopyState.UNKNOWN
    if there == image.digest:
        return CopyState.SAME
    if failed:
        return CopyState.FAILED
    if copy.by_rule and image.pushed_at is not None and now - image.pushed_at < USUAL_DELAY:
        return CopyState.UNDER_WAY
    if there:
        return CopyState.DIFFERS
    return CopyState.OLDER if image.pushed_at is not None and image.pushed_at < begun else CopyState.MISSING


_GAPS = (CopyState.MISSING, CopyState.DIFFERS, CopyState.FAILED)


def replication_gaps(
    repository: str,
    region: str,
    images: Iterable[Image],
    copies: Sequence[Copy],
    now: float,
    replicas: Mapping[str, Sequence[Replica]] | None = None,
) -> tuple[Gap, ...]:
    """What the rules should have copied, and is not there as it is here. What is not known is no gap."""
    return tuple(
        Gap(repository, region, copy.destination, state, row.tag, row.digest, there, copy.why)
        for row in tag_rows(images, copies, now, replicas)
        for copy, state, there in zip(copies, row.states, row.there, strict=True)
        if copy.by_rule and state in _GAPS
    )
