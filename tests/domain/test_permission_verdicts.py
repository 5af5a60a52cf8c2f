"""Whether a role may push or pull: the role's policies and the repository's, together."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecrtui.domain.errors import AppError, ErrorKind
from ecrtui.domain.permission import (
    LAMBDA,
    PULL_ACTIONS,
    PUSH_ACTIONS,
    SIMULATE,
    TOKEN,
    Access,
    Actor,
    ActorKind,
    Caller,
    Decision,
    Place,
    Purpose,
    Simulated,
    Verdict,
    actors,
)
from ecrtui.domain.permission_verdicts import verdicts
from ecrtui.domain.policy_evaluation import evaluate
from ecrtui.domain.project import Project
from ecrtui.domain.reference import Reference
from ecrtui.domain.usage import Use, UseKind

OURS, THEIRS = "123456789012", "210987654321"
REPOSITORY = f"arn:aws:ecr:eu-west-1:{OURS}:repository/team/pet-web"
ROLE = f"arn:aws:iam::{OURS}:role/service-role/ci"
FOREIGN = f"arn:aws:iam::{THEIRS}:role/puller"
FUNCTION = f"arn:aws:lambda:eu-west-1:{OURS}:function:resize"
PUSHER = Actor("codebuild", Purpose.PUSH, Caller(ROLE), ("project pet-web",))
PULLER = Actor("ecs", Purpose.PULL, Caller(ROLE))
OTHERS = Actor("ecs", Purpose.PULL, Caller(FOREIGN))
RESIZE = Actor("lambda", Purpose.PULL, Caller(service=LAMBDA, source=FUNCTION))


def simulated(actor: Actor, but: Mapping[str, Decision] | None = None, **members: Any) -> list[Simulated]:
    """Everything is allowed, but for these."""
    changed = but or {}
    asked = [(TOKEN, "*"), *((action, REPOSITORY) for action in actor.actions)]
    return [
        Simulated(action, place, changed.get(action, Decision.ALLOWED), **(members if action in changed else {}))
        for action, place in asked
    ]


def policy(*statements: Mapping[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [*statements]})


def judged(
    actor: Actor,
    role: Sequence[Simulated] | AppError | None,
    text: str | AppError | None = None,
) -> Verdict:
    simulations = {} if role is None else {actor.caller.role: role}
    (verdict,) = verdicts(REPOSITORY, [actor], text, simulations)
    return verdict


def everything_denied(actor: Actor) -> dict[str, Decision]:
    return dict.fromkeys(actor.actions, Decision.IMPLICIT_DENY)


# One account


def test_a_role_that_may_everything_may_push() -> None:
    verdict = judged(PUSHER, simulated(PUSHER))
    assert (verdict.access, verdict.gaps, verdict.mends) == (Access.OK, (), ())
    assert verdict.reason == "the role's policies allow it"


@pytest.mark.parametrize("missing", [[action] for action in (TOKEN, *PUSH_ACTIONS)] + [[TOKEN, "ecr:PutImage"]])
def test_what_is_missing_is_named_and_the_statement_has_no_more_than_that(missing: list[str]) -> None:
    verdict = judged(PUSHER, simulated(PUSHER, dict.fromkeys(missing, Decision.IMPLICIT_DENY)))
    assert verdict.access is Access.BROKEN
    assert [(gap.action, gap.place, gap.denied) for gap in verdict.gaps] == [
        (action, Place.ROLE, False) for action in missing
    ]
    assert all(gap.resource == ("*" if gap.action == TOKEN else REPOSITORY) for gap in verdict.gaps)
    (mend,) = verdict.mends
    assert (mend.place, mend.name) == (Place.ROLE, "ci")
    document = json.loads(mend.text)
    assert document["Version"] == "2012-10-17"
    granted = [(each["Effect"], each["Action"], each["Resource"]) for each in document["Statement"]]
    expected: list[tuple[str, Any, str]] = []
    if on_repository := [action for action in missing if action != TOKEN]:
        expected.append(("Allow", on_repository, REPOSITORY))
    if TOKEN in missing:
        expected.append(("Allow", TOKEN, "*"))
    assert granted == expected


def test_within_an_account_the_repository_policy_will_do_as_well() -> None:
    text = policy({"Effect": "Allow", "Principal": {"AWS": ROLE}, "Action": "ecr:*"})
    verdict = judged(PUSHER, simulated(PUSHER, everything_denied(PUSHER)), text)
    assert verdict.access is Access.OK
    assert verdict.reason == "the role's policies and the repository policy allow it"  # the token is the role's own


def test_the_token_is_a_matter_of_the_role_alone() -> None:
    text = policy({"Effect": "Allow", "Principal": "*", "Action": "*"})
    verdict = judged(PULLER, simulated(PULLER, {TOKEN: Decision.IMPLICIT_DENY}), text)
    assert verdict.access is Access.BROKEN
    assert [gap.action for gap in verdict.gaps] == [TOKEN]


def test_a_deny_of_the_repository_policy_wins_and_no_statement_is_offered() -> None:
    text = policy({"Sid": "Stop", "Effect": "Deny", "Principal": "*", "Action": "ecr:PutImage"})
    verdict = judged(PUSHER, simulated(PUSHER), text)
    assert verdict.access is Access.BROKEN
    (gap,) = verdict.gaps
    assert (gap.action, gap.place, gap.denied, gap.by) == ("ecr:PutImage", Place.REPOSITORY, True, "statement 1 (Stop)")
    assert verdict.reason == "ecr:PutImage is denied by statement 1 (Stop) of the repository policy"
    assert verdict.mends == ()


def test_a_deny_of_the_role_wins_over_what_the_repository_allows() -> None:
    text = policy({"Effect": "Allow", "Principal": {"AWS": ROLE}, "Action": "*"})
    verdict = judged(PUSHER, simulated(PUSHER, {"ecr:PutImage": Decision.EXPLICIT_DENY}), text)
    assert (verdict.access, verdict.gaps[0].place, verdict.gaps[0].denied) == (Access.BROKEN, Place.ROLE, True)
    assert verdict.mends == ()


def test_a_boundary_caps_what_the_repository_allows_too() -> None:
    text = policy({"Effect": "Allow", "Principal": {"AWS": ROLE}, "Action": "*"})
    verdict = judged(PUSHER, simulated(PUSHER, {"ecr:PutImage": Decision.IMPLICIT_DENY}, boundary=True), text)
    assert (verdict.access, verdict.gaps[0].place) == (Access.BROKEN, Place.BOUNDARY)
    assert verdict.mends == ()


def test_what_the_account_is_allowed_is_no_grant_to_a_role_of_it() -> None:
    text = policy({"Effect": "Allow", "Principal": {"AWS": OURS}, "Action": "*"})
    verdict = judged(PUSHER, simulated(PUSHER, everything_denied(PUSHER)), text)
    assert verdict.access is Access.UNKNOWN
    assert "leaves it to the role's policies" in verdict.reason
    assert [mend.place for mend in verdict.mends] == [Place.ROLE]
    assert judged(PUSHER, simulated(PUSHER), text).access is Access.OK


def test_context_that_the_simulator_lacks_is_unknown() -> None:
    missing = {"ecr:PutImage": Decision.UNKNOWN}
    verdict = judged(PUSHER, simulated(PUSHER, missing, missing_context=("aws:SourceVpce",)))
    assert (verdict.access, verdict.mends) == (Access.UNKNOWN, ())
    assert "aws:SourceVpce" in verdict.reason


def test_a_deny_that_may_hold_is_never_ok() -> None:
    unknown = {"StringEquals": {"aws:SourceVpce": "vpce-1"}}
    text = policy({"Effect": "Deny", "Principal": "*", "Action": "*", "Condition": unknown})
    verdict = judged(PUSHER, simulated(PUSHER), text)
    assert verdict.access is Access.UNKNOWN
    assert "aws:SourceVpce" in verdict.reason


@pytest.mark.parametrize("text", ["", "{", '{"Statement": 7}', "[" * 9_999, '{"Statement": [], "Statement": []}'])
def test_a_malformed_policy_is_unknown_and_says_where(text: str) -> None:
    verdict = judged(PUSHER, simulated(PUSHER), text)
    assert verdict.access is Access.UNKNOWN
    assert "line 1, column" in verdict.reason


# What could not be asked


def test_a_refused_simulation_is_not_checked_and_never_missing() -> None:
    denied = AppError(ErrorKind.DENIED, "simulate", action=SIMULATE)
    verdict = judged(PUSHER, denied)
    assert (verdict.access, verdict.gaps, verdict.mends) == (Access.NOT_CHECKED, (), ())
    assert verdict.reason.endswith("iam:SimulatePrincipalPolicy is not allowed")
    text = policy({"Effect": "Allow", "Principal": {"AWS": ROLE}, "Action": "*"})
    assert judged(PUSHER, denied, text).access is Access.NOT_CHECKED
    stopped = policy({"Effect": "Deny", "Principal": "*", "Action": "ecr:PutImage"})
    assert judged(PUSHER, denied, stopped).access is Access.BROKEN


def test_other_failures_are_not_checked_with_their_reason() -> None:
    verdict = judged(PUSHER, AppError(ErrorKind.TIMEOUT, "simulate", why="no answer came"))
    assert (verdict.access, verdict.reason) == (
        Access.NOT_CHECKED,
        "the policies of role ci could not be simulated: no answer came",
    )
    assert judged(PUSHER, None).access is Access.NOT_CHECKED
    assert judged(PUSHER, []).access is Access.UNKNOWN


def test_a_policy_that_could_not_be_read_is_not_checked() -> None:
    refused = AppError(ErrorKind.DENIED, "read the policy", action="ecr:GetRepositoryPolicy")
    verdict = judged(PUSHER, simulated(PUSHER), refused)
    assert (verdict.access, verdict.mends) == (Access.NOT_CHECKED, ())
    assert "ecr:GetRepositoryPolicy is not allowed" in verdict.reason
    assert judged(PUSHER, simulated(PUSHER, {TOKEN: Decision.IMPLICIT_DENY}), refused).access is Access.BROKEN


def test_a_role_that_is_gone_is_broken() -> None:
    verdict = judged(PUSHER, AppError(ErrorKind.NOT_FOUND, "simulate"))
    assert (verdict.access, verdict.reason) == (Access.BROKEN, "there is no role ci")


@pytest.mark.parametrize(
    ("kind", "access", "reason"),
    [
        ("apprunner", Access.BROKEN, "access role"),
        ("ecs", Access.UNKNOWN, "the instance's role"),
        ("fargate", Access.BROKEN, "on Fargate nothing else can pull"),
        ("codebuild", Access.UNKNOWN, "no service role"),
    ],
)
def test_without_a_role(kind: ActorKind, access: Access, reason: str) -> None:
    verdict = judged(Actor(kind, Purpose.PULL, Caller()), None)
    assert (verdict.access, verdict.mends) == (access, ())
    assert reason in verdict.reason


@pytest.mark.parametrize("role", ["ci", "arn:aws:iam::1:role/ci", f"arn:aws:iam::{OURS}:user/ci", f"{ROLE}\n"])
def test_what_is_no_roles_arn_is_unknown(role: str) -> None:
    assert judged(Actor("ecs", Purpose.PULL, Caller(role)), None).access is Access.UNKNOWN


# Other accounts

CROSS = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{THEIRS}:root"}, "Action": list(PULL_ACTIONS)}


def test_across_accounts_both_have_to_allow_it() -> None:
    assert judged(OTHERS, simulated(OTHERS), policy(CROSS)).access is Access.OK
    verdict = judged(OTHERS, simulated(OTHERS))
    assert verdict.access is Access.BROKEN
    assert {gap.place for gap in verdict.gaps} == {Place.REPOSITORY}
    (mend,) = verdict.mends
    assert (mend.place, mend.name) == (Place.REPOSITORY, "team/pet-web")
    assert mend.statements == ({"Effect": "Allow", "Principal": {"AWS": FOREIGN}, "Action": [*PULL_ACTIONS]},)
    both = judged(OTHERS, simulated(OTHERS, everything_denied(OTHERS)))
    assert [mend.place for mend in both.mends] == [Place.ROLE, Place.REPOSITORY]


def test_the_policies_of_another_account_cannot_be_seen() -> None:
    verdict = judged(OTHERS, None, policy(CROSS))
    assert verdict.access is Access.NOT_CHECKED
    assert f"of account {THEIRS}" in verdict.reason
    assert judged(OTHERS, None).access is Access.BROKEN  # the repository has to name it, whatever the role may


# Lambda


def test_lambda_is_a_matter_of_the_repository_policy_alone() -> None:
    names_it = {"Effect": "Allow", "Principal": {"Service": LAMBDA}, "Action": [*PULL_ACTIONS]}
    assert judged(RESIZE, None, policy(names_it)).access is Access.OK
    denied = policy(names_it, {"Effect": "Deny", "Principal": {"Service": LAMBDA}, "Action": "*"})
    assert judged(RESIZE, None, denied).access is Access.BROKEN


def test_lambda_adds_itself_within_the_account() -> None:
    verdict = judged(RESIZE, None)
    assert verdict.access is Access.UNKNOWN
    assert [mend.place for mend in verdict.mends] == [Place.REPOSITORY]
    theirs = Actor("lambda", Purpose.PULL, Caller(service=LAMBDA, source=FUNCTION.replace(OURS, THEIRS)))
    assert judged(theirs, None).access is Access.BROKEN


# Who acts


def use(kind: UseKind, name: str, role: str = "", region: str = "eu-west-1") -> Use:
    return Use(kind, name, region, Reference("host", "team/pet-web"), role=role)


def test_each_role_is_asked_about_once_and_each_function_by_itself() -> None:
    found = actors(
        REPOSITORY,
        Project("pet-web", "eu-west-1", service_role=ROLE),
        [
            use("ecs-service", "shop/web", FOREIGN),
            use("ecs-task", "shop/1", FOREIGN, "us-east-1"),
            use("apprunner-service", "web", FOREIGN),
            use("lambda-function", "resize"),
            use("lambda-function", "crop"),
        ],
        OURS,
    )
    assert [(actor.kind, actor.purpose, actor.label) for actor in found] == [
        ("codebuild", Purpose.PUSH, "role ci"),
        ("ecs", Purpose.PULL, "role puller"),
        ("apprunner", Purpose.PULL, "role puller"),
        ("lambda", Purpose.PULL, LAMBDA),
        ("lambda", Purpose.PULL, LAMBDA),
    ]
    assert found[1].used_in == ("service shop/web in eu-west-1", "task shop/1 in us-east-1")
    assert found[3].caller.source == FUNCTION
    assert "ecr:DescribeImages" in found[2].actions
    assert not found[3].logs_in
    bare = [replace(use("ecs-task", "shop/1"), fargate=fargate) for fargate in (True, False)]
    assert [actor.kind for actor in actors(REPOSITORY, None, bare)] == ["fargate", "ecs"]
    assert actors(REPOSITORY, None, []) == ()


# Laws

_DECISIONS = st.sampled_from(list(Decision))
_STATEMENTS = st.lists(
    st.builds(
        lambda effect, principal, action, condition: {
            "Effect": effect,
            "Principal": principal,
            "Action": action,
            **({"Condition": condition} if condition else {}),
        },
        st.sampled_from(["Allow", "Allow", "Deny"]),
        st.sampled_from(["*", {"AWS": ROLE}, {"AWS": FOREIGN}, {"AWS": OURS}, {"AWS": THEIRS}, {"Service": LAMBDA}]),
        st.sampled_from(["*", "ecr:*", "ecr:Batch*", "ecr:PutImage", [*PULL_ACTIONS]]),
        st.sampled_from([None, None, {"StringEquals": {"aws:PrincipalOrgID": "o-1"}}]),
    ),
    max_size=4,
)
_ACTORS = st.sampled_from([PUSHER, PULLER, OTHERS, RESIZE])
_RANK = {Access.BROKEN: 0, Access.NOT_CHECKED: 1, Access.UNKNOWN: 1, Access.OK: 2}


@st.composite
def _cases(draw: st.DrawFn) -> tuple[Actor, list[Simulated] | AppError | None, list[dict[str, Any]]]:
    actor = draw(_ACTORS)
    said = simulated(actor, {action: draw(_DECISIONS) for action in (TOKEN, *actor.actions)})
    refused = AppError(ErrorKind.DENIED, "simulate", action=SIMULATE)
    answer: list[Simulated] | AppError = refused if draw(st.integers(0, 3)) == 0 else said
    return actor, answer, draw(_STATEMENTS)


@settings(max_examples=150, deadline=None)
@given(_cases())
def test_ok_is_certain_and_broken_is_too(case: tuple[Actor, Any, list[dict[str, Any]]]) -> None:
    """Whatever the unknown turns out to be: what is ok stays ok, what is broken stays broken."""
    actor, said, statements = case
    verdict = judged(actor, said, policy(*statements) if statements else None)
    if verdict.access not in (Access.OK, Access.BROKEN) or actor is RESIZE:
        return
    for decision in (Decision.ALLOWED, Decision.IMPLICIT_DENY, Decision.EXPLICIT_DENY):
        for condition in (None, {"Bool": {"aws:SecureTransport": "false"}}):
            settled = [{**one, "Condition": condition} if "Condition" in one else one for one in statements]
            known = [{key: value for key, value in one.items() if value is not None} for one in settled]
            roles = (
                simulated(actor, dict.fromkeys((TOKEN, *actor.actions), decision))
                if not isinstance(said, list)
                else [
                    each if each.decision is not Decision.UNKNOWN else Simulated(each.action, each.resource, decision)
                    for each in said
                ]
            )
            assert judged(actor, roles, policy(*known) if known else None).access is verdict.access


@settings(max_examples=150, deadline=None)
@given(_cases(), st.sampled_from(["Allow", "Deny"]))
def test_a_grant_never_breaks_and_a_denial_never_mends(
    case: tuple[Actor, Any, list[dict[str, Any]]], effect: str
) -> None:
    actor, said, statements = case
    before = judged(actor, said, policy(*statements) if statements else None)
    more = {"Effect": effect, "Principal": "*", "Action": "*"}
    after = judged(actor, said, policy(*statements, more))
    if effect == "Allow":
        assert _RANK[after.access] >= _RANK[before.access]
    else:
        assert after.access is Access.BROKEN


@settings(max_examples=150, deadline=None)
@given(_cases())
def test_what_is_offered_mends(case: tuple[Actor, Any, list[dict[str, Any]]]) -> None:
    """Where something is only missing, applying all that is offered makes it ok."""
    actor, said, statements = case
    verdict = judged(actor, said, policy(*statements) if statements else None)
    unknown = not isinstance(said, list) or any(each.decision is Decision.UNKNOWN for each in said)
    if unknown and actor is not RESIZE:
        return
    if any(gap.denied for gap in verdict.gaps) or any("Condition" in one for one in statements) or not verdict.mends:
        return
    granted = [one for mend in verdict.mends if mend.place is Place.ROLE for one in mend.statements]
    on_repository = [one for mend in verdict.mends if mend.place is Place.REPOSITORY for one in mend.statements]
    roles = [
        Simulated(each.action, each.resource, Decision.ALLOWED)
        if any(each.action in one["Action"] and one["Resource"] == each.resource for one in granted)
        else each
        for each in (said if isinstance(said, list) else [])
    ]
    everything = [*statements, *on_repository]
    assert judged(actor, roles, policy(*everything) if everything else None).access is Access.OK
    for one in on_repository:
        for action in one["Action"]:
            assert evaluate(policy(one), actor.caller, action, repository_arn=REPOSITORY).allow is True
