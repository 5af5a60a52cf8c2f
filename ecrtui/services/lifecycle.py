"""Lifecycle policies: what one would do to a repository now; putting, deleting and restoring one."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from ecrtui.domain.change import Outcome
from ecrtui.domain.cost import monthly_archive, monthly_storage
from ecrtui.domain.errors import AppError, ErrorKind
from ecrtui.domain.image import Image, ImageListing
from ecrtui.domain.lifecycle import ActionType, Evaluation, Policy, evaluate, parse
from ecrtui.domain.repository import Repository
from ecrtui.domain.storage import Freed
from ecrtui.domain.usage import Usage, Use, used_by
from ecrtui.services.browse import IndexChildren, load_children, load_images, load_usage
from ecrtui.services.changes import Precondition, Stale, Step
from ecrtui.services.contents import ContentsCache, measured
from ecrtui.services.policies import delete_step, put_step, stored_text
from ecrtui.services.ports import Account, Clock, Journal, JournalEntry, Sleep
from ecrtui.services.state import Ready, error_of, value_of


@dataclass(frozen=True, slots=True)
class Preview:
    """What a policy would do to a repository's images now: an estimate, AWS's preview is authoritative."""

    policy: Policy
    policy_text: str
    stored_text: str | None
    """The policy that is set now; None when none is."""
    evaluation: Evaluation
    in_use: Mapping[str, tuple[Use, ...]]
    """Who uses images that would go, by their digests."""
    unchecked: tuple[str, ...]
    """What could not be checked for uses: it counts as in use."""
    monthly_saving: float | None
    """US dollars, an upper bound; None where sizes are not known."""
    listing: ImageListing
    freed: Freed | None = None
    """What the images that expire free, by the manifests; None where these are not all known."""

    @property
    def blocked(self) -> bool:
        """Whether images would go that are in use, or of which it could not be seen."""
        return bool(self.evaluation.marks) and bool(self.in_use or self.unchecked)

    @property
    def reasons(self) -> tuple[str, ...]:
        """Why it is blocked, as sentences; empty when it is not."""
        if not self.blocked:
            return ()
        used = [
            f"{_named(self.listing, digest)} would go, and is used by {', '.join(use.label for use in uses)}"
            for digest, uses in self.in_use.items()
        ]
        return (*used, *(f"not checked: {what}" for what in self.unchecked))


def _named(listing: ImageListing, digest: str) -> str:
    row = listing.find(digest)
    tags = () if row is None else listing.tags[row]
    return tags[0] if tags else digest


async def preview(
    account: Account,
    region: str,
    repository: str,
    policy_text: str,
    *,
    usages: Sequence[Usage] | None = None,
    cache: IndexChildren | None = None,
    contents: ContentsCache | None = None,
    measure: bool = False,
    clock: Clock = time.time,
) -> Preview:
    """Evaluate a policy against all images of a repository, and join what goes with what uses it.

    `usages` are those of all regions whose services may run these images (None: the region's own is loaded).
    What is freed is worked out where `contents` knows all manifests; with `measure` they are read for that.
    Raises AppError when the policy is not valid, or its images cannot all be listed.
    """
    policy = parse(policy_text)
    found = await _looked_at(account, region, repository, usages, clock)
    fate = await _fate(account, found, policy, cache, clock)
    contents = ContentsCache() if contents is None else contents
    if measure and fate.evaluation.marks:
        await measured(account, region, repository, found.images, contents)
    return await asyncio.to_thread(_joined, policy, policy_text, found, fate, contents)


@dataclass(frozen=True, slots=True)
class _Found:
    """All that a preview looks at."""

    repository: Repository
    listing: ImageListing
    images: Sequence[Image]
    stored: str | None
    usages: Sequence[Usage]


@dataclass(frozen=True, slots=True)
class _Fate:
    """What becomes of the images, and what was needed to say so."""

    evaluation: Evaluation
    children: Mapping[str, list[str]]
    unread: Sequence[str]
    """What of the indexes could not be read."""


async def _looked_at(
    account: Account, region: str, repository: str, usages: Sequence[Usage] | None, clock: Clock
) -> _Found:
    described, listing, stored, known = await asyncio.gather(
        account.registry(region).repository(repository),
        _all_images(account, region, repository, clock),
        stored_text(account, region, repository),
        _usages(account, region, usages, clock),
    )
    images = await asyncio.to_thread(lambda: [listing.row(index) for index in range(len(listing))])
    return _Found(described, listing, images, stored, known)


async def _fate(account: Account, found: _Found, policy: Policy, cache: IndexChildren | None, clock: Clock) -> _Fate:
    """Evaluate; where anything would go, once more with what the indexes name."""
    evaluation = await asyncio.to_thread(evaluate, policy, found.images, clock())
    if not evaluation.marks:
        return _Fate(evaluation, {}, ())
    repository = found.repository
    children, unread = await _children(account, repository.region, repository.name, found.images, cache)
    return _Fate(await asyncio.to_thread(evaluate, policy, found.images, clock(), children), children, unread)


def _joined(policy: Policy, text: str, found: _Found, fate: _Fate, contents: ContentsCache) -> Preview:
    """What goes, joined with what uses it and what it frees."""
    marks = fate.evaluation.marks
    expiring = {mark.digest for mark in marks if mark.action is ActionType.EXPIRE}
    freed = contents.freed(found.images, expiring) if expiring else None
    uses = [use for usage in found.usages for use in usage.uses]
    used = used_by(found.repository, found.images, uses, fate.children)
    unchecked = [what for usage in found.usages for what in usage.unchecked]
    unchecked += fate.unread if any(mark.image.is_index for mark in marks) else ()
    return Preview(
        policy,
        text,
        found.stored,
        fate.evaluation,
        {mark.digest: used[mark.digest] for mark in marks if mark.digest in used},
        tuple(dict.fromkeys(unchecked)),
        _saving(fate.evaluation, freed),
        found.listing,
        freed,
    )


async def _all_images(account: Account, region: str, repository: str, clock: Clock) -> ImageListing:
    error: AppError | None = None
    async for slice_ in load_images(account, region, repository, clock=clock):
        error = error_of(slice_)
        if isinstance(slice_, Ready):
            return slice_.value
    raise error or AppError(ErrorKind.MALFORMED, f"list the images of {repository}", region, "the list does not end")


async def _usages(account: Account, region: str, usages: Sequence[Usage] | None, clock: Clock) -> Sequence[Usage]:
    if usages is not None:
        return usages
    usage = value_of(await load_usage(account, region, clock=clock))
    return [] if usage is None else [usage]


async def _children(
    account: Account, region: str, repository: str, images: Sequence[Image], cache: IndexChildren | None
) -> tuple[Mapping[str, list[str]], list[str]]:
    """The children of every index, and what could not be read."""
    indexes = [image.digest for image in images if image.is_index]
    try:
        found = await load_children(account, region, repository, indexes, cache=cache)
    except AppError as error:
        return {}, [f"which images the indexes name: {error.why or error}"]
    children = {digest: [child.digest for child in entries] for digest, entries in found.items()}
    missing = len(indexes) - len(children)
    return children, [f"which images {missing} of {len(indexes)} indexes name"] if missing else []


def _saving(evaluation: Evaluation, freed: Freed | None) -> float | None:
    """Dollars a month that the marked images cost less; None when a size is not known."""
    if any(mark.image.size is None for mark in evaluation.marks):
        return None
    archived = evaluation.bytes_archived
    expired = evaluation.bytes_freed if freed is None else freed.bytes
    return monthly_storage(expired) + monthly_storage(archived) - monthly_archive(archived)


def plan_put(
    account: Account,
    region: str,
    repository: str,
    policy_text: str,
    preview: Preview,
    *,
    allow_in_use: bool = False,
    sleep: Sleep = asyncio.sleep,
) -> Step:
    """Put the previewed policy. Refused while blocked, unless `allow_in_use` (the name is then typed)."""
    step = put_step(account, region, repository, policy_text, before=preview.stored_text, sleep=sleep)
    if preview.policy_text != policy_text:
        return replace(step, check=_refusing("the policy is another one than was previewed", "Preview it again."))
    if not preview.blocked:
        return step
    if allow_in_use:
        return replace(step, change=replace(step.change, confirm_word=repository))
    remedy = "Spare these images in the policy, or say explicitly that they may go."
    return replace(step, check=_refusing("; ".join(preview.reasons), remedy))


def _refusing(why: str, remedy: str) -> Callable[[], Awaitable[Precondition]]:
    async def check() -> Precondition:
        return Stale(why, remedy)

    return check


async def plan_delete(account: Account, region: str, repository: str, *, sleep: Sleep = asyncio.sleep) -> Step:
    """Delete the policy that is set now. Raises AppError when it cannot be read."""
    before = await stored_text(account, region, repository)
    return delete_step(account, region, repository, before=before, sleep=sleep)


@dataclass(frozen=True, slots=True)
class FormerPolicy:
    """The policy before the last change that the journal knows of."""

    text: str | None
    """None when none was set."""
    until: float
    """Epoch seconds: when it was replaced."""


async def former_policy(account: Account, journal: Journal, region: str, repository: str) -> FormerPolicy | None:
    """What the last put or delete from here replaced; None when the journal knows of none."""
    owner = (await account.identity()).account
    found = await journal.entries(owner, region, repository)
    entries = [entry for entry in found if entry.endpoint == account.endpoint]
    last = {entry.id: entry.outcome for entry in entries}
    sent = [entry for entry in entries if _replaced_policy(entry) and last[entry.id] in _REPLACED]
    return FormerPolicy(sent[-1].before or None, sent[-1].at) if sent else None


_REPLACED = (Outcome.DONE.value, Outcome.UNKNOWN.value)


def _replaced_policy(entry: JournalEntry) -> bool:
    return entry.outcome == "intent" and entry.operation in ("PutLifecyclePolicy", "DeleteLifecyclePolicy")


async def plan_restore(
    account: Account,
    journal: Journal,
    region: str,
    repository: str,
    *,
    allow_in_use: bool = False,
    clock: Clock = time.time,
    sleep: Sleep = asyncio.sleep,
) -> Step:
    """Put back the policy before the last change, previewed like any other; or delete, where none was set.

    Raises AppError when the journal knows of no change, or the preview cannot be made.
    """
    former = await former_policy(account, journal, region, repository)
    if former is None:
        raise AppError(
            ErrorKind.NOT_FOUND,
            f"restore the lifecycle policy of {repository}",
            region,
            "the journal knows of no change to it from here",
            "Put the policy anew from its text.",
        )
    if former.text is None:
        return await plan_delete(account, region, repository, sleep=sleep)
    seen = await preview(account, region, repository, former.text, clock=clock)
    return plan_put(account, region, repository, former.text, seen, allow_in_use=allow_in_use, sleep=sleep)
