"""IAM resource policies as text: a document of statements, or what is wrong with the text and where.

Grammar: the IAM user guide, "Grammar of the IAM JSON policy language". A repository policy needs no Resource
(domain reference, section 5).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from ecrtui.domain.lifecycle.source import Node, Number, SourceError, line_and_column, read

LONGEST = 10_240
"""Characters of a repository policy (ECR's SetRepositoryPolicy); AWS stores none that is longer."""
_READ_AT_MOST = 10 * LONGEST

_VERSIONS = ("2012-10-17", "2008-10-17")
_PRINCIPAL_KINDS = ("AWS", "Service", "Federated", "CanonicalUser")
_DOCUMENT_KEYS = ("Version", "Id", "Statement")
_STATEMENT_KEYS = (
    "Sid",
    "Effect",
    "Principal",
    "NotPrincipal",
    "Action",
    "NotAction",
    "Resource",
    "NotResource",
    "Condition",
)

Effect = Literal["Allow", "Deny"]


@dataclass(frozen=True, slots=True)
class Principal:
    """One entry of a Principal element: its kind (AWS, Service, Federated, CanonicalUser) and its text."""

    kind: str
    name: str
    """`*`, an account id, an ARN, a service's name."""

    @property
    def everyone(self) -> bool:
        """Whether it is everyone (`"*"` and `{"AWS": "*"}` are the same in a resource policy)."""
        return self.kind == "AWS" and self.name == "*"


@dataclass(frozen=True, slots=True)
class Condition:
    """One key of a Condition element; any of the values will do."""

    operator: str
    """`StringEquals`, with its prefix and suffix (`ForAnyValue:StringLikeIfExists`)."""
    key: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Scope:
    """The entries of an element (Action, Resource), or all others (`NotAction`, `NotResource`)."""

    entries: tuple[str, ...]
    excluded: bool = False


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement; all conditions must hold."""

    number: int
    """Its place in the document, from 1."""
    effect: Effect
    principals: tuple[Principal, ...]
    excludes: bool
    """Whether it is for everyone but these principals (`NotPrincipal`)."""
    actions: Scope
    resources: Scope | None = None
    """None: the repository that has the policy."""
    conditions: tuple[Condition, ...] = ()
    sid: str = ""

    @property
    def label(self) -> str:
        """`statement 2 (AllowPull)`."""
        return f"statement {self.number} ({self.sid})" if self.sid else f"statement {self.number}"


@dataclass(frozen=True, slots=True)
class PolicyDocument:
    """A policy that could be read."""

    statements: tuple[Statement, ...]
    version: str = ""


@dataclass(frozen=True, slots=True)
class PolicyProblem:
    """Why a text is no policy. Line and column count from 1."""

    message: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"line {self.line}, column {self.column}: {self.message}"


@lru_cache(maxsize=256)
def parse(text: str) -> PolicyDocument | PolicyProblem:
    """The policy that a text holds, or the first thing that is wrong with it."""
    if len(text) > _READ_AT_MOST:
        return PolicyProblem(f"it has {len(text):,} characters, a repository policy at most {LONGEST:,}", 1, 1)
    try:
        return _document(read(text))
    except SourceError as error:
        line, column = line_and_column(text, error.at)
        return PolicyProblem(error.message, line, column)


def wide_open(statement: Statement) -> bool:
    """Whether a statement allows something to everyone, whoever they are and wherever they come from.

    Conditions on who or where narrow it, unless they are negations or allow any value.
    """
    everyone = statement.excludes or any(principal.everyone for principal in statement.principals)
    return statement.effect == "Allow" and everyone and not any(map(_narrows, statement.conditions))


def over_broad(policy_text: str) -> tuple[Statement, ...] | PolicyProblem:
    """The statements of a repository policy that are open to everyone (a `*` principal without a condition)."""
    document = parse(policy_text)
    if isinstance(document, PolicyProblem):
        return document
    return tuple(statement for statement in document.statements if wide_open(statement))


_OF_NOBODY = frozenset(
    {"aws:securetransport", "aws:requestedregion", "aws:resourceaccount", "aws:currenttime", "aws:epochtime"}
    | {"aws:useragent", "aws:referer", "aws:tokenissuetime", "aws:multifactorauthpresent"}
)
"""Condition keys that say nothing about who asks, or that whoever asks can set."""


def _narrows(condition: Condition) -> bool:
    operator = condition.operator.lower()
    if condition.key.lower() in _OF_NOBODY or condition.key.lower().startswith(
        ("aws:resourcetag/", "ecr:resourcetag/")
    ):
        return False
    if "not" in operator or operator == "null" or operator.endswith("ifexists"):
        return False
    return not any(value.strip("*:/") in ("", "0.0.0.0/0", "0.0.0.0", "arn:aws") for value in condition.values)


# Reading


def _document(node: Node) -> PolicyDocument:
    members = _object(node, "the policy", _DOCUMENT_KEYS)
    version = _text(members["Version"], "Version") if "Version" in members else ""
    if version and version not in _VERSIONS:
        raise SourceError(f"Version is none of {' and '.join(_VERSIONS)}", members["Version"].at)
    if "Statement" not in members:
        raise SourceError("the policy has no Statement", node.at)
    found = members["Statement"]
    nodes = found.value if isinstance(found.value, list) else [found]
    return PolicyDocument(tuple(_statement(each, number) for number, each in enumerate(nodes, 1)), version)


def _statement(node: Node, number: int) -> Statement:
    name = f"statement {number}"
    members = _object(node, name, _STATEMENT_KEYS)
    if "Effect" not in members:
        raise SourceError(f"{name} has no Effect", node.at)
    who = _one_of(node, members, name, "Principal", "NotPrincipal")
    actions = _one_of(node, members, name, "Action", "NotAction")
    resource = next((key for key in ("Resource", "NotResource") if key in members), None)
    if "Resource" in members and "NotResource" in members:
        raise SourceError(f"{name} has Resource and NotResource: only one may be there", members["NotResource"].at)
    return Statement(
        number,
        _effect(members["Effect"], name),
        _principals(members[who], f"{who} of {name}"),
        who == "NotPrincipal",
        Scope(_actions(members[actions], f"{actions} of {name}"), actions == "NotAction"),
        None
        if resource is None
        else Scope(_texts(members[resource], f"{resource} of {name}"), resource == "NotResource"),
        _conditions(members["Condition"], f"Condition of {name}") if "Condition" in members else (),
        _text(members["Sid"], f"Sid of {name}") if "Sid" in members else "",
    )


def _effect(node: Node, name: str) -> Effect:
    match node.value:
        case "Allow":
            return "Allow"
        case "Deny":
            return "Deny"
    raise SourceError(f"Effect of {name} is neither Allow nor Deny", node.at)


def _principals(node: Node, name: str) -> tuple[Principal, ...]:
    if node.value == "*":
        return (Principal("AWS", "*"),)
    members = _object(node, name, _PRINCIPAL_KINDS)
    if not members:
        raise SourceError(f"{name} names nobody", node.at)
    return tuple(Principal(kind, text) for kind, each in members.items() for text in _texts(each, f"{kind} of {name}"))


def _actions(node: Node, name: str) -> tuple[str, ...]:
    actions = _texts(node, name)
    for action in actions:
        if action != "*" and not all(action.partition(":")):
            raise SourceError(f"{name} has an action that names no service (as in ecr:PutImage)", node.at)
    return actions


def _conditions(node: Node, name: str) -> tuple[Condition, ...]:
    return tuple(
        Condition(operator, key, _values(value, f"{operator} of {name}"))
        for operator, keys in _object(node, name).items()
        for key, value in _object(keys, f"{operator} of {name}").items()
    )


def _values(node: Node, name: str) -> tuple[str, ...]:
    nodes = node.value if isinstance(node.value, list) else [node]
    return tuple(_value(each, name) for each in nodes)


def _value(node: Node, name: str) -> str:
    match node.value:
        case str() as text:
            return text
        case bool() as flag:
            return "true" if flag else "false"
        case int() as whole:
            return str(whole)
        case Number(text=text):
            return text
    raise SourceError(f"{name} has a value that is no text, number or truth value", node.at)


def _one_of(node: Node, members: Mapping[str, Node], name: str, *keys: str) -> str:
    there = [key for key in keys if key in members]
    if len(there) != 1:
        what = f"no {keys[0]}" if not there else f"{' and '.join(there)}: only one may be there"
        raise SourceError(f"{name} has {what}", node.at if not there else members[there[1]].at)
    return there[0]


def _object(node: Node, name: str, allowed: Iterable[str] = ()) -> dict[str, Node]:
    if not isinstance(node.value, dict):
        raise SourceError(f"{name} is no object", node.at)
    for key, at in node.repeated:
        raise SourceError(f"{name} has {_named(key)} twice", at)
    for key, at in node.keys.items():
        if allowed and key not in allowed:
            raise SourceError(f"{name} has {_named(key)}, which is not known there", at)
    return node.value


def _texts(node: Node, name: str) -> tuple[str, ...]:
    nodes = node.value if isinstance(node.value, list) else [node]
    if not nodes:
        raise SourceError(f"{name} is empty", node.at)
    return tuple(_text(each, name) for each in nodes)


def _text(node: Node, name: str) -> str:
    if not isinstance(node.value, str):
        raise SourceError(f"{name} is no text", node.at)
    return node.value


def _named(key: str) -> str:
    return f'"{key[:40]}"'
