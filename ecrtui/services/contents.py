"""Reading manifests for what they have stored.

It may count as a pull at AWS (domain reference, trap 4): it is done on demand, and remembered by digest.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from ecrtui.domain.errors import AppError, ErrorKind
from ecrtui.domain.image import Image
from ecrtui.domain.image_config import IMAGE_CONFIGS, ImageConfig, parse_config
from ecrtui.domain.manifest import Manifest, parse_manifest, verify
from ecrtui.domain.storage import Contents, Freed, contents_of, freed
from ecrtui.services.ports import Account

CHUNK = 400
"""Manifests asked for at once: four calls of BatchGetImage."""


class ContentsCache:
    """What manifests have stored, by digest: what a digest names never changes. The last ones are remembered."""

    def __init__(self, most: int = 20_000) -> None:
        self._most = most
        self._known: dict[str, Contents | None] = {}

    def known(self, digests: Iterable[str]) -> dict[str, Contents | None]:
        """What is remembered of these; None for a manifest that does not say what it stores."""
        return {digest: self._known[digest] for digest in digests if digest in self._known}

    def freed(self, images: Sequence[Image], deleted: Collection[str]) -> Freed | None:
        """What deleting these images of a repository frees; None unless all its manifests are remembered."""
        known = self.known(image.digest for image in images)
        said = {digest: contents for digest, contents in known.items() if contents is not None}
        return freed(images, deleted, said) if len(said) == len(images) else None

    def remember(self, found: Mapping[str, Contents | None]) -> None:
        """Remember these, and forget the oldest where there are too many."""
        self._known.update(found)
        excess = len(self._known) - self._most
        if excess > 0:
            for digest in list(self._known)[:excess]:
                del self._known[digest]


@dataclass(frozen=True, slots=True)
class ReadContents:
    """What was read of some manifests, by digest; one that could not be read is left out."""

    contents: Mapping[str, Contents | None]
    false: tuple[str, ...] = ()
    """Digests whose manifest is not what the digest says: nothing in it is believed."""


async def read_contents(
    account: Account, region: str, repository: str, digests: Collection[str], cache: ContentsCache
) -> ReadContents:
    """What these manifests have stored, from the cache or read (by 100); AppError when that is refused."""
    known = cache.known(digests)
    missing = [digest for digest in digests if digest not in known]
    if not missing:
        return ReadContents(known)
    texts = await account.registry(region).manifests(repository, missing)
    read = await asyncio.to_thread(_believed, texts)
    cache.remember(read.contents)
    return ReadContents({**known, **read.contents}, read.false)


def _believed(texts: Mapping[str, str]) -> ReadContents:
    found: dict[str, Contents | None] = {}
    false = []
    for digest, text in texts.items():
        if not verify(digest, text):
            false.append(digest)
            continue
        try:
            found[digest] = contents_of(text)
        except AppError:  # it is what was pushed, and no manifest
            found[digest] = None
    return ReadContents(found, tuple(false))


async def measured(
    account: Account, region: str, repository: str, images: Iterable[Image], cache: ContentsCache
) -> Mapping[str, Contents]:
    """What the images that can be pulled have stored, by digest; AppError when reading that is refused."""
    digests = [image.digest for image in images if image.status != "ARCHIVED"]
    found: dict[str, Contents] = {}
    for start in range(0, len(digests), CHUNK):
        read = await read_contents(account, region, repository, digests[start : start + CHUNK], cache)
        found |= {digest: known for digest, known in read.contents.items() if known is not None}
    return found


@dataclass(frozen=True, slots=True)
class ReadManifest:
    """One manifest as it was read."""

    manifest: Manifest
    bytes: int
    config: ImageConfig | None = None
    """The configuration; None where the manifest names none that is an image's, or it could not be read."""
    unread: AppError | None = None
    """Why the configuration could not be read."""


async def load_manifest(account: Account, region: str, repository: str, digest: str) -> ReadManifest:
    """The manifest of one image, read and verified; AppError when that is refused, or it is not what was pushed."""
    what = f"read the manifest of {digest}"
    texts = await account.registry(region).manifests(repository, [digest])
    text = texts.get(digest)
    if text is None:
        why = "AWS gives none: archived images and deleted ones have none to read"
        raise AppError(ErrorKind.NOT_FOUND, what, region, why, "Look at its status; restore it when it is archived.")
    if not await asyncio.to_thread(verify, digest, text):
        why = "what was sent does not hash to the digest, so nothing in it is believed"
        raise AppError(ErrorKind.MALFORMED, what, region, why, "Check the endpoint and what is between it and you.")
    manifest = await asyncio.to_thread(parse_manifest, text)
    read = ReadManifest(manifest, len(text.encode("utf-8", "surrogatepass")))
    try:
        return replace(read, config=await _config(account, region, repository, manifest))
    except AppError as error:
        return replace(read, unread=error)


async def _config(account: Account, region: str, repository: str, manifest: Manifest) -> ImageConfig | None:
    digest = manifest.config_digest
    if digest is None or manifest.config_media_type not in IMAGE_CONFIGS:
        return None
    blob = await account.registry(region).configuration(repository, digest)
    text = blob.decode("utf-8", "replace")
    if not verify(digest, text):
        why = "it does not hash to the digest that the manifest names, or is larger than a MiB"
        raise AppError(ErrorKind.MALFORMED, "read the image's configuration", region, why)
    return await asyncio.to_thread(parse_config, text)
