"""What a policy would do: AWS's examples, the properties of the reference, and the clock-free corners."""

import time
from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecrtui.domain.image import Image
from ecrtui.domain.lifecycle import (
    ActionType,
    CountType,
    Evaluation,
    Policy,
    Rule,
    Selection,
    StorageClass,
    TagStatus,
    evaluate,
)
from ecrtui.domain.lifecycle.selecting import glob

NOW = 1_800_000_000.0
DAY = 86_400.0
INDEX = "application/vnd.oci.image.index.v1+json"


def image(name: str, age: float | None, *tags: str, **more: object) -> Image:
    pushed = None if age is None else NOW - age * DAY
    return replace(Image(name, tags, size=100, pushed_at=pushed), **more)  # type: ignore[arg-type]


def tagged(priority: int, *patterns: str, keep: int = 0, days: int = 0) -> Rule:
    count_type = CountType.COUNT if keep else CountType.PUSHED
    return Rule(priority, Selection(TagStatus.TAGGED, count_type, keep or days, patterns=patterns))


def anything(priority: int, *, keep: int = 0, days: int = 0) -> Rule:
    count_type = CountType.COUNT if keep else CountType.PUSHED
    return Rule(priority, Selection(TagStatus.ANY, count_type, keep or days))


def marked(rules: Sequence[Rule], images: Sequence[Image]) -> list[tuple[str, int]]:
    return [(mark.digest, mark.rule_priority) for mark in evaluate(Policy(tuple(rules)), images, NOW).marks]


AB = [
    image("A", 10, "beta-1", "prod-1"),
    image("B", 9, "beta-2", "prod-2"),
    image("C", 8, "beta-3"),
]
C = [
    image("A", 12, "alpha"),
    image("B", 11, "beta"),
    image("C", 10, "alpha", "beta"),
    image("D", 4, "alpha"),
    image("E", 3, "beta"),
    image("F", 2, "alpha", "beta"),
]


def test_example_a() -> None:
    assert marked([tagged(1, "prod*", keep=1), tagged(2, "beta*", keep=1)], AB) == [("A", 1)]


def test_example_b() -> None:
    assert marked([tagged(1, "beta*", keep=1), tagged(2, "prod*", keep=1)], AB) == [("A", 1), ("B", 1)]


def test_example_c() -> None:
    assert marked([tagged(1, "alpha*", "beta*", days=5)], C) == [("C", 1)]


def test_rules_act_by_priority_whatever_their_order_in_the_text() -> None:
    assert marked([tagged(20, "beta*", keep=1), tagged(10, "prod*", keep=1)], AB) == [("A", 10)]


def test_an_image_is_older_than_n_days_only_beyond_them() -> None:
    images = [image("old", 5 + 1 / DAY), image("edge", 5), image("new", 1)]
    assert marked([anything(1, days=5)], images) == [("old", 1)]


def test_prefixes_are_literal_beginnings_and_all_must_match() -> None:
    images = [image("a", 9, "v*1"), image("b", 9, "v1"), image("c", 9, "v*2", "rel-1")]
    star = Rule(1, Selection(TagStatus.TAGGED, CountType.PUSHED, 1, prefixes=("v*",)))
    assert marked([star], images) == [("a", 1), ("c", 1)]
    both = Rule(1, Selection(TagStatus.TAGGED, CountType.PUSHED, 1, prefixes=("rel", "v")))
    assert marked([both], images) == [("c", 1)]


def test_untagged_and_any() -> None:
    images = [image("u", 9), image("t", 9, "x")]
    untagged = Rule(1, Selection(TagStatus.UNTAGGED, CountType.PUSHED, 1))
    assert marked([untagged], images) == [("u", 1)]
    assert marked([anything(3, days=1)], images) == [("u", 3), ("t", 3)]


def test_a_restored_image_counts_from_its_restore() -> None:
    images = [image("r", 100, activated_at=NOW - 2 * DAY), image("n", 3)]
    assert marked([anything(1, days=10)], images) == []
    assert marked([anything(1, keep=1)], images) == [("n", 1)]


