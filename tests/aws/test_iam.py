"""What IAM's simulator says: of every action on every resource, and what it does not know."""

from __future__ import annotations

from typing import Any

import pytest
from faultserver import FaultServer, Request, answer
from opening import REGION

from ecrtui.aws.account import AwsAccount
from ecrtui.aws.iam import REMEMBERED, IamPermissions
from ecrtui.domain.errors import AppError, ErrorKind
from ecrtui.domain.permission import Decision, Simulated

ROLE = "arn:aws:iam::123456789012:role/codebuild/pet-web"
REPOSITORY = f"arn:aws:ecr:{REGION}:123456789012:repository/pet-web"
OTHER = f"arn:aws:ecr:{REGION}:123456789012:repository/other"
TOKEN, PUT = "ecr:GetAuthorizationToken", "ecr:PutImage"


def members(name: str, *items: str) -> str:
    """A list of the query protocol."""
    return f"<{name}>{''.join(f'<member>{item}</member>' for item in items)}</{name}>"


def result(action: str, resource: str, decision: str, more: str = "", specific: str = "") -> str:
    """One evaluation result; `more` and `specific` are XML."""
    of_resource = members("ResourceSpecificResults", specific) if specific else ""
    return (
        f"<EvalActionName>{action}</EvalActionName><EvalResourceName>{resource}</EvalResourceName>"
        f"<EvalDecision>{decision}</EvalDecision>{more}{of_resource}"
    )


def of_resource(resource: str, decision: str, more: str = "") -> str:
    """What a result says of one resource."""
    return (
        f"<EvalResourceName>{resource}</EvalResourceName><EvalResourceDecision>{decision}</EvalResourceDecision>{more}"
    )


def simulated(*results: str, marker: str = "") -> Any:
    """An answer of SimulatePrincipalPolicy."""
    more = f"<IsTruncated>true</IsTruncated><Marker>{marker}</Marker>" if marker else "<IsTruncated>false</IsTruncated>"
    name = "SimulatePrincipalPolicy"
    body = (
        f'<{name}Response xmlns="https://iam.amazonaws.com/doc/2010-05-08/"><{name}Result>'
        f"{members('EvaluationResults', *results)}{more}</{name}Result>"
        f"<ResponseMetadata><RequestId>r</RequestId></ResponseMetadata></{name}Response>"
    )
    return answer(body.encode(), headers={"Content-Type": "text/xml"})


def denied(code: str, status: int = 403) -> Any:
    """An error of the query protocol."""
    text = f"<ErrorResponse><Error><Code>{code}</Code><Message>no</Message></Error></ErrorResponse>"
    return answer(text.encode(), status, {"Content-Type": "text/xml"})


def asked(request: Request, name: str) -> list[str]:
    """A list parameter of a request."""
    prefix = f"{name}.member."
    return [value for key, value in request.parameters.items() if key.startswith(prefix)]


async def test_the_token_is_simulated_on_everything(server: FaultServer, account: AwsAccount) -> None:
    def decided(request: Request) -> Any:
        actions, resources = asked(request, "ActionNames"), asked(request, "ResourceArns")
        assert request.parameters["PolicySourceArn"] == ROLE
        assert (TOKEN in actions) == (resources == ["*"])
        return simulated(*(result(action, resources[0], "allowed") for action in actions))

    server.on("SimulatePrincipalPolicy", decided)
    found = await account.permissions().simulate(ROLE, [PUT, TOKEN, "ecr:BatchGetImage", PUT], [REPOSITORY])
    assert {(each.action, each.resource) for each in found} == {
        (TOKEN, "*"),
        (PUT, REPOSITORY),
        ("ecr:BatchGetImage", REPOSITORY),
    }
    assert {each.decision for each in found} == {Decision.ALLOWED}
    assert len(server.requests) == 2


async def test_each_resource_has_its_own_decision(server: FaultServer, account: AwsAccount) -> None:
    missing = members("MissingContextValues", "aws:PrincipalTag/team")
    specific = "</member><member>".join(
        (of_resource(REPOSITORY, "explicitDeny"), of_resource(OTHER, "allowed", missing))
    )
    server.on("SimulatePrincipalPolicy", simulated(result(PUT, "*", "implicitDeny", specific=specific)))
    found = await account.permissions().simulate(ROLE, [PUT], [REPOSITORY, OTHER, "arn:third"])
    assert found == (
        Simulated(PUT, REPOSITORY, Decision.EXPLICIT_DENY),
        Simulated(PUT, OTHER, Decision.UNKNOWN, missing_context=("aws:PrincipalTag/team",)),
        Simulated(PUT, "arn:third", Decision.UNKNOWN),
    )


