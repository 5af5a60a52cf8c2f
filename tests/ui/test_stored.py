"""Cost, layers and copies as stories: reported, measured on demand, refused, and elsewhere."""

from __future__ import annotations

import json
import time
from typing import cast

import pytest
from layers import a_layered_image, stocked
from memory import ACCOUNT, MemoryAccount, a_repository, an_image, an_index, digest_of

from driver import Driver, driving
from ecrtui.domain.registry import CreationTemplate, Destination, RegistrySettings, ReplicationRule
from ecrtui.ui.screens.explore import ExploreScreen

SEOUL, TOKYO = "ap-northeast-2", "ap-northeast-1"
GB = 10**9
NOW = time.time()
RELEASE = a_layered_image("v1.0.0", layers={"base": 70 * GB, "release": 5 * GB}, pushed_at=NOW - 100 * 86_400)
BRANCH = a_layered_image("main-4f2a91c", layers={"base": 70 * GB, "branch": 2 * GB}, pushed_at=NOW - 86_400)
INDEX, INDEX_TEXT = an_index("v2.0.0", children={"linux/arm64": BRANCH[0].digest}, pushed_at=NOW - 10, size=72 * GB)
IMAGES, MANIFESTS = stocked(RELEASE, BRANCH)
SETTINGS = RegistrySettings(
    SEOUL,
    ACCOUNT,
    replication=(ReplicationRule((Destination(TOKYO, ACCOUNT),)),),
    templates=(CreationTemplate("ROOT", ("CREATE_ON_PUSH",)),),
    blob_mounting=False,
)


def account(**settings) -> MemoryAccount:
    values = {
        "regions": (SEOUL, TOKYO),
        "repositories": [a_repository("pet-web"), a_repository("pet-web", TOKYO)],
        "images": {"pet-web": list(IMAGES), (TOKYO, "pet-web"): [RELEASE[0]]},
        "manifests": {**MANIFESTS, INDEX.digest: INDEX_TEXT},
        "settings": [SETTINGS],
        **settings,
    }
    return MemoryAccount(**values)


async def open_tab(t: Driver, title: str) -> None:
    """Press the key of the next tab until the wanted one is open."""
    detail = cast("ExploreScreen", t.app.mode_screen).detail
    while detail.tab.title != title:
        await t.press("right_square_bracket")


async def test_m_measures_the_repository_and_says_what_branches_of_30_days_cost():
    world = account()
    async with driving(world) as t:
        await t.sees("IMAGES  pet-web", "main-4f2a91c")
        assert world.count("ecr:BatchGetImage") == 0
        await t.press("m")
        await t.sees("measured", "77 GB in 2 images, $7.70 a month")
        await t.sees("30 days    72 GB in 1 image, $7.20 a month")
        assert world.count("ecr:BatchGetImage") == 1
        await t.press("G")
        await t.sees_match(r"branch +1 +72 GB +\$7\.20 +\$0\.20")


async def test_the_cost_tab_shows_upper_bounds_without_reading_manifests():
    world = account()
    async with driving(world) as t:
        await t.sees("IMAGES  pet-web", "main-4f2a91c")
        await open_tab(t, "Cost")
        await t.sees("at most 147 GB in 2 images, $14.70 a month", "m reads 2 manifests")
        assert world.count("ecr:BatchGetImage") == 0


async def test_refused_manifests_are_told_with_the_action_and_the_reported_sizes_stay():
    world = account()
    world.faults.deny("ecr:BatchGetImage")
    async with driving(world, size=(120, 60)) as t:
        await t.sees("IMAGES  pet-web", "main-4f2a91c")
        await t.press("m")
        await t.sees("at most 147 GB")
        await t.press("G")
        await t.sees("ecr:BatchGetImage")


async def test_a_measurement_is_stopped_by_escape():
    world = account()
    gate = world.faults.hold("ecr:BatchGetImage")
    async with driving(world) as t:
        await t.sees("IMAGES  pet-web", "main-4f2a91c")
        await t.press("m")
        await t.sees("Esc stops")
        await gate.reached.wait()
        await t.press("escape")
        await t.misses("Esc stops")
        gate.set()
        await t.sees("at most 147 GB")


async def test_a_region_shows_its_largest_repositories_and_can_be_measured():
    async with driving(account()) as t:
        await t.sees("IMAGES  pet-web", "main-4f2a91c")
        await t.press("left")
        await t.sees("at most 147 GB in 1 repository, $14.70 a month")
        await t.sees_match(r"pet-web +▇+ +147 GB +\$14\.70")
        await t.press("m")
        await t.sees("77 GB in 2 images, $7.70 a month")


async def test_the_layers_of_an_image_are_read_when_the_tab_is_opened():
    world = account()
    async with driving(world) as t:
        await t.sees("IMAGES  pet-web", "main-4f2a91c")
        await t.press("enter")
        await open_tab(t, "Layers")
        await t.sees("layers     2 layers, 72 GB compressed")
        await t.sees_match(r"1 +70 GB ▇+ +[0-9a-f]{12}")
        assert world.count("ecr:BatchGetImage") == 1


