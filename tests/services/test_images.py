"""Deleting images and repositories, tagging and untagging: what is refused, what is stale, what is verified."""

import json
from dataclasses import replace

import pytest
from memory import (
    ACCOUNT,
    NOW,
    REGION,
    FakeTime,
    MemoryAccount,
    MemoryJournal,
    a_repository,
    an_image,
    an_index,
    digest_of,
)

from ecrtui.domain.change import Outcome
from ecrtui.domain.errors import AppError, ErrorKind
from ecrtui.domain.image import Image
from ecrtui.domain.reference import parse
from ecrtui.domain.tagging import is_fixed
from ecrtui.domain.usage import Usage, Use
from ecrtui.services.changes import Gateway, Step
from ecrtui.services.image_tags import plan_tag, plan_untag
from ecrtui.services.images import BATCH, plan_delete_images
from ecrtui.services.repository_deletion import plan_delete_repository

URI = f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/pet-web"
OTHER = "us-east-1"
MANIFEST = json.dumps({"schemaVersion": 2, "layers": [], "config": {}})
V1 = an_image("v1", pushed_at=NOW - 900, digest=digest_of(MANIFEST))
V2 = an_image("v2", "latest", pushed_at=NOW - 600)
V3 = an_image("v3", pushed_at=NOW - 300)


def shop(*images: Image, repository=None, **settings) -> MemoryAccount:
    return MemoryAccount(
        regions=(REGION, OTHER),
        repositories=[repository or a_repository("pet-web")],
        images={"pet-web": list(images or (V1, V2, V3))},
        manifests={V1.digest: MANIFEST, **settings.pop("manifests", {})},
        **settings,
    )


def use(reference: str, region: str = REGION) -> Usage:
    found = parse(reference)
    assert found is not None
    return Usage((Use("ecs-service", "shop/web", region, found, None, 1),))


async def deletion(account: MemoryAccount, *images: Image, **options):
    digests = [image.digest for image in images]
    return await plan_delete_images(account, REGION, "pet-web", digests, sleep=FakeTime().sleep, **options)


async def applied(account: MemoryAccount, step: Step):
    return await Gateway(account, MemoryJournal()).apply(step, account.who)


def left(account: MemoryAccount) -> list[tuple[str, ...]]:
    return [image.tags for image in account.area(REGION).images["pet-web"]]


# Deleting images


async def test_images_are_deleted_by_digest_after_the_name_is_typed():
    account = shop()
    planned = await deletion(account, V1, V3)
    (step,) = planned.steps
    assert step.change.confirm_word == "pet-web"
    assert step.change.title == "delete 2 images (v1, v3) from pet-web, with all tags"
    assert step.change.call.parameters["imageIds"] == [{"imageDigest": V1.digest}, {"imageDigest": V3.digest}]
    assert planned.bytes == 400_000_000
    result = await applied(account, step)
    assert (result.outcome, result.detail) == (Outcome.DONE, "2 images deleted")
    assert left(account) == [("v2", "latest")]


@pytest.mark.fault("E82")
async def test_more_than_a_hundred_go_in_calls_of_a_hundred():
    many = [an_image(f"b{n}", pushed_at=NOW - n) for n in range(BATCH + 1)]
    account = shop(*many)
    steps = (await deletion(account, *many)).steps
    assert [len(step.change.call.parameters["imageIds"]) for step in steps] == [100, 1]
    for step in steps:
        assert (await applied(account, step)).outcome is Outcome.DONE
    assert left(account) == []


@pytest.mark.fault("E82")
async def test_nothing_chosen_sends_nothing():
    planned = await deletion(shop())
    assert (planned.images, planned.steps) == ((), ())


@pytest.mark.parametrize("region", [REGION, OTHER])
@pytest.mark.fault("E80")
async def test_an_image_in_use_is_kept_until_it_is_allowed(region):
    account = shop(usages={region: use(f"{URI}:v1", region)})
    planned = await deletion(account, V1, V3, regions=(OTHER,))
    assert planned.images == (V3,)
    (kept,) = planned.kept
    assert (kept.image, kept.in_use) == (V1, True)
    assert "shop/web" in kept.reason
    allowed = await deletion(account, V1, regions=(OTHER,), allow_in_use=True)
    assert (await applied(account, allowed.steps[0])).outcome is Outcome.DONE