@pytest.mark.parametrize(
    ("pulled", "restored", "goes"),
    [(None, None, True), (1, None, False), (50, None, True), (50, 1, False), (1, 50, False), (50, 60, True)],
)
def test_since_pulled(pulled: float | None, restored: float | None, goes: bool) -> None:
    rule = Rule(1, Selection(TagStatus.ANY, CountType.PULLED, 30), ActionType.TRANSITION)
    one = image(
        "x",
        99,
        pulled_at=None if pulled is None else NOW - pulled * DAY,
        activated_at=None if restored is None else NOW - restored * DAY,
    )
    result = evaluate(Policy((rule,)), [one], NOW)
    assert [mark.action for mark in result.marks] == ([ActionType.TRANSITION] if goes else [])
    assert (result.bytes_freed, result.bytes_archived) == (0, 100 if goes else 0)


def test_the_archive_has_its_own_rules() -> None:
    images = [
        image("standard", 400, "v1"),
        image("archived", 400, "v2", status="ARCHIVED", archived_at=NOW - 200 * DAY),
        image("lately", 400, "v3", status="ARCHIVED", archived_at=NOW - 20 * DAY),
        image("restoring", 400, "v4", status="ACTIVATING", archived_at=NOW - 200 * DAY),
    ]
    gone = Rule(2, Selection(TagStatus.ANY, CountType.TRANSITIONED, 90, storage_class=StorageClass.ARCHIVE))
    assert marked([anything(1, days=30), gone], images) == [("standard", 1), ("archived", 2)]


def test_an_undated_image_stays_and_does_not_count() -> None:
    images = [image("u", None), image("a", 1), image("b", 2), image("nan", None, pushed_at=float("nan"))]
    result = evaluate(Policy((anything(1, keep=1),)), images, NOW)
    assert [mark.digest for mark in result.marks] == ["b"]
    assert [one.digest for one in result.undated] == ["u", "nan"]
    assert [one.digest for one in result.kept] == ["u", "a", "nan"]


def test_equal_push_times_fall_by_digest() -> None:
    images = [image(name, 5) for name in "cab"]
    assert marked([anything(1, keep=1)], images) == [("c", 1), ("b", 1)]


def test_children_stay_while_their_list_is_there_even_if_it_goes() -> None:
    images = [image("list", 20, "v1", media_type=INDEX), image("child", 20), image("orphan", 20)]
    result = evaluate(Policy((anything(1, days=5),)), images, NOW, {"list": ["child"], "gone": ["orphan"]})
    assert [mark.digest for mark in result.marks] == ["list", "orphan"]
    assert [(one.image.digest, one.parent, one.rule_priority) for one in result.protected] == [("child", "list", 1)]
    assert [one.digest for one in result.kept] == ["child"]
    assert result.unread == ()
    assert [one.digest for one in evaluate(Policy((anything(1, days=5),)), images, NOW).unread] == ["list"]


def test_an_archived_list_lets_its_children_follow_into_the_archive_only() -> None:
    images = [image("list", 99, media_type=INDEX, status="ARCHIVED"), image("child", 99)]
    move = Rule(1, Selection(TagStatus.ANY, CountType.PULLED, 30), ActionType.TRANSITION)
    children = {"list": {"child", "list"}}
    assert [m.digest for m in evaluate(Policy((move,)), images, NOW, children).marks] == ["child"]
    assert evaluate(Policy((anything(1, days=5),)), images, NOW, children).marks == ()


def test_referrers_follow_their_subject_and_do_not_count() -> None:
    images = [
        image("new", 1, "v2"),
        image("old", 9, "v1"),
        image("sig", 0, subject="old"),
        image("sig-of-sig", 0, subject="sig"),
        image("stays", 90, subject="new"),
        image("loop", 90, subject="loop"),
    ]
    result = evaluate(Policy((anything(1, keep=1),)), images, NOW)
    assert [mark.digest for mark in result.marks] == ["old"]
    assert [(one.image.digest, one.action) for one in result.followers] == [
        ("sig", ActionType.EXPIRE),
        ("sig-of-sig", ActionType.EXPIRE),
    ]


