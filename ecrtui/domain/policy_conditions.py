"""Whether the conditions of a policy statement hold: decided where that is certain, else unknown.

Operators and keys: the IAM user guide, "Condition operators" and "AWS global condition context keys".
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from ecrtui.domain.policy_document import Condition
from ecrtui.domain.ternary import Ternary, every, negated, some

Context = Mapping[str, str]
"""The values that are known for certain, by condition key in lower case; any other key is unknown."""

_VARIABLE = "${"


def holds(conditions: tuple[Condition, ...], context: Context) -> Ternary:
    """Whether all of them hold."""
    return every(_holds(condition, context) for condition in conditions)


def _holds(condition: Condition, context: Context) -> Ternary:
    actual = context.get(condition.key.lower())
    if actual is None:
        return None
    operator = condition.operator.removesuffix("IfExists")
    if operator == "Null":
        return some(_equal_folded(value, "false") for value in condition.values)
    if operator not in _OPERATORS:
        return None
    test, negative = _OPERATORS[operator]
    found = some(None if _VARIABLE in value else test(value, actual) for value in condition.values)
    return negated(found) if negative else found


def glob(pattern: str, text: str) -> bool:
    """Whether a pattern of `*` (any characters) and `?` (one) matches the whole text.

    Never slower than the product of the lengths, whatever the pattern.
    """
    at = here = 0
    star, retry = -1, 0
    while here < len(text):
        if at < len(pattern) and pattern[at] == "*":
            star, retry = at, here
            at += 1
        elif at < len(pattern) and pattern[at] in ("?", text[here]):
            at += 1
            here += 1
        elif star >= 0:
            retry += 1
            at, here = star + 1, retry
        else:
            return False
    return not pattern[at:].strip("*")


def _equal(value: str, actual: str) -> bool:
    return value == actual


def _equal_folded(value: str, actual: str) -> bool:
    return value.lower() == actual.lower()


def _arn_like(value: str, actual: str) -> Ternary:
    """Each of an ARN's six parts by itself: a wildcard does not reach over a colon."""
    patterns, parts = value.split(":", 5), actual.split(":", 5)
    return all(map(glob, patterns, parts)) if len(patterns) == len(parts) == 6 else None


_OPERATORS: Mapping[str, tuple[Callable[[str, str], Ternary], bool]] = {
    "StringEquals": (_equal, False),
    "StringNotEquals": (_equal, True),
    "StringEqualsIgnoreCase": (_equal_folded, False),
    "StringNotEqualsIgnoreCase": (_equal_folded, True),
    "StringLike": (glob, False),
    "StringNotLike": (glob, True),
    "ArnEquals": (_arn_like, False),
    "ArnLike": (_arn_like, False),
    "ArnNotEquals": (_arn_like, True),
    "ArnNotLike": (_arn_like, True),
    "Bool": (_equal_folded, False),
}
"""The test of each operator that is decided here, and whether it is to fail; ForAllValues: and others are not."""
