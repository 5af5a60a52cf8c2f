"""Listing 100,000 images, against aiobotocore's own paginator over the same server in the same run."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median

import pytest
from aiobotocore.session import get_session

from ecrtui.aws.session import AccountOptions, StaticCredentials, open_account
from ecrtui.domain.image import ImageListing

IMAGES = 100_000
REGION = "eu-central-1"


def options(url: str) -> AccountOptions:
    """How the server is reached."""
    return AccountOptions(region=REGION, endpoint_url=url, credentials=StaticCredentials("a", "b"))


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    """A server of 100,000 images in a process of its own."""
    server = Path(__file__).with_name("listing_server.py")
    with subprocess.Popen(
        [sys.executable, server, str(IMAGES)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdin is not None
        yield process.stdout.readline().strip()
        process.stdin.close()


async def ours(url: str) -> tuple[float, ImageListing]:
    """Seconds for everything from opening the account on, and the listing."""
    started = time.perf_counter()
    account = await open_account(options(url))
    listing = ImageListing(REGION, "big")
    async for _ in account.registry(REGION).list_images(listing):
        pass
    await account.close()
    return time.perf_counter() - started, listing


async def theirs(url: str) -> float:
    """Seconds that aiobotocore's paginator takes, its session included."""
    started = time.perf_counter()
    session = get_session()
    async with session.create_client(
        "ecr", region_name=REGION, endpoint_url=url, aws_access_key_id="a", aws_secret_access_key="b"
    ) as client:
        pages = client.get_paginator("describe_images").paginate(
            repositoryName="big", PaginationConfig={"PageSize": 1000}
        )
        count = 0
        async for page in pages:
            count += len(page["imageDetails"])
    assert count == IMAGES
    return time.perf_counter() - started


async def test_one_hundred_thousand_images(url: str, measured: Callable[[str], None]) -> None:
    await ours(url)  # the server and the imports are warm for both
    mine, other = [], []
    for _ in range(3):
        seconds, listing = await ours(url)
        assert len(listing) == IMAGES
        mine.append(seconds)
        other.append(await theirs(url))
    ratio = median(mine) / median(other)
    measured(f"100,000 images listed: {ratio:.3f} x the time of aiobotocore's paginator (at most 0.15)")
    assert ratio <= 0.15


async def test_the_loop_goes_on_meanwhile(url: str, measured: Callable[[str], None]) -> None:
    listing = asyncio.ensure_future(ours(url))
    longest = 0.0
    while not listing.done():
        before = time.perf_counter()
        await asyncio.sleep(0.001)
        longest = max(longest, time.perf_counter() - before - 0.001)
    measured(f"longest stall of the event loop while they are listed: {longest * 1000:.0f} ms (at most 50)")
    assert longest <= 0.05


async def test_bytes_for_an_image(url: str, measured: Callable[[str], None]) -> None:
    account = await open_account(options(url))
    listing = ImageListing(REGION, "big")
    tracemalloc.start()
    async for _ in account.registry(REGION).list_images(listing):
        pass
    held, _peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    await account.close()
    measured(f"bytes held for an image with 1.5 tags: {held / IMAGES:.0f} (botocore's dictionaries: about 2,600)")
    assert held / IMAGES < 600