def test_the_answer_in_the_policys_own_words() -> None:
    move = Rule(4, Selection(TagStatus.ANY, CountType.PULLED, 30), ActionType.TRANSITION)
    images = [image("a", 99, "x", "y"), image("b", 1)]
    result = evaluate(Policy((move,)), images, NOW)
    assert result.to_answer() == {
        "marked": [{"digest": "a", "tags": ["x", "y"], "rule": 4, "action": "transition"}],
        "kept": [{"digest": "b", "tags": []}],
    }
    assert result.by_rule() == {4: 1}
    assert (result.expiring, result.archiving) == (0, 1)
    assert result.marks[0].reason == "last used 99 days ago, the rule goes by 30"


def test_reasons_tell_the_place_in_the_order() -> None:
    result = evaluate(Policy((anything(1, keep=2),)), [image(str(n), n) for n in range(4)], NOW)
    assert [mark.reason for mark in result.marks] == [
        "number 3 from the newest; the rule keeps 2",
        "number 4 from the newest; the rule keeps 2",
    ]


_tags = st.lists(st.sampled_from(["a", "ab", "b", "ba", "abc", "c1"]), unique=True, max_size=3).map(tuple)
_images = st.lists(
    st.builds(
        lambda tags, age, status: (tags, age, status),
        _tags,
        st.sampled_from([0, 1, 2, 3, 5, 8]),
        st.sampled_from(["ACTIVE", "ACTIVE", "ARCHIVED"]),
    ),
    max_size=10,
).map(
    lambda rows: [
        image(f"d{n}", age, *tags, status=status, archived_at=NOW - age * DAY)
        for n, (tags, age, status) in enumerate(rows)
    ]
)
_numbers = st.integers(1, 6)
_selections = st.one_of(
    st.builds(
        lambda patterns, count, number: Selection(TagStatus.TAGGED, count, number, patterns=patterns),
        st.lists(st.sampled_from(["a*", "*b", "b*", "ab", "*"]), min_size=1, max_size=2).map(tuple),
        st.sampled_from([CountType.COUNT, CountType.PUSHED]),
        _numbers,
    ),
    st.builds(Selection, st.just(TagStatus.UNTAGGED), st.sampled_from([CountType.COUNT]), _numbers),
    st.builds(Selection, st.just(TagStatus.ANY), st.sampled_from([CountType.COUNT, CountType.PUSHED]), _numbers),
    st.builds(
        lambda number: Selection(TagStatus.ANY, CountType.TRANSITIONED, number, storage_class=StorageClass.ARCHIVE),
        _numbers,
    ),
)
_policies = st.lists(_selections, min_size=1, max_size=4).map(
    lambda selections: Policy(tuple(Rule(n, one) for n, one in enumerate(selections, 1)))
)


def naive(policy: Policy, images: Sequence[Image]) -> dict[str, int]:
    """Section 2 of the reference, word for word and slow."""
    marks: dict[str, int] = {}
    owned: set[str] = set()
    for rule in sorted(policy.rules, key=lambda rule: rule.priority):
        chosen = [one for one in images if selects(rule.selection, one)]
        number = rule.selection.count_number
        if rule.selection.count_type is CountType.COUNT:
            newest = sorted(chosen, key=lambda one: (-(one.pushed_at or 0), one.digest))
            wanted = {one.digest for one in newest[number:]}
        else:
            wanted = {one.digest for one in chosen if NOW - (one.pushed_at or 0) > number * DAY}
        marks.update(dict.fromkeys(wanted - owned, rule.priority))
        owned |= {one.digest for one in chosen}
    return marks


def selects(selection: Selection, one: Image) -> bool:
    archived = selection.storage_class is StorageClass.ARCHIVE
    if (one.status == "ARCHIVED") != archived:
        return False
    if selection.tag_status is TagStatus.TAGGED:
        return all(any(glob(pattern)(tag) for tag in one.tags) for pattern in selection.patterns)
    return selection.tag_status is TagStatus.ANY or not one.tags


def by_digest(result: Evaluation) -> dict[str, int]:
    digests = [mark.digest for mark in result.marks]
    assert len(digests) == len(set(digests)), "an image has at most one mark"
    return dict(zip(digests, (mark.rule_priority for mark in result.marks), strict=True))


