"""Policies compared by what they mean: the service may reorder rules and lists, and adds defaults."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from ecrtui.domain.lifecycle.policy import Policy, Rule, Selection
from ecrtui.domain.lifecycle.sentences import sentence


class DifferenceKind(StrEnum):
    """How one rule differs between two policies."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"
    MOVED = "moved"
    """The same rule with another priority."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One rule that is not as it was. `before` is None for an added rule, `after` for a removed one."""

    kind: DifferenceKind
    before: Rule | None
    after: Rule | None

    @property
    def text(self) -> str:
        """The difference as a sentence: "Rule 2 added: Expire untagged images …"."""
        match self.kind, self.before, self.after:
            case DifferenceKind.ADDED, _, Rule() as after:
                return f"Rule {after.priority} added: {sentence(after)}"
            case DifferenceKind.REMOVED, Rule() as before, _:
                return f"Rule {before.priority} removed: {sentence(before)}"
            case DifferenceKind.MOVED, Rule() as before, Rule() as after:
                return f"Rule {before.priority} is now rule {after.priority}: {sentence(after)}"
            case _, Rule() as before, Rule() as after if sentence(before) == sentence(after):
                return f"Rule {after.priority} described anew: “{after.description}”."
            case _, Rule() as before, Rule() as after:
                return f"Rule {after.priority} changed: {sentence(after)} It was: {sentence(before)}"
            case _:
                return ""


def canonical(policy: Policy) -> Policy:
    """The one form of all policies that mean the same: rules by priority, lists sorted, repeats gone."""
    return Policy(tuple(_canonical_rule(rule) for rule in policy.ordered))


def same(one: Policy | None, other: Policy | None) -> bool:
    """Whether two policies mean the same (with the same priorities and descriptions); None is no policy."""
    if one is None or other is None:
        return one is other
    return canonical(one) == canonical(other)


def differences(old: Policy | None, new: Policy | None) -> tuple[Difference, ...]:
    """What changes from one policy to another (None: no policy), in the order of the rules' priorities."""
    before = {rule.priority: rule for rule in canonical(old).rules} if old else {}
    after = {rule.priority: rule for rule in canonical(new).rules} if new else {}
    for priority in before.keys() & after.keys():
        if before[priority] == after[priority]:
            del before[priority], after[priority]
    found = []
    homes = {_content(rule): priority for priority, rule in before.items()}
    for rule in list(after.values()):
        was = homes.get(_content(rule))
        if was is not None and was in before:
            found.append(Difference(DifferenceKind.MOVED, before.pop(was), after.pop(rule.priority)))
    for priority in sorted(before.keys() | after.keys()):
        found.append(_difference(before.get(priority), after.get(priority)))
    return tuple(sorted(found, key=_place))


def _difference(before: Rule | None, after: Rule | None) -> Difference:
    if before is None:
        return Difference(DifferenceKind.ADDED, None, after)
    return Difference(DifferenceKind.CHANGED if after else DifferenceKind.REMOVED, before, after)


def _place(difference: Difference) -> int:
    rule = difference.after or difference.before
    return rule.priority if rule else 0


def _content(rule: Rule) -> Rule:
    """A rule apart from where it stands."""
    return replace(rule, priority=0)


def _canonical_rule(rule: Rule) -> Rule:
    return replace(rule, selection=_canonical_selection(rule.selection))


def _canonical_selection(selection: Selection) -> Selection:
    return replace(
        selection,
        patterns=tuple(sorted(set(selection.patterns))),
        prefixes=tuple(sorted(set(selection.prefixes))),
    )
