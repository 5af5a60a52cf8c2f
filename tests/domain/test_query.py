"""The filter language: what it means, what it refuses, and that slices and narrowing lose nothing."""

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecrtui.domain.filtering import filter_rows, filter_slices, narrows, predicate
from ecrtui.domain.query import Field, FieldKind, Query, QueryProblem, fold, parse

NOW = 1_800_000_000.0
DAY = 86_400.0
FIELDS = (
    Field("tag", FieldKind.TEXT),
    Field("digest", FieldKind.TEXT, aliases=("sha256",)),
    Field("age", FieldKind.AGE),
    Field("size", FieldKind.SIZE),
    Field("images", FieldKind.NUMBER),
    Field("used", FieldKind.FLAG),
)
NAMES = ["pet-web", "Pet API", "batch-jobs", "straße"]
TAGS: list[tuple[str, ...]] = [("v1.2", "latest"), ("V2",), (), ("v1",)]
PUSHED = [NOW - 1 * DAY, NOW - 7 * DAY, None, float("nan")]
SIZES = [200 * 10**6, 600 * 10**6, -1, None]
COUNTS = [10, 11, 0, None]
USED = [True, False, None, False]
GETTERS = {
    "tag": TAGS.__getitem__,
    "digest": ["ab12", "cd", "ef", ""].__getitem__,
    "age": PUSHED.__getitem__,
    "size": SIZES.__getitem__,
    "images": COUNTS.__getitem__,
    "used": USED.__getitem__,
}
FOLDED = [fold(name) for name in NAMES]


def query(text: str) -> Query:
    found = parse(text, FIELDS)
    assert isinstance(found, Query), found
    return found


def rows(text: str) -> list[int]:
    understood = query(text)
    return filter_rows(understood, FOLDED, test=predicate(understood, GETTERS, NOW))


@pytest.mark.parametrize(
    ("text", "hits"),
    [
        ("", [0, 1, 2, 3]),
        ("   ", [0, 1, 2, 3]),
        ("pet", [0, 1]),
        ("PET api", [1]),
        ('"pet api"', [1]),
        ('"pet api', [1]),
        ("-pet", [2, 3]),
        ("!pet -batch", [3]),
        ("pet -api", [0]),
        ("-", [0, 1, 2, 3]),
        ("strasse", [3]),
        ('"-web"', [0]),
        ("tag:v1", [0, 3]),
        ("tag:=v1", [3]),
        ("tag=V1", [3]),
        ('tag:""', [2]),
        ("-tag:v1", [1, 2]),
        ("digest:ab1", [0]),
        ("sha256:cd", [1]),
        ("age:<7d", [0]),
        ("age:<=7d", [0, 1]),
        ("age:7d", [0, 1]),
        ("age:>24h", [1]),
        ("age>=1440m", [0, 1]),
        ("age:=1w", [1]),
        ("age:never", [2, 3]),
        ("age:<1mo age:>2d", [1]),
        ("age:<1.5d", [0]),
        ("size:>500MB", [1]),
        ("size:500MB", [1]),
        ("size:<=0.2GB", [0]),
        ("size:=0.6gb", [1]),
        ("size:<200000001", [0]),
        ("size:>190MiB", [0, 1]),
        ("size:unknown", [2, 3]),
        ("images:10", [0]),
        ("images:>0", [0, 1]),
        ("images:<1", [2]),
        ("used:no", [1, 3]),
        ("used:YES", [0]),
        ("used:unknown", [2]),
        ("-used:no pet", [0]),
        ("TAG:v1 web", [0]),
        ("a<b", []),
    ],
)
def test_meaning(text: str, hits: list[int]) -> None:
    assert rows(text) == hits


