"""Image tags: what each one is, which version is higher, and which to show first.

The classes are those of the domain reference, section 10; the first that matches wins.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class TagKind(StrEnum):
    """What a tag is."""

    LATEST = "latest"
    SEMVER = "semver"
    DATE = "date"
    """A date, or a build number of eight digits or more."""
    FLOATING = "floating"
    """A version that moves: `1`, `v1.2`."""
    COSIGN = "cosign"
    ENVIRONMENT = "environment"
    SHA = "sha"
    BRANCH_SHA = "branch-sha"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class TagClass:
    """What a tag is, with the branch and commit that it names."""

    kind: TagKind
    branch: str = ""
    sha: str = ""

    @property
    def unique(self) -> bool:
        """Whether such a tag names one build for good."""
        return self.kind in (TagKind.SEMVER, TagKind.SHA, TagKind.BRANCH_SHA)


Precedence = tuple[object, ...]
"""Orders versions; compare only with another."""

_SEMVER = re.compile(r"v?(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(?:-([0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*))?", re.ASCII)
_WORDS = {
    "latest": TagKind.LATEST,
    **dict.fromkeys(
        ("prod", "production", "staging", "stage", "qa", "test", "dev", "development"), TagKind.ENVIRONMENT
    ),
}
_NUMBERED = (
    (TagKind.SEMVER, _SEMVER),
    (TagKind.DATE, re.compile(r"(\d{8}|\d{4}-\d\d-\d\d)([.-]?\d{4,6})?", re.ASCII)),
    (TagKind.FLOATING, re.compile(r"v?\d+(\.\d+)?", re.ASCII)),
)
_NUMBERED_STARTS = frozenset("v0123456789")
"""What a version, a date or a floating version begins with."""
_COSIGN = re.compile(r"sha256-[0-9a-f]{64}(\.(sig|att|sbom))?")
_PLAIN = {kind: TagClass(kind) for kind in TagKind}
_SHA = re.compile(r"(?:sha-)?(?P<sha>[0-9a-f]{7,40})")
_BRANCH_SHA = re.compile(r"(?P<branch>[A-Za-z0-9._-]+)-(?P<sha>[0-9a-f]{7,40})")


def classify(tag: str) -> TagClass:
    """What a tag is."""
    if word := _WORDS.get(tag):
        return _PLAIN[word]
    if tag[:1] in _NUMBERED_STARTS:
        for kind, pattern in _NUMBERED:
            if pattern.fullmatch(tag):
                return _PLAIN[kind]
    if tag.startswith("sha256-") and _COSIGN.fullmatch(tag):
        return _PLAIN[TagKind.COSIGN]
    if match := _SHA.fullmatch(tag):
        return _with_commit(TagKind.SHA, "", match["sha"])
    if match := _BRANCH_SHA.fullmatch(tag):
        return _with_commit(TagKind.BRANCH_SHA, match["branch"], match["sha"])
    return _PLAIN[TagKind.OTHER]


def _with_commit(kind: TagKind, branch: str, sha: str) -> TagClass:
    """A hash has a digit (`feature-defaced` has none); eight digits alone are a date or a build number."""
    if sha.isdigit() and len(sha) >= 8:
        return TagClass(TagKind.DATE, branch)
    if not any(char.isdigit() for char in sha):
        return TagClass(TagKind.OTHER)
    return TagClass(kind, branch, sha)


def precedence(tag: str) -> Precedence | None:
    """Semantic Versioning 2.0 precedence of a version tag: a pre-release comes before its release.

    None for any other tag. Numbers are compared by length and digits, since they may have any length.
    """
    match = _SEMVER.fullmatch(tag)
    if match is None:
        return None
    major, minor, patch, pre_release = match.groups()
    release = tuple((len(number), number) for number in (major, minor, patch))
    if pre_release is None:
        return (*release, 1)
    return (*release, 0, tuple(_identifier(part) for part in pre_release.split(".")))


def _identifier(part: str) -> tuple[int, int, str]:
    if part.isdigit():
        number = part.lstrip("0")
        return 0, len(number), number
    return 1, 0, part


_TELLING = (
    TagKind.SEMVER,
    TagKind.BRANCH_SHA,
    TagKind.SHA,
    TagKind.DATE,
    TagKind.ENVIRONMENT,
    TagKind.OTHER,
    TagKind.FLOATING,
    TagKind.LATEST,
    TagKind.COSIGN,
)
"""Most telling first: what was built, then where it runs, then what merely points at it for now."""
_RANK = {kind: rank for rank, kind in enumerate(_TELLING)}


def kinds(tags: Iterable[str]) -> tuple[TagKind, ...]:
    """What the tags of an image are, each kind once, the most telling first."""
    return tuple(sorted({classify(tag).kind for tag in tags}, key=_RANK.__getitem__))


def version_key(tags: tuple[str, ...]) -> tuple[int, Precedence]:
    """Orders images by their tags: untagged, then by name, then by version (the highest of each), as SemVer says.

    Made for long lists: a tag that cannot be a version is passed over at once.
    """
    if not tags:
        return 0, ()
    found = [known for tag in tags if tag[:1] in _NUMBERED_STARTS and (known := precedence(tag)) is not None]
    return (2, max(found)) if found else (1, tags)


def ordered(tags: Iterable[str]) -> tuple[str, ...]:
    """The tags of an image, the most telling first; of several versions the highest."""
    ranked = [(_RANK[classify(tag).kind], tag) for tag in sorted(tags)]
    versions = sorted((tag for rank, tag in ranked if rank == 0), key=_precedence_of, reverse=True)
    return (*versions, *(tag for rank, tag in sorted(ranked) if rank))


def _precedence_of(tag: str) -> Precedence:
    return precedence(tag) or ()


def primary_tag(tags: tuple[str, ...]) -> str | None:
    """The tag to show for an image; None for an untagged one."""
    if len(tags) < 2:
        return tags[0] if tags else None
    return ordered(tags)[0]


def telling(tags: tuple[str, ...]) -> tuple[str, ...]:
    """The two tags that say most: the one that names the version, and the environment (else `latest`) it is in."""
    if not tags:
        return ()
    first, *others = ordered(tags)
    places = [tag for kind in (TagKind.ENVIRONMENT, TagKind.LATEST) for tag in others if classify(tag).kind is kind]
    return (first, *(places or others)[:1])