@settings(deadline=None, max_examples=400)
@given(_policies, _images)
def test_the_evaluation_is_the_references(policy: Policy, images: list[Image]) -> None:
    result = evaluate(policy, images, NOW)
    marks = by_digest(result)
    assert marks == naive(policy, images)
    digests = [one.digest for one in images]
    assert [digest for digest in digests if digest in marks] == [mark.digest for mark in result.marks]
    assert [digest for digest in digests if digest not in marks] == [one.digest for one in result.kept]
    for one in images:
        first = next((rule.priority for rule in policy.rules if selects(rule.selection, one)), None)
        assert marks.get(one.digest, first) == first


@settings(deadline=None, max_examples=200)
@given(_policies, _selections, _images)
def test_a_later_rule_changes_no_earlier_mark(policy: Policy, more: Selection, images: list[Image]) -> None:
    before = by_digest(evaluate(policy, images, NOW))
    after = by_digest(evaluate(Policy((*policy.rules, Rule(99, more))), images, NOW))
    assert {digest: rule for digest, rule in after.items() if rule != 99} == before


@settings(deadline=None, max_examples=200)
@given(_policies, _images, st.integers(0, 3), st.integers(1, 9))
def test_a_greater_number_never_adds_marks(policy: Policy, images: list[Image], at: int, more: int) -> None:
    index = at % len(policy.rules)
    rule = policy.rules[index]
    selection = replace(rule.selection, count_number=rule.selection.count_number + more)
    rules = (*policy.rules[:index], replace(rule, selection=selection), *policy.rules[index + 1 :])
    fewer = by_digest(evaluate(Policy(rules), images, NOW))
    assert fewer.items() <= by_digest(evaluate(policy, images, NOW)).items()


@settings(deadline=None, max_examples=200)
@given(st.data(), _policies, _images)
def test_the_order_of_images_and_rules_does_not_matter(
    data: st.DataObject, policy: Policy, images: list[Image]
) -> None:
    shuffled = data.draw(st.permutations(images))
    rules = data.draw(st.permutations(policy.rules))
    assert by_digest(evaluate(policy, images, NOW)) == by_digest(evaluate(Policy(tuple(rules)), shuffled, NOW))


@settings(deadline=None, max_examples=200)
@given(_images, _numbers, st.sampled_from(["*", "a*", "*b"]))
def test_one_keep_rule_keeps_n_of_what_it_selects(images: list[Image], keep: int, pattern: str) -> None:
    rule = tagged(1, pattern, keep=keep)
    selected = [one for one in images if selects(rule.selection, one)]
    marks = by_digest(evaluate(Policy((rule,)), images, NOW))
    assert len(selected) - len(marks) == min(keep, len(selected))


@settings(deadline=None, max_examples=500)
@given(st.text("ab*", max_size=6), st.text("ab*", max_size=7))
def test_globs_are_whole_case_sensitive_and_star_only(pattern: str, text: str) -> None:
    def slow(pattern: str, text: str) -> bool:
        if not pattern:
            return not text
        if pattern[0] == "*":
            return any(slow(pattern[1:], text[n:]) for n in range(len(text) + 1))
        return bool(text) and text[0] == pattern[0] and slow(pattern[1:], text[1:])

    assert glob(pattern)(text) == slow(pattern, text)


def test_nothing_but_the_star_is_special() -> None:
    assert glob("v?.[0-9]")("v?.[0-9]")
    assert not glob("v?")("v1")
    assert not glob("Prod*")("prod1")


def test_a_full_repository_and_a_full_policy_are_quick() -> None:
    images = [
        image(f"sha256:{n:064x}", n / 100, f"{'abcde'[n % 5]}{n % 40}-{n}", f"main-{n:07x}") for n in range(100_000)
    ]
    patterns = [("*-1*",), ("main-*",), ("a*", "*0*"), ("*a*b*c*d",), ("c*",)]
    rules = [tagged(n, *patterns[n % 5], f"*{n}*", keep=1000 * n) for n in range(1, 50)]
    started = time.process_time()
    result = evaluate(Policy((*rules, anything(50, days=30))), images, NOW)
    assert time.process_time() - started < 10, "seconds of CPU on a slow machine"
    assert len(result.marks) + len(result.kept) == 100_000
    assert result.marks