@pytest.mark.parametrize(
    "more",
    [
        "<PermissionsBoundaryDecisionDetail><AllowedByPermissionsBoundary>false</AllowedByPermissionsBoundary>"
        "</PermissionsBoundaryDecisionDetail>",
        "<OrganizationsDecisionDetail><AllowedByOrganizations>false</AllowedByOrganizations>"
        "</OrganizationsDecisionDetail>",
    ],
)
@pytest.mark.parametrize("decision", ["implicitDeny", "allowed"])
async def test_boundaries_and_organizations(server: FaultServer, account: AwsAccount, more: str, decision: str) -> None:
    server.on("SimulatePrincipalPolicy", simulated(result(PUT, REPOSITORY, decision, more)))
    (found,) = await account.permissions().simulate(ROLE, [PUT], [REPOSITORY])
    assert found.boundary == (decision == "implicitDeny")


async def test_pages_and_odd_decisions(server: FaultServer, account: AwsAccount) -> None:
    server.on(
        "SimulatePrincipalPolicy",
        simulated(result(PUT, REPOSITORY, "allowed"), marker="m"),
        simulated(result("ecr:BatchGetImage", REPOSITORY, "perhaps")),
    )
    found = await account.permissions().simulate(ROLE, [PUT, "ecr:BatchGetImage"], [REPOSITORY])
    assert [each.decision for each in found] == [Decision.ALLOWED, Decision.UNKNOWN]
    assert server.requests[1].parameters["Marker"] == "m"


async def test_an_answer_is_remembered_for_fifteen_minutes(server: FaultServer, account: AwsAccount) -> None:
    clock = iter((0.0, 1.0, 1.0, REMEMBERED, 2 * REMEMBERED, 2 * REMEMBERED, 0.0, 0.0))
    permissions = IamPermissions(account._caller("iam", "us-east-1"), clock=lambda: next(clock))
    server.on("SimulatePrincipalPolicy", denied("AccessDenied"), simulated(result(PUT, REPOSITORY, "allowed")))
    with pytest.raises(AppError):
        await permissions.simulate(ROLE, [PUT], [REPOSITORY])
    for _ in range(2):
        await permissions.simulate(ROLE, [PUT], [REPOSITORY])
    assert len(server.requests) == 2  # a refusal is not remembered
    await permissions.simulate(ROLE, [PUT], [REPOSITORY])
    await permissions.simulate(ROLE, [PUT], [OTHER])
    assert len(server.requests) == 4


async def test_a_fresh_answer_is_asked_for_and_remembered(server: FaultServer, account: AwsAccount) -> None:
    permissions = account.permissions()
    server.on(
        "SimulatePrincipalPolicy",
        simulated(result(PUT, REPOSITORY, "implicitDeny")),
        simulated(result(PUT, REPOSITORY, "allowed")),
    )
    said = [await permissions.simulate(ROLE, [PUT], [REPOSITORY], fresh=fresh) for fresh in (False, False, True, False)]
    decisions = [one.decision for (one,) in said]
    assert decisions == [Decision.IMPLICIT_DENY] * 2 + [Decision.ALLOWED] * 2


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (denied("AccessDenied"), ErrorKind.DENIED),
        (denied("NoSuchEntity", 404), ErrorKind.NOT_FOUND),
        (denied("PolicyEvaluation", 500), ErrorKind.SERVICE),
        (denied("InvalidInput", 400), ErrorKind.INVALID),
        (answer(b"<html>not IAM</html>", headers={"Content-Type": "text/html"}), ErrorKind.MALFORMED),
    ],
)
async def test_refusals(server: FaultServer, account: AwsAccount, fault: Any, kind: ErrorKind) -> None:
    server.on("SimulatePrincipalPolicy", fault)
    with pytest.raises(AppError) as caught:
        await account.permissions().simulate(ROLE, [PUT], [REPOSITORY])
    assert caught.value.kind is kind
    assert caught.value.action == ("iam:SimulatePrincipalPolicy" if kind is ErrorKind.DENIED else "")
    assert len(server.requests) == 1


async def test_nothing_to_simulate_takes_no_call(server: FaultServer, account: AwsAccount) -> None:
    assert await account.permissions().simulate(ROLE, [], [REPOSITORY]) == ()
    assert await account.permissions().simulate(ROLE, [PUT], []) == ()
    assert server.requests == []
