"""Explore as stories: regions, repositories and images, filtered, sorted, followed, and refused."""

from __future__ import annotations

import pytest
from memory import NOW, MemoryAccount, _add, a_build, a_project, a_repository, an_image

from driver import driving
from ecrtui.domain.errors import AppError, ErrorKind
from ecrtui.domain.image import ImageListing
from ecrtui.services.ports import RegionStatus
from ecrtui.services.slices import ImagesKey
from ecrtui.services.state import Loading

SEOUL, TOKYO = "ap-northeast-2", "ap-northeast-1"


def account(**settings) -> MemoryAccount:
    images = [an_image("v1.4.2", "production", pushed_at=NOW - 300), an_image("main-4f2a91c", pushed_at=NOW - 60)]
    return MemoryAccount(
        regions=(SEOUL, TOKYO, RegionStatus("eu-west-3", "not enabled")),
        repositories=[a_repository("pet-web"), a_repository("api-gateway"), a_repository("tokyo-only", TOKYO)],
        images={"pet-web": images, "api-gateway": [], (TOKYO, "tokyo-only"): [an_image("v9", pushed_at=NOW)]},
        projects=[a_project("pet-web")],
        builds=[a_build("pet-web")],
        **settings,
    )


async def test_the_first_screen_shows_whose_account_where_and_what():
    async with driving(account()) as t:
        await t.sees("test ▸ 123456789012", SEOUL, "REPOSITORIES  2", "pet-web", "api-gateway")
        await t.sees("never")
        await t.sees_match(r"eu-west-3 +off")
        await t.press("left", "G")
        await t.sees("not enabled")


async def test_images_follow_the_cursor_newest_first():
    async with driving(account()) as t:
        await t.sees("pet-web")
        await t.press("G", "enter")
        await t.sees("IMAGES  pet-web", "v1.4.2", "main-4f2a91c")
        lines = t.screen.splitlines()
        newest = next(i for i, line in enumerate(lines) if "main-4f2a91c" in line)
        assert newest < next(i for i, line in enumerate(lines) if "v1.4.2" in line)


async def test_a_filter_narrows_and_escape_drops_it():
    async with driving(account()) as t:
        await t.sees("api-gateway")
        await t.press("slash")
        await t.type("pet")
        await t.misses("api-gateway")
        await t.sees("1 of 2")
        await t.press("enter")
        await t.misses("api-gateway")
        await t.press("escape")
        await t.sees("api-gateway")


async def test_a_bad_filter_keeps_the_last_good_one_and_says_why():
    async with driving(account(), size=(160, 40)) as t:
        await t.sees("api-gateway")
        await t.press("slash")
        await t.type("age:never age:<7x")
        await t.sees("age cannot be 7x")
        await t.press("backspace", "d")
        await t.misses("age cannot be 7x")


async def test_two_regions_are_one_list():
    async with driving(account(), regions=(SEOUL, TOKYO), size=(160, 40)) as t:
        await t.sees("REPOSITORIES  3", "tokyo-only")
        assert TOKYO in t.line("tokyo-only")


async def test_space_marks_regions_into_the_scope():
    async with driving(account()) as t:
        await t.sees("REPOSITORIES  2", TOKYO)
        await t.press("left", "space")
        await t.sees("1 in scope", "● ap-northeast-2")
        await t.press("g", "j", "space")
        await t.sees("tokyo-only", "2 in scope")


async def test_the_images_of_a_region_that_is_left_go():
    async with driving(account()) as t:
        await t.sees("IMAGES  api-gateway")
        await t.press("slash")
        await t.type("api-gateway")
        await t.press("enter", "left", "j", "enter")
        await t.sees("nothing matches")
        await t.misses("IMAGES  api-gateway")


async def test_the_newest_image_is_on_top_when_its_page_comes_last():
    images = [an_image(f"v{number}", pushed_at=NOW - 1_000 + number) for number in range(40)]
    held = MemoryAccount(repositories=[a_repository("big")], images={"big": images})
    gate = held.faults.hold("ecr:DescribeImages")
    async with driving(held) as t:
        await t.sees("IMAGES  big", "loading images…")
        first = ImageListing(SEOUL, "big")
        for image in images[:4]:
            _add(first, image)
        t.app.session.put(ImagesKey(SEOUL, "big"), Loading(first, 1, 4))
        await t.sees("IMAGES  big  4", "v3")
        gate.set()
        await t.sees("IMAGES  big  40", "v39")
        assert t.app.screen.images.table.cursor == 0


async def test_one_refused_region_costs_that_region_only():
    refused = account()
    refused.faults.deny("ecr:DescribeRepositories", region=TOKYO)
    async with driving(refused, regions=(SEOUL, TOKYO)) as t:
        await t.sees("pet-web", "1 of 2 regions denied")


async def test_what_was_complete_is_stale_when_a_refresh_is_denied():
    living = account()
    async with driving(living) as t:
        await t.sees("REPOSITORIES  2")
        living.faults.deny("ecr:DescribeRepositories")
        await t.press("r")
        await t.sees("denied: stale", "pet-web")
        assert "incomplete" not in t.screen


