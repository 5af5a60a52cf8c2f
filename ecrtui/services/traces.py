"""What a change has left behind, seen by reading alone: for a change whose end nobody saw.

What is looked at is what the journal says was about to be sent. Where somebody else may have done the same, or
something else since, the answer is that it is unknown: nothing here is a guess.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from typing import Any

from ecrtui.domain.errors import AppError, ErrorKind
from ecrtui.domain.image import Image
from ecrtui.domain.repository import Repository
from ecrtui.domain.tagging import mutability_words
from ecrtui.services.build_traces import retried, started, stopped
from ecrtui.services.create import RepositorySettings, differences
from ecrtui.services.policies import same_text, stored_text
from ecrtui.services.ports import Account, ImageId, JournalEntry
from ecrtui.services.trace import SENT_WITHIN, SKEW, Resolution, Trace, done, given, not_done, unclear

_NAMED = 5
_MASK = "***"


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


async def _unknown(_account: Account, entry: JournalEntry) -> Trace:
    return unclear(f"how to see what {entry.operation} has done is not known")


# Repositories


async def _repository(account: Account, entry: JournalEntry) -> Repository | None:
    try:
        return await account.registry(entry.region).repository(given(entry, "repositoryName"))
    except AppError as error:
        if error.kind is ErrorKind.NOT_FOUND:
            return None
        raise


async def _created(account: Account, entry: JournalEntry) -> Trace:
    found = await _repository(account, entry)
    if found is None:
        return not_done("there is no such repository")
    if found.created_at is not None and found.created_at < entry.at - SKEW:
        return not_done("the repository is older than that")
    if found.created_at is not None and found.created_at > entry.at + SENT_WITHIN:
        return unclear("a repository of that name was made later")
    settings = _settings(entry.region, given(entry, "repositoryName"), entry.parameters)
    if unlike := await differences(account, settings, found):
        return unclear(f"it exists, but not as planned: {'; '.join(unlike)}")
    return done("it exists, with all settings as planned")


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
        return done("the repository is gone")
    if found.created_at is not None and found.created_at > entry.at + SKEW:
        return unclear("a repository of that name was made since")
    return not_done("the repository is still there")


async def _protected(account: Account, entry: JournalEntry) -> Trace:
    found = await _repository(account, entry)
    if found is None:
        return unclear("the repository is gone")
    wanted = given(entry, "imageTagMutability")
    filters = {str(each.get("filter")) for each in _listed(entry.parameters.get("imageTagMutabilityExclusionFilters"))}
    words = mutability_words(found.mutability, found.exclusions)
    if (found.mutability, set(found.exclusions)) == (wanted, filters):
        return done(f"its tags are {words}")
    return not_done(f"its tags are {words} still") if words == entry.before else unclear(f"its tags are {words}")


async def _scanning(account: Account, entry: JournalEntry) -> Trace:
    found = await _repository(account, entry)
    if found is None:
        return unclear("the repository is gone")
    wanted = _members(entry.parameters.get("imageScanningConfiguration")).get("scanOnPush")
    words = "it scans on push" if found.scan_on_push else "it does not scan on push"
    return done(words) if bool(found.scan_on_push) is wanted else not_done(words)


# Lifecycle policies


async def _policy_put(account: Account, entry: JournalEntry) -> Trace:
    return await _policy(account, entry, given(entry, "lifecyclePolicyText"))


async def _policy_deleted(account: Account, entry: JournalEntry) -> Trace:
    return await _policy(account, entry, None)


async def _policy(account: Account, entry: JournalEntry, wanted: str | None) -> Trace:
    if await _repository(account, entry) is None:
        return unclear("the repository is gone")
    now = await stored_text(account, entry.region, given(entry, "repositoryName"))
    if same_text(now, wanted):
        return done("no lifecycle policy is set" if wanted is None else "the policy is set")
    if same_text(now, entry.before or None):
        return not_done("the former policy is still set" if entry.before else "no lifecycle policy is set")
    return unclear("no lifecycle policy is set" if now is None else "another lifecycle policy is set")


async def _previewed(account: Account, entry: JournalEntry) -> Trace:
    try:
        report = await account.registry(entry.region).lifecycle_preview(given(entry, "repositoryName"))
    except AppError as error:
        if error.kind is ErrorKind.NOT_FOUND:
            return not_done("there is no preview")
        raise
    return unclear(f"a preview is {report.status}; of which policy, AWS does not say")


# Images


async def _images_deleted(account: Account, entry: JournalEntry) -> Trace:
    repository = given(entry, "repositoryName")
    ids = _listed(entry.parameters.get("imageIds"))
    tags = [str(each["imageTag"]) for each in ids if "imageTag" in each]
    digests = [str(each["imageDigest"]) for each in ids if "imageDigest" in each]
    if await _repository(account, entry) is None:
        return done("they are gone, and the repository with them")
    if tags:
        return await _tag(account, entry, repository, tags[0], None)
    left = await account.registry(entry.region).images(repository, [ImageId(digest=digest) for digest in digests])
    if not left:
        return done(f"{_count(len(digests))} gone")
    if len(left) == len(digests):
        return not_done(f"{_count(len(digests))} still there")
    gone = len(digests) - len(left)
    return Trace(Resolution.IN_PART, f"{_count(gone)} gone, {len(left):,} still there: {_names(left)}")


async def _tagged(account: Account, entry: JournalEntry) -> Trace:
    digest = given(entry, "imageDigest")
    return await _tag(account, entry, given(entry, "repositoryName"), given(entry, "imageTag"), digest)


async def _tag(account: Account, entry: JournalEntry, repository: str, tag: str, wanted: str | None) -> Trace:
    """Whether a tag names the wanted image (None: none), or the one of before."""
    found = await account.registry(entry.region).images(repository, [ImageId(tag=tag)])
    now = found[0].digest if found else None
    words = f"{tag} names {now or 'no image'}"
    if now == wanted:
        return done(words)
    return not_done(f"{words}, as before") if now == (entry.before or None) else unclear(words)


def _count(number: int) -> str:
    return "1 image is" if number == 1 else f"{number:,} images are"


def _names(images: Collection[Image]) -> str:
    named = [image.tags[0] if image.tags else image.digest[:19] for image in images]
    more = f" and {len(named) - _NAMED:,} more" if len(named) > _NAMED else ""
    return ", ".join(named[:_NAMED]) + more


async def _scanned(account: Account, entry: JournalEntry) -> Trace:
    digest = str(_members(entry.parameters.get("imageId")).get("imageDigest", ""))
    try:
        report = await account.registry(entry.region).scan(given(entry, "repositoryName"), digest, counts_only=True)
    except AppError as error:
        if error.kind is ErrorKind.NOT_FOUND:
            return not_done("the image was never scanned")
        raise
    if report.status in ("IN_PROGRESS", "PENDING"):
        return done("it is being scanned")
    if report.completed_at is None:
        return unclear(f"its scan is {report.status}")
    return done("it is scanned") if report.completed_at >= entry.at - SKEW else not_done("its scan is older")


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
    "StartBuild": ("start a build of {}", started),
    "RetryBuild": ("retry the build {}", retried),
    "StopBuild": ("stop the build {}", stopped),
}
