"""From an image to the build and the commit that made it, and how certain that is.

A digest that the build's own log names is proof. A tag that names the build's commit (or release) is good
evidence. That a build ran when the image was pushed is a guess, and is called so. Domain reference, sections 3 and 10.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from ecrtui.domain.build import Build
from ecrtui.domain.image import Image
from ecrtui.domain.push import Push
from ecrtui.domain.pushlog import PushLog
from ecrtui.domain.tags import TagKind, classify, ordered

_EARLY = 60.0
"""Seconds that a push may seem to come before its build began: clocks differ."""
_LATE = 300.0
"""Seconds after a build's end in which what it pushed may appear."""
_SHORTEST_COMMIT = 7


class Certainty(StrEnum):
    """How it is known that a build made an image."""

    PROVEN = "proven"
    """The build's log names the digest."""
    BY_TAG = "by tag"
    """A tag of the image names the build's commit, or the release that it built."""
    BY_TIME = "by time"
    """The build ran when the image was pushed, and no other one did."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Where an image comes from."""

    certainty: Certainty
    evidence: str
    """A clause: "the log of the build names the digest"."""
    build: Build | None = None
    """None when a tag names the commit, but no build of it is known any more."""
    commit: str = ""
    """In full where a build knows it, else as the tag has it; empty when neither does."""
    branch: str = ""
    """As the tag, or the source version that was asked for, names it; empty when neither does."""


def origin_of(
    image: Image, builds: Iterable[Build], *, pushed: Mapping[str, Collection[str]] | None = None
) -> Origin | None:
    """The build that made an image, of `builds` (those of its project); None when nothing points to one.

    `pushed` are the digests that builds pushed by their logs (`pushed_digests`), by build id, where logs were read.
    For the platform of an index, ask for the index: the log names that one.
    """
    known = sorted(builds, key=lambda build: build.started_at or 0.0, reverse=True)
    for build in known:
        if image.digest in (pushed or {}).get(build.id, ()):
            return _origin(image, build, Certainty.PROVEN, "the log of the build names the digest")
    # A log that was read and does not name the digest speaks against its build.
    silent = {id_ for id_, digests in (pushed or {}).items() if digests}
    possible = [build for build in known if build.id not in silent]
    return _by_tag(image, possible) or _by_time(image, possible) or _commit_alone(image)


def pushed_digests(lines: Iterable[str] | Sequence[Push], repository: str = "") -> frozenset[str]:
    """The digests that a build pushed, by the lines of its log or by the pushes that were read from it.

    `repository` (its name, without the registry) leaves out what went elsewhere. Base images that the log names are
    no pushes, and are not among them.
    """
    log = PushLog()
    pushes: list[Push] = []
    for line in lines:
        if isinstance(line, Push):
            pushes.append(line)
        else:
            log.feed(line)
    return frozenset(
        push.digest
        for push in (*pushes, *log.pushes)
        if push.digest and (not repository or not push.repository or push.name == repository)
    )


def candidates(image: Image, builds: Iterable[Build], most: int = 3) -> tuple[Build, ...]:
    """The builds whose logs are worth reading to prove which one made the image, the likeliest first."""
    known = sorted(builds, key=lambda build: build.started_at or 0.0, reverse=True)
    by_tag = [build for build in known if _names_commit(image, build) and _may_have_pushed(image, build)]
    by_time = [build for build in known if _ran_at_push(image, build)]
    return tuple(dict.fromkeys((*[one for one in by_tag if one in by_time], *by_tag, *by_time)))[:most]


def _by_tag(image: Image, builds: Sequence[Build]) -> Origin | None:
    """The build of the commit or release that a tag names: the one that ran at the push, else the newest good one."""
    named = [
        (build, tag) for build in builds if (tag := _names_commit(image, build)) and _may_have_pushed(image, build)
    ]
    at_push = [one for one in named if _ran_at_push(image, one[0])]
    for build, tag in (*at_push, *(one for one in named if one[0].status == "SUCCEEDED")):
        what = "release" if classify(tag).kind is TagKind.SEMVER else "commit"
        return _origin(image, build, Certainty.BY_TAG, f"the tag {tag} names the {what} that it built", tag)
    return None


def _names_commit(image: Image, build: Build) -> str:
    """The tag that names what the build built; empty when none does."""
    resolved, wanted = build.resolved_source_version, build.source_version.rpartition("/")[2]
    for tag in ordered(image.tags):
        named = classify(tag)
        if len(named.sha) >= _SHORTEST_COMMIT and resolved.startswith(named.sha):
            return tag
        if named.kind is TagKind.SEMVER and wanted == tag:
            return tag
    return ""


def _may_have_pushed(image: Image, build: Build) -> bool:
    """Whether the build had begun by the time of the push."""
    return image.pushed_at is None or build.started_at is None or build.started_at <= image.pushed_at + _EARLY


def _ran_at_push(image: Image, build: Build) -> bool:
    if image.pushed_at is None or build.started_at is None:
        return False
    ended = build.ended_at
    return build.started_at - _EARLY <= image.pushed_at and (ended is None or image.pushed_at <= ended + _LATE)


def _by_time(image: Image, builds: Sequence[Build]) -> Origin | None:
    """The only build that ran at the push; of several none can be told from the others."""
    ran = [build for build in builds if _ran_at_push(image, build)]
    ran = [build for build in ran if build.status == "SUCCEEDED"] or ran
    if len(ran) != 1 or _names_another_commit(image, ran[0]):
        return None
    return _origin(image, ran[0], Certainty.BY_TIME, "it was the only build that ran when the image was pushed")


def _names_another_commit(image: Image, build: Build) -> bool:
    """Whether a tag names a commit, and the build is known to have built another one."""
    commits = [sha for tag in image.tags if (sha := classify(tag).sha)]
    resolved = build.resolved_source_version
    return bool(commits and _is_commit(resolved) and not any(resolved.startswith(sha) for sha in commits))


def _is_commit(text: str) -> bool:
    return len(text) >= _SHORTEST_COMMIT and not text.lower().strip("0123456789abcdef")


def _commit_alone(image: Image) -> Origin | None:
    for tag in ordered(image.tags):
        if sha := classify(tag).sha:
            evidence = f"the tag {tag} names the commit; no build of it is known (any more)"
            return Origin(Certainty.BY_TAG, evidence, None, sha, classify(tag).branch)
    return None


def _origin(image: Image, build: Build, certainty: Certainty, evidence: str, tag: str = "") -> Origin:
    named = [one for each in ((tag,) if tag else ordered(image.tags)) if (one := classify(each)).sha]
    commit = build.resolved_source_version if _is_commit(build.resolved_source_version) else ""
    branch = next((one.branch for one in named if one.branch), "")
    if not branch and not _is_commit(build.source_version) and ":" not in build.source_version:
        branch = build.source_version.removeprefix("refs/heads/").removeprefix("refs/tags/")
    return Origin(certainty, evidence, build, commit or next((one.sha for one in named), ""), branch)
