"""The join of 100,000 images with 5,000 references, beside a bare look at every tag in the same run."""

from __future__ import annotations

import gc
import random
import time
from collections.abc import Callable
from statistics import median

from ecrtui.domain.image import ImageListing
from ecrtui.domain.reference import Reference
from ecrtui.domain.repository import Repository
from ecrtui.domain.usage import ListedUses, RepositoryUses, Usage, Use, UseIndex

IMAGES, USES = 100_000, 5_000
GOAL = 12.0
"""Times the bare look; some 100 ms on a slow machine."""
LONGEST = 7.0
"""Times the bare look that one piece, between two of which the loop is free, may take; some 50 ms."""
REGION, ACCOUNT = "eu-central-1", "123456789012"
HOST = f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com"
BIG = Repository("big", REGION, ACCOUNT, "arn", f"{HOST}/big")


def listing_of(count: int) -> ImageListing:
    """Half of the images with a commit, half with a version and another tag; every tenth is an untagged index."""
    listing = ImageListing(REGION, "big")
    for number in range(count):
        tags = (f"main-{number:07x}",) if number % 2 else (f"v1.{number}.0", f"build-{number}")
        digest = f"sha256:{number:064x}"
        listing.add(digest, tags if number % 10 else (), 1, float(number), None, "", "", "ACTIVE")
    return listing


def uses_of(listing: ImageListing) -> list[Use]:
    """Uses by digest, by tag, and of tags that have moved on."""
    chance = random.Random(7)
    uses = []
    for number in range(USES):
        row, runs = chance.randrange(IMAGES), chance.randrange(IMAGES)
        tag = listing.tags[row][0] if listing.tags[row] else "gone"
        digest = listing.digest(runs) if number % 2 else None
        reference = Reference(HOST, "big", tag, None, ACCOUNT, REGION)
        uses.append(Use("ecs-service", f"cluster/service-{number}", REGION, reference, digest, 2))
    return uses


def bare(listing: ImageListing, wanted: frozenset[str]) -> float:
    """Seconds to look at every tag."""
    started = time.perf_counter()
    found = [tag for tags in listing.tags for tag in tags if tag in wanted]
    assert found
    return time.perf_counter() - started


def test_usage_join(measured: Callable[[str], None]) -> None:
    listing = listing_of(IMAGES)
    uses = uses_of(listing)
    children = {listing.digest(row): [listing.digest(row + 1), listing.digest(row + 2)] for row in range(0, 20_000, 10)}
    wanted = frozenset(use.reference.tag or "" for use in uses)
    looks, totals, longest = [], [], []
    for _ in range(7):
        gc.collect()
        looks.append(bare(listing, wanted))
        started = time.perf_counter()
        found = UseIndex([Usage(tuple(uses))]).of(BIG)
        indexed = time.perf_counter()
        joined = RepositoryUses(BIG, found, children)
        made = time.perf_counter()
        rows = ListedUses(joined, listing).rows
        ended = time.perf_counter()
        assert len(rows) > USES // 2
        totals.append(ended - started)
        longest.append(max(indexed - started, made - indexed, ended - made))
    look = median(looks)
    ratio, piece = median(totals) / look, median(longest) / look
    measured(
        f"join of {IMAGES:,} images with {USES:,} uses: {median(totals) * 1e3:.0f} ms, {ratio:.1f} x a bare look at "
        f"every tag (goal {GOAL}); longest piece {median(longest) * 1e3:.0f} ms, {piece:.1f} x (goal {LONGEST})"
    )
    assert ratio <= GOAL
    assert piece <= LONGEST
