"""A policy in English: one sentence a rule, and one that says what is left."""

from __future__ import annotations

from collections.abc import Sequence

from ecrtui.domain.lifecycle.policy import ActionType, CountType, Policy, Rule, Selection, TagStatus


def sentences(policy: Policy) -> tuple[str, ...]:
    """One sentence for each rule, in the order in which they act."""
    return tuple(sentence(rule) for rule in policy.ordered)


def sentence(rule: Rule) -> str:
    """A rule in English: "Expire images tagged prod* beyond the newest 10."."""
    verb = "Expire" if rule.action is ActionType.EXPIRE else "Archive"
    selection = rule.selection
    number = selection.count_number
    days = "1 day" if number == 1 else f"{number:,} days"
    match selection.count_type:
        case CountType.COUNT:
            newest = "the newest" if number == 1 else f"the newest {number:,}"
            return f"{verb} {_images(selection)} beyond {newest}."
        case CountType.PUSHED:
            return f"{verb} {_images(selection)} pushed more than {days} ago."
        case CountType.PULLED:
            return f"{verb} {_images(selection)} not pulled for more than {days}."
        case CountType.TRANSITIONED:
            return f"{verb} {_images(selection)} archived more than {days} ago."


def _images(selection: Selection) -> str:
    match selection.tag_status:
        case TagStatus.ANY:
            return "all images"
        case TagStatus.UNTAGGED:
            return "untagged images"
        case TagStatus.TAGGED:
            texts = [*selection.patterns, *(_beginning(prefix) for prefix in selection.prefixes)]
            return f"images tagged {_all_of(texts)}"


def _beginning(prefix: str) -> str:
    """A prefix as a pattern, where that says the same."""
    return f"{prefix}* (a literal prefix)" if "*" in prefix else f"{prefix}*"


def _all_of(texts: Sequence[str]) -> str:
    """Every one must match: "a*, b* and c* all at once"."""
    if len(texts) < 2:
        return "".join(texts)
    return f"both {texts[0]} and {texts[1]}" if len(texts) == 2 else f"all of {', '.join(texts)}"
