"""Repository policies evaluated: principals, actions, conditions; certain where it can be, else unknown."""

from __future__ import annotations

import json
import time
from fnmatch import fnmatchcase
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecrtui.domain.permission import Caller
from ecrtui.domain.policy_conditions import glob
from ecrtui.domain.policy_evaluation import Judgement, evaluate
from ecrtui.domain.ternary import Ternary, every, negated, some

OURS, THEIRS = "123456789012", "210987654321"
REPOSITORY = f"arn:aws:ecr:eu-west-1:{OURS}:repository/pet-web"
ROLE = f"arn:aws:iam::{OURS}:role/service-role/ci"
FUNCTION = f"arn:aws:lambda:eu-west-1:{OURS}:function:resize"
PUT = "ecr:PutImage"


def policy(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [*statements]})


def statement(effect: str = "Allow", principal: Any = "*", action: Any = "ecr:*", **members: Any) -> dict[str, Any]:
    return {"Effect": effect, "Principal": principal, "Action": action, **members}


def asked(text: str | None, caller: Caller | None = None, action: str = PUT, organization: str = "") -> Judgement:
    who = caller or Caller(ROLE)
    return evaluate(text, who, action, repository_arn=REPOSITORY, organization=organization)


def said(text: str | None, **members: Any) -> tuple[Ternary, Ternary]:
    judgement = asked(text, **members)
    return judgement.allow, judgement.deny


# Whom

_PRINCIPALS: list[tuple[Any, Ternary]] = [
    ("*", True),
    ({"AWS": "*"}, True),
    ({"AWS": ROLE}, True),
    ({"AWS": ["x", ROLE]}, True),
    ({"AWS": f"arn:aws:iam::{OURS}:role/ci"}, False),
    ({"AWS": f"arn:aws:iam::{OURS}:role/other"}, False),
    ({"AWS": f"arn:aws:iam::{OURS}:user/ci"}, False),
    ({"AWS": THEIRS}, False),
    ({"AWS": f"arn:aws:iam::{THEIRS}:root"}, False),
    ({"AWS": f"arn:aws:sts::{OURS}:assumed-role/ci/build"}, None),
    ({"AWS": f"arn:aws:sts::{OURS}:assumed-role/other/build"}, False),
    ({"AWS": f"arn:aws:sts::{THEIRS}:assumed-role/ci/build"}, False),
    ({"AWS": f"arn:aws:sts::{OURS}:federated-user/ci"}, False),
    ({"AWS": "AROAEXAMPLEEXAMPLE"}, None),
    ({"AWS": f"arn:aws:iam::{OURS}:role/*"}, None),
    ({"AWS": "nonsense"}, None),
    ({"Service": "lambda.amazonaws.com"}, False),
    ({"Service": "*"}, False),
    ({"Federated": "*"}, False),
    ({"CanonicalUser": "*"}, False),
]


@pytest.mark.parametrize(("principal", "named"), _PRINCIPALS)
def test_whom_a_statement_names(principal: Any, named: Ternary) -> None:
    assert said(policy(statement("Allow", principal))) == (named, False)
    assert said(policy(statement("Deny", principal))) == (False, named)


@pytest.mark.parametrize("account", [OURS, f"arn:aws:iam::{OURS}:root"])
def test_an_account_leaves_it_to_its_roles_policies(account: str) -> None:
    """Within the account that grants nothing by itself; from another account it is what the repository has to say."""
    text = policy(statement("Allow", {"AWS": account}))
    judgement = asked(text)
    assert (judgement.allow, judgement.deny) == (None, False)
    assert "leaves it to the role's policies" in judgement.doubts[0]
    assert said(policy(statement("Deny", {"AWS": account}))) == (False, True)
    theirs = evaluate(text, Caller(ROLE), PUT, repository_arn=REPOSITORY.replace(OURS, THEIRS))
    assert theirs.allow is True


