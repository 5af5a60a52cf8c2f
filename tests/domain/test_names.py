"""Names: the patterns of the reference are the oracle, and every refusal says where."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecrtui.domain.errors import AppError, ErrorKind
from ecrtui.domain.names import (
    NamingRule,
    aws_tag_faults,
    can_name_project,
    can_name_repository,
    exclusion_faults,
    image_tag_faults,
    judge,
    near_miss_key,
    suggest_pair,
)

_PART = r"[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*"
REPOSITORY = re.compile(rf"{_PART}(\/{_PART})*")
PROJECT = re.compile(r"[A-Za-z0-9][A-Za-z0-9\-_]{1,149}")
PAIR = re.compile(r"[a-z0-9]+((_|__|-+)[a-z0-9]+)*")
RECOMMENDED = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
names = st.one_of(st.text("abZ09._-/ é\x1b", max_size=14), st.text(max_size=8))


@settings(deadline=None, max_examples=500)
@given(names)
def test_verdicts_follow_the_patterns_and_every_no_has_a_reason(name: str) -> None:
    verdict = judge(name)
    allowed = 2 <= len(name) <= 256 and REPOSITORY.fullmatch(name) is not None
    conventional = 2 <= len(name) <= 150 and RECOMMENDED.fullmatch(name) is not None
    assert verdict.allowed == allowed == can_name_repository(name) == (not verdict.faults)
    assert verdict.conventional == conventional == (not verdict.departures)
    assert can_name_project(name) == bool(PROJECT.fullmatch(name))
    assert (can_name_project(name) and can_name_repository(name)) == (
        2 <= len(name) <= 150 and PAIR.fullmatch(name) is not None
    )
    for fault in verdict.faults + verdict.departures:
        assert fault.position is None or 0 <= fault.position < len(name)
        assert fault.sentence.isprintable()


@settings(deadline=None, max_examples=300)
@given(names)
def test_a_suggestion_is_always_usable(name: str) -> None:
    suggestion = judge(name).suggestion
    if judge(name).conventional:
        assert suggestion is None
    if suggestion is not None:
        assert judge(suggestion).allowed
        assert judge(suggestion).conventional
        assert can_name_project(suggestion)


@pytest.mark.parametrize(
    ("name", "suggestion"),
    [
        ("Pet_Admin", "pet-admin"),
        ("Pet-Web", "pet-web"),
        ("pet___web", "pet-web"),
        ("pet-web-", "pet-web"),
        ("team/pet-web", "team-pet-web"),
        ("pet.web", "pet-web"),
        ("1pet", "pet"),
        ("Café Bar", "cafe-bar"),
        ("pet-web", None),
        ("", None),
        ("日本", None),
    ],
)
def test_suggestions(name: str, suggestion: str | None) -> None:
    assert suggest_pair(name) == suggestion == judge(name).suggestion


@pytest.mark.parametrize(
    ("name", "position", "words"),
    [
        ("pet Web", 3, "a space at position 4"),
        ("pet Web", 4, "‘W’ at position 5 is a capital letter: write ‘w’"),
        ("pet___web", 3, "‘___’ at position 4"),
        ("-pet", 0, "cannot begin"),
        ("pet/web.", 7, "cannot end"),
        ("pet//web", 3, "both sides"),
        ("p\x1bt", 1, "U+001B at position 2"),
        ("a", None, "at least 2 characters"),
        ("x" * 257, None, "at most 256 characters, this one 257"),
    ],
)
def test_a_refusal_says_what_and_where(name: str, position: int | None, words: str) -> None:
    assert any(fault.position == position and words in fault.sentence for fault in judge(name).faults)


def test_lengths_are_the_limits_of_each_service() -> None:
    assert can_name_repository("x" * 256)
    assert not can_name_repository("x" * 257)
    assert can_name_project("x" * 150)
    assert not can_name_project("x" * 151)
    assert judge("x" * 200).allowed
    assert not judge("x" * 200).conventional


def test_a_custom_rule_replaces_the_recommended_one() -> None:
    rule = NamingRule.of(r"team/[a-z]+(_[a-z]+)*", "team/ and words joined by _")
    assert judge("team/pet_web", rule).conventional
    verdict = judge("Team/Pet_Web", rule)
    assert (verdict.allowed, verdict.conventional) == (False, False)
    assert verdict.suggestion == "team/pet_web"
    assert "team/ and words joined by _" in judge("pet-web", rule).departures[0].sentence
    assert judge("pet-web", rule).suggestion is None


def test_a_rule_that_is_no_pattern_is_refused() -> None:
    with pytest.raises(AppError) as caught:
        NamingRule.of("pet(")
    assert caught.value.kind is ErrorKind.INVALID
    assert "regular expression" in caught.value.why


def test_near_misses_differ_in_case_or_separators_only() -> None:
    assert near_miss_key("Pet_Web") == near_miss_key("pet-web") == near_miss_key("pet.web")
    assert near_miss_key("petweb") != near_miss_key("pet-web")


@settings(deadline=None, max_examples=300)
@given(st.text(st.sampled_from("aZ0._-/é "), max_size=6) | st.text("a", min_size=120, max_size=140))
def test_image_tags_follow_the_oci_pattern(tag: str) -> None:
    assert (not image_tag_faults(tag)) == bool(re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,127}", tag))


def test_exclusion_filters() -> None:
    assert exclusion_faults(["latest*", "prod", "A._*-9"]) == ()
    assert "filter 1" in exclusion_faults(["la test"])[0]
    assert "a space at position 3" in exclusion_faults(["la test"])[0]
    assert exclusion_faults([""]) == ("filter 1 is empty",)
    assert "128" in exclusion_faults(["x" * 129])[0]
    assert "at most 5" in exclusion_faults([f"t{n}" for n in range(6)])[0]
    assert "repeats" in exclusion_faults(["latest", "latest"])[0]


def test_aws_tags() -> None:
    assert aws_tag_faults([("team", "pets"), ("cost centre", "a/b:c=é")]) == ()
    assert "empty" in aws_tag_faults([("", "x")])[0]
    assert "128" in aws_tag_faults([("k" * 129, "x")])[0]
    assert "256" in aws_tag_faults([("k", "x" * 257)])[0]
    assert "reserved" in aws_tag_faults([("AWS:x", "y")])[0]
    assert "already" in aws_tag_faults([("k", "1"), ("k", "2")])[0]
    assert "‘<’ is not allowed in a value" in aws_tag_faults([("k", "<b>")])[0]
    assert "at most 50" in aws_tag_faults([(f"k{n}", "") for n in range(51)])[0]