@pytest.mark.fault("E80")
async def test_what_cannot_be_checked_counts_as_in_use():
    account = shop()
    account.faults.deny("ecs:ListClusters", region=OTHER)
    planned = await deletion(account, V1, regions=(OTHER,))
    assert (planned.images, planned.steps) == ((), ())
    assert "may be in use, not checked" in planned.kept[0].reason


@pytest.mark.fault("E80")
async def test_an_image_that_is_run_by_now_is_not_deleted():
    account = shop()
    (step,) = (await deletion(account, V1)).steps
    account.area(REGION).usage = use(f"{URI}:v1")
    result = await applied(account, step)
    assert result.outcome is Outcome.REFUSED
    assert "v1 is used by" in result.detail
    assert account.sent == []


@pytest.mark.fault("E78")
async def test_a_tag_that_came_meanwhile_makes_it_stale():
    account = shop()
    (step,) = (await deletion(account, V1)).steps
    account.push("pet-web", replace(V1, tags=("v1", "production")))
    result = await applied(account, step)
    assert result.outcome is Outcome.REFUSED
    assert "changed meanwhile" in result.detail


async def test_images_that_are_gone_already_are_no_failure():
    account = shop()
    (step,) = (await deletion(account, V1)).steps
    account.remove("pet-web", V1.digest)
    assert (await applied(account, step)).outcome is Outcome.ALREADY


@pytest.mark.fault("E81")
async def test_what_an_index_names_stays_while_the_index_stays_and_goes_after_it_otherwise():
    child = an_image(digest=digest_of("amd64"))
    index, manifest = an_index("v9", children={"linux/amd64": child.digest})
    account = shop(child, index, manifests={index.digest: manifest})
    planned = await deletion(account, child)
    assert planned.images == ()
    assert (planned.kept[0].in_use, index.digest in planned.kept[0].reason) == (False, True)
    both = await deletion(account, child, index)
    assert [len(step.change.call.parameters["imageIds"]) for step in both.steps] == [1, 1]
    assert both.images == (index, child)


@pytest.mark.fault("E81")
async def test_children_of_an_index_in_use_stay_with_it():
    child = an_image(digest=digest_of("amd64"))
    index, manifest = an_index("v9", children={"linux/amd64": child.digest})
    account = shop(child, index, manifests={index.digest: manifest}, usages={REGION: use(f"{URI}:v9")})
    assert (await deletion(account, child, index)).images == ()


@pytest.mark.fault("C47")
async def test_a_partial_failure_says_which_image_and_why():
    account = shop()
    account.undeletable.add(V1.digest)
    (step,) = (await deletion(account, V1, V3)).steps
    result = await applied(account, step)
    assert result.outcome is Outcome.DIFFERS
    assert result.detail == "1 image deleted, 1 image not: v1: an index names it"


async def test_a_lost_answer_is_settled_by_reading():
    account = shop()
    (step,) = (await deletion(account, V1)).steps
    account.faults.lose_reply("ecr:BatchDeleteImage")
    assert (await applied(account, step)).outcome is Outcome.DONE
    (other,) = (await deletion(account, V3)).steps
    account.faults.lose_reply("ecr:BatchDeleteImage", applied=False)
    assert (await applied(account, other)).outcome is Outcome.UNKNOWN


async def test_a_list_that_breaks_off_deletes_nothing():
    account = shop(page_size=1)
    account.faults.fail("ecr:DescribeImages", ErrorKind.NETWORK, after=1)
    with pytest.raises(AppError):
        await deletion(account, V1)


async def test_what_refers_to_deleted_images_is_named():
    by_tag = an_image(f"sha256-{V1.digest[7:]}.sig")
    by_subject = an_image(digest=digest_of("sbom"), subject=V1.digest)
    planned = await deletion(shop(V1, V2, by_tag, by_subject), V1)
    assert planned.images == (V1,)
    assert {image.digest for image in planned.referrers} == {by_tag.digest, by_subject.digest}