def test_everyone_but() -> None:
    def but(effect: str, **principals: Any) -> tuple[Ternary, Ternary]:
        one = {"Effect": effect, "NotPrincipal": principals, "Action": "*"}
        return said(policy(one))

    assert but("Deny", AWS=THEIRS) == (False, True)
    assert but("Deny", AWS=ROLE) == (False, None)
    assert but("Deny", AWS=[ROLE, OURS]) == (False, None)
    assert but("Deny", AWS="*") == (False, False)
    assert but("Allow", AWS=THEIRS) == (True, False)
    assert but("Allow", AWS=ROLE) == (None, False)


_SERVICE = Caller(service="lambda.amazonaws.com", source=FUNCTION)


@pytest.mark.parametrize(
    ("principal", "condition", "named"),
    [
        ({"Service": "lambda.amazonaws.com"}, None, True),
        ({"Service": ["ecs.amazonaws.com", "lambda.amazonaws.com"]}, None, True),
        ({"Service": "ecs.amazonaws.com"}, None, False),
        ({"Service": "*"}, None, None),
        ({"AWS": OURS}, None, False),
        ("*", None, True),
        ({"Service": "lambda.amazonaws.com"}, {"StringLike": {"aws:sourceARN": f"arn:aws:lambda:*:{OURS}:*"}}, True),
        ({"Service": "lambda.amazonaws.com"}, {"ArnLike": {"AWS:SourceArn": f"{FUNCTION}-2"}}, False),
        ({"Service": "lambda.amazonaws.com"}, {"StringEquals": {"aws:SourceAccount": OURS}}, True),
        ({"Service": "lambda.amazonaws.com"}, {"StringEquals": {"aws:SourceAccount": THEIRS}}, False),
        ({"Service": "lambda.amazonaws.com"}, {"StringEquals": {"aws:PrincipalOrgID": "o-1"}}, None),
    ],
)
def test_a_service(principal: Any, condition: Any, named: Ternary) -> None:
    more = {"Condition": condition} if condition else {}
    assert said(policy(statement("Allow", principal, **more)), caller=_SERVICE) == (named, False)


# What


@pytest.mark.parametrize(
    ("element", "covered"),
    [
        ({"Action": "*"}, True),
        ({"Action": "ECR:putimage"}, True),
        ({"Action": "ecr:Put*"}, True),
        ({"Action": "ecr:?utImage"}, True),
        ({"Action": "e*:*e"}, True),
        ({"Action": ["ecr:Get*", "ecr:PutImageScanningConfiguration"]}, False),
        ({"Action": "ecr:PutImag"}, False),
        ({"Action": "s3:*"}, False),
        ({"NotAction": "ecr:Delete*"}, True),
        ({"NotAction": ["ecr:Delete*", "ecr:putImage"]}, False),
    ],
)
def test_what_a_statement_covers(element: dict[str, Any], covered: bool) -> None:
    assert said(policy({"Effect": "Allow", "Principal": "*", **element})) == (covered, False)


@pytest.mark.parametrize(
    ("element", "covered"),
    [
        ({"Resource": "*"}, True),
        ({"Resource": REPOSITORY}, True),
        ({"Resource": [f"{REPOSITORY}-2", "arn:aws:ecr:*:*:repository/pet-*"]}, True),
        ({"Resource": f"{REPOSITORY}-2"}, False),
        ({"Resource": "arn:aws:ecr:eu-west-1:${aws:PrincipalAccount}:repository/pet-web"}, None),
        ({"NotResource": REPOSITORY}, False),
        ({"NotResource": f"{REPOSITORY}-2"}, True),
    ],
)
def test_a_resource_is_the_repository_or_not(element: dict[str, Any], covered: Ternary) -> None:
    assert said(policy(statement(**element))) == (covered, False)


# Conditions


