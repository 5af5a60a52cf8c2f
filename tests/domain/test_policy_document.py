"""Repository policies: what a text holds, what is wrong with it, what is open to everyone, and how it is told."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecrtui.domain.policy_document import PolicyDocument, PolicyProblem, over_broad, parse
from ecrtui.domain.policy_words import difference, laid_out, sentence


def policy(*statements: dict[str, Any], **members: Any) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [*statements], **members})


def allow(**members: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Principal": "*", "Action": "ecr:BatchGetImage"} | members


def read(text: str) -> PolicyDocument:
    document = parse(text)
    assert isinstance(document, PolicyDocument), document
    return document


def test_one_statement_may_stand_without_brackets_and_so_may_one_action() -> None:
    one = read(json.dumps({"Statement": allow()}))
    listed = read(json.dumps({"Statement": [allow(Action=["ecr:BatchGetImage"], Principal={"AWS": ["*"]})]}))
    assert one.statements == listed.statements


@pytest.mark.parametrize(
    ("text", "wrong", "line"),
    [
        ("", "the text ends", 1),
        ("{", "the text ends", 1),
        ("[]", "the policy is no object", 1),
        ("{}", "no Statement", 1),
        ('{"Version": "2030-01-01", "Statement": []}', "Version", 1),
        ('{"Statement": "x"}', "statement 1 is no object", 1),
        ('{"Statement":\n [{"Effect": "allow", "Principal": "*", "Action": "*"}]}', "neither Allow nor Deny", 2),
        (policy({"Principal": "*", "Action": "*"}), "no Effect", 1),
        (policy({"Effect": "Allow", "Action": "*"}), "no Principal", 1),
        (policy({"Effect": "Allow", "Principal": "*"}), "no Action", 1),
        (policy(allow(NotAction="*")), "Action and NotAction", 1),
        (policy(allow(NotPrincipal="*")), "Principal and NotPrincipal", 1),
        (policy(allow(Resource="*", NotResource="*")), "Resource and NotResource", 1),
        (policy(allow(Principal={})), "names nobody", 1),
        (policy(allow(Principal={"AWS": []})), "is empty", 1),
        (policy(allow(Principal={"Robot": "x"})), '"Robot"', 1),
        (policy(allow(Principal="me")), "is no object", 1),
        (policy(allow(Action=["PutImage"])), "names no service", 1),
        (policy(allow(Action=[7])), "is no text", 1),
        (policy(allow(Condition=[])), "is no object", 1),
        (policy(allow(Condition={"Bool": {"aws:SecureTransport": {}}})), "no text, number or truth value", 1),
        (policy(allow(Conditions={})), '"Conditions"', 1),
        ('{"Statement": [],\n"Statement": []}', '"Statement" twice', 2),
        ('{"Statement": [{"Effect": "Allow",\n\n"Effect": "Deny"}]}', '"Effect" twice', 3),
        ('{"Statement": ' + "[" * 5_000, "nested", 1),
        ('{"Statement": [], "x": NaN}', "value", 1),
        (policy() + " " * 200_000, "200,", 1),
        ('{"Statement": [' + "1" * 9_000 + "]}", "statement 1 is no object", 1),
    ],
)
def test_what_is_wrong_is_said_with_its_place(text: str, wrong: str, line: int) -> None:
    problem = parse(text)
    assert isinstance(problem, PolicyProblem)
    assert wrong in problem.message
    assert problem.line == line
    assert str(problem).startswith(f"line {line}, column ")
    assert isinstance(over_broad(text), PolicyProblem)


OPEN = [
    allow(),
    allow(Principal={"AWS": "*"}),
    allow(Principal={"AWS": ["123456789012", "*"]}),
    allow(Condition={"Bool": {"aws:SecureTransport": "true"}}),
    allow(Condition={"StringNotEquals": {"aws:PrincipalOrgID": "o-1"}}),
    allow(Condition={"StringLike": {"aws:PrincipalArn": "*"}}),
    allow(Condition={"StringEqualsIfExists": {"aws:PrincipalOrgID": "o-1"}}),
    allow(Condition={"IpAddress": {"aws:SourceIp": ["10.0.0.0/8", "0.0.0.0/0"]}}),
    {"Effect": "Allow", "NotPrincipal": {"AWS": "123456789012"}, "Action": "*"},
]
NARROW = [
    allow(Principal={"AWS": "123456789012"}),
    allow(Effect="Deny"),
    allow(Condition={"StringEquals": {"aws:PrincipalOrgID": "o-1"}}),
    allow(Condition={"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::123456789012:role/ci-*"}}),
    allow(Condition={"StringEquals": {"aws:SourceVpce": "vpce-1"}, "Bool": {"aws:SecureTransport": True}}),
    allow(Principal={"Service": "lambda.amazonaws.com"}),
]


@pytest.mark.parametrize("statement", OPEN)
def test_open_to_everyone(statement: dict[str, Any]) -> None:
    found = over_broad(policy(NARROW[0], statement))
    assert not isinstance(found, PolicyProblem)
    assert [one.number for one in found] == [2]


@pytest.mark.parametrize("statement", NARROW)
def test_not_open_to_everyone(statement: dict[str, Any]) -> None:
    assert over_broad(policy(statement)) == ()


def test_sentences() -> None:
    document = read(
        policy(
            allow(Action=["ecr:PutImage", "ecr:BatchGetImage"], Principal={"AWS": "arn:aws:iam::123456789012:role/ci"}),
            {"Effect": "Deny", "NotPrincipal": {"AWS": "arn:aws:iam::123456789012:root"}, "NotAction": "ecr:Get*"},
            allow(Action="ecr:*", Condition={"StringLike": {"aws:SourceArn": ["a", "b"]}, "Bool": {"x": True}}),
        )
    )
    assert [sentence(one) for one in document.statements] == [
        "allows ecr:PutImage and ecr:BatchGetImage to role ci of 123456789012",
        "denies every action but ecr:Get* to everyone but account 123456789012",
        "allows every action to everyone, if aws:SourceArn is like a or b and x is true",
    ]


def test_the_layout_is_no_difference() -> None:
    one = policy(allow(Action=["ecr:B", "ecr:A"], Principal={"AWS": "arn:aws:iam::123456789012:root"}), allow(Sid="x"))
    other = json.dumps(
        {
            "Statement": [
                allow(Sid="x", Principal={"AWS": ["*"]}),
                allow(Action=["ecr:A", "ecr:B"], Principal={"AWS": "123456789012"}),
            ],
            "Version": "2012-10-17",
        },
        indent=4,
    )
    assert difference(one, other) == ()
    assert difference(None, None) == ()
    assert difference(one, one) == ()


def test_what_differs_is_a_unified_diff() -> None:
    lines = difference(policy(allow()), policy(allow(Effect="Deny")), ("pet-web", "pet-api"))
    assert lines[:2] == ("--- pet-web", "+++ pet-api")
    changed = [line for line in lines[3:] if line[0] in "+-"]
    assert changed == ['-      "Effect": "Allow",', '+      "Effect": "Deny",']
    assert all(line[0] == "+" for line in difference(None, policy(allow()))[3:])


def test_a_policy_that_cannot_be_read_is_compared_as_it_is() -> None:
    assert laid_out("{nonsense") == "{nonsense"
    assert "-{nonsense" in difference("{nonsense", policy())


@settings(max_examples=60, deadline=None)
@given(
    st.text(max_size=200)
    | st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=8),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(["Statement", "Effect", "Principal", "Action", "Condition", "AWS"]), inner, max_size=4
            )
        ),
        max_leaves=12,
    ).map(json.dumps)
)
def test_no_text_is_too_much(text: str) -> None:
    assert isinstance(parse(text), PolicyDocument | PolicyProblem)
    assert isinstance(difference(text, "{}"), tuple)
