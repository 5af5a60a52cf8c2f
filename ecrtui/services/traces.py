"""What a change has left behind, seen by reading alone: for a change whose end nobody saw.

What is looked at is what the journal says was about to be sent. Where somebody else may have done the same, or
something else since, the answer is that it is unknown: nothing here is a guess.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from ecrtui.domain.build import Build
from ecrtui.domain.errors import AppError, ErrorKind
from ecrtui.domain.image import Image
from ecrtui.domain.repository import Repository
from ecrtui.domain.tagging import mutability_words
from ecrtui.services.builds import history, is_by, is_of_version, project_of
from ecrtui.services.create import RepositorySettings, differences
from ecrtui.services.policies import same_text, stored_text
from ecrtui.services.ports import Account, ImageId, JournalEntry

SKEW = 60.0
"""Seconds that our clock may be ahead of AWS's."""
_SENT_WITHIN = 240.0
"""Seconds from the intent to the end of sending: what is looked at before, and the deadline of each call."""
_BUILDS = 100
_NAMED = 5
_MASK = "***"


class Resolution(StrEnum):
    """What became of a change that was cut off."""

    DONE = "done"
    NOT_DONE = "not done"
    IN_PART = "done in part"
    UNKNOWN = "unknown"
    """It cannot be told by reading."""
    OPEN = "still open"
    """It could not be read now; nothing is written, and the next start looks again."""


@dataclass(frozen=True, slots=True)
class Trace:
    """What was seen of a change, and the sentence about it."""

    resolution: Resolution
    detail: str


def phrase(entry: JournalEntry) -> str:
    """What was to be done, as a clause."""
    if entry.operation not in _KNOWN:
        return f"{entry.operation} of {entry.target}"
    words, _ = _KNOWN[entry.operation]
    return words.format(entry.target)


async def trace(account: Account, entry: JournalEntry) -> Trace:
    """What an intent has left behind; AppError when it cannot be read."""
    _, look = _KNOWN.get(entry.operation, ("", _unknown))
    return await look(account, entry)


def _done(detail: str) -> Trace:
    return Trace(Resolution.DONE, detail)


def _not_done(detail: str) -> Trace:
    return Trace(Resolution.NOT_DONE, detail)


def _unclear(detail: str) -> Trace:
    return Trace(Resolution.UNKNOWN, detail)


async def _unknown(_account: Account, entry: JournalEntry) -> Trace:
    return _unclear(f"how to see what {entry.operation} has done is not known")


def _given(entry: JournalEntry, name: str) -> str:
    """A parameter that must be there."""
    value = entry.parameters.get(name)
    if isinstance(value, str) and value:
        return value
    why = f"the journal does not say its {name}"
    raise AppError(ErrorKind.INVALID, f"see what became of {entry.operation}", entry.region, why)


# Repositories


async def _repository(account: Account, entry: JournalEntry) -> Repository | None:
    try:
        return await account.registry(entry.region).repository(_given(entry, "repositoryName"))
    except AppError as error:
        if error.kind is ErrorKind.NOT_FOUND:
            return None
        raise


async def _created(account: Account, entry: JournalEntry) -> Trace:
    found = await _repository(account, entry)
    if found is None:
        return _not_done("there is no such repository")
    if found.created_at is not None and found.created_at < entry.at - SKEW:
        return _not_done("the repository is older than that")
    if found.created_at is not None and found.created_at > entry.at + _SENT_WITHIN:
        return _unclear("a repository of that name was made later")
    settings = _settings(entry.region, _given(entry, "repositoryName"), entry.parameters)
    if unlike := await differences(account, settings, found):
        return _unclear(f"it exists, but not as planned: {'; '.join(unlike)}")
    return _done("it exists, with all settings as planned")


def _settings(region: str, name: str, given: Mapping[str, Any]) -> RepositorySettings:
    """The settings that CreateRepository was to be sent with; tags whose values are masked are left out."""
    encryption = _members(given.get("encryptionConfiguration"))
    filters = _listed(given.get("imageTagMutabilityExclusionFilters"))
    pairs = [(tag.get("Key"), tag.get("Value")) for tag in _listed(given.get("tags"))]
    return RepositorySettings(
        name,
        region,
        str(given.get("imageTagMutability", "MUTABLE")),
        tuple(str(each.get("filter", "")) for each in filters),
        _members(given.get("imageScanningConfiguration")).get("scanOnPush") is True,
        str(encryption.get("encryptionType", "AES256")),
        encryption.get("kmsKey"),
        tags={str(key): str(value) for key, value in pairs if value != _MASK},
    )