# Tags


async def tagging(account: MemoryAccount, tag: str, image: Image = V1) -> Step:
    return await plan_tag(account, REGION, "pet-web", image.digest, tag, sleep=FakeTime().sleep)


async def test_a_tag_is_put_with_the_images_own_manifest():
    account = shop()
    step = await tagging(account, "release")
    assert step.change.call.operation == "PutImage"
    assert step.change.call.parameters["imageManifest"] == MANIFEST
    assert step.change.title == "tag v1 of pet-web as release"
    assert (await applied(account, step)).outcome is Outcome.DONE
    assert ("v1", "release") in left(account)


async def test_a_tag_that_moves_says_from_where():
    account = shop()
    step = await tagging(account, "latest")
    assert f"away from {V2.digest[:19]}" in step.change.title
    assert (await applied(account, step)).outcome is Outcome.DONE
    assert sorted(left(account)) == [("v1", "latest"), ("v2",), ("v3",)]


async def test_a_tag_that_moved_since_is_stale_and_one_that_is_there_needs_nothing():
    account = shop()
    step = await tagging(account, "latest")
    account.push("pet-web", replace(V3, tags=("v3", "latest")))
    assert (await applied(account, step)).outcome is Outcome.REFUSED
    assert (await applied(account, await tagging(account, "v1"))).outcome is Outcome.ALREADY


async def test_a_fixed_tag_is_refused_up_front_and_a_new_one_is_not():
    account = shop(repository=a_repository("pet-web", mutability="IMMUTABLE"))
    with pytest.raises(AppError, match="cannot be moved") as refused:
        await tagging(account, "latest")
    assert refused.value.kind is ErrorKind.CONFLICT
    assert (await applied(account, await tagging(account, "new"))).outcome is Outcome.DONE


@pytest.mark.parametrize(
    ("mutability", "exclusions", "tag", "fixed"),
    [
        ("MUTABLE", (), "v1", False),
        ("IMMUTABLE", (), "v1", True),
        ("IMMUTABLE_WITH_EXCLUSION", ("latest*", "dev.*"), "latest-2", False),
        ("IMMUTABLE_WITH_EXCLUSION", ("dev.*",), "devx1", True),
        ("IMMUTABLE_WITH_EXCLUSION", ("latest",), "latest2", True),
        ("MUTABLE_WITH_EXCLUSION", ("v*",), "v1", True),
        ("MUTABLE_WITH_EXCLUSION", ("v*",), "main", False),
    ],
)
def test_which_tags_are_fixed(mutability, exclusions, tag, fixed):
    assert is_fixed(a_repository("a", mutability=mutability, exclusions=exclusions), tag) is fixed


@pytest.mark.parametrize("tag", ["", "-x", "a b", "x" * 129])
async def test_a_tag_that_cannot_be_one_is_refused(tag):
    with pytest.raises(AppError) as refused:
        await tagging(shop(), tag)
    assert refused.value.kind is ErrorKind.INVALID


async def test_a_manifest_that_is_not_what_its_digest_says_is_not_put():
    account = shop(manifests={V1.digest: MANIFEST + " "})
    with pytest.raises(AppError, match="not what its digest says"):
        await tagging(account, "x")


async def test_an_image_that_is_gone_cannot_be_tagged():
    with pytest.raises(AppError, match="not there"):
        await tagging(shop(V2), "x")


async def untagging(account: MemoryAccount, tag: str, **options) -> Step:
    return await plan_untag(account, REGION, "pet-web", tag, sleep=FakeTime().sleep, **options)


async def test_one_of_several_tags_is_taken_off_and_the_image_stays():
    account = shop()
    step = await untagging(account, "latest")
    assert step.change.confirm_word == ""
    assert (await applied(account, step)).outcome is Outcome.DONE
    assert sorted(left(account)) == [("v1",), ("v2",), ("v3",)]