async def test_denied_images_say_so_and_are_not_empty():
    denied = account()
    denied.faults.deny("ecr:DescribeImages")
    async with driving(denied) as t:
        await t.sees("pet-web")
        await t.press("G", "enter")
        await t.sees("denied", "ecr:DescribeImages")
        assert "no images" not in t.screen


async def test_an_empty_repository_says_what_helps():
    async with driving(account()) as t:
        await t.sees("api-gateway")
        await t.press("enter")
        await t.sees("nothing was ever pushed here")


async def test_a_new_image_is_pointed_out_after_a_refresh_and_the_cursor_stays():
    living = account()
    async with driving(living) as t:
        await t.sees("pet-web")
        await t.press("G", "enter")
        await t.sees("main-4f2a91c")
        await t.press("j")
        living.push("pet-web", an_image("main-0000aaa", pushed_at=NOW))
        await t.press("r")
        await t.sees("main-0000aaa")
        assert "+" in t.line("main-0000aaa").split("main-0000aaa")[0]
        assert "▸" in t.line("v1.4.2")


async def test_a_watched_repository_tells_what_arrives():
    living = account()
    async with driving(living) as t:
        await t.sees("pet-web")
        await t.press("G", "w")
        await t.sees("watching pet-web")


async def test_the_raw_view_shows_what_aws_says():
    async with driving(account()) as t:
        await t.sees("pet-web")
        await t.press("G", "y")
        await t.sees('"name": "pet-web"')


@pytest.mark.fault("C44")
async def test_an_image_that_went_since_it_was_listed_goes_from_the_list():
    living = account()
    async with driving(living) as t:
        await t.sees("pet-web")
        await t.press("G", "enter")
        await t.sees("IMAGES  pet-web")
        image = living.area(living.default_region).images["pet-web"][0]
        await t.sees(image.tags[0])
        await t.until(lambda: t.app.screen.subject.digest is not None, "an image under the cursor")
        gone = t.app.screen.subject.digest
        living.remove("pet-web", gone)
        await t.press("y")
        await t.until(lambda: t.app.screen.images.listing.find(gone) is None, "the row to go")
        assert not t.app._notifications


async def test_one_pane_at_a_time_on_a_small_terminal():
    async with driving(account(), size=(80, 24)) as t:
        await t.sees("REPOSITORIES", "pet-web")
        assert "REGIONS" not in t.screen
        await t.press("G", "enter")
        await t.sees("IMAGES  pet-web")
        assert "REPOSITORIES" not in t.screen
        await t.press("escape")
        await t.sees("REPOSITORIES")
        await t.press("escape")
        await t.sees("REGIONS")


@pytest.mark.parametrize("size", [(40, 10), (80, 24), (200, 60), (300, 100), (20, 5), (1, 1)])
async def test_every_size_is_survived(size):
    async with driving(account(), size=size) as t:
        await t.until(lambda: t.app.session is not None, "the session")
        await t.press("G", "enter", "j", "enter", "escape")


async def test_no_credentials_are_said_and_r_tries_again():
    tries = []

    async def refused(profile, retrying):
        tries.append(profile)
        if len(tries) == 1:
            raise AppError(ErrorKind.CREDENTIALS, "open the account", why="no credentials", remedy="Run aws configure.")
        return account()

    async with driving(account(), open_account=refused) as t:
        await t.sees("No credentials. Run aws configure.")
        await t.press("r")
        await t.sees("pet-web")


@pytest.mark.fault("D71")
async def test_too_small_a_terminal_is_told_what_it_needs():
    async with driving(account(), size=(30, 8)) as t:
        await t.sees("too small: 30x8, needs 40x10")
        await t.pilot.resize_terminal(80, 24)
        await t.sees("REPOSITORIES")
        assert "too small" not in t.screen


@pytest.mark.fault("C37")
async def test_a_read_that_is_tried_again_is_seen():
    told = []

    async def opened(profile, retrying):
        told.append(retrying)
        return account()

    async with driving(account(), open_account=opened) as t:
        await t.sees("pet-web")
        told[0]("ecr in us-east-1: throttled, attempt 2 of 5")
        await t.sees("throttled, attempt 2 of 5")


async def test_a_pane_can_have_the_whole_width():
    async with driving(account(), size=(120, 36)) as t:
        await t.sees("pet-web", "REGIONS")
        assert "POLICY" not in t.screen
        await t.press("z")
        await t.sees("POLICY", "SCAN")
        await t.misses("REGIONS")
        await t.press("enter")
        await t.sees("IMAGES", "KIND", "PULLED")
        await t.press("z")
        await t.sees("REGIONS", "REPOSITORIES")


async def test_an_image_without_children_says_so():
    async with driving(account()) as t:
        await t.sees("pet-web")
        await t.press("G", "enter")
        await t.sees("IMAGES  pet-web", "main-4f2a91c")
        await t.press("e")
        await t.sees("nothing is known to stand under this image")


async def test_an_archived_image_is_told_apart_at_any_width():
    images = [an_image("v1", pushed_at=NOW - 60), an_image("v0", pushed_at=NOW - 90, status="ARCHIVED")]
    held = MemoryAccount(repositories=[a_repository("pet-web")], images={"pet-web": images})
    async with driving(held) as t:
        await t.sees("v0  archived")
        await t.misses("v1  archived")
