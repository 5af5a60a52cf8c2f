"""Groups of images by tags and age, what they cost, growth, and repositories that keep far more than others."""

from __future__ import annotations

from math import nan

import pytest

from ecrtui.domain.cost import FALLBACK, GB, outliers
from ecrtui.domain.growth import WEEK, weekly
from ecrtui.domain.spending import (
    AgeGroup,
    Part,
    TagGroup,
    age_group,
    monthly,
    monthly_saving,
    spend,
    spend_by,
    tag_group,
    tag_groups,
)
from ecrtui.domain.storage import Amount, Contents, Ledger
from ecrtui.domain.units import DAY

NOW = 1_777_900_000.0
INDEX, CHILD, SIGNATURE, LOOSE = (f"sha256:{letter * 64}" for letter in "abcd")


@pytest.mark.parametrize(
    ("tags", "group"),
    [
        ((), TagGroup.UNTAGGED),
        (("v1.2.3", "production"), TagGroup.RELEASE),
        (("1.2",), TagGroup.RELEASE),
        (("main-4f2a91c", "staging", "latest"), TagGroup.ENVIRONMENT),
        (("main-4f2a91c", "latest"), TagGroup.BRANCH),
        (("4f2a91c",), TagGroup.BRANCH),
        (("main-20260504",), TagGroup.BRANCH),
        (("latest",), TagGroup.OTHER),
        (("20260504",), TagGroup.OTHER),
        (("nightly",), TagGroup.OTHER),
        ((f"sha256-{'a' * 64}.sig",), TagGroup.UNTAGGED),
    ],
)
def test_what_tags_say(tags: tuple[str, ...], group: TagGroup) -> None:
    assert tag_group(tags) is group


def test_what_has_no_tag_is_of_the_index_that_holds_it_and_of_the_image_it_is_about() -> None:
    tags = {INDEX: ("v1.0.0",), CHILD: (), SIGNATURE: (), LOOSE: ()}
    owners = {CHILD: [INDEX], SIGNATURE: [CHILD], LOOSE: ["sha256:elsewhere"]}
    groups = tag_groups(tags, owners)
    assert [groups[digest] for digest in (CHILD, SIGNATURE, LOOSE)] == [
        TagGroup.RELEASE,
        TagGroup.RELEASE,
        TagGroup.UNTAGGED,
    ]


def test_manifests_that_name_each_other_end() -> None:
    groups = tag_groups({INDEX: (), CHILD: ()}, {INDEX: [CHILD], CHILD: [INDEX]})
    assert set(groups.values()) == {TagGroup.UNTAGGED}


@pytest.mark.parametrize(
    ("days", "group"),
    [
        (-1, AgeGroup.WEEK),
        (0, AgeGroup.WEEK),
        (7, AgeGroup.MONTH),
        (29.9, AgeGroup.MONTH),
        (30, AgeGroup.QUARTER),
        (90, AgeGroup.YEAR),
        (365, AgeGroup.OLDER),
    ],
)
def test_ages(days: float, group: AgeGroup) -> None:
    assert age_group(NOW - days * DAY, NOW) is group


def test_an_unknown_age_is_unknown() -> None:
    assert age_group(None, NOW) is age_group(nan, NOW) is AgeGroup.UNKNOWN


def part(tags: TagGroup, age: AgeGroup) -> Part:
    return Part("ap-northeast-2", "pet-web", tags, age)


def test_what_thirty_days_of_branch_images_cost() -> None:
    ledger: Ledger[Part] = Ledger()
    ledger.add(part(TagGroup.BRANCH, AgeGroup.WEEK), None, Contents(0, ((INDEX, 70 * GB), (CHILD, 2 * GB))))
    ledger.add(part(TagGroup.BRANCH, AgeGroup.OLDER), None, Contents(0, ((INDEX, 70 * GB), (LOOSE, 5 * GB))))
    ledger.add(part(TagGroup.RELEASE, AgeGroup.OLDER), None, Contents(0, ((INDEX, 70 * GB),)))
    holdings = ledger.holdings()
    branches = spend_by(holdings, lambda one: one.tags)[TagGroup.BRANCH]
    assert (branches.amount.images, branches.amount.bytes, branches.amount.own) == (2, 77 * GB, 7 * GB)
    assert (branches.recent.images, branches.recent.bytes, branches.recent.own) == (1, 72 * GB, 2 * GB)
    assert monthly(branches.recent, FALLBACK) == pytest.approx(7.2)
    assert monthly_saving(branches.recent, FALLBACK) == pytest.approx(0.2)
    assert spend(holdings).amount.bytes == 77 * GB


def test_the_archive_has_its_own_price() -> None:
    tier = FALLBACK.archive_tier
    amount = Amount(2, tier + 3 * GB, tier + 1 * GB, 3 * GB, 1 * GB)
    assert monthly(amount, FALLBACK) == pytest.approx(0.2 + 15_000 + 0.07)
    assert monthly_saving(amount, FALLBACK) == pytest.approx(0.3)


def test_growth_counts_what_was_pushed_each_week() -> None:
    pushes = [(NOW - 1, 5), (NOW + 60, 2), (NOW - WEEK, 7), (NOW - 26 * WEEK, 99), (nan, 99), (NOW, -1)]
    weeks = weekly(pushes, NOW)
    assert len(weeks) == 26
    assert weeks[-2:] == (7, 7)
    assert sum(weeks) == 14


def test_an_outlier_is_far_above_the_median_and_not_small() -> None:
    usual = {f"r{number}": 1 * GB for number in range(9)}
    found = outliers({**usual, "large": 30 * GB, "larger": 90 * GB, "unknown": None, "empty": 0})
    assert [(outlier.name, outlier.median) for outlier in found] == [("larger", 1 * GB), ("large", 1 * GB)]
    assert not outliers({name: size // 1_000 for name, size in {**usual, "large": 30 * GB}.items()})


def test_few_repositories_have_no_outlier() -> None:
    assert not outliers({"a": 1, "b": 1, "c": 1, "d": 900 * GB})
