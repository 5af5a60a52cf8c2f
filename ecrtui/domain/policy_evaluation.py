"""What a repository policy says of one caller and one action.

Rules: domain reference, section 5; principals: the IAM user guide, "AWS JSON policy elements: Principal".
Whatever is not certain is unknown, never allowed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum

from ecrtui.domain.permission import Caller
from ecrtui.domain.policy_conditions import Context, glob, holds
from ecrtui.domain.policy_document import PolicyProblem, Principal, Scope, Statement, parse
from ecrtui.domain.ternary import Ternary, every, negated, some

_ACCOUNT = re.compile(r"[0-9]{12}")
_IAM = re.compile(r"arn:[a-z-]+:iam::(?P<account>[0-9]{12}):(?P<kind>root|role|user|group)(?P<path>/[^*?]+)?")
_STS = re.compile(r"arn:[a-z-]+:sts::(?P<account>[0-9]{12}):(?P<kind>assumed-role|federated-user)/(?P<name>[^/*?]+).*")


@dataclass(frozen=True, slots=True)
class Judgement:
    """What the policy says: whether a statement allows it, and whether one denies it (which wins)."""

    allow: Ternary
    deny: Ternary
    denied_by: tuple[str, ...] = ()
    """The statements that deny it for certain: `statement 1 (AllowPull)`."""
    doubts: tuple[str, ...] = ()
    """Why it is not known, as clauses."""


def evaluate(
    policy_text: str | None, caller: Caller, action: str, *, repository_arn: str = "", organization: str = ""
) -> Judgement:
    """What a repository policy (None: none is set) says of one action, `ecr:PutImage`.

    A policy that cannot be read may say anything. `organization` is the caller's (`o-…`), where it is known.
    """
    if policy_text is None:
        return Judgement(False, False)
    document = parse(policy_text)
    if isinstance(document, PolicyProblem):
        return Judgement(None, None, doubts=(f"the repository policy cannot be read: {document}",))
    context = _context(caller, repository_arn, organization)
    found = [
        (statement, _applies(statement, caller, action, repository_arn, context)) for statement in document.statements
    ]
    allows = [pair for pair in found if pair[0].effect == "Allow"]
    denies = [pair for pair in found if pair[0].effect == "Deny"]
    return Judgement(
        some(applies for _, applies in allows),
        some(applies for _, applies in denies),
        tuple(statement.label for statement, applies in denies if applies),
        tuple(_doubt(statement, caller) for statement, applies in found if applies is None),
    )


def _applies(statement: Statement, caller: Caller, action: str, repository_arn: str, context: Context) -> Ternary:
    return every(
        (
            _in_scope(statement.actions, action),
            _on_repository(statement.resources, repository_arn),
            _for_caller(statement, caller, repository_arn),
            holds(statement.conditions, context),
        )
    )


def _in_scope(actions: Scope, action: str) -> bool:
    named = any(glob(each.lower(), action.lower()) for each in actions.entries)
    return named != actions.excluded


def _on_repository(resources: Scope | None, repository_arn: str) -> Ternary:
    if resources is None:
        return True
    named = some(_names(each, repository_arn) for each in resources.entries)
    return negated(named) if resources.excluded else named


def _names(pattern: str, arn: str) -> Ternary:
    if pattern == "*":
        return True
    return None if "${" in pattern or not arn else glob(pattern, arn)


def _doubt(statement: Statement, caller: Caller) -> str:
    verb = "allow" if statement.effect == "Allow" else "deny"
    if statement.conditions:
        keys = ", ".join(dict.fromkeys(condition.key for condition in statement.conditions))
        return f"{statement.label} of the repository policy may {verb} it: that depends on {keys}"
    if statement.effect == "Allow" and any(_match(each, caller) is _Match.ACCOUNT for each in statement.principals):
        return f"{statement.label} of the repository policy allows the account, which leaves it to the role's policies"
    return f"{statement.label} of the repository policy may {verb} it: whom it names is not certain"


# Whom a statement is for


class _Match(Enum):
    """How an entry of a Principal element names the caller."""

    NO = "no"
    YES = "yes"
    ACCOUNT = "account"
    """It names the caller's whole account."""
    MAYBE = "maybe"


def _for_caller(statement: Statement, caller: Caller, repository_arn: str) -> Ternary:
    matches = {_match(principal, caller) for principal in statement.principals}
    if statement.excludes:
        return _not_excluded(matches, statement, caller)
    if _Match.YES in matches:
        return True
    if _Match.ACCOUNT in matches:
        return True if statement.effect == "Deny" or _crosses(caller, repository_arn) else None
    return None if _Match.MAYBE in matches else False


def _not_excluded(matches: Iterable[_Match], statement: Statement, caller: Caller) -> Ternary:
    """Whether it is for a caller who is none of those that it excepts.

    To except a role from a Deny, its sessions and its account have to be named too: not decided here.
    """
    if all(match is _Match.NO for match in matches):
        return True
    if any(each.everyone for each in statement.principals):
        return False
    return False if caller.service and _Match.YES in matches else None


def _crosses(caller: Caller, repository_arn: str) -> bool:
    """Whether the caller is surely of another account than the repository."""
    owner = Caller(source=repository_arn).account
    return bool(caller.account and owner) and caller.account != owner


def _match(principal: Principal, caller: Caller) -> _Match:
    if principal.everyone:
        return _Match.YES
    if principal.kind == "Service":
        return _service(principal.name, caller)
    if principal.kind != "AWS" or caller.service:
        return _Match.NO
    return _aws(principal.name, caller)


def _service(name: str, caller: Caller) -> _Match:
    if not caller.service:
        return _Match.NO
    if name == caller.service:
        return _Match.YES
    return _Match.MAYBE if "*" in name or "?" in name else _Match.NO


def _aws(name: str, caller: Caller) -> _Match:
    if name == caller.role:
        return _Match.YES
    if _ACCOUNT.fullmatch(name):
        return _Match.ACCOUNT if name == caller.account else _Match.NO
    if iam := _IAM.fullmatch(name):
        same = iam["account"] == caller.account
        return _Match.ACCOUNT if same and iam["kind"] == "root" and not iam["path"] else _Match.NO
    if sts := _STS.fullmatch(name):
        session = sts["account"] == caller.account and sts["kind"] == "assumed-role"
        return _Match.MAYBE if session and sts["name"] == caller.role.rpartition("/")[2] else _Match.NO
    return _Match.MAYBE  # unique ids (AROA…), wildcards, and what IAM may yet invent


# What is known of the request


def _context(caller: Caller, repository_arn: str, organization: str) -> Context:
    """The condition keys that are certain: the request comes over TLS, to this repository, from this caller."""
    parts = repository_arn.split(":", 5)
    region, owner = (parts[3], parts[4]) if len(parts) == 6 else ("", "")
    known = {
        "aws:securetransport": "true",
        "aws:requestedregion": region,
        "aws:resourceaccount": owner,
        "aws:principalisawsservice": "true" if caller.service else "false",
    }
    if caller.service:
        known |= {
            "aws:principalservicename": caller.service,
            "aws:sourcearn": caller.source,
            "aws:sourceaccount": caller.account,
        }
    else:
        known |= {
            "aws:principalarn": caller.role,
            "aws:principalaccount": caller.account,
            "aws:principaltype": "AssumedRole" if caller.role else "",
            "aws:principalorgid": organization,
        }
    return {key: value for key, value in known.items() if value}
