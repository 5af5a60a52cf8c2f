"""A policy's text: every violated rule of ECR with its rule number and place, and nothing ever crashes."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecrtui.domain.errors import AppError, ErrorKind
from ecrtui.domain.lifecycle import PolicyError, Problem, parse, same, to_json, validate


def rule(priority: Any = 1, **changes: Any) -> dict[str, Any]:
    """A valid rule with members of the selection or action replaced; `...` removes one."""
    selection = {"tagStatus": "any", "countType": "imageCountMoreThan", "countNumber": 10}
    action = {"type": "expire"}
    for key, value in changes.items():
        home = action if key in ("type", "targetStorageClass") else selection
        if value is ...:
            home.pop(key, None)
        else:
            home[key] = value
    return {"rulePriority": priority, "selection": selection, "action": action}


def tagged(priority: int, **changes: Any) -> dict[str, Any]:
    return rule(priority, tagStatus="tagged", **changes)


def text(*rules: Any, **more: Any) -> str:
    return json.dumps({"rules": list(rules), **more}, indent=1)


def one(source: str) -> Problem:
    problems = validate(source)
    assert len(problems) == 1, [str(problem) for problem in problems]
    return problems[0]


PULLED = {"countType": "sinceImagePulled", "countUnit": "days", "countNumber": 90}
TRANSITIONED = {
    "countType": "sinceImageTransitioned",
    "countUnit": "days",
    "countNumber": 90,
    "storageClass": "archive",
}
TO_ARCHIVE = {"type": "transition", "targetStorageClass": "archive"}

VALID = [
    (rule(),),
    (rule(7, countType="sinceImagePushed", countUnit="days", countNumber=1),),
    (rule(**PULLED, **TO_ARCHIVE),),
    (rule(**PULLED, **TO_ARCHIVE), rule(2, **TRANSITIONED)),
    (rule(2, **PULLED, **TO_ARCHIVE), rule(1, **TRANSITIONED)),
    (rule(**TO_ARCHIVE),),
    (tagged(1, tagPatternList=["a*b*c*d*", "x"]), tagged(2, tagPatternList=["*"])),
    (tagged(1, tagPrefixList=["a"]), tagged(2, tagPrefixList=["a", "b"]), rule(9)),
    (rule(1, tagStatus="untagged"), rule(2, tagStatus="untagged", **TRANSITIONED)),
    (rule(storageClass="standard"),),
    tuple(tagged(n, tagPatternList=[f"t{n}*"]) for n in range(1, 51)),
]


@pytest.mark.parametrize("rules", VALID)
def test_valid_policies_have_no_problem_and_survive_their_own_text(rules: tuple[dict[str, Any], ...]) -> None:
    source = text(*rules)
    assert [str(problem) for problem in validate(source)] == []
    policy = parse(source)
    again = to_json(policy)
    assert 100 <= len(again) <= 30_720
    assert validate(again) == ()
    assert same(parse(again), policy)


BROKEN = [
    (rule(0), "rulePriority", "cannot be 0"),
    (rule(-3), "rulePriority", "cannot be -3"),
    (rule(True), "rulePriority", "cannot be true"),
    (rule(1.0), "rulePriority", "cannot be 1.0"),
    (rule("1"), "rulePriority", 'cannot be "1"'),
    (rule(None), "rulePriority", "cannot be null"),
    (rule(10**30), "rulePriority", "cannot be a number of that length"),
    (rule(tagStatus="Any"), "selection.tagStatus", 'cannot be "Any"'),
    (rule(tagStatus=...), "selection.tagStatus", "is missing"),
    (rule(tagStatus=["any"]), "selection.tagStatus", "cannot be a list"),
    (tagged(1), "selection.tagStatus", "needs tagPatternList or tagPrefixList"),
    (tagged(1, tagPatternList=["a"], tagPrefixList=["a"]), "selection.tagPrefixList", "exclude each other"),
    (tagged(1, tagPatternList=[]), "selection.tagPatternList", "is empty"),
    (tagged(1, tagPatternList="a*"), "selection.tagPatternList", "must be a list"),
    (tagged(1, tagPatternList=["a", ""]), "selection.tagPatternList[1]", "non-empty"),
    (tagged(1, tagPrefixList=["a", 7]), "selection.tagPrefixList[1]", "not 7"),
    (tagged(1, tagPatternList=["a", "*a*b*c*d*"]), "selection.tagPatternList[1]", "5 wildcards"),
    (rule(tagPatternList=["a"]), "selection.tagPatternList", 'beside tagStatus "any"'),
    (
        rule(tagStatus="untagged", tagPrefixList=["a"]),
        "selection.tagPrefixList",
        'beside tagStatus "untagged"',
    ),
    (rule(countType="sinceImagesPushed"), "selection.countType", "cannot be"),
    (rule(countNumber=0), "selection.countNumber", "cannot be 0"),
    (rule(countNumber=...), "selection.countNumber", "is missing"),
    (rule(countNumber=False), "selection.countNumber", "cannot be false"),
    (rule(countNumber=2.5), "selection.countNumber", "cannot be 2.5"),
    (rule(countUnit="days"), "selection.countUnit", "cannot stand beside imageCountMoreThan"),
    (rule(countType="sinceImagePushed"), "selection.countUnit", "is missing"),
    (rule(countType="sinceImagePushed", countUnit="hours"), "selection.countUnit", 'cannot be "hours"'),
    (rule(storageClass="glacier"), "selection.storageClass", "cannot be"),
    (rule(storageClass="archive"), "selection.storageClass", "goes with sinceImageTransitioned only"),
    (rule(**{**TRANSITIONED, "storageClass": ...}), "selection.storageClass", "needs storageClass"),
    (rule(**{**TRANSITIONED, "storageClass": "standard"}), "selection.storageClass", "needs storageClass"),
    (rule(**{**TRANSITIONED, "countNumber": 89}), "selection.countNumber", "cannot be 89"),
    (rule(**TRANSITIONED, **TO_ARCHIVE), "action.type", "can only expire"),
    (rule(**PULLED), "action.type", "can only archive"),
    (rule(type="delete"), "action.type", "cannot be"),
    (rule(type=...), "action.type", "is missing"),
    (rule(type="transition"), "action.targetStorageClass", "is missing"),
    (rule(type="transition", targetStorageClass="standard"), "action.targetStorageClass", "cannot be"),
    (rule(targetStorageClass="archive"), "action.targetStorageClass", "beside expire"),
    (rule(targetStorageClass=None), "action.targetStorageClass", "beside expire"),
    (rule(countUnits="days"), "selection.countUnits", "unknown member"),
    ({**rule(), "priority": 1}, "priority", "unknown member"),
    ({**rule(), "description": 5}, "description", "must be a text"),
    ({**rule(), "selection": None}, "selection", "must be an object, not null"),
    ({**rule(), "action": "expire"}, "action", "must be an object, not a text"),
    ({"rulePriority": 1, "selection": rule()["selection"]}, "action", "is missing"),
]


@pytest.mark.parametrize(("broken", "path", "words"), BROKEN)
def test_each_violation_is_named_with_its_rule_and_place(broken: Any, path: str, words: str) -> None:
    sound = tagged(1, tagPatternList=["sound*"])
    if repr(broken.get("rulePriority")) == "1":
        broken = {**broken, "rulePriority": 2}
    source = text(sound, broken)
    problem = one(source)
    assert words in problem.message
    assert problem.path == f"rules[1].{path}"
    assert problem.rule == 2
    assert problem.remedy
    assert problem.line is not None
    assert problem.column is not None
    begins = source.splitlines()[problem.line - 1][problem.column - 1 :]
    assert begins
    assert not begins[0].isspace()


def test_the_place_is_the_value_itself() -> None:
    source = '{"rules": [\n  {"rulePriority": 5,\n   "selection": {"tagStatus": "any",\n     "countType": ' + (
        '"imageCountMoreThan",\n     "countNumber":   0},\n   "action": {"type": "expire"}}]}'
    )
    problem = one(source)
    assert (problem.line, problem.column, problem.rule, problem.priority) == (5, 23, 1, 5)
    assert str(problem).startswith("line 5, column 23: rule 1 (priority 5): countNumber cannot be 0.")


@pytest.mark.parametrize(
    ("rules", "number", "words"),
    [
        ((tagged(3, tagPatternList=["a"]), tagged(3, tagPatternList=["b"])), 2, "taken by rule 1"),
        ((rule(1), tagged(2, tagPatternList=["a"])), 1, "must have the highest rulePriority"),
        ((rule(1), rule(2)), 1, "must have the highest rulePriority"),
        ((rule(1, tagStatus="untagged"), rule(2, tagStatus="untagged", countNumber=3)), 2, "only one rule"),
        (
            (tagged(1, tagPrefixList=["a", "b"]), tagged(2, tagPrefixList=["b", "a"])),
            2,
            "same set of prefixes",
        ),
        ((rule(1, **TRANSITIONED), rule(2, **TRANSITIONED)), 1, "must have the highest rulePriority"),
    ],
)
def test_rules_among_each_other(rules: tuple[Any, ...], number: int, words: str) -> None:
    problem = one(text(*rules))
    assert problem.rule == number
    assert words in problem.message


def test_every_problem_is_listed_in_the_order_of_the_text() -> None:
    problems = validate(text(rule(0, countNumber=0), rule(2, tagStatus="x", countUnit="y"), extra=1))
    assert [problem.path for problem in problems] == [
        "rules[0].rulePriority",
        "rules[0].selection.countNumber",
        "rules[1].selection.tagStatus",
        "rules[1].selection.countUnit",
        "extra",
    ]
    assert [problem.priority for problem in problems] == [None, None, 2, 2, None]


def test_the_number_of_rules_and_the_length_are_limited() -> None:
    problem = one(text(*(tagged(n, tagPatternList=[f"t{n}"]) for n in range(1, 52))))
    assert "51 rules" in problem.message
    assert "no rule" in one('{"rules": []' + " " * 100 + "}").message
    assert "at least 100" in validate('{"rules": []}')[0].message
    short = json.dumps({"rules": [rule()]}, separators=(",", ":"))
    assert validate(short + " " * (100 - len(short))) == ()
    assert "at most 30,720" in one(text(rule()) + " " * 30_720).message
    assert validate(text(rule()) + " " * (30_720 - len(text(rule())))) == ()


def test_equal_keys_are_refused() -> None:
    source = text(rule()).replace('"countNumber": 10', '"countNumber": 10, "countNumber": 20')
    assert "countNumber" in one(source).message
    assert "twice" in one(source).message


PAD = " " * 120


@pytest.mark.parametrize(
    ("source", "line", "column", "words"),
    [
        ("[" * 150_000, 1, 34, "nested more than"),
        ('{"rules":' * 20_000, 1, 289 + 8 + 1, "nested more than"),
        (PAD, 1, 121, "the text ends where a value should be"),
        ("[]" + PAD, 1, 1, "must be an object, not a list"),
        ("null" + PAD, 1, 1, "must be an object, not null"),
        ("{}" + PAD, 1, 1, "rules is missing"),
        ('{"rules": {}}' + PAD, 1, 11, "rules must be a list"),
        ('{"rules": [5]}' + PAD, 1, 12, "a rule must be an object"),
        ('{"rules": [\n NaN]}' + PAD, 2, 2, "not NaN"),
        ('{"rules": [\n -Infinity]}' + PAD, 2, 2, "not -Infinity"),
        ('{"rules": [\n],}' + PAD, 2, 2, "a comma too many"),
        ('{"rules": [1,]}' + PAD, 1, 13, "a comma too many"),
        ('{"rules" []}' + PAD, 1, 10, "a colon should follow"),
        ('{"rules": [] "x": 1}' + PAD, 1, 14, "a comma or }"),
        ("{'rules': []}" + PAD, 1, 2, "a key in double quotes"),
        ('{"rules": []} x' + PAD, 1, 15, "more text after the end"),
        ('{"rules": ["abc]}' + PAD, 1, 12, "not closed"),
        ('{"rules": ["a\nb"]}' + PAD, 1, 14, "inside quotes"),
        ('{"rules": ["\\ud800"]}' + PAD, 1, 12, "lone surrogate"),
        ('{"rules": ["\udcff"]}' + PAD, 1, 12, "lone surrogate"),
        ('{"rules": ["\\q"]}' + PAD, 1, 13, "escape"),
        ("\ufeff{}" + PAD, 1, 1, "byte order mark"),
        ('{"rules": [01]}' + PAD, 1, 13, "a comma or ]"),
        ('{"rules": [\x1b]}' + PAD, 1, 12, "U+001B"),
    ],
)
def test_hostile_and_broken_text_is_a_problem_with_a_place(source: str, line: int, column: int, words: str) -> None:
    problems = [problem for problem in validate(source) if problem.line is not None]
    assert len(problems) == 1, [str(problem) for problem in problems]
    assert words in problems[0].message
    assert (problems[0].line, problems[0].column) == (line, column)
    assert problems[0].message.isprintable()


def test_an_endless_text_is_refused_by_its_length() -> None:
    assert "at most 30,720" in one("[" * 5_000_000).message


@settings(deadline=None, max_examples=300)
@given(st.text(max_size=60) | st.text('{}[]",:\\ud0019eE-+.truefalsn \n', max_size=80))
def test_no_text_crashes(source: str) -> None:
    assert validate(source)
    assert validate(f'{{"rules": [{source}' + PAD)


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)
_odd = st.fixed_dictionaries(
    {},
    optional={
        "rulePriority": _json,
        "selection": st.dictionaries(st.sampled_from(sorted(rule()["selection"])), _json) | _json,
        "action": _json,
        "description": _json,
    },
)


@settings(deadline=None, max_examples=200)
@given(st.lists(_odd, max_size=3))
def test_no_json_crashes_and_a_text_is_a_policy_or_has_problems(rules: list[Any]) -> None:
    source = json.dumps({"rules": rules}, indent=2) + PAD
    problems = validate(source)
    if problems:
        with pytest.raises(PolicyError) as caught:
            parse(source, "policy.json")
        assert caught.value.problems == problems
    else:
        assert parse(source).rules


def test_a_refused_policy_is_an_app_error_with_the_first_problem() -> None:
    with pytest.raises(AppError) as caught:
        parse(text(rule(countNumber=0), rule(0)), "policy.json")
    error = caught.value
    assert error.kind is ErrorKind.INVALID
    assert error.exit_code == 2
    assert error.where == "policy.json"
    assert str(error.problems[0]) in error.why
    assert f"1 of {len(error.problems)} problems" in error.why
