"""Watching a repository: what changed between two looks, and looks that fail."""

from contextlib import aclosing

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from memory import NOW, REGION, FakeTime, MemoryAccount, a_repository, an_image, digest_of

from ecrtui.domain.errors import AppError, ErrorKind
from ecrtui.domain.image import Image
from ecrtui.services.repository_watch import RepositoryChange, changes, watch_repository

ONE, TWO = an_image("v1", "latest", digest=digest_of("1")), an_image("v0", digest=digest_of("0"))


def shop(**settings) -> tuple[MemoryAccount, FakeTime]:
    account = MemoryAccount(repositories=[a_repository("pet-web")], images={"pet-web": [TWO, ONE]}, **settings)
    return account, FakeTime()


async def seen(account: MemoryAccount, time: FakeTime, count: int) -> list[tuple[str, str, str]]:
    found = []
    watching = watch_repository(account, REGION, "pet-web", clock=time, sleep=time.sleep)
    async with aclosing(watching) as events:
        async for change in events:
            found.append((change.kind, change.tag, change.former_digest))
            if len(found) == count:
                break
    return found


async def test_a_new_image_and_the_tag_that_moved_to_it_appear():
    account, time = shop()
    time.at = {3: lambda: account.push("pet-web", an_image("v2", "latest", "stable", pushed_at=NOW))}
    assert await seen(account, time, 3) == [
        ("new-image", "v2", ""),
        ("new-tag", "stable", ""),
        ("moved-tag", "latest", ONE.digest),
    ]
    assert time.slept == [5.0] * 3


async def test_the_first_image_of_an_empty_repository_appears():
    account, time = shop()
    account.area(REGION).images["pet-web"].clear()
    time.at = {2: lambda: account.push("pet-web", an_image("v1", pushed_at=NOW))}
    assert await seen(account, time, 1) == [("new-image", "v1", "")]


async def test_deletions_and_vanished_tags_appear():
    account, time = shop()
    time.at = {1: lambda: account.remove("pet-web", TWO.digest)}
    assert await seen(account, time, 2) == [("vanished-tag", "v0", ""), ("deleted-image", "v0", "")]


async def test_an_incomplete_look_is_a_problem_and_deletes_nothing():
    account, time = shop(page_size=1)
    account.faults.fail("ecr:DescribeImages", ErrorKind.THROTTLED, after=3, times=3)
    time.at = {6: lambda: account.push("pet-web", an_image("v2", pushed_at=NOW))}
    assert [kind for kind, *_ in await seen(account, time, 4)] == ["problem"] * 3 + ["new-image"]
    assert time.slept[:5] == [5.0, 10.0, 20.0, 40.0, 5.0]


@pytest.mark.parametrize("refused", [True, False])
async def test_a_repository_that_cannot_be_watched_is_an_error(refused):
    account, time = shop()
    if refused:
        account.faults.deny("ecr:DescribeImages")
    else:
        account.area(REGION).repositories.clear()
    with pytest.raises(AppError):
        await seen(account, time, 1)


def test_a_change_as_json_names_what_a_tag_named_before():
    change = RepositoryChange("moved-tag", "sha256:b", "latest", "sha256:a", 0.0)
    assert change.to_json() == {
        "event": "moved-tag",
        "at": "1970-01-01T00:00:00Z",
        "digest": "sha256:b",
        "tag": "latest",
        "former_digest": "sha256:a",
    }


@st.composite
def repositories(draw) -> dict[str, Image]:
    owners = draw(st.dictionaries(st.sampled_from("abcdef"), st.integers(0, 5)))
    untagged = draw(st.sets(st.integers(0, 5)))
    images = {}
    for number in {*owners.values(), *untagged}:
        tags = tuple(tag for tag, owner in sorted(owners.items()) if owner == number)
        images[digest_of(str(number))] = an_image(*tags, digest=digest_of(str(number)), pushed_at=NOW + number)
    return images


@settings(max_examples=150, deadline=None)
@given(repositories(), repositories())
def test_changes_lead_from_one_look_to_the_next(before, after):
    digests = set(before)
    tags = {tag: image.digest for image in before.values() for tag in image.tags}
    found = list(changes(before, after, NOW))
    for change in found:
        match change.kind:
            case "new-image":
                assert change.digest not in digests
                digests.add(change.digest)
                if change.tag and change.tag not in tags:
                    tags[change.tag] = change.digest
            case "new-tag":
                assert change.tag not in tags
                tags[change.tag] = change.digest
            case "moved-tag":
                assert tags[change.tag] == change.former_digest != change.digest
                tags[change.tag] = change.digest
            case "vanished-tag":
                assert tags.pop(change.tag) == change.digest
            case "deleted-image":
                digests.remove(change.digest)
    assert digests == set(after)
    assert tags == {tag: image.digest for image in after.values() for tag in image.tags}
    assert bool(found) == (
        {digest: sorted(image.tags) for digest, image in before.items()}
        != {digest: sorted(image.tags) for digest, image in after.items()}
    )
