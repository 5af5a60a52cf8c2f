"""What repositories keep: reported or measured, with what cannot be read, and how many calls that takes."""

import pytest
from layers import a_layered_image, stocked
from memory import NOW, REGION, MemoryAccount, a_repository, an_image, an_index, digest_of

from ecrtui.domain.cost import FALLBACK, Prices
from ecrtui.domain.errors import AppError, ErrorKind
from ecrtui.domain.registry import PullThroughRule, RegistrySettings
from ecrtui.domain.spending import TagGroup, spend_by
from ecrtui.domain.storage import Freed
from ecrtui.services.contents import ContentsCache, load_manifest
from ecrtui.services.cost import Spending, caveats, load_prices, load_spending
from ecrtui.services.images import plan_delete_images
from ecrtui.services.lifecycle import preview
from ecrtui.services.state import Failed, Loadable, Loading, Partial, Ready, value_of

DAY = 86_400.0
RELEASE = a_layered_image("v1.0.0", layers={"base": 700, "release": 50}, pushed_at=NOW - 100 * DAY)
BRANCH = a_layered_image("main-4f2a91c", layers={"base": 700, "branch": 20}, pushed_at=NOW - DAY)
IMAGES, MANIFESTS = stocked(RELEASE, BRANCH)
OVERHEAD = sum(map(len, MANIFESTS.values()))


def shop(names=("pet-web",), **settings) -> MemoryAccount:
    values = {
        "repositories": [a_repository(name) for name in names],
        "images": {name: list(IMAGES) for name in names},
        "manifests": MANIFESTS,
        **settings,
    }
    return MemoryAccount(**values)


async def spent(account: MemoryAccount, names=("pet-web",), **settings) -> Loadable[Spending]:
    repositories = [await account.registry(REGION).repository(name) for name in names]
    account.calls.clear()
    states = load_spending(account, REGION, repositories, clock=lambda: NOW, **settings)
    return [state async for state in states][-1]


def of(spending: Spending, group: TagGroup):
    return spend_by(spending.holdings, lambda part: part.tags)[group]


async def test_without_manifests_the_sizes_are_as_reported_and_nothing_is_pulled():
    account = shop()
    last = await spent(account)
    assert isinstance(last, Ready)
    amount = last.value.holdings.of()
    assert (amount.images, amount.bytes, amount.exact) == (2, 1_470, False)
    assert account.count("ecr:BatchGetImage") == 0
    assert "upper bounds" in caveats(last.value)[0]


async def test_measured_every_layer_counts_once():
    last = await spent(shop(), measure=True)
    assert isinstance(last, Ready)
    amount = last.value.holdings.of()
    assert (amount.bytes, amount.exact) == (770 + OVERHEAD, True)
    branch = of(last.value, TagGroup.BRANCH)
    assert branch.recent.images == 1
    assert branch.recent.own == 20 + len(BRANCH[1])
    assert last.value.weeks[-1] == 720


async def test_layers_are_stored_once_a_repository_unless_the_registry_mounts_them():
    names = ("pet-web", "pet-api", "kms-web", "hub/nginx")
    repositories = [
        a_repository("pet-web"),
        a_repository("pet-api"),
        a_repository("kms-web", encryption="KMS", kms_key="arn:key"),
        a_repository("hub/nginx"),
    ]
    settings = RegistrySettings(REGION, "1", pull_through=(PullThroughRule("hub", "docker.io"),), blob_mounting=True)
    apart = await spent(shop(names, repositories=repositories), names, measure=True)
    mounted = await spent(shop(names, repositories=repositories, settings=[settings]), names, measure=True)
    assert value_of(apart).holdings.of().bytes == 4 * (770 + OVERHEAD)
    assert value_of(mounted).holdings.of().bytes == 3 * 770 + 4 * OVERHEAD
    assert any("estimate" in text for text in caveats(value_of(mounted)))


async def test_whether_layers_are_mounted_may_be_unknown():
    account = shop(settings=[RegistrySettings(REGION, "1", unread={"blob_mounting": "denied"})])
    last = await spent(account, measure=True)
    assert any("not known" in text for text in caveats(value_of(last)))


async def test_archived_images_are_not_pulled_and_count_as_reported():
    archived = an_image("v0", digest=digest_of("archived"), size=5_000, status="ARCHIVED")
    account = shop(images={"pet-web": [*IMAGES, archived]}, manifests={**MANIFESTS, archived.digest: "{}"})
    last = await spent(account, measure=True)
    amount = value_of(last).holdings.of()
    assert (amount.bytes, amount.archived, amount.reported) == (770 + OVERHEAD + 5_000, 5_000, 1)


async def test_a_manifest_that_is_not_what_its_digest_says_is_not_believed():
    manifests = {**MANIFESTS, BRANCH[0].digest: RELEASE[1]}
    last = await spent(shop(manifests=manifests), measure=True)
    spending = value_of(last)
    assert spending.false == (BRANCH[0].digest,)
    assert spending.holdings.of().bytes == 750 + len(RELEASE[1]) + 720
    assert any("not believed" in text for text in caveats(spending))


async def test_what_is_no_manifest_counts_as_reported():
    odd = an_image("v3", digest=digest_of("no JSON"), size=33)
    account = shop(images={"pet-web": [odd]}, manifests={odd.digest: "no JSON"})
    amount = value_of(await spent(account, measure=True)).holdings.of()
    assert (amount.bytes, amount.reported) == (33, 1)


