"""Images of a repository before they are deleted: all of them, what uses them, what the indexes name, their names."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping, Sequence

from ecrtui.domain.errors import AppError, ErrorKind
from ecrtui.domain.image import Image, ImageListing
from ecrtui.domain.usage import Usage, Use, used_by
from ecrtui.services.browse import IndexChildren, load_children, load_images, load_usage
from ecrtui.services.ports import Account
from ecrtui.services.state import Ready, error_of, value_of

_NAMED = 5
"""Images that a sentence names; the others are counted."""

Kids = Mapping[str, Sequence[str]]
"""The digests of the children of each index."""


async def images_used(
    account: Account, region: str, repository: str, listing: Sequence[Image], regions: Collection[str], kids: Kids
) -> tuple[Mapping[str, tuple[Use, ...]], tuple[str, ...]]:
    """Uses by digest, and what could not be checked, in the region and in `regions`."""
    where = dict.fromkeys((region, *regions))
    described = await account.registry(region).repository(repository)
    loaded = await asyncio.gather(*(load_usage(account, one) for one in where))
    usages: list[Usage] = [usage for slice_ in loaded if (usage := value_of(slice_)) is not None]
    uses = [use for usage in usages for use in usage.uses]
    found = await asyncio.to_thread(used_by, described, listing, uses, kids)
    return found, tuple(dict.fromkeys(reason for usage in usages for reason in usage.unchecked))


async def all_images(account: Account, region: str, repository: str) -> list[Image]:
    """Every image of a repository; AppError when they cannot all be listed."""
    error: AppError | None = None
    async for slice_ in load_images(account, region, repository):
        error = error_of(slice_)
        if isinstance(slice_, Ready):
            return await asyncio.to_thread(_rows, slice_.value)
    raise error or AppError(ErrorKind.MALFORMED, f"list the images of {repository}", region, "the list does not end")


def _rows(listing: ImageListing) -> list[Image]:
    return [listing.row(index) for index in range(len(listing))]


async def index_children(
    account: Account, region: str, repository: str, images: Sequence[Image], cache: IndexChildren | None
) -> Kids:
    """The children of every index that could be read; AWS protects those of the others by itself."""
    indexes = [image.digest for image in images if image.is_index]
    try:
        found = await load_children(account, region, repository, indexes, cache=cache)
    except AppError:
        return {}
    return {digest: [child.digest for child in entries] for digest, entries in found.items()}


def in_use(uses: Sequence[Use], unchecked: Sequence[str]) -> str:
    """Why an image counts as in use; empty when it does not."""
    if uses:
        return f"is used by {', '.join(use.label for use in uses[:_NAMED])}"
    return f"may be in use, not checked: {'; '.join(unchecked[:_NAMED])}" if unchecked else ""


# Words


def name_of(image: Image) -> str:
    """How an image is called in a sentence: its first tag, else the beginning of its digest."""
    return image.tags[0] if image.tags else image.digest[:19]


def names_of(images: Sequence[Image]) -> str:
    """How images are called in a sentence: their number, and the names of the first."""
    named = ", ".join(name_of(image) for image in images[:_NAMED])
    rest = len(images) - _NAMED
    if len(images) == 1:
        return named
    return f"{counted(len(images))} ({named}{f' and {rest:,} more' if rest > 0 else ''})"


def counted(number: int) -> str:
    """`1 image`, `2 images`."""
    return "1 image" if number == 1 else f"{number:,} images"
