"""What the seeded copies lack is the same at every start."""

from __future__ import annotations

import pytest

from ecrtui.demo.clock import Clock
from ecrtui.demo.seed import seeded_account

SEOUL, TOKYO, VIRGINIA = "ap-northeast-2", "ap-northeast-1", "us-east-1"


@pytest.mark.parametrize("now", [1_790_000_000.0, 1_795_482_000.7])
def test_what_copies_lack(now: float) -> None:
    account = seeded_account(Clock(now))
    source = account.region(SEOUL).registry
    lacking = {}
    for name, region in (("pet-web", TOKYO), ("pet-web", VIRGINIA), ("pet-api", TOKYO), ("pet-worker", TOKYO)):
        here, there = source.repositories[name], account.region(region).registry.repositories[name]
        lacking[name, region] = {
            tag
            for tag, digest in here.tagged.items()
            if here.images[digest].pushed_at >= source.replicated_since and there.tagged.get(tag) != digest
        }
    lost = lacking.pop(("pet-worker", TOKYO))
    assert "staging" in lost
    assert {source.repositories["pet-worker"].tagged[tag] for tag in lost} == {
        source.repositories["pet-worker"].tagged["staging"]
    }
    assert lacking == {("pet-web", TOKYO): set(), ("pet-web", VIRGINIA): set(), ("pet-api", TOKYO): {"staging"}}
