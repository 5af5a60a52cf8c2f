"""What images keep in a registry: each blob once, however many manifests name it.

ECR stores a layer once a repository; with blob mounting once for all repositories of a registry that are
encrypted alike. Layers that are stored elsewhere (`urls`) cost nothing here. Source: domain reference, section 7.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Hashable, Iterable, Mapping
from dataclasses import dataclass
from sys import intern
from typing import Generic, TypeVar

from ecrtui.domain.image import Image
from ecrtui.domain.manifest import parse_manifest

P = TypeVar("P", bound=Hashable)
K = TypeVar("K", bound=Hashable)

Blob = tuple[str, int]
"""The digest (sha256) of a configuration or layer, and its compressed bytes."""


@dataclass(frozen=True, slots=True)
class Contents:
    """What one manifest has stored: itself, and the blobs that it names."""

    manifest: int
    """Bytes of the manifest."""
    blobs: tuple[Blob, ...] = ()
    children: tuple[str, ...] = ()
    """The digests that an index names: images with contents of their own."""


def contents_of(text: str) -> Contents | None:
    """What a manifest has stored; None where it does not say so (schema 1, a layer without a size).

    AppError (malformed) when it is no manifest.
    """
    manifest = parse_manifest(text)
    entries = [(layer.digest, layer.size) for layer in manifest.layers if not layer.foreign]
    if manifest.config_digest is not None:
        entries.append((manifest.config_digest, manifest.config_size))
    blobs: dict[str, int] = {}
    for digest, size in entries:
        if size is None:
            return None
        blobs[intern(digest)] = max(size, blobs.get(digest, 0))
    if not (blobs or manifest.layers or manifest.is_index):
        return None
    children = tuple(intern(child.digest) for child in manifest.children)
    return Contents(len(text.encode("utf-8", "surrogatepass")), tuple(blobs.items()), children)


@dataclass(frozen=True, slots=True)
class Amount:
    """What some images keep. Bytes are in all storage classes; those in the archive are also given apart."""

    images: int = 0
    bytes: int = 0
    archived: int = 0
    """Of `bytes`, what only archived images hold."""
    own: int = 0
    """Of `bytes`, what no other image holds: deleting these images frees it."""
    own_archived: int = 0
    reported: int = 0
    """Images counted with the size that AWS reports, since their manifests were not read: an upper bound."""
    unsized: int = 0
    """Images without even that: `bytes` does not hold them."""

    @property
    def exact(self) -> bool:
        """Whether every byte was counted once, from the manifests."""
        return not self.reported and not self.unsized


@dataclass(frozen=True)
class Holdings(Generic[P]):
    """Who holds how many bytes, by parts: groups of images of one kind. An image is in one part."""

    shares: Mapping[frozenset[tuple[P, bool]], int]
    """Bytes by all that hold them: parts, each with whether it is the part's archived images."""
    counts: Mapping[tuple[P, bool], tuple[int, int, int]]
    """Images, those with their reported size, and those without any, of each part."""

    @property
    def parts(self) -> frozenset[P]:
        """All parts that have an image."""
        return frozenset(part for part, _ in self.counts)

    def of(self, chosen: Callable[[P], bool] = lambda part: True) -> Amount:
        """What the chosen parts keep together."""
        return self.by(chosen).get(True, Amount())

    def by(self, key: Callable[[P], K]) -> dict[K, Amount]:
        """What the parts of each key keep together. What two keys share counts for both, as nobody's own."""
        keys = {part: key(part) for part in self.parts}
        sums: dict[K, list[int]] = {one: [0] * 7 for one in keys.values()}
        for (part, _), counts in self.counts.items():
            for place, number in zip((0, 5, 6), counts, strict=True):
                sums[keys[part]][place] += number
        for holders, size in self.shares.items():
            cold = all(in_archive for _, in_archive in holders)
            among = {keys[part] for part, _ in holders}
            alone = len(among) == 1
            for one in among:
                for place, counted in enumerate((True, cold, alone, alone and cold), 1):
                    sums[one][place] += size * counted
        return {one: Amount(*found) for one, found in sums.items()}


class Ledger(Generic[P]):
    """Counts what images keep, image by image, in any order."""

    def __init__(self) -> None:
        self._numbers: dict[tuple[P, bool], int] = {}
        self._pools: dict[Hashable, dict[bytes, tuple[int, frozenset[int]]]] = {}
        """By pool the size and the holders of each blob, by the 32 bytes of its digest."""
        self._sets: dict[frozenset[int], frozenset[int]] = {}
        self._alone: Counter[int] = Counter()
        """Bytes that one part holds by itself: manifests, and sizes as reported."""
        self._counts: dict[int, list[int]] = {}

    def add(
        self, part: P, size: int | None, contents: Contents | None, *, pool: Hashable = None, archived: bool = False
    ) -> None:
        """Count one image, once a repository. Without `contents` its reported `size` is taken.

        Blobs are stored once in a `pool`: a repository, or all that share theirs by blob mounting.
        """
        number = self._numbers.setdefault((part, archived), len(self._numbers))
        counts = self._counts.setdefault(number, [0, 0, 0])
        counts[0] += 1
        if contents is not None:
            self._alone[number] += contents.manifest
            self._hold(self._pools.setdefault(pool, {}), number, contents.blobs)
        elif size is not None and size >= 0:
            self._alone[number] += size
            counts[1] += 1
        else:
            counts[2] += 1

    def _hold(self, pool: dict[bytes, tuple[int, frozenset[int]]], number: int, blobs: Iterable[Blob]) -> None:
        """Manifests may lie about the size of a blob that they share: the largest is taken."""
        for digest, size in blobs:
            key = bytes.fromhex(digest[7:])
            known, holders = pool.get(key, (size, frozenset()))
            if number not in holders:
                holders = self._shared(holders | {number})
            elif size <= known:
                continue
            pool[key] = (max(known, size), holders)

    def _shared(self, numbers: frozenset[int]) -> frozenset[int]:
        """One object for each set of holders: there are few, of many blobs."""
        return self._sets.setdefault(numbers, numbers)

    def holdings(self) -> Holdings[P]:
        """What was counted so far."""
        sums: Counter[frozenset[int]] = Counter()
        for pool in self._pools.values():
            for size, holders in pool.values():
                sums[holders] += size
        for number, size in self._alone.items():
            sums[frozenset((number,))] += size
        parts = {number: part for part, number in self._numbers.items()}
        return Holdings(
            {frozenset(parts[number] for number in holders): size for holders, size in sums.items()},
            {parts[number]: (counts[0], counts[1], counts[2]) for number, counts in self._counts.items()},
        )


@dataclass(frozen=True, slots=True)
class Freed:
    """What a deletion frees."""

    bytes: int
    exact: bool
    """Whether all manifests of the repository were known; otherwise no more than these bytes are freed."""


def freed(images: Iterable[Image], deleted: Collection[str], contents: Mapping[str, Contents]) -> Freed:
    """What deleting the images with these digests frees: the blobs that only they reference.

    `images` are all of the repository; `contents` what is known of them by digest. An image whose contents are
    not known counts with its reported size, and as one that shares nothing.
    """
    ledger: Ledger[bool] = Ledger()
    for image in images:
        ledger.add(image.digest in deleted, image.size, contents.get(image.digest))
    holdings = ledger.holdings()
    return Freed(holdings.of(lambda gone: gone).own, holdings.of().exact)