@pytest.mark.fault("E79")
async def test_the_last_tag_takes_the_image_with_it_says_so_and_asks_for_the_name():
    account = shop()
    step = await untagging(account, "v1")
    assert "its last tag: this deletes the image" in step.change.title
    assert step.change.confirm_word == "pet-web"
    assert (await applied(account, step)).outcome is Outcome.DONE
    assert len(left(account)) == 2


async def test_the_last_tag_of_an_image_in_use_stays():
    account = shop(usages={REGION: use(f"{URI}:v1")})
    with pytest.raises(AppError, match="last tag"):
        await untagging(account, "v1")


@pytest.mark.fault("E78")
async def test_a_tag_that_moved_since_is_not_taken_off():
    account = shop()
    step = await untagging(account, "latest")
    account.push("pet-web", replace(V3, tags=("v3", "latest")))
    assert (await applied(account, step)).outcome is Outcome.REFUSED


# Repositories


async def repository_deletion(account: MemoryAccount, **options):
    return await plan_delete_repository(account, REGION, "pet-web", sleep=FakeTime().sleep, **options)


async def all_applied(account: MemoryAccount, planned) -> list[Outcome]:
    gateway = Gateway(account, MemoryJournal())
    return [result.outcome async for result in gateway.apply_all(planned.steps, account.who)]


async def test_an_empty_repository_is_deleted_in_one_step():
    account = shop()
    account.area(REGION).images["pet-web"] = []
    planned = await repository_deletion(account)
    assert [step.change.confirm_word for step in planned.steps] == ["pet-web"]
    assert await all_applied(account, planned) == [Outcome.DONE]


async def test_a_repository_goes_with_its_images_by_digest_and_says_how_many():
    account = shop()
    planned = await repository_deletion(account)
    assert (planned.images, planned.bytes, planned.blocked) == (3, 600_000_000, ())
    assert [step.change.confirm_word for step in planned.steps] == ["pet-web"] * 2
    assert await all_applied(account, planned) == [Outcome.DONE, Outcome.DONE]
    assert "pet-web" not in account.area(REGION).repositories
    assert all("force" not in call.parameters for _, call in account.sent)


async def test_a_repository_in_use_is_refused_unless_that_is_allowed():
    account = shop(usages={OTHER: use(f"{URI}:v2", OTHER)})
    planned = await repository_deletion(account, regions=(OTHER,))
    assert planned.blocked == ("v2 is used by service shop/web (1 running)",)
    assert await all_applied(account, planned) == [Outcome.REFUSED]
    assert len(left(account)) == 3
    allowed = await repository_deletion(account, regions=(OTHER,), allow_in_use=True)
    assert await all_applied(account, allowed) == [Outcome.DONE, Outcome.DONE]


@pytest.mark.fault("E78")
@pytest.mark.parametrize("calls", range(8))
async def test_an_image_pushed_meanwhile_is_not_lost_with_its_repository(calls):
    """Also one that comes between the last look and the deletion itself."""
    account, fresh = shop(), an_image("v4", pushed_at=NOW)
    planned = await repository_deletion(account)
    enter, left_of = account.enter, iter([True] * calls + [False])

    async def pushing(*call: str) -> None:
        await enter(*call)
        if not next(left_of, True):
            account.push("pet-web", fresh)

    account.enter = pushing
    outcomes = await all_applied(account, planned)
    assert outcomes[-1] in (Outcome.REFUSED, Outcome.FAILED)
    assert fresh in account.area(REGION).images["pet-web"]


async def test_what_could_not_be_deleted_saves_the_repository():
    account = shop()
    account.undeletable = {V2.digest}
    assert await all_applied(account, await repository_deletion(account)) == [Outcome.DIFFERS, Outcome.REFUSED]
    assert [image.digest for image in account.area(REGION).images["pet-web"]] == [V2.digest]


async def test_a_repository_that_is_gone_already_is_no_failure():
    account = shop()
    account.area(REGION).images["pet-web"] = []
    planned = await repository_deletion(account)
    del account.area(REGION).repositories["pet-web"]
    assert await all_applied(account, planned) == [Outcome.ALREADY]
