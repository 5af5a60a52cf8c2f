"""Three-valued logic (Kleene's): True, False, and None for what is not known."""

from __future__ import annotations

from collections.abc import Iterable

Ternary = bool | None


def every(values: Iterable[Ternary]) -> Ternary:
    """Whether all hold: one that does not decides, else one that is not known."""
    known: Ternary = True
    for value in values:
        if value is False:
            return False
        if value is None:
            known = None
    return known


def some(values: Iterable[Ternary]) -> Ternary:
    """Whether any holds: one that does decides, else one that is not known."""
    return negated(every(negated(value) for value in values))


def negated(value: Ternary) -> Ternary:
    """The contrary; what is not known stays so."""
    return None if value is None else not value
