"""Policies in words, compared, and made from templates."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecrtui.domain.errors import AppError, ErrorKind
from ecrtui.domain.image import Image
from ecrtui.domain.lifecycle import (
    ActionType,
    CountType,
    DifferenceKind,
    Policy,
    Rule,
    Selection,
    StorageClass,
    TagStatus,
    canonical,
    differences,
    evaluate,
    parse,
    same,
    sentences,
    template,
    templates,
    to_json,
    validate,
)

NOW = 1_800_000_000.0
DAY = 86_400.0
KEEP = Rule(1, Selection(TagStatus.TAGGED, CountType.COUNT, 10, patterns=("prod*", "v*")))
UNTAGGED = Rule(2, Selection(TagStatus.UNTAGGED, CountType.PUSHED, 14), description="leftovers")


def test_every_kind_of_rule_has_a_sentence() -> None:
    archive = Selection(TagStatus.ANY, CountType.PULLED, 90)
    gone = Selection(TagStatus.ANY, CountType.TRANSITIONED, 365, storage_class=StorageClass.ARCHIVE)
    prefix = Selection(TagStatus.TAGGED, CountType.COUNT, 1, prefixes=("a", "b*", "c"))
    policy = Policy((Rule(9, gone), UNTAGGED, KEEP, Rule(4, archive, ActionType.TRANSITION), Rule(3, prefix)))
    assert sentences(policy) == (
        "Expire images tagged both prod* and v* beyond the newest 10.",
        "Expire untagged images pushed more than 14 days ago.",
        "Expire images tagged all of a*, b** (a literal prefix), c* beyond the newest.",
        "Archive all images not pulled for more than 90 days.",
        "Expire all images archived more than 365 days ago.",
    )


def test_policies_are_the_same_whatever_the_order() -> None:
    turned = replace(KEEP, selection=replace(KEEP.selection, patterns=("v*", "prod*", "v*")))
    assert same(Policy((KEEP, UNTAGGED)), Policy((UNTAGGED, turned)))
    assert canonical(Policy((UNTAGGED, turned))) == canonical(Policy((KEEP, UNTAGGED)))
    assert not same(Policy((KEEP,)), Policy((replace(KEEP, priority=2),)))
    assert not same(Policy((KEEP,)), None)
    assert same(None, None)


def test_a_default_that_the_service_adds_changes_nothing() -> None:
    text = to_json(Policy((UNTAGGED,)))
    assert "storageClass" not in text
    added = text.replace('"tagStatus"', '"storageClass": "standard", "tagStatus"')
    assert same(parse(added), parse(text))


def test_differences_by_rule() -> None:
    fewer = replace(KEEP, selection=replace(KEEP.selection, count_number=5))
    found = differences(Policy((KEEP, UNTAGGED)), Policy((fewer, replace(UNTAGGED, priority=7))))
    assert [(one.kind, one.text) for one in found] == [
        (
            DifferenceKind.CHANGED,
            "Rule 1 changed: Expire images tagged both prod* and v* beyond the newest 5. "
            "It was: Expire images tagged both prod* and v* beyond the newest 10.",
        ),
        (
            DifferenceKind.MOVED,
            "Rule 2 is now rule 7: Expire untagged images pushed more than 14 days ago.",
        ),
    ]
    (added,) = differences(Policy((KEEP,)), Policy((KEEP, UNTAGGED)))
    assert added.text == "Rule 2 added: Expire untagged images pushed more than 14 days ago."
    (removed,) = differences(Policy((KEEP, UNTAGGED)), Policy((KEEP,)))
    assert removed.text == "Rule 2 removed: Expire untagged images pushed more than 14 days ago."
    (renamed,) = differences(Policy((UNTAGGED,)), Policy((replace(UNTAGGED, description="old"),)))
    assert renamed.text == "Rule 2 described anew: “old”."
    assert [one.kind for one in differences(None, Policy((KEEP,)))] == [DifferenceKind.ADDED]
    assert [one.kind for one in differences(Policy((KEEP,)), None)] == [DifferenceKind.REMOVED]


_rules = st.lists(st.sampled_from([KEEP.selection, UNTAGGED.selection, Selection(TagStatus.ANY, CountType.COUNT, 3)]))
_policies = st.builds(lambda selections: Policy(tuple(Rule(n, one) for n, one in enumerate(selections, 1))), _rules)


@settings(deadline=None, max_examples=200)
@given(_policies, _policies)
def test_no_difference_means_the_same(old: Policy, new: Policy) -> None:
    found = differences(old, new)
    assert (not found) == same(old, new)
    before = [one.before for one in found if one.before]
    after = [one.after for one in found if one.after]
    unchanged = [rule for rule in canonical(old).rules if rule not in before]
    assert sorted([*unchanged, *after], key=lambda rule: rule.priority) == list(canonical(new).rules)


@pytest.mark.parametrize("name", [one.id for one in templates()])
def test_every_template_makes_a_policy_that_ecr_accepts(name: str) -> None:
    chosen = template(name)
    for number in (None, 1, 1_000_000):
        values = {} if number is None else {one.name: number for one in chosen.parameters}
        assert validate(to_json(chosen.policy(values))) == ()
    assert chosen.title
    assert chosen.description


def test_the_numbers_of_a_template_arrive() -> None:
    assert sentences(template("keep-last").policy({"keep": 7})) == ("Expire all images beyond the newest 7.",)
    assert sentences(template("expire-untagged").policy({"days": 3})) == (
        "Expire untagged images pushed more than 3 days ago.",
    )
    assert sentences(template("archive-unused").policy()) == ("Archive all images not pulled for more than 90 days.",)


def test_keep_releases_spares_releases_and_what_the_moving_tags_name() -> None:
    def image(name: str, age: int, *tags: str) -> Image:
        return Image(name, tags, pushed_at=NOW - age * DAY)

    images = [
        image("r3", 100, "v1.2.0"),
        image("r2", 200, "1.1.0"),
        image("r1", 300, "v1.0.0"),
        image("prod", 400, "production", "v0.9.0"),
        image("branch", 31, "main-4f2a91c"),
        image("fresh", 29, "main-b01c77e"),
        image("left", 8),
        image("last", 99, "latest"),
    ]
    policy = template("keep-releases").policy({"releases": 2})
    assert {mark.digest for mark in evaluate(policy, images, NOW).marks} == {"r1", "branch", "left"}


@pytest.mark.parametrize(("values", "words"), [({"keep": 0}, "cannot be 0"), ({"days": 3}, "it asks for keep")])
def test_a_bad_number_is_refused(values: dict[str, int], words: str) -> None:
    with pytest.raises(AppError) as caught:
        template("keep-last").policy(values)
    assert caught.value.kind is ErrorKind.INVALID
    assert words in caught.value.why


def test_an_unknown_template_names_those_there_are() -> None:
    with pytest.raises(AppError) as caught:
        template("keep-all")
    assert caught.value.kind is ErrorKind.NOT_FOUND
    assert "keep-last" in caught.value.remedy


def test_a_policy_too_long_when_indented_is_written_compactly() -> None:
    rules = tuple(
        Rule(n, Selection(TagStatus.TAGGED, CountType.COUNT, n, patterns=(f"t{n}*",)), description="x" * 350)
        for n in range(1, 51)
    )
    text = to_json(Policy(rules))
    assert "\n" not in text
    assert validate(text) == ()
