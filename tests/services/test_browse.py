"""Loading repositories, images and summaries, also when AWS refuses, stops or repeats itself."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from memory import NOW, REGION, MemoryAccount, a_repository, an_image, digest_of

from ecrtui.domain.errors import AppError, ErrorKind
from ecrtui.services.browse import find_image, load_images, load_repositories, load_summaries, load_usage
from ecrtui.services.state import Failed, Loadable, Loading, Partial, Ready, stopped


async def every(states: AsyncIterator[Loadable]) -> list[Loadable]:
    return [state async for state in states]


def shop(count: int = 5, **settings) -> MemoryAccount:
    images = [an_image(f"v{number}", pushed_at=NOW - number) for number in range(count)]
    return MemoryAccount(repositories=[a_repository("pet-web")], images={"pet-web": images}, **settings)


async def test_a_listing_grows_page_by_page_and_ends_ready():
    account = MemoryAccount(repositories=[a_repository(f"r{n}") for n in range(5)], page_size=2)
    rows = []
    async for state in load_repositories(account, REGION, clock=lambda: 7.0):
        rows.append((type(state).__name__, getattr(state, "rows", None)))
    assert rows == [("Loading", 0), ("Loading", 2), ("Loading", 4), ("Ready", None)]
    assert isinstance(state, Ready)
    assert state.at == 7.0
    assert state.value.names == [f"r{n}" for n in range(5)]


async def test_an_empty_region_is_ready_and_not_failed():
    last = (await every(load_repositories(MemoryAccount(), REGION)))[-1]
    assert isinstance(last, Ready)
    assert len(last.value) == 0


async def test_a_refusal_of_the_first_page_is_failed_with_its_action():
    account = shop()
    account.faults.deny("ecr:DescribeImages")
    last = (await every(load_images(account, REGION, "pet-web")))[-1]
    assert isinstance(last, Failed)
    assert last.error.action == "ecr:DescribeImages"


@pytest.mark.fault("C41")
async def test_an_error_on_page_two_keeps_page_one_and_goes_on_from_there():
    account = shop(5, page_size=2)
    account.faults.fail("ecr:DescribeImages", ErrorKind.NETWORK, after=1, times=1)
    last = (await every(load_images(account, REGION, "pet-web")))[-1]
    assert isinstance(last, Partial)
    assert last.error is not None
    assert (len(last.value), last.resume) == (2, "2")

    again = await every(load_images(account, REGION, "pet-web", resume=last))
    assert isinstance(again[-1], Ready)
    assert len(again[-1].value) == 5
    assert account.count("ecr:DescribeImages") == 4


async def test_what_came_before_a_stop_is_kept_and_can_be_gone_on_with():
    account = shop(5, page_size=2)
    states = load_images(account, REGION, "pet-web")
    state: Loadable = await anext(states)
    state = await anext(states)
    await states.aclose()
    kept = stopped(state, NOW)
    assert isinstance(kept, Partial)
    assert kept.error is None
    assert len(kept.value) == 2
    last = (await every(load_images(account, REGION, "pet-web", resume=kept)))[-1]
    assert isinstance(last, Ready)
    assert len(last.value) == 5


@pytest.mark.parametrize("token", ["same", "new"])
async def test_pages_that_repeat_themselves_end_as_partial(token):
    account = shop(5, page_size=2)
    gateway = account.registry(REGION)

    class Endless:
        async def list_images(self, into, resume=None):
            page = await anext(gateway.list_images(into))
            while page.pages < 1000:
                page = replace(page, pages=page.pages + 1, token="t" if token == "same" else f"t{page.pages}")
                yield page

    account.registry = lambda region: Endless()  # type: ignore[method-assign, return-value]
    last = (await every(load_images(account, REGION, "pet-web")))[-1]
    assert isinstance(last, Partial)
    assert last.error is not None
    assert last.error.kind is ErrorKind.MALFORMED
    assert len(last.value) == 2


async def test_summaries_are_of_every_repository_and_a_refused_one_is_not_empty():
    account = MemoryAccount(
        repositories=[a_repository(name) for name in ("pet-web", "empty", "secret")],
        images={
            "pet-web": [
                an_image("v1", pushed_at=NOW - 50, size=5),
                an_image("v2", "latest", pushed_at=NOW - 40, size=7),
                an_image("sha256-" + "a" * 64 + ".sig", pushed_at=NOW - 30, size=1),
                an_image(pushed_at=NOW - 20, size=None),
            ]
        },
        policies={"pet-web": '{"rules": [{}, {}]}'},
    )
    account.faults.deny("ecr:DescribeImages", target="secret")
    account.faults.deny("ecr:GetLifecyclePolicy", target="empty")
    found = {}
    async for name, summary in load_summaries(account, REGION, ["pet-web", "empty", "secret"], concurrency=2):
        found[name] = summary
    web, empty, secret = found["pet-web"], found["empty"], found["secret"]
    assert (web.images, web.bytes, web.last_push, web.last_tag) == (4, 13, NOW - 20, "v2")
    assert (web.policy_rules, web.error) == (2, None)
    assert (empty.images, empty.last_push, empty.policy_rules) == (0, None, None)
    assert empty.error.action == "ecr:GetLifecyclePolicy"
    assert (secret.images, secret.bytes, secret.policy_rules) == (None, None, 0)
    assert secret.error.action == "ecr:DescribeImages"


async def test_summaries_run_no_more_than_asked_for_at_once_and_stop_when_closed():
    names = [f"r{n}" for n in range(6)]
    account = MemoryAccount(repositories=[a_repository(name) for name in names])
    gate = account.faults.hold("ecr:DescribeImages")
    loading = load_summaries(account, REGION, names, concurrency=2)
    first = asyncio.ensure_future(anext(loading))
    for _ in range(20):
        await asyncio.sleep(0)
    assert account.count("ecr:DescribeImages") == 2
    gate.set()
    await first
    await loading.aclose()
    asked = account.count("ecr:DescribeImages")
    await asyncio.sleep(0.01)
    assert account.count("ecr:DescribeImages") == asked < 6


async def test_usage_that_is_refused_is_unchecked_and_not_unused():
    account = MemoryAccount()
    account.faults.deny("ecs:ListClusters")
    usage = await load_usage(account, REGION)
    assert isinstance(usage, Ready)
    assert len(usage.value.unchecked) == 1


async def test_an_image_is_found_by_tag_digest_and_beginning_of_its_digest():
    account = shop(3)
    image = account.area(REGION).images["pet-web"][1]
    for wanted in ("v1", image.digest, image.digest[:20], image.digest[7:19]):
        assert await find_image(account, REGION, "pet-web", wanted) == image


async def test_an_image_that_is_not_there_is_said_to_be_missing():
    with pytest.raises(AppError) as caught:
        await find_image(shop(), REGION, "pet-web", "v99")
    assert caught.value.kind is ErrorKind.NOT_FOUND


async def test_two_images_with_one_beginning_are_not_guessed_between():
    twins = [an_image(digest="sha256:" + "ab" * 31 + end) for end in ("00", "01")]
    account = MemoryAccount(repositories=[a_repository("pet-web")], images={"pet-web": twins})
    with pytest.raises(AppError) as caught:
        await find_image(account, REGION, "pet-web", "abababab")
    assert "2 images" in caught.value.why


def test_a_digest_of_a_text_is_always_the_same():
    assert digest_of("a") == digest_of("a") != digest_of("b")


def test_stopping_before_anything_came_leaves_nothing():
    assert stopped(Loading(), NOW) == stopped(Loading(None), NOW)
    assert stopped(Ready(1, NOW), 5.0) == Ready(1, NOW)
