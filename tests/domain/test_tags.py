"""Tags: classes in their order, versions by precedence, the telling one first."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecrtui.domain.tags import TagKind, classify, kinds, ordered, precedence, primary_tag, telling, version_key


@pytest.mark.parametrize(
    ("tag", "kind"),
    [
        ("latest", "latest"),
        ("latest2", "other"),
        ("1.2.3", "semver"),
        ("v1.2.3-rc.1", "semver"),
        ("v01.2.3", "other"),
        ("1.2.3\n", "other"),
        ("20240501", "date"),
        ("2024-05-01.1813", "date"),
        ("20240501-181301", "date"),
        ("1", "floating"),
        ("v1.4", "floating"),
        ("sha256-" + "a" * 64, "cosign"),
        ("sha256-" + "a" * 64 + ".sig", "cosign"),
        ("production", "environment"),
        ("dev", "environment"),
        ("devel", "other"),
        ("4f2a91c", "sha"),
        ("sha-4f2a91c", "sha"),
        ("defaced", "other"),
        ("abc123", "other"),
        ("main-4f2a91c", "branch-sha"),
        ("feature-defaced", "other"),
        ("main-20240501", "date"),
        ("main-123456789", "date"),
        ("main-1234567", "branch-sha"),
        ("", "other"),
        ("１.2.3", "other"),
        ("9" * 5000, "floating"),
    ],
)
def test_classes(tag: str, kind: str) -> None:
    assert classify(tag).kind == kind


def test_a_branch_may_hold_hyphens_and_the_commit_is_the_last_part() -> None:
    found = classify("fix-abc1234-x-0f1e2d3")
    assert (found.kind, found.branch, found.sha) == (TagKind.BRANCH_SHA, "fix-abc1234-x", "0f1e2d3")
    assert found.unique
    assert not classify("latest").unique


def test_versions_rise_as_semver_says() -> None:
    pre_releases = ["alpha", "alpha.1", "alpha.beta", "beta", "beta.2", "beta.11", "rc.1"]
    releases = ["1.0.0", "v1.0.1", "1.2.0", "1.10.0", "2.0.0", "10.0.0"]
    rising = [f"1.0.0-{one}" for one in pre_releases] + releases
    falling = rising[::-1]
    assert sorted(falling, key=precedence) == rising  # type: ignore[arg-type]
    assert precedence("latest") is None
    assert precedence("9" * 5000 + ".0.0") > precedence("1.0.0")  # type: ignore[operator]


@settings(deadline=None, max_examples=200)
@given(st.tuples(*[st.integers(0, 200)] * 3), st.tuples(*[st.integers(0, 200)] * 3))
def test_precedence_is_numeric(one: tuple[int, ...], other: tuple[int, ...]) -> None:
    left, right = (precedence(".".join(map(str, version))) for version in (one, other))
    assert left is not None
    assert right is not None
    assert (left < right) == (one < other)


def test_the_most_telling_tag_comes_first() -> None:
    assert ordered(["latest", "staging", "main-4f2a91c"]) == ("main-4f2a91c", "staging", "latest")
    assert ordered(["1.9.0", "production", "1.10.0", "1.10.0-rc.1"]) == (
        "1.10.0",
        "1.10.0-rc.1",
        "1.9.0",
        "production",
    )
    assert primary_tag(("latest", "v1.2.3")) == "v1.2.3"
    assert primary_tag(("latest",)) == "latest"
    assert primary_tag(()) is None


@settings(deadline=None, max_examples=200)
@given(st.lists(st.text("alv1.-0\x1b", max_size=8) | st.sampled_from(["latest", "1.2.3", "qa"]), max_size=5))
def test_order_loses_nothing_and_does_not_depend_on_the_given_one(tags: list[str]) -> None:
    assert sorted(ordered(tags)) == sorted(tags)
    assert ordered(tags) == ordered(list(reversed(tags)))
    assert primary_tag(tuple(tags)) == (ordered(tags)[0] if tags else None)


def test_the_two_tags_that_say_most_name_the_version_and_the_place():
    assert telling(("v4.1.1", "main-6a8ea8c", "production")) == ("v4.1.1", "production")
    assert telling(("latest", "main-6a8ea8c", "4f2a91c")) == ("main-6a8ea8c", "latest")
    assert telling(("main-6a8ea8c", "v1.0.0")) == ("v1.0.0", "main-6a8ea8c")
    assert telling(("latest",)) == ("latest",)
    assert telling(()) == ()


def test_images_in_the_order_of_their_versions() -> None:
    rising = [
        (),
        ("alpha",),
        ("latest",),
        ("v1.9.0-rc.1", "zeta"),
        ("1.9.0",),
        ("latest", "v1.10.0", "v1.2.0"),
        ("2.0.0",),
    ]
    assert sorted(random.Random(1).sample(rising, len(rising)), key=version_key) == rising


def test_the_kinds_of_an_image_each_once() -> None:
    assert kinds(("latest", "v1.0.0", "v1.1.0", "production")) == (
        TagKind.SEMVER,
        TagKind.ENVIRONMENT,
        TagKind.LATEST,
    )
    assert kinds(()) == ()
