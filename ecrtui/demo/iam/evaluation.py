"""What a role's own policies say of an action: a small honest part of IAM's evaluation.

An explicit deny wins, then an allow, else it is denied; a permissions boundary caps what is allowed. Conditions:
the String, Arn, Bool and Null operators. One whose key has no value is not met (negated ones are), and the key is
named as missing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from ecrtui.demo.iam.state import Policy, Role
from ecrtui.demo.operations import Json

ALLOWED, DENIED, NOT_ALLOWED = "allowed", "explicitDeny", "implicitDeny"

Context = Mapping[str, tuple[str, ...]]
"""Values of context keys, by key in lower case."""


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What was decided of one action on one resource, and by what."""

    decision: str
    matched: tuple[Policy, ...] = ()
    """The policies whose statements decided."""
    missing: tuple[str, ...] = ()
    within_boundary: bool | None = None
    """None when the role has no boundary."""


def evaluate(role: Role, action: str, resource: str, context: Context) -> Evaluation:
    """What the role's policies and its boundary say."""
    decision, matched, missing = _decide(role.policies, action, resource, context)
    if role.boundary is None:
        return Evaluation(decision, matched, missing)
    capped, by, more = _decide((role.boundary,), action, resource, context)
    missing = tuple(dict.fromkeys((*missing, *more)))
    if DENIED in (decision, capped):
        return Evaluation(DENIED, matched if decision == DENIED else by, missing, capped == ALLOWED)
    both = ALLOWED if decision == capped == ALLOWED else NOT_ALLOWED
    return Evaluation(both, matched, missing, capped == ALLOWED)


def _decide(
    policies: Iterable[Policy], action: str, resource: str, context: Context
) -> tuple[str, tuple[Policy, ...], tuple[str, ...]]:
    """The decision of some policies, those that made it, and the context keys that they lacked."""
    by_effect: dict[str, list[Policy]] = {"Allow": [], "Deny": []}
    missing: dict[str, None] = {}
    for policy in policies:
        for statement in policy.statements:
            if not _concerns(statement, action, resource):
                continue
            met, lacking = _conditions(statement.get("Condition") or {}, context)
            missing.update(dict.fromkeys(lacking))
            if met:
                by_effect[statement["Effect"]].append(policy)
    decision = DENIED if by_effect["Deny"] else ALLOWED if by_effect["Allow"] else NOT_ALLOWED
    deciding = by_effect["Deny"] or by_effect["Allow"]
    return decision, tuple({each.name: each for each in deciding}.values()), tuple(missing)


def _concerns(statement: Json, action: str, resource: str) -> bool:
    """Whether a statement is about this action on this resource."""
    named = "Action" in statement
    actions = _many(statement["Action" if named else "NotAction"])
    if named != any(_glob(each.lower()).fullmatch(action.lower()) for each in actions):
        return False
    named = "NotResource" not in statement
    resources = _many(statement.get("Resource" if named else "NotResource", "*"))
    return named == any(_glob(each).fullmatch(resource) for each in resources)


def _conditions(conditions: Json, context: Context) -> tuple[bool, list[str]]:
    """Whether every condition is met, and the keys without a value."""
    met, missing = True, []
    for operator, keys in conditions.items():
        for key, wanted in keys.items():
            given = context.get(key.lower())
            if given is None and operator != "Null":
                missing.append(key)
            met &= _meets(operator, _many(wanted), given)
    return met, missing


def _meets(operator: str, wanted: list[str], given: tuple[str, ...] | None) -> bool:
    if operator == "Null":
        return (given is None) == (wanted[0].lower() == "true")
    plain = operator.removesuffix("IfExists")
    negated = "Not" in plain
    if given is None:
        return negated or plain != operator
    plain = plain.replace("Not", "")
    if plain in ("StringLike", "ArnLike", "ArnEquals"):
        found = any(_glob(pattern).fullmatch(value) for pattern in wanted for value in given)
    elif plain in ("StringEquals", "Bool"):
        found = not set(wanted).isdisjoint(given)
    else:
        return False
    return found != negated


def _many(value: Any) -> list[str]:
    items = value if isinstance(value, list) else [value]
    return [str(each).lower() if isinstance(each, bool) else str(each) for each in items]


@lru_cache(maxsize=1_024)
def _glob(pattern: str) -> re.Pattern[str]:
    """IAM's wildcards: `*` for any text, `?` for one character."""
    escaped = re.escape(pattern).replace(r"\*", ".*").replace(r"\?", ".")
    return re.compile(escaped, re.DOTALL)