async def test_an_index_has_platforms_with_their_sizes():
    async with driving(account(images={"pet-web": [INDEX, *IMAGES]})) as t:
        await t.sees("IMAGES  pet-web", "v2.0.0")
        await t.press("enter")
        await open_tab(t, "Layers")
        await t.sees("1 platform;")
        await t.sees_match(r"linux/arm64 +72 GB")


async def test_a_false_manifest_is_not_believed():
    image = an_image("v9", pushed_at=NOW)
    async with driving(account(images={"pet-web": [image]}, manifests={image.digest: RELEASE[1]})) as t:
        await t.sees("IMAGES  pet-web", "v9")
        await t.press("enter")
        await open_tab(t, "Layers")
        await t.sees("does not hash to the digest")


async def test_tags_are_compared_with_the_other_regions():
    async with driving(account()) as t:
        await t.sees("IMAGES  pet-web", "main-4f2a91c")
        await open_tab(t, "Regions")
        await t.sees("replicated to ap-northeast-1, by the registry's rules", "create on push")
        await t.sees("1 same, 1 missing")
        await t.sees_match(r"main-4f2a91c +✗ missing")
        await t.sees_match(r"v1\.0\.0 +✓ same")


async def test_refused_rules_are_unknown_with_the_action():
    world = account()
    world.faults.deny("ecr:DescribeRegistry")
    async with driving(world) as t:
        await t.sees("IMAGES  pet-web", "main-4f2a91c")
        await open_tab(t, "Regions")
        await t.sees("ecr:DescribeRegistry is not allowed")


async def test_what_is_asked_while_the_images_are_listed_comes_when_they_are_there():
    world = account()
    gate = world.faults.hold("ecr:DescribeImages")
    async with driving(world) as t:
        await t.sees("REPOSITORIES  1")
        await open_tab(t, "Cost")
        await t.sees("the images are being listed")
        await open_tab(t, "Regions")
        await t.sees("the images are being listed")
        gate.set()
        await t.sees("1 same, 1 missing")
        await t.press("left_square_bracket")
        await t.sees("at most 147 GB in 2 images")


@pytest.mark.fault("F90")
async def test_layers_say_what_made_them_and_secrets_are_masked():
    text = json.dumps(
        {
            "os": "linux",
            "architecture": "arm64",
            "config": {"Cmd": ["/app", "--serve"], "Env": ["API_KEY=abcdef123456", "LANG=C"]},
            "history": [{"created_by": "/bin/sh -c #(nop) ADD rootfs /"}],
        }
    )
    kind = "application/vnd.oci.image.config.v1+json"
    config = {"mediaType": kind, "digest": digest_of(text), "size": len(text)}
    body = json.dumps({"schemaVersion": 2, "config": config, "layers": [{"digest": digest_of("layer"), "size": 5}]})
    image = an_image("v7", pushed_at=NOW, digest=digest_of(body))
    world = account(images={"pet-web": [image]}, manifests={image.digest: body, digest_of(text): text})
    async with driving(world, size=(120, 50)) as t:
        await t.sees("IMAGES  pet-web", "v7")
        await t.press("enter")
        await open_tab(t, "Layers")
        await t.sees("ADD rootfs /", "linux/arm64")
        await t.press("enter", "G")
        await t.sees("/app --serve", "API_KEY=***", "LANG=C")
        assert "abcdef123456" not in t.screen


async def test_hostile_configurations_and_tags_do_nothing():
    hostile = "\x1b]0;gone\x07\x1b[31m\u202egnp.exe"
    text = json.dumps(
        {
            "os": hostile,
            "config": {
                "Cmd": [hostile],
                "User": hostile,
                "Labels": {hostile: hostile},
                "Env": [f"{hostile}={hostile}"],
            },
            "history": [{"created_by": hostile}],
        }
    )
    kind = "application/vnd.oci.image.config.v1+json"
    config = {"mediaType": kind, "digest": digest_of(text), "size": len(text)}
    layers = [{"digest": digest_of("layer"), "size": 10**30, "mediaType": hostile}]
    body = json.dumps({"schemaVersion": 2, "mediaType": hostile, "config": config, "layers": layers})
    image = an_image(hostile, pushed_at=NOW, digest=digest_of(body))
    there = [an_image(hostile, pushed_at=NOW)]
    images = {"pet-web": [image], (TOKYO, "pet-web"): there}
    world = account(images=images, manifests={image.digest: body, digest_of(text): text})
    async with driving(world, size=(120, 50)) as t:
        await t.sees("IMAGES  pet-web  1")
        await t.press("enter")
        await open_tab(t, "Layers")
        await t.sees("1 layer,")
        await open_tab(t, "Regions")
        await t.sees("1 under way")
        await t.press("m")
        await t.sees("measured")
