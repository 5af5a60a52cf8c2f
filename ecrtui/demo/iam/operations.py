"""IAM: the policy simulator."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import Any

from ecrtui.demo.iam.evaluation import ALLOWED, DENIED, NOT_ALLOWED, Context, Evaluation, evaluate
from ecrtui.demo.iam.state import Policy, Role
from ecrtui.demo.operations import IAM, Answer, Call, Json, ServiceError
from ecrtui.demo.paging import offset_page

_ACTION = re.compile(r"[a-zA-Z0-9-]+:[a-zA-Z0-9]+")
_WORST = (DENIED, NOT_ALLOWED, ALLOWED)


@IAM("SimulatePrincipalPolicy")
def simulate_principal_policy(call: Call) -> Answer:
    """An evaluation for each action, with a result for each resource in it."""
    role = _with_inputs(call, _role(call, call.params["PolicySourceArn"]))
    resources = call.get("ResourceArns") or ["*"]
    page, marker = offset_page(
        _actions(call), "simulation", call.get("Marker"), call.get("MaxItems", 100), "InvalidInput"
    )
    context = _context(call)
    results = [_result(role, action, resources, context) for action in page]
    answer: Json = {"EvaluationResults": results, "IsTruncated": marker is not None}
    return {**answer, "Marker": marker} if marker else answer


def _role(call: Call, arn: str) -> Role:
    match = re.fullmatch(r"arn:aws:iam::(\d{12}):(role|user|group)/(?:.*/)?([\w+=,.@-]+)", arn)
    if match is None:
        raise ServiceError("InvalidInput", f"Invalid Entity Arn: {arn} does not clearly define entity type and name.")
    account, kind, name = match.groups()
    role = call.account.roles.get(name) if kind == "role" and account == call.account.id else None
    if role is None:
        raise ServiceError("NoSuchEntity", f"The {kind} with name {name} cannot be found.", 404)
    return role


def _with_inputs(call: Call, role: Role) -> Role:
    """The role with the policies that the call adds."""
    for text in call.get("PolicyInputList", []):
        role = replace(role, policies=(*role.policies, _given(text)))
    for text in call.get("PermissionsBoundaryPolicyInputList", []):
        role = replace(role, boundary=_given(text))
    return role


def _given(text: str) -> Policy:
    try:
        found: Any = json.loads(text)["Statement"]
        statements = found if isinstance(found, list) else [found]
        whole = all(each["Effect"] in ("Allow", "Deny") and {"Action", "NotAction"} & set(each) for each in statements)
    except (ValueError, KeyError, TypeError):
        whole = False
    if not whole:
        raise ServiceError("InvalidInput", "Invalid policy document")
    return Policy("PolicyInputList.1", "none", tuple(statements))


def _actions(call: Call) -> list[str]:
    actions: list[str] = call.params["ActionNames"]
    for each in actions:
        if not _ACTION.fullmatch(each):
            raise ServiceError("InvalidInput", f"Invalid Action Name: {each}")
    return actions


def _context(call: Call) -> Context:
    return {
        each["ContextKeyName"].lower(): tuple(each.get("ContextKeyValues") or ())
        for each in call.get("ContextEntries", [])
    }


def _result(role: Role, action: str, resources: list[str], context: Context) -> Json:
    found = {resource: evaluate(role, action, resource, context) for resource in resources}
    worst = min(found.values(), key=lambda each: _WORST.index(each.decision))
    missing = dict.fromkeys(key for each in found.values() for key in each.missing)
    return {
        "EvalActionName": action,
        "EvalResourceName": resources[0] if len(resources) == 1 else "*",
        "EvalDecision": worst.decision,
        "MatchedStatements": _statements(worst),
        "MissingContextValues": list(missing),
        "OrganizationsDecisionDetail": {"AllowedByOrganizations": True},
        **_boundary(worst),
        "ResourceSpecificResults": [
            {
                "EvalResourceName": resource,
                "EvalResourceDecision": each.decision,
                "MatchedStatements": _statements(each),
                "MissingContextValues": list(each.missing),
                **_boundary(each),
            }
            for resource, each in found.items()
        ],
    }


def _statements(found: Evaluation) -> list[Json]:
    return [{"SourcePolicyId": each.name, "SourcePolicyType": each.kind} for each in found.matched]


def _boundary(found: Evaluation) -> Json:
    if found.within_boundary is None:
        return {}
    return {"PermissionsBoundaryDecisionDetail": {"AllowedByPermissionsBoundary": found.within_boundary}}
