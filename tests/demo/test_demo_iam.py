"""The policy simulator: what the roles of the account may do, and why not."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from demo_shapes import Wire

from ecrtui.demo.account import Account, Fault
from ecrtui.demo.iam.evaluation import evaluate
from ecrtui.demo.iam.seeded import PULL, PUSH
from ecrtui.demo.iam.state import Policy, Role

REPOSITORY = "arn:aws:ecr:ap-northeast-2:123456789012:repository/"
LOGIN = "ecr:GetAuthorizationToken"


def arn(name: str) -> str:
    return f"arn:aws:iam::123456789012:role/{name}"


def of_project(name: str) -> str:
    return arn(f"codebuild-{name}-service-role")


def simulated(wire: Wire, role: str, *actions: str, on: str = "*", **more: Any) -> dict[str, str]:
    """The decisions on one resource by action."""
    answer = wire.ok(
        "iam", "SimulatePrincipalPolicy", PolicySourceArn=role, ActionNames=actions, ResourceArns=[on], **more
    )
    return {
        each["EvalActionName"]: each["ResourceSpecificResults"][0]["EvalResourceDecision"]
        for each in answer["EvaluationResults"]
    }


def test_payment_apis_role_lacks_what_begins_and_ends_a_push(reader: Wire) -> None:
    found = simulated(reader, of_project("payment-api"), *PUSH, on=REPOSITORY + "payment-api")
    denied = {action for action, decision in found.items() if decision != "allowed"}
    assert denied == {"ecr:InitiateLayerUpload", "ecr:PutImage"}
    assert simulated(reader, of_project("payment-api"), LOGIN) == {LOGIN: "allowed"}
    last = reader.ok("codebuild", "ListBuildsForProject", projectName="payment-api")["ids"][0]
    (build,) = reader.ok("codebuild", "BatchGetBuilds", ids=[last])["builds"]
    events = reader.ok(
        "logs", "GetLogEvents", logGroupName="/aws/codebuild/payment-api", logStreamName=build["logs"]["streamName"]
    )["events"]
    assert any("denied:" in each["message"] and "ecr:InitiateLayerUpload" in each["message"] for each in events)


def test_roles_agree_with_how_their_projects_builds_end(seeded: tuple[Account, str], reader: Wire) -> None:
    """Who pushes may push; whose push or login is denied may not."""
    region = seeded[0].region("ap-northeast-2")
    refused = {"push-denied": "ecr:InitiateLayerUpload", "retrying-eof": "ecr:InitiateLayerUpload"}
    judged = 0
    for name, project in region.projects.items():
        builds = [each for each in region.builds.values() if each.plan.project == name]
        newest = max(builds, key=lambda each: each.plan.number, default=None)
        if newest is None or not newest.plan.host.startswith("123456789012.dkr.ecr.ap-northeast-2"):
            continue
        login = simulated(reader, project.document["serviceRole"], LOGIN)[LOGIN]
        on = REPOSITORY + newest.plan.repository
        push = simulated(reader, project.document["serviceRole"], *PUSH, on=on)
        outcome = project.recipe.outcome
        assert (login == "allowed") == (outcome != "login-denied"), name
        if outcome in refused:
            assert push[refused[outcome]] == "implicitDeny", name
        elif outcome != "rate-limited":
            assert set(push.values()) == {"allowed"}, name
        judged += 1
    assert judged > 20


def test_an_explicit_deny_and_a_boundary_are_told_apart(reader: Wire) -> None:
    found = simulated(reader, of_project("cdn-purger"), "ecr:PutImage", on=REPOSITORY + "cdn-purger")
    assert found == {"ecr:PutImage": "explicitDeny"}
    (capped,) = reader.ok(
        "iam",
        "SimulatePrincipalPolicy",
        PolicySourceArn=of_project("invoice-mailer"),
        ActionNames=["ecr:PutImage"],
        ResourceArns=[REPOSITORY + "invoice-mailer"],
    )["EvaluationResults"]
    assert capped["EvalDecision"] == "implicitDeny"
    assert capped["PermissionsBoundaryDecisionDetail"] == {"AllowedByPermissionsBoundary": False}
    assert capped["MatchedStatements"] == [{"SourcePolicyId": "ecr-access", "SourcePolicyType": "role"}]


def test_a_condition_needs_its_value(reader: Wire) -> None:
    role, on = of_project("ledger"), "arn:aws:ecr:us-east-1:123456789012:repository/ledger"
    asked = {"PolicySourceArn": role, "ActionNames": ["ecr:PutImage"], "ResourceArns": [on]}
    (found,) = reader.ok("iam", "SimulatePrincipalPolicy", **asked)["EvaluationResults"]
    assert (found["EvalDecision"], found["MissingContextValues"]) == ("implicitDeny", ["aws:RequestedRegion"])
    for region, decision in (("us-east-1", "allowed"), ("eu-central-1", "implicitDeny")):
        entry = {
            "ContextKeyName": "aws:RequestedRegion",
            "ContextKeyValues": [region],
            "ContextKeyType": "string",
        }
        (found,) = reader.ok("iam", "SimulatePrincipalPolicy", **asked, ContextEntries=[entry])["EvaluationResults"]
        assert (found["EvalDecision"], found["MissingContextValues"]) == (decision, [])


def test_what_pulls_may_pull_and_two_may_not(reader: Wire) -> None:
    on = REPOSITORY + "checkout-web"
    assert set(simulated(reader, arn("ecsTaskExecutionRole"), *PULL, on=on).values()) == {"allowed"}
    checkout = simulated(reader, arn("checkoutTaskExecutionRole"), *PULL, on=on)
    assert [action for action, decision in checkout.items() if decision != "allowed"] == list(PULL[1:])
    assert set(simulated(reader, arn("AppRunnerECRAccessRole"), *PULL, on=on).values()) == {"allowed"}
    assert set(simulated(reader, arn("SandboxAppRunnerRole"), *PULL, on=on).values()) == {"implicitDeny"}


def test_results_come_in_pages_and_by_resource(boto: Callable[..., Any]) -> None:
    iam = boto("iam", "us-east-1")
    on = [REPOSITORY + "payment-api", REPOSITORY + "pet-web"]
    pages = list(
        iam.get_paginator("simulate_principal_policy").paginate(
            PolicySourceArn=of_project("payment-api"),
            ActionNames=list(PUSH),
            ResourceArns=on,
            PaginationConfig={"PageSize": 4},
        )
    )
    assert [len(page["EvaluationResults"]) for page in pages] == [4, 2]
    assert [page["IsTruncated"] for page in pages] == [True, False]
    results = [each for page in pages for each in page["EvaluationResults"]]
    assert [each["EvalActionName"] for each in results] == list(PUSH)
    upload = next(each for each in results if each["EvalActionName"] == "ecr:UploadLayerPart")
    assert [each["EvalResourceName"] for each in upload["ResourceSpecificResults"]] == on
    decisions = [each["EvalResourceDecision"] for each in upload["ResourceSpecificResults"]]
    assert (decisions, upload["EvalDecision"]) == (["allowed", "implicitDeny"], "implicitDeny")


@pytest.mark.parametrize(
    ("role", "action", "code"),
    [
        (arn("nobody"), "ecr:PutImage", "NoSuchEntity"),
        ("arn:aws:iam::210987654321:role/ecsTaskExecutionRole", "ecr:PutImage", "NoSuchEntity"),
        ("arn:aws:sts::123456789012:assumed-role/ecsTaskExecutionRole/x", "ecr:PutImage", "InvalidInput"),
        (arn("ecsTaskExecutionRole"), "PutImage", "InvalidInput"),
        (arn("ecsTaskExecutionRole"), "ecr:<&>", "InvalidInput"),
        ("short", "ecr:PutImage", "ValidationError"),
    ],
)
def test_what_the_simulator_refuses(reader: Wire, role: str, action: str, code: str) -> None:
    assert reader.error("iam", "SimulatePrincipalPolicy", PolicySourceArn=role, ActionNames=[action])[0] == code


def test_a_denied_simulation_is_an_error_of_the_query_protocol(account: Account, wire: Wire) -> None:
    account.injected = [Fault("iam:SimulatePrincipalPolicy", "AccessDeniedException", "{principal}: {action} & more")]
    asked = {"PolicySourceArn": arn("nobody-at-all"), "ActionNames": ["ecr:PutImage"]}
    code, message = wire.error("iam", "SimulatePrincipalPolicy", **asked)
    assert (code, message) == (
        "AccessDenied",
        "arn:aws:iam::123456789012:user/demo: iam:SimulatePrincipalPolicy & more",
    )


def test_policies_given_with_the_call_count_too(reader: Wire) -> None:
    document = {"Statement": {"Effect": "Allow", "NotAction": "iam:*", "NotResource": REPOSITORY + "other"}}
    role = arn("lambda-basic-execution")
    more = {"PolicyInputList": [json.dumps(document)]}
    assert simulated(reader, role, "ecr:PutImage", on=REPOSITORY + "pet-web", **more) == {"ecr:PutImage": "allowed"}
    assert simulated(reader, role, "ecr:PutImage", on=REPOSITORY + "other", **more) == {"ecr:PutImage": "implicitDeny"}
    for text in ("{", '{"Statement": [{"Effect": "Maybe"}]}', "[]"):
        given = {"PolicySourceArn": role, "ActionNames": ["ecr:PutImage"], "PolicyInputList": [text]}
        assert reader.error("iam", "SimulatePrincipalPolicy", **given)[0] == "InvalidInput"


@pytest.mark.parametrize(
    ("operator", "wanted", "given", "met"),
    [
        ("StringEquals", "a", "a", True),
        ("StringEquals", ["a", "b"], "c", False),
        ("StringNotEquals", "a", "b", True),
        ("StringNotEquals", "a", None, True),
        ("StringLike", "arn:*:x?", "arn:aws:x1", True),
        ("ArnNotLike", "arn:*", "arn:aws", False),
        ("StringEqualsIfExists", "a", None, True),
        ("StringEqualsIfExists", "a", "b", False),
        ("Bool", True, "true", True),
        ("Null", "true", None, True),
        ("Null", "true", "x", False),
        ("NumericLessThan", "3", "2", False),
    ],
)
def test_conditions(operator: str, wanted: Any, given: str | None, met: bool) -> None:
    statement = {"Effect": "Allow", "Action": "ecr:*", "Resource": "*", "Condition": {operator: {"k:K": wanted}}}
    role = Role("r", (Policy("p", "role", (statement,)),))
    context = {} if given is None else {"k:k": (given,)}
    found = evaluate(role, "ecr:PutImage", "*", context)
    assert (found.decision == "allowed") == met
    assert found.missing == (("k:K",) if given is None and operator != "Null" else ())