@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        ({"StringEquals": {"aws:PrincipalArn": ROLE}}, True),
        ({"StringEquals": {"aws:principalarn": ["x", ROLE]}}, True),
        ({"StringEquals": {"aws:PrincipalArn": ROLE.upper()}}, False),
        ({"StringEqualsIgnoreCase": {"aws:PrincipalArn": ROLE.upper()}}, True),
        ({"StringNotEquals": {"aws:PrincipalArn": ["x", ROLE]}}, False),
        ({"StringNotEquals": {"aws:PrincipalArn": ["x", "y"]}}, True),
        ({"StringLike": {"aws:PrincipalArn": "*/ci"}}, True),
        ({"StringNotLike": {"aws:PrincipalArn": "*/ci"}}, False),
        ({"ArnLike": {"aws:PrincipalArn": f"arn:aws:iam::{OURS}:role/*"}}, True),
        ({"ArnEquals": {"aws:PrincipalArn": f"arn:*:iam::{OURS}:role/*/c?"}}, True),
        ({"ArnLike": {"aws:PrincipalArn": "arn:*"}}, None),
        ({"ArnNotLike": {"aws:PrincipalArn": "nonsense"}}, None),
        ({"ArnNotEquals": {"aws:PrincipalArn": f"arn:aws:iam::{THEIRS}:role/*"}}, True),
        ({"StringEquals": {"aws:PrincipalAccount": OURS}}, True),
        ({"Bool": {"aws:SecureTransport": "true"}}, True),
        ({"Bool": {"aws:SecureTransport": False}}, False),
        ({"Bool": {"aws:PrincipalIsAWSService": "false"}}, True),
        ({"StringEquals": {"aws:RequestedRegion": "eu-west-1"}}, True),
        ({"StringEqualsIfExists": {"aws:RequestedRegion": "us-east-1"}}, False),
        ({"StringEquals": {"aws:ResourceAccount": THEIRS}}, False),
        ({"Null": {"aws:PrincipalArn": "true"}}, False),
        ({"Null": {"aws:PrincipalArn": False}}, True),
        ({"Null": {"aws:PrincipalTag/team": "true"}}, None),
        ({"StringEquals": {"aws:PrincipalOrgID": "o-1"}}, None),
        ({"StringEquals": {"aws:SourceArn": FUNCTION}}, None),
        ({"StringEquals": {"aws:SourceVpce": "vpce-1"}}, None),
        ({"IpAddress": {"aws:SourceIp": "0.0.0.0/0"}}, None),
        ({"ForAnyValue:StringEquals": {"aws:PrincipalArn": ROLE}}, None),
        ({"NumericLessThan": {"aws:MultiFactorAuthAge": 5}}, None),
        ({"StringEquals": {"aws:PrincipalArn": "${aws:userid}"}}, None),
        ({"StringEquals": {"aws:PrincipalArn": []}}, False),
        ({"MadeUp": {"aws:PrincipalArn": ROLE}}, None),
        ({"Bool": {"aws:SecureTransport": "true"}, "StringEquals": {"aws:PrincipalOrgID": "o-1"}}, None),
        ({"Bool": {"aws:SecureTransport": "false"}, "StringEquals": {"aws:PrincipalOrgID": "o-1"}}, False),
    ],
)
def test_conditions_are_decided_where_that_is_certain(condition: dict[str, Any], holds: Ternary) -> None:
    assert said(policy(statement(Condition=condition))) == (holds, False)
    assert said(policy(statement("Deny", Condition=condition))) == (False, holds)


def test_the_organisation_decides_where_it_is_known() -> None:
    text = policy(statement(Condition={"StringEquals": {"aws:PrincipalOrgID": "o-1"}}))
    assert said(text, organization="o-1") == (True, False)
    assert said(text, organization="o-2") == (False, False)


def test_no_policy_allows_nothing_and_a_broken_one_may_say_anything() -> None:
    assert said(None) == (False, False)
    broken = asked('{"Statement": [')
    assert (broken.allow, broken.deny) == (None, None)
    assert "line 1" in broken.doubts[0]


def test_the_statement_that_denies_is_named() -> None:
    judgement = asked(policy(statement(Sid="Push"), statement("Deny", Sid="NoPush"), statement("Deny", THEIRS_)))
    assert judgement.denied_by == ("statement 2 (NoPush)",)


THEIRS_ = {"AWS": THEIRS}


# Laws

_NAMES = st.sampled_from(["*", OURS, THEIRS, ROLE, f"arn:aws:iam::{OURS}:root", f"arn:aws:iam::{THEIRS}:root", "AROAX"])
_ACTIONS = st.sampled_from(["*", "ecr:*", "ecr:Put*", "ecr:PutImage", "ecr:BatchGetImage", "ECR:BATCH*", "s3:*"])
_CONDITIONS = st.sampled_from(
    [
        None,
        None,
        {"Bool": {"aws:SecureTransport": "true"}},
        {"Bool": {"aws:SecureTransport": "false"}},
        {"StringEquals": {"aws:PrincipalOrgID": "o-1"}},
        {"StringLike": {"aws:PrincipalArn": "*role*"}},
    ]
)


