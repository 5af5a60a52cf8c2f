"""Whether pushed images are in ECR: present, absent, elsewhere and unknown are never mixed up."""

import pytest
from memory import ACCOUNT, NOW, REGION, FakeTime, MemoryAccount, a_repository, an_image, digest_of

from ecrtui.domain.push import Push, PushState
from ecrtui.services.verify import ImageVerdict, Presence, verify

URI = f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/pet-web"
IMAGE = an_image("v1", digest=digest_of("one"))


def push(repository: str = URI, tag: str | None = "v1", digest: str | None = IMAGE.digest, **more) -> Push:
    return Push(repository, "classic", **{"state": PushState.DONE, "tag": tag, "digest": digest, **more})


def shop(*images, **settings) -> MemoryAccount:
    return MemoryAccount(
        regions=(REGION, "eu-central-1"),
        repositories=[a_repository("pet-web"), a_repository("pet-web", "eu-central-1")],
        images={"pet-web": images},
        **settings,
    )


async def verified(account: MemoryAccount, *pushes: Push) -> ImageVerdict:
    return await verify(account, REGION, pushes, sleep=FakeTime().sleep)


async def test_an_image_that_is_there_with_its_digest_is_in_ecr():
    verdict = await verified(shop(IMAGE), push())
    assert verdict.outcome == "in-ecr"
    assert (verdict.images[0].found, verdict.images[0].matches) == (IMAGE, True)


async def test_an_image_seen_late_is_waited_for():
    account = shop(IMAGE)
    account.area(REGION).hidden[IMAGE.digest] = 3
    assert (await verified(account, push())).outcome == "in-ecr"


async def test_a_tag_that_names_another_digest_is_not_the_pushed_image():
    other = an_image("v1", digest=digest_of("two"))
    verdict = await verified(shop(other), push())
    assert verdict.outcome == "pushed-but-absent"
    assert other.digest in verdict.images[0].detail
    assert verdict.images[0].found is None


async def test_a_tag_that_moved_on_leaves_the_image_in_ecr_and_says_so():
    verdict = await verified(shop(an_image(digest=IMAGE.digest), an_image("v1", digest=digest_of("two"))), push())
    assert verdict.outcome == "in-ecr"
    assert not verdict.images[0].matches
    assert digest_of("two") in verdict.images[0].detail


@pytest.mark.parametrize(
    ("unnamed", "word"), [(push(repository=""), "the repository"), (push(tag=None, digest=None), "neither")]
)
async def test_a_push_that_the_log_does_not_name_cannot_be_looked_up(unnamed, word):
    verdict = await verified(shop(IMAGE), unnamed)
    assert (verdict.outcome, verdict.images[0].presence) == ("unknown", Presence.UNKNOWN)
    assert word in verdict.images[0].detail


async def test_a_push_without_a_digest_is_looked_up_by_its_tag():
    verdict = await verified(shop(IMAGE), push(digest=None))
    assert verdict.outcome == "in-ecr"


async def test_a_repository_that_is_not_there_has_no_image():
    assert (await verified(MemoryAccount(), push())).outcome == "pushed-but-absent"


@pytest.mark.parametrize("pushes", [(), (push(state=PushState.FAILED),), (push(state=PushState.RUNNING),)])
async def test_no_push_that_came_to_its_end_is_nothing_pushed(pushes):
    account = shop(IMAGE)
    assert await verified(account, *pushes) == ImageVerdict("nothing-pushed")
    assert account.calls == []


async def test_a_refused_look_is_unknown_and_not_absent():
    account = shop(IMAGE)
    account.faults.deny("ecr:DescribeImages")
    verdict = await verified(account, push())
    assert verdict.outcome == "unknown"
    assert verdict.images[0].presence is Presence.UNKNOWN


@pytest.mark.parametrize(
    ("repository", "words"),
    [
        (URI.replace(ACCOUNT, "999999999999"), "account 999999999999"),
        ("ghcr.io/pets/pet-web", "ghcr.io"),
        ("pets/pet-web", "docker.io"),
    ],
)
async def test_what_was_pushed_elsewhere_is_named_so(repository, words):
    verdict = await verified(shop(IMAGE), push(repository))
    assert verdict.outcome == "pushed-but-absent"
    assert verdict.images[0].presence is Presence.ELSEWHERE
    assert words in verdict.images[0].detail
    assert (await verified(shop(IMAGE), push(repository), push())).outcome == "in-ecr"


async def test_another_region_of_the_account_is_looked_at():
    account = shop()
    account.push("pet-web", IMAGE, "eu-central-1")
    verdict = await verified(account, push(URI.replace(REGION, "eu-central-1")))
    assert verdict.outcome == "in-ecr"
    assert "eu-central-1" in verdict.images[0].detail


async def test_an_endpoint_with_its_own_host_is_known_by_the_repositorys_uri():
    account = shop(IMAGE)
    uri = f"{ACCOUNT}.dkr.ecr.{REGION}.localhost.localstack.cloud:4566/pet-web"
    repositories = account.area(REGION).repositories
    repositories["pet-web"] = a_repository("pet-web")
    object.__setattr__(repositories["pet-web"], "uri", uri)
    assert (await verified(account, push(uri))).outcome == "in-ecr"


async def test_one_missing_of_two_is_not_in_ecr():
    verdict = await verified(shop(IMAGE), push(), push(tag="v2", digest=digest_of("gone")))
    assert verdict.outcome == "pushed-but-absent"
    assert [image.presence for image in verdict.images] == [Presence.PRESENT, Presence.ABSENT]
    assert NOW