def _members(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _listed(value: Any) -> Sequence[Mapping[str, Any]]:
    return [each for each in value if isinstance(each, Mapping)] if isinstance(value, list) else []


async def _deleted(account: Account, entry: JournalEntry) -> Trace:
    found = await _repository(account, entry)
    if found is None:
        return _done("the repository is gone")
    if found.created_at is not None and found.created_at > entry.at + SKEW:
        return _unclear("a repository of that name was made since")
    return _not_done("the repository is still there")


async def _protected(account: Account, entry: JournalEntry) -> Trace:
    found = await _repository(account, entry)
    if found is None:
        return _unclear("the repository is gone")
    wanted = _given(entry, "imageTagMutability")
    filters = {str(each.get("filter")) for each in _listed(entry.parameters.get("imageTagMutabilityExclusionFilters"))}
    words = mutability_words(found.mutability, found.exclusions)
    if (found.mutability, set(found.exclusions)) == (wanted, filters):
        return _done(f"its tags are {words}")
    return _not_done(f"its tags are {words} still") if words == entry.before else _unclear(f"its tags are {words}")


async def _scanning(account: Account, entry: JournalEntry) -> Trace:
    found = await _repository(account, entry)
    if found is None:
        return _unclear("the repository is gone")
    wanted = _members(entry.parameters.get("imageScanningConfiguration")).get("scanOnPush")
    words = "it scans on push" if found.scan_on_push else "it does not scan on push"
    return _done(words) if bool(found.scan_on_push) is wanted else _not_done(words)


# Lifecycle policies


async def _policy_put(account: Account, entry: JournalEntry) -> Trace:
    return await _policy(account, entry, _given(entry, "lifecyclePolicyText"))


async def _policy_deleted(account: Account, entry: JournalEntry) -> Trace:
    return await _policy(account, entry, None)


async def _policy(account: Account, entry: JournalEntry, wanted: str | None) -> Trace:
    if await _repository(account, entry) is None:
        return _unclear("the repository is gone")
    now = await stored_text(account, entry.region, _given(entry, "repositoryName"))
    if same_text(now, wanted):
        return _done("no lifecycle policy is set" if wanted is None else "the policy is set")
    if same_text(now, entry.before or None):
        return _not_done("the former policy is still set" if entry.before else "no lifecycle policy is set")
    return _unclear("no lifecycle policy is set" if now is None else "another lifecycle policy is set")


async def _previewed(account: Account, entry: JournalEntry) -> Trace:
    try:
        report = await account.registry(entry.region).lifecycle_preview(_given(entry, "repositoryName"))
    except AppError as error:
        if error.kind is ErrorKind.NOT_FOUND:
            return _not_done("there is no preview")
        raise
    return _unclear(f"a preview is {report.status}; of which policy, AWS does not say")


# Images


async def _images_deleted(account: Account, entry: JournalEntry) -> Trace:
    repository = _given(entry, "repositoryName")
    given = _listed(entry.parameters.get("imageIds"))
    tags = [str(each["imageTag"]) for each in given if "imageTag" in each]
    digests = [str(each["imageDigest"]) for each in given if "imageDigest" in each]
    if await _repository(account, entry) is None:
        return _done("they are gone, and the repository with them")
    if tags:
        return await _tag(account, entry, repository, tags[0], None)
    left = await account.registry(entry.region).images(repository, [ImageId(digest=digest) for digest in digests])
    if not left:
        return _done(f"{_count(len(digests))} gone")
    if len(left) == len(digests):
        return _not_done(f"{_count(len(digests))} still there")
    gone = len(digests) - len(left)
    return Trace(Resolution.IN_PART, f"{_count(gone)} gone, {len(left):,} still there: {_names(left)}")


async def _tagged(account: Account, entry: JournalEntry) -> Trace:
    digest = _given(entry, "imageDigest")
    return await _tag(account, entry, _given(entry, "repositoryName"), _given(entry, "imageTag"), digest)


async def _tag(account: Account, entry: JournalEntry, repository: str, tag: str, wanted: str | None) -> Trace:
    """Whether a tag names the wanted image (None: none), or the one of before."""
    found = await account.registry(entry.region).images(repository, [ImageId(tag=tag)])
    now = found[0].digest if found else None
    words = f"{tag} names {now or 'no image'}"
    if now == wanted:
        return _done(words)
    return _not_done(f"{words}, as before") if now == (entry.before or None) else _unclear(words)


def _count(number: int) -> str:
    return "1 image is" if number == 1 else f"{number:,} images are"


def _names(images: Collection[Image]) -> str:
    named = [image.tags[0] if image.tags else image.digest[:19] for image in images]
    more = f" and {len(named) - _NAMED:,} more" if len(named) > _NAMED else ""
    return ", ".join(named[:_NAMED]) + more


async def _scanned(account: Account, entry: JournalEntry) -> Trace:
    digest = str(_members(entry.parameters.get("imageId")).get("imageDigest", ""))
    try:
        report = await account.registry(entry.region).scan(_given(entry, "repositoryName"), digest, counts_only=True)
    except AppError as error:
        if error.kind is ErrorKind.NOT_FOUND:
            return _not_done("the image was never scanned")
        raise
    if report.status in ("IN_PROGRESS", "PENDING"):
        return _done("it is being scanned")
    if report.completed_at is None:
        return _unclear(f"its scan is {report.status}")
    return _done("it is scanned") if report.completed_at >= entry.at - SKEW else _not_done("its scan is older")


# Builds


async def _started(account: Account, entry: JournalEntry) -> Trace:
    version = str(entry.parameters.get("sourceVersion", ""))
    return await _new_build(account, entry, entry.target, lambda build: is_of_version(build, version))


async def _retried(account: Account, entry: JournalEntry) -> Trace:
    return await _new_build(account, entry, project_of(entry.target), lambda build: True)


async def _new_build(account: Account, entry: JournalEntry, project: str, alike: Callable[[Build], bool]) -> Trace:
    """The build that began when it would have, if there is exactly one, of ours."""
    newest = await history(account, entry.region, project, _BUILDS)
    first, last = entry.at - SKEW, entry.at + _SENT_WITHIN
    then = [build for build in newest if build.started_at is None or first <= build.started_at <= last]
    found = [build for build in then if alike(build)]
    if len(found) == 1 and is_by(found[0], entry.arn):
        return _done(f"the build {found[0].id} is {found[0].status}")
    if found:
        named = ", ".join(f"{build.id} by {build.initiator or 'somebody'}" for build in found[:_NAMED])
        return _unclear(f"whether it is one of these builds cannot be seen: {named}")
    if len(newest) == _BUILDS and all((build.started_at or last) > first for build in newest):
        return _unclear(f"{_BUILDS} builds of {project} began since")
    return _not_done(f"no build of {project} began then")


async def _stopped(account: Account, entry: JournalEntry) -> Trace:
    build = next(iter(await account.builds(entry.region).builds([_given(entry, "id")])), None)
    if build is None:
        return _unclear("there is no such build any more")
    words = f"the build is {build.status}"
    return _done(words) if build.status == "STOPPED" else _not_done(words)


_KNOWN: Mapping[str, tuple[str, Callable[[Account, JournalEntry], Awaitable[Trace]]]] = {
    "CreateRepository": ("create the repository {}", _created),
    "DeleteRepository": ("delete the repository {}", _deleted),
    "PutImageTagMutability": ("set the tag mutability of {}", _protected),
    "PutImageScanningConfiguration": ("set the scanning of {}", _scanning),
    "PutLifecyclePolicy": ("put the lifecycle policy of {}", _policy_put),
    "DeleteLifecyclePolicy": ("delete the lifecycle policy of {}", _policy_deleted),
    "StartLifecyclePolicyPreview": ("preview a lifecycle policy of {}", _previewed),
    "BatchDeleteImage": ("delete images or tags of {}", _images_deleted),
    "PutImage": ("tag an image of {}", _tagged),
    "StartImageScan": ("scan an image of {}", _scanned),
    "StartBuild": ("start a build of {}", _started),
    "RetryBuild": ("retry the build {}", _retried),
    "StopBuild": ("stop the build {}", _stopped),
}
