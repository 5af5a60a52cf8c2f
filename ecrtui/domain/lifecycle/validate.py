"""Every rule of ECR that a policy's text violates, each with its place in the text and the remedy.

The constraints are those of the ECR user guide ("Lifecycle policy properties", and the evaluation rules in
"How lifecycle policies work"), written out in the domain reference, section 2.
"""

from __future__ import annotations

from collections.abc import Sequence

from ecrtui.domain.errors import ErrorKind
from ecrtui.domain.lifecycle.drafts import RuleDraft, draft
from ecrtui.domain.lifecycle.members import Members, kind
from ecrtui.domain.lifecycle.policy import RULE_LIMIT, TEXT_LENGTH, Policy, StorageClass, TagStatus
from ecrtui.domain.lifecycle.problems import PolicyError, Problem, Report
from ecrtui.domain.lifecycle.source import Node, SourceError, read

_READ_LIMIT = 200_000
"""A text longer than this is refused by its length alone."""
_ENTRY_LIMIT = 10 * RULE_LIMIT
"""Rules that are looked at, at most; that they are too many is said anyway."""


def validate(text: str) -> tuple[Problem, ...]:
    """Every problem of a policy's text in the order of the text; empty when ECR accepts it."""
    return _check(text)[1]


def parse(text: str, where: str = "") -> Policy:
    """The policy of a valid text; `PolicyError` with every problem otherwise.

    `where` names the text's origin (a file, a repository) in the error.
    """
    policy, problems = _check(text)
    if policy is not None:
        return policy
    more = f" (1 of {len(problems)} problems)" if len(problems) > 1 else ""
    raise PolicyError(
        ErrorKind.INVALID,
        what="use this lifecycle policy",
        where=where,
        why=f"{problems[0]}{more}",
        remedy="Correct the policy; `ecrtui lifecycle validate` lists every problem.",
        problems=problems,
    )


def _check(text: str) -> tuple[Policy | None, tuple[Problem, ...]]:
    """The policy or its problems: exactly one of them is there."""
    report = Report(text)
    _check_length(text, report)
    policy = None
    if len(text) <= _READ_LIMIT:
        try:
            policy = _policy(read(text), report)
        except SourceError as error:
            report.add(error.at, "", None, error.message, "Correct the JSON here.")
    problems = report.problems()
    return (None if problems else policy), problems


def _check_length(text: str, report: Report) -> None:
    low, high = TEXT_LENGTH
    if len(text) < low:
        message = f"the text has {len(text)} characters, ECR wants at least {low}"
        report.add(None, "", None, message, "To have no policy, delete it instead.")
    if len(text) > high:
        message = f"the text has {len(text):,} characters, ECR takes at most {high:,}"
        report.add(None, "", None, message, "Shorten descriptions, or indent less.")


def _policy(root: Node, report: Report) -> Policy | None:
    if not isinstance(root.value, dict):
        message = f"the policy must be an object, not {kind(root)}"
        report.add(root.at, "", None, message, 'Begin with {"rules": [.')
        return None
    top = Members(root, "", None, report)
    top.only(("rules",))
    rules = top.node("rules", "Write the list of rules.")
    if rules is None:
        return None
    if not isinstance(rules.value, list):
        top.problem("rules", f"rules must be a list, not {kind(rules)}", "Write the rules as a list.")
        return None
    if not rules.value:
        top.problem("rules", "there is no rule", "Write one, or delete the policy instead.")
    if len(rules.value) > RULE_LIMIT:
        message = f"there are {len(rules.value)} rules, ECR takes at most {RULE_LIMIT}"
        top.problem("rules", message, "Join or remove rules.")
    drafts = _drafts(rules.value[:_ENTRY_LIMIT], report)
    _check_priorities(drafts)
    for storage in StorageClass:
        within = [one for one in drafts if one.selection and one.selection.storage is storage]
        _check_any_last(within)
        _check_one_untagged(within)
        _check_prefixes(within)
    return Policy(tuple(rule for one in drafts if (rule := one.value())))


def _drafts(nodes: Sequence[Node], report: Report) -> list[RuleDraft]:
    drafts = []
    for number, node in enumerate(nodes, 1):
        path = f"rules[{number - 1}]"
        if not isinstance(node.value, dict):
            message = f"a rule must be an object, not {kind(node)}"
            report.add(node.at, path, number, message, "Write it as {…}.")
            continue
        one = draft(Members(node, path, number, report))
        if one.priority is not None:
            report.priorities[number] = one.priority
        drafts.append(one)
    return drafts


def _check_priorities(drafts: Sequence[RuleDraft]) -> None:
    first: dict[int, int | None] = {}
    for one in drafts:
        if one.priority is None:
            continue
        if one.priority in first:
            message = f"rulePriority {one.priority} is taken by rule {first[one.priority]}"
            one.members.problem("rulePriority", message, "Give each rule its own number.")
        first.setdefault(one.priority, one.members.rule)


def _check_any_last(drafts: Sequence[RuleDraft]) -> None:
    highest = max((one.priority for one in drafts if one.priority is not None), default=0)
    for one in _with_status(drafts, TagStatus.ANY):
        if one.selection and one.priority is not None and one.priority < highest:
            message = f'a rule for "any" must have the highest rulePriority, but there is {highest}'
            one.selection.members.problem("tagStatus", message, f"Give it a number above {highest}.")


def _check_one_untagged(drafts: Sequence[RuleDraft]) -> None:
    untagged = _with_status(drafts, TagStatus.UNTAGGED)
    for one in untagged[1:]:
        if one.selection:
            message = f'only one rule may select "untagged", rule {untagged[0].members.rule} does'
            one.selection.members.problem("tagStatus", message, "Join the two rules.")


def _check_prefixes(drafts: Sequence[RuleDraft]) -> None:
    first: dict[frozenset[str], int | None] = {}
    for one in drafts:
        prefixes = frozenset(one.selection.prefixes) if one.selection else frozenset[str]()
        if one.selection and prefixes in first:
            message = f"rule {first[prefixes]} has the same set of prefixes"
            one.selection.members.problem("tagPrefixList", message, "Join the two rules.")
        if prefixes:
            first.setdefault(prefixes, one.members.rule)


def _with_status(drafts: Sequence[RuleDraft], status: TagStatus) -> list[RuleDraft]:
    return [one for one in drafts if one.selection and one.selection.tag_status is status]