@st.composite
def _statements(draw: st.DrawFn) -> dict[str, Any]:
    condition = draw(_CONDITIONS)
    return {
        "Effect": draw(st.sampled_from(["Allow", "Deny"])),
        "Principal": {"AWS": draw(st.lists(_NAMES, min_size=1, max_size=3))},
        draw(st.sampled_from(["Action", "Action", "NotAction"])): draw(st.lists(_ACTIONS, min_size=1, max_size=2)),
        **({"Condition": condition} if condition else {}),
    }


def _simple(one: dict[str, Any], action: str) -> Ternary:
    """A reference of its own for what `_statements` makes: None as soon as anything is not certain."""
    names = set(one["Principal"]["AWS"])
    if names & {"*", ROLE}:
        named: Ternary = True
    elif names & {OURS, f"arn:aws:iam::{OURS}:root"}:
        named = True if one["Effect"] == "Deny" else None
    else:
        named = None if "AROAX" in names else False
    covered = any(fnmatchcase(action.lower(), each.lower()) for each in one.get("Action", one.get("NotAction", ())))
    covered = covered != ("NotAction" in one)
    condition = one.get("Condition", {})
    met: Ternary = True
    if "StringEquals" in condition:
        met = None
    elif condition.get("Bool") == {"aws:SecureTransport": "false"}:
        met = False
    parts = [named, covered, met]
    return False if False in parts else None if None in parts else True


@settings(max_examples=150, deadline=None)
@given(st.lists(_statements(), max_size=5), st.sampled_from([PUT, "ecr:BatchGetImage", "ecr:DeleteRepository"]))
def test_it_says_what_the_reference_says(statements: list[dict[str, Any]], action: str) -> None:
    def any_of(effect: str) -> Ternary:
        answers = [_simple(one, action) for one in statements if one["Effect"] == effect]
        return True if True in answers else None if None in answers else False

    assert said(policy(*statements), action=action) == (any_of("Allow"), any_of("Deny"))


_ORDER = {False: 0, None: 1, True: 2}


@settings(max_examples=60, deadline=None)
@given(st.lists(_statements(), max_size=4), _statements(), st.randoms())
def test_a_statement_more_only_adds(statements: list[dict[str, Any]], more: dict[str, Any], random: Any) -> None:
    before, after = asked(policy(*statements)), asked(policy(*statements, more))
    if more["Effect"] == "Allow":
        assert after.deny == before.deny
        assert _ORDER[after.allow] >= _ORDER[before.allow]
    else:
        assert after.allow == before.allow
        assert _ORDER[after.deny] >= _ORDER[before.deny]
    shuffled = [*statements, more]
    random.shuffle(shuffled)
    again = asked(policy(*shuffled))
    assert (again.allow, again.deny) == (after.allow, after.deny)


@settings(max_examples=200, deadline=None)
@given(st.text("ab*?", max_size=8), st.text("ab", max_size=8))
def test_globs_match_as_the_standard_library_does(pattern: str, text: str) -> None:
    assert glob(pattern, text) == fnmatchcase(text, pattern)


def test_no_pattern_is_slow() -> None:
    began = time.perf_counter()
    assert not glob("a*" * 200 + "b", "a" * 2_000)
    assert not glob("*a" * 500 + "*b*", "a" * 2_000)
    assert time.perf_counter() - began < 5


@given(st.lists(st.sampled_from([True, False, None]), max_size=4))
def test_three_valued_logic(values: list[Ternary]) -> None:
    worlds: list[list[bool]] = [[]]
    for value in values:
        options = [value] if value is not None else [True, False]
        worlds = [[*world, option] for world in worlds for option in options]
    for combine, plain in ((every, all), (some, any)):
        answers = {plain(world) for world in worlds}
        assert combine(values) == (answers.pop() if len(answers) == 1 else None)
    assert [negated(negated(value)) for value in values] == values
