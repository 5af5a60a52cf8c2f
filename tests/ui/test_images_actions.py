"""Tagging and deleting in Explore, as stories."""

from __future__ import annotations

import json

import pytest
from memory import NOW, MemoryAccount, MemoryJournal, a_repository, an_image, digest_of

from driver import Driver, driving
from ecrtui.domain.reference import parse
from ecrtui.domain.usage import Usage, Use

SEOUL = "ap-northeast-2"
MANIFEST = json.dumps({"schemaVersion": 2, "layers": [], "config": {}})
V1 = an_image("v1", pushed_at=NOW - 300, digest=digest_of(MANIFEST))
V2 = an_image("v2", "latest", pushed_at=NOW - 600)
V3 = an_image("v3", pushed_at=NOW - 900)


def account(**settings) -> MemoryAccount:
    return MemoryAccount(
        repositories=[a_repository("pet-web", mutability=settings.pop("mutability", "MUTABLE"))],
        images={"pet-web": [V1, V2, V3]},
        manifests={V1.digest: MANIFEST},
        **settings,
    )


def used(tag: str) -> dict[str, Usage]:
    reference = parse(f"123456789012.dkr.ecr.{SEOUL}.amazonaws.com/pet-web:{tag}")
    assert reference is not None
    return {SEOUL: Usage((Use("ecs-service", "shop/front", SEOUL, reference, running=2),))}


async def in_images(t: Driver) -> None:
    await t.sees("pet-web")
    await t.press("enter")
    await t.sees("IMAGES  pet-web", "v1", "v3")


async def settled(t: Driver, text: str) -> None:
    """Wait for a dialog, and until it hears keys."""
    await t.sees(text)
    await t.pilot.pause(0.3)


async def test_a_tag_is_put_and_shown():
    living, journal = account(), MemoryJournal()
    async with driving(living, journal=journal) as t:
        await in_images(t)
        await t.press("t")
        await settled(t, "Another tag for pet-web:v1")
        await t.type("release")
        await t.sees("no image has this tag")
        await t.press("enter")
        await settled(t, "Tag pet-web:v1 as release")
        await t.press("right", "enter")
        await settled(t, "1 done")
        await t.press("enter")
        await t.sees("release")
    assert [entry.outcome for entry in journal.written] == ["intent", "done"]


async def test_a_tag_that_moves_says_what_it_names_now():
    async with driving(account()) as t:
        await in_images(t)
        await t.press("t")
        await settled(t, "Another tag")
        await t.type("latest")
        await t.sees("moves the tag away")
        await t.press("enter")
        await t.sees(f"latest names {V2.digest[:30]}")


@pytest.mark.fault("E75")
async def test_images_are_deleted_only_after_the_name_is_typed():
    living = account()
    async with driving(living) as t:
        await in_images(t)
        await t.press("G", "D")
        await settled(t, "Delete 1 image from pet-web")
        await t.sees("v3", "Type pet-web to confirm")
        await t.press("enter")
        await t.misses("Type pet-web")
        assert living.sent == []
        await t.press("D")
        await settled(t, "Type pet-web to confirm")
        await t.type("pet-web")
        await t.press("enter")
        await t.pilot.pause(0.3)
        await t.press("enter")
        await settled(t, "1 done")
        await t.press("enter")
        await t.sees("IMAGES  pet-web  2")
    assert living.sent[0][1].parameters["imageIds"] == [{"imageDigest": V3.digest}]


async def test_marked_images_in_use_are_left_out_with_the_reason():
    living = account(usages=used("v1"))
    async with driving(living) as t:
        await in_images(t)
        await t.press("asterisk", "D")
        await settled(t, "1 of 3 images of pet-web cannot be deleted so")
        await t.sees("is used by service shop/front")
        await t.press("right", "enter")
        await settled(t, "Delete 2 images from pet-web")
        await t.press("escape")
        await t.press("D")
        await settled(t, "1 of 3 images of pet-web cannot be deleted so")
        await t.press("right", "right", "enter")
        await t.sees("Delete 3 images from pet-web", "and goes all the same", "Type pet-web to confirm")


async def test_of_an_image_with_several_tags_one_can_go_alone():
    living = account()
    async with driving(living) as t:
        await in_images(t)
        await t.press("j", "D")
        await settled(t, "Only the tag latest")
        await t.type("latest")
        await t.press("enter")
        await settled(t, "Remove the tag latest from pet-web")
        await t.press("right", "enter")
        await settled(t, "1 done")
    assert living.sent[0][1].parameters["imageIds"] == [{"imageTag": "latest"}]


async def test_a_repository_says_what_goes_with_it():
    living = account()
    async with driving(living) as t:
        await t.sees("pet-web")
        await t.press("D")
        await settled(t, "delete 3 images")
        await t.sees("delete the repository pet-web")
        await t.type("pet-web")
        await t.press("enter")
        await t.pilot.pause(0.3)
        await t.press("enter")
        await settled(t, "2 done")
        await t.press("enter")
        await t.sees("no repositories here")
    assert [call.operation for _, call in living.sent] == ["BatchDeleteImage", "DeleteRepository"]
    assert living.sent[1][1].parameters == {"repositoryName": "pet-web"}, "not by force: nothing goes unconfirmed"


async def test_a_repository_in_use_is_blocked_with_the_reason():
    async with driving(account(usages=used("v2"))) as t:
        await t.sees("pet-web")
        await t.press("D")
        await settled(t, "images are in use")
        await t.sees("v2 is used by service shop/front")


@pytest.mark.fault("E85")
async def test_read_only_neither_tags_nor_deletes():
    reading = account(read_only=True)
    async with driving(reading) as t:
        await in_images(t)
        for key in ("t", "D"):
            await t.press(key)
            await t.sees("read-only: this session sends no changes")
    assert reading.sent == []
