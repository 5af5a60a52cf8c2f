"""Repository policies for the reader: a sentence for each statement, laid out JSON, and what differs between two."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from difflib import unified_diff
from typing import Any

from ecrtui.domain.policy_document import (
    Condition,
    PolicyDocument,
    PolicyProblem,
    Principal,
    Scope,
    Statement,
    parse,
)

_ROOT = re.compile(r"arn:[a-z-]+:iam::([0-9]{12}):root")
_IDENTITY = re.compile(r"arn:[a-z-]+:iam::([0-9]{12}):(role|user)/(.+)")
_EVERYTHING = frozenset({"*", "*:*", "ecr:*"})
_VERBS: Mapping[str, str] = {
    "StringEquals": "is",
    "StringNotEquals": "is not",
    "StringEqualsIgnoreCase": "is",
    "StringNotEqualsIgnoreCase": "is not",
    "StringLike": "is like",
    "StringNotLike": "is not like",
    "ArnEquals": "is like",
    "ArnLike": "is like",
    "ArnNotEquals": "is not like",
    "ArnNotLike": "is not like",
    "IpAddress": "is in",
    "NotIpAddress": "is not in",
    "Bool": "is",
}


def sentence(statement: Statement) -> str:
    """`allows ecr:PutImage to role deploy of 123456789012, if aws:SecureTransport is true`."""
    verb = "allows" if statement.effect == "Allow" else "denies"
    who = _joined([_who(principal) for principal in statement.principals])
    who = f"everyone but {who}" if statement.excludes else who
    where = "" if statement.resources is None else f" on {_scope(statement.resources, 'everything')}"
    what = f"{verb} {_actions(statement.actions)}{where} to {who}"
    conditions = [_condition(condition) for condition in statement.conditions]
    return f"{what}, if {' and '.join(conditions)}" if conditions else what


def laid_out(policy_text: str) -> str:
    """The text as JSON for reading; what is not JSON, as it is."""
    try:
        return json.dumps(json.loads(policy_text), indent=2, ensure_ascii=False)
    except (ValueError, RecursionError):
        return policy_text


def difference(one: str | None, other: str | None, names: tuple[str, str] = ("", "")) -> tuple[str, ...]:
    """What differs between two policies, as lines of a unified diff; none when they mean the same.

    Layout, the order of statements and within lists, one entry with or without brackets, and an account by id or
    by ARN are no differences. None is no policy at all. `names` stand in the head.
    """
    before, after = ([] if text is None else _canonical(text).splitlines() for text in (one, other))
    return tuple(unified_diff(before, after, *names, n=len(before), lineterm=""))


def _canonical(text: str) -> str:
    document = parse(text)
    if isinstance(document, PolicyProblem):
        return laid_out(text)
    return json.dumps(_plain(document), indent=2, ensure_ascii=False)


def _plain(document: PolicyDocument) -> Mapping[str, Any]:
    statements = sorted(map(_plain_statement, document.statements), key=json.dumps)
    return {"Version": document.version, "Statement": statements} if document.version else {"Statement": statements}


def _plain_statement(statement: Statement) -> Mapping[str, Any]:
    plain: dict[str, Any] = {"Sid": statement.sid} if statement.sid else {}
    plain["Effect"] = statement.effect
    principals: dict[str, list[str]] = {}
    for principal in statement.principals:
        principals.setdefault(principal.kind, []).append(_ROOT.sub(r"\1", principal.name))
    who = {kind: sorted(set(names)) for kind, names in sorted(principals.items())}
    plain["NotPrincipal" if statement.excludes else "Principal"] = who
    plain["NotAction" if statement.actions.excluded else "Action"] = sorted(set(statement.actions.entries))
    if statement.resources is not None:
        plain["NotResource" if statement.resources.excluded else "Resource"] = sorted(set(statement.resources.entries))
    if statement.conditions:
        operators: dict[str, dict[str, list[str]]] = {}
        for each in sorted(statement.conditions, key=lambda condition: (condition.operator, condition.key)):
            operators.setdefault(each.operator, {})[each.key] = sorted(set(each.values))
        plain["Condition"] = operators
    return plain


# Words


def _who(principal: Principal) -> str:
    if principal.everyone:
        return "everyone"
    name = principal.name
    if principal.kind == "Service":
        return f"the service {name}"
    if principal.kind != "AWS":
        return f"{principal.kind} {name}"
    if match := _ROOT.fullmatch(name):
        return f"account {match[1]}"
    if match := _IDENTITY.fullmatch(name):
        return f"{match[2]} {match[3]} of {match[1]}"
    return f"account {name}" if name.isdigit() else name


def _actions(actions: Scope) -> str:
    if not actions.excluded and _EVERYTHING & set(actions.entries):
        return "every action"
    return _scope(actions, "every action")


def _scope(scope: Scope, everything: str) -> str:
    names = _joined(scope.entries)
    return f"{everything} but {names}" if scope.excluded else names


def _condition(condition: Condition) -> str:
    values = _joined(condition.values, "or") or "nothing"
    operator = condition.operator.removesuffix("IfExists")
    verb = _VERBS.get(operator, operator)
    absent = " (where there is one)" if operator != condition.operator else ""
    return f"{condition.key}{absent} {verb} {values}"


def _joined(names: Sequence[str], word: str = "and") -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} {word} {names[-1]}" if names else ""