@pytest.mark.parametrize(
    ("text", "at", "message", "remedy"),
    [
        ("web foo:bar", 4, "there is no field foo", "age, digest, images, size, tag, used"),
        ("web -foo:bar", 5, "there is no field foo", 'quote it: "foo:bar"'),
        ("age:", 4, "age needs a value", "age:<7d"),
        ("size:> 5", 6, "size needs a value", "size:>500MB"),
        ("age:<7q", 5, "age cannot be 7q", "units are s m h d w mo y"),
        ("age:<-7d", 5, "age cannot be -7d", "age:<7d"),
        ("age:<٣d", 5, "age cannot be ٣d", "age:<7d"),
        ("size:>lots", 6, "size cannot be lots", "units are"),
        ("images:>1k", 8, "images cannot be 1k", "images:>10"),
        ("used:maybe", 5, "used cannot be maybe", "used:yes"),
        ("used:<yes", 6, "used cannot be compared by <", "used:no"),
        ("tag:>v1", 5, "tag cannot be compared by >", "tag:v1"),
        ("age:<never", 5, "age cannot be never", "age:<7d"),
    ],
)
def test_problems_say_what_where_and_what_to_write(text: str, at: int, message: str, remedy: str) -> None:
    problem = parse(text, FIELDS)
    assert isinstance(problem, QueryProblem)
    assert (problem.at, problem.message) == (at, message)
    assert remedy in problem.remedy


@settings(deadline=None, max_examples=500)
@given(st.text('abtag:<>=="-! 7d', max_size=24) | st.text(max_size=12))
def test_no_text_crashes_and_every_answer_filters(text: str) -> None:
    found = parse(text, FIELDS)
    if isinstance(found, Query):
        assert set(rows(text)) <= set(range(4))
    else:
        assert 0 <= found.at <= len(text)


_texts = st.lists(st.text("abc", max_size=4), max_size=30)
_queries = st.lists(
    st.sampled_from(["a", "b", "ab", "abc", "-a", "-c", "-ab", "tag:a", "tag:ab", "-tag:a", "tag:=a", "used:no"]),
    max_size=3,
).map(" ".join)


def run(text: str, folded: Sequence[str], within: Sequence[int] | None = None, step: int = 20_000) -> list[int]:
    understood = query(text)
    getters = {"tag": folded.__getitem__, "used": lambda row: row % 2 == 0}
    test = predicate(understood, getters, NOW)
    return [hit for hits in filter_slices(understood, folded, within, test, step) for hit in hits]


@settings(deadline=None, max_examples=400)
@given(_queries, _texts, st.integers(1, 12))
def test_slices_are_the_whole(text: str, folded: list[str], step: int) -> None:
    understood = query(text)
    test = predicate(understood, {"tag": folded.__getitem__, "used": lambda row: row % 2 == 0}, NOW)

    def holds(row: int) -> bool:
        words = all((word.text in folded[row]) != word.negated for word in understood.words)
        return words and (test is None or test(row))

    assert run(text, folded, step=step) == [row for row in range(len(folded)) if holds(row)]
    assert run(text, folded, step=step) == run(text, folded, range(len(folded)), step)


@settings(deadline=None, max_examples=500)
@given(_queries, _queries, _texts)
def test_narrowing_loses_nothing(old: str, new: str, folded: list[str]) -> None:
    if narrows(query(old), query(new)):
        assert run(new, folded) == run(new, folded, run(old, folded))


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("", "a", True),
        ("we", "web", True),
        ("web", "we", False),
        ("web", "web api", True),
        ("-ab", "-a", True),
        ("-a", "-ab", False),
        ("tag:v", "tag:v1", True),
        ("tag:v1", "tag:v", False),
        ("-tag:v", "-tag:v1", False),
        ("age:<7d", "age:<7d web", True),
        ("tag:v", "digest:v1", False),
    ],
)
def test_narrows(old: str, new: str, expected: bool) -> None:
    assert narrows(query(old), query(new)) is expected


def test_slices_are_small_where_rows_are_dear() -> None:
    folded = ["x"] * 1_000
    used = query("used:no")
    test = predicate(used, {"used": lambda row: False}, NOW)
    assert max(len(hits) for hits in filter_slices(used, folded, None, test, 100)) <= 10
    assert max(len(hits) for hits in filter_slices(query("x"), folded, None, None, 100)) == 100