async def test_children_of_an_index_are_of_its_tags():
    child = a_layered_image(layers={"base": 700})
    index, text = an_index("v2.0.0", children={"linux/arm64": child[0].digest}, size=700)
    images, manifests = stocked(child, (index, text))
    account = shop(images={"pet-web": images}, manifests=manifests)
    measured = value_of(await spent(account, measure=True))
    assert {part.tags for part in measured.holdings.parts} == {TagGroup.RELEASE}
    assert measured.holdings.of().bytes == 700 + len(child[1]) + len(text)
    assert measured.weeks[-1] == 700
    reported = value_of(await spent(account))
    assert {part.tags for part in reported.holdings.parts} == {TagGroup.RELEASE, TagGroup.UNTAGGED}


async def test_a_refused_manifest_leaves_the_reported_sizes_and_is_not_tried_again():
    many = [an_image(f"v{number}", digest=digest_of(str(number)), size=1) for number in range(900)]
    account = shop(images={"pet-web": many})
    account.faults.deny("ecr:BatchGetImage")
    last = await spent(account, measure=True)
    assert isinstance(last, Partial)
    assert last.error.action == "ecr:BatchGetImage"
    assert last.value.holdings.of().bytes == 900
    assert account.count("ecr:BatchGetImage") == 1


async def test_one_refused_repository_is_left_out_and_named():
    account = shop(("pet-web", "hr-vault"))
    account.faults.deny("ecr:DescribeImages", target="hr-vault")
    last = await spent(account, ("pet-web", "hr-vault"))
    assert isinstance(last, Partial)
    assert last.value.refused == ("hr-vault",)
    assert last.value.holdings.of().images == 2
    assert "hr-vault" in caveats(last.value)[0]


async def test_nothing_readable_is_failed():
    account = shop()
    account.faults.deny("ecr:DescribeImages")
    last = await spent(account)
    assert isinstance(last, Failed)
    assert last.error.kind is ErrorKind.DENIED


async def test_manifests_are_remembered_by_digest_and_listings_not_loaded_twice():
    account, cache = shop(), ContentsCache()
    await spent(account, measure=True, cache=cache)
    asked = account.count("ecr:BatchGetImage")
    await spent(account, measure=True, cache=cache)
    assert (asked, account.count("ecr:BatchGetImage")) == (1, 0)


def test_the_cache_forgets_the_oldest():
    cache = ContentsCache(most=2)
    cache.remember({"a": None, "b": None})
    cache.remember({"c": None})
    assert list(cache.known(["a", "b", "c"])) == ["b", "c"]


async def test_progress_is_told_as_images_are_counted():
    many = [an_image(f"v{number}", digest=digest_of(str(number)), size=1) for number in range(900)]
    account = shop(images={"pet-web": many})
    rows = []
    repository = await account.registry(REGION).repository("pet-web")
    async for state in load_spending(account, REGION, [repository], measure=True, clock=lambda: NOW):
        if isinstance(state, Loading):
            rows.append((state.pages, state.rows))
    assert rows[0] == (0, 0)
    assert (0, 400) in rows
    assert rows[-1] == (1, 900)
    assert rows == sorted(rows)


async def test_prices_come_from_the_list_or_else_the_dated_table():
    prices = Prices("2026-11-01", REGION, 0.11, 0.11, 0.08, 10**15)
    assert (await load_prices(shop(prices={REGION: prices}), REGION)).prices == prices
    refused = shop()
    refused.faults.deny("pricing:GetProducts")
    priced = await load_prices(refused, REGION)
    assert priced.prices == FALLBACK
    assert priced.error.action == "pricing:GetProducts"


async def test_the_manifest_of_one_image():
    account = shop()
    read = await load_manifest(account, REGION, "pet-web", RELEASE[0].digest)
    assert [layer.size for layer in read.manifest.layers] == [700, 50]
    assert read.bytes == len(RELEASE[1])


@pytest.mark.parametrize(("text", "kind"), [(None, ErrorKind.NOT_FOUND), ("{}", ErrorKind.MALFORMED)])
async def test_a_manifest_that_is_not_there_or_not_true_is_an_error(text, kind):
    image = RELEASE[0]
    account = shop(manifests={} if text is None else {image.digest: text})
    with pytest.raises(AppError) as caught:
        await load_manifest(account, REGION, "pet-web", image.digest)
    assert caught.value.kind is kind


KEEP_ONE = """{"rules": [{"rulePriority": 1, "selection": {"tagStatus": "any", "countType": "imageCountMoreThan",
"countNumber": 1}, "action": {"type": "expire"}}]}"""


async def test_a_policy_frees_what_only_the_expiring_images_hold():
    account, cache = shop(), ContentsCache()
    bounded = await preview(account, REGION, "pet-web", KEEP_ONE, usages=(), contents=cache, clock=lambda: NOW)
    assert bounded.freed is None
    assert account.count("ecr:BatchGetImage") == 0
    seen = await preview(
        account, REGION, "pet-web", KEEP_ONE, usages=(), contents=cache, measure=True, clock=lambda: NOW
    )
    assert seen.freed == Freed(50 + len(RELEASE[1]), exact=True)
    assert seen.monthly_saving < bounded.monthly_saving
    again = await preview(account, REGION, "pet-web", KEEP_ONE, usages=(), contents=cache, clock=lambda: NOW)
    assert again.freed == seen.freed


async def test_a_deletion_frees_what_only_the_deleted_images_hold_where_that_is_known():
    account, cache = shop(), ContentsCache()
    digests = [BRANCH[0].digest]
    assert (await plan_delete_images(account, REGION, "pet-web", digests, contents=cache)).freed is None
    await spent(account, measure=True, cache=cache)
    plan = await plan_delete_images(account, REGION, "pet-web", digests, contents=cache)
    assert plan.freed == Freed(20 + len(BRANCH[1]), exact=True)
