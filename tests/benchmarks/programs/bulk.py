"""Repositories of any size, for measurements: made quickly, with true digests."""

from __future__ import annotations

from hashlib import sha256

from ecrtui.demo.account import Account
from ecrtui.demo.artifacts import DOCKER_CONFIG, DOCKER_IMAGE
from ecrtui.demo.registry import Repository, StoredImage

_MINUTE = 60.0


def bulk_repository(account: Account, region: str, name: str, images: int) -> Repository:
    """A repository of so many images, a minute apart, the newest now; every tenth has no tag."""
    now = account.clock()
    repository = account.new_repository(region, name, now - images * _MINUTE)
    for number in range(images):
        key = sha256(f"{region} {name} {number}".encode()).hexdigest()
        size = 5_000_000 + int(key[:6], 16)
        manifest = (
            f'{{"schemaVersion":2,"mediaType":"{DOCKER_IMAGE}","config":{{"mediaType":"{DOCKER_CONFIG}",'
            f'"size":2,"digest":"sha256:{key[::-1]}"}},"layers":[{{"mediaType":'
            f'"application/vnd.docker.image.rootfs.diff.tar.gzip","size":{size},"digest":"sha256:{key}"}}]}}'
        )
        repository.put(
            StoredImage(
                digest="sha256:" + sha256(manifest.encode()).hexdigest(),
                manifest=manifest,
                media_type=DOCKER_IMAGE,
                artifact_type=DOCKER_CONFIG,
                size=size + 2,
                pushed_at=now - (images - 1 - number) * _MINUTE,
                tags=() if number % 10 == 9 else (f"main-{key[:7]}-{number}",),
            )
        )
    return repository
