"""Copies in other regions: asked with one listing a region, refused ones unknown."""

from memory import ACCOUNT, NOW, MemoryAccount, a_repository, an_image

from ecrtui.domain.image import ImageListing
from ecrtui.domain.registry import Destination, RegistrySettings, Replica, ReplicationRule
from ecrtui.domain.replication import CopyState, tag_rows
from ecrtui.services.browse import load_images
from ecrtui.services.replication import load_copies, load_replicas, newest_tagged
from ecrtui.services.state import value_of

SEOUL, TOKYO, VIRGINIA = "ap-northeast-2", "ap-northeast-1", "us-east-1"
OLD, NEW = an_image("v1", pushed_at=NOW - 9_000), an_image("v2", "latest", pushed_at=NOW - 8_000)
RULES = RegistrySettings(SEOUL, ACCOUNT, replication=(ReplicationRule((Destination(TOKYO, ACCOUNT),), ("pet-",)),))


def shop(**settings) -> MemoryAccount:
    values = {
        "regions": (SEOUL, TOKYO, VIRGINIA),
        "repositories": [a_repository("pet-web"), a_repository("pet-web", TOKYO)],
        "images": {"pet-web": [OLD, NEW], (TOKYO, "pet-web"): [OLD, an_image("latest", pushed_at=NOW - 9_500)]},
        "settings": [RULES],
        **settings,
    }
    return MemoryAccount(**values)


async def listed(account: MemoryAccount) -> ImageListing:
    return value_of([state async for state in load_images(account, SEOUL, "pet-web")][-1])


async def copies_of(account: MemoryAccount, *regions: str):
    listing = await listed(account)
    account.calls.clear()
    return await load_copies(account, a_repository("pet-web"), listing, regions=regions)


async def test_tags_are_compared_with_one_call_a_region():
    account = shop()
    found = await copies_of(account)
    rows = tag_rows(found.images, found.copies, NOW)
    assert [(row.tag, *row.states) for row in rows] == [
        ("v2", CopyState.MISSING),
        ("latest", CopyState.DIFFERS),
        ("v1", CopyState.SAME),
    ]
    assert account.count("ecr:DescribeImages") == 1


async def test_a_missing_repository_is_a_gap_by_a_rule_and_nothing_otherwise():
    account = shop(repositories=[a_repository("pet-web")], images={"pet-web": [OLD]})
    found = await copies_of(account, SEOUL, VIRGINIA)
    assert [(copy.destination.region, copy.digests) for copy in found.copies] == [(TOKYO, {})]
    assert "no repository pet-web" in found.copies[0].why


async def test_a_repository_of_the_same_name_in_scope_is_shown_without_a_rule():
    account = shop(settings=[RegistrySettings(SEOUL, ACCOUNT)])
    found = await copies_of(account, TOKYO)
    assert [copy.by_rule for copy in found.copies] == [False]


async def test_a_copy_says_where_it_is_copied_from():
    account = shop(repositories=[a_repository("pet-web", region) for region in (SEOUL, TOKYO, VIRGINIA)])
    listing = await listed(account)
    found = await load_copies(account, a_repository("pet-web", TOKYO), listing, regions=(SEOUL, TOKYO, VIRGINIA))
    assert found.sources == {SEOUL: ""}
    account.faults.deny("ecr:DescribeRegistry", region=SEOUL)
    found = await load_copies(account, a_repository("pet-web", TOKYO), listing, regions=(SEOUL, TOKYO))
    assert "ecr:DescribeRegistry" in found.sources[SEOUL]


async def test_a_refused_region_is_unknown_and_says_why():
    account = shop()
    account.faults.deny("ecr:DescribeImages", region=TOKYO)
    found = await copies_of(account)
    assert found.copies[0].digests is None
    assert "DescribeImages" in found.copies[0].why
    assert {state for row in tag_rows(found.images, found.copies, NOW) for state in row.states} == {CopyState.UNKNOWN}


async def test_another_account_is_not_asked():
    settings = RegistrySettings(SEOUL, ACCOUNT, replication=(ReplicationRule((Destination(TOKYO, "999"),)),))
    account = shop(settings=[settings])
    found = await copies_of(account)
    assert "account 999" in found.copies[0].why
    assert account.count("ecr:DescribeImages") == 0


async def test_refused_settings_are_named():
    account = shop()
    account.faults.deny("ecr:DescribeRegistry")
    found = await copies_of(account)
    assert "ecr:DescribeRegistry" in found.settings.unread["replication"]
    assert found.copies == ()


def test_the_newest_tagged_images_are_compared():
    listing = ImageListing(SEOUL, "pet-web")
    for number in range(300):
        tags = () if number % 3 == 0 else (f"v{number}",)
        listing.add(f"sha256:{number:064x}", tags, 1, NOW - number, None, "", "", "ACTIVE")
    images, left_out = newest_tagged(listing, most_tags=50)
    assert [image.tags[0] for image in images[:2]] == ["v1", "v2"]
    assert (len(images), left_out) == (50, 150)


async def test_what_aws_says_of_one_image():
    replica = Replica(Destination(TOKYO, ACCOUNT), "FAILED", "no permission")
    account = shop(replicas={NEW.digest: [replica]})
    assert await load_replicas(account, SEOUL, "pet-web", NEW.digest) == (replica,)
