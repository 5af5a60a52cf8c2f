"""A query applied to the columns of a list: which rows hold, all at once or slice by slice.

Words go over the list of folded texts by list comprehension; the conditions of field terms are asked row by
row, through one getter a field, and only of the rows that the words left.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from math import isnan

from ecrtui.domain.query import Absent, Condition, FieldKind, Flag, Part, Query, Range, Term, Word, fold

Getter = Callable[[int], object]
"""The value of a field by row: what `FieldKind` says of its kind."""
Predicate = Callable[[int], bool]

SLICE_ROWS = 5_000
"""Rows of one slice: some two milliseconds of words."""
_TERM_COST = 10
"""How many times the time of a word a field term takes, about."""


def predicate(query: Query, getters: Mapping[str, Getter], now: float) -> Predicate | None:
    """The field terms of a query as one test of a row; None when it has none.

    `getters` has one entry for each field of the query's terms; ages are counted from `now` (epoch seconds).
    """
    tests = [_test(term, getters[term.field.name], now) for term in query.terms]
    if len(tests) < 2:
        return tests[0] if tests else None
    return lambda row: all(test(row) for test in tests)


def filter_rows(
    query: Query, folded: Sequence[str], rows: Sequence[int] | None = None, test: Predicate | None = None
) -> list[int]:
    """The rows for which a query holds, in order: of `rows`, or of all."""
    return [row for hits in filter_slices(query, folded, rows, test, len(folded) + 1) for row in hits]


def filter_slices(
    query: Query,
    folded: Sequence[str],
    rows: Sequence[int] | None = None,
    test: Predicate | None = None,
    slice_rows: int = SLICE_ROWS,
) -> Iterator[list[int]]:
    """`filter_rows` in slices, so that an event loop can breathe between them; the last may be empty.

    `folded` holds each row's text as `fold` gives it; `test` is `predicate(query, …)`. With `rows` (the hits
    of a query that this one narrows) only these are looked at. Rows added to `folded` meanwhile are not.
    """
    count = len(folded) if rows is None else len(rows)
    step = max(1, slice_rows // _TERM_COST if test and not query.words else slice_rows)
    words = sorted(query.words, key=lambda word: (word.negated, -len(word.text)))
    for start in range(0, count, step):
        stop = min(start + step, count)
        if rows is None:
            hits = _first(words, folded, start, stop)
            rest = words[1:]
        else:
            hits, rest = list(rows[start:stop]), words
        for word in rest:
            hits = _keep(word, folded, hits)
        if test is None:
            yield hits
        else:
            yield from _tested(test, hits, max(1, slice_rows // _TERM_COST))


def narrows(old: Query, new: Query) -> bool:
    """Whether every row of `new` is a row of `old`, so that filtering the hits of `old` is enough.

    Holds for the same rows at the same `now`. False when it cannot be told.
    """
    return all(any(_implies_word(word, other) for word in new.words) for other in old.words) and all(
        any(_implies_term(term, other) for term in new.terms) for other in old.terms
    )


def _first(words: Sequence[Word], folded: Sequence[str], start: int, stop: int) -> list[int]:
    """The rows from `start` to `stop` for which the first word holds."""
    if not words:
        return list(range(start, stop))
    text, part = words[0].text, folded[start:stop]
    if words[0].negated:
        return [row for row, line in enumerate(part, start) if text not in line]
    return [row for row, line in enumerate(part, start) if text in line]


def _keep(word: Word, folded: Sequence[str], rows: Sequence[int]) -> list[int]:
    text = word.text
    if word.negated:
        return [row for row in rows if text not in folded[row]]
    return [row for row in rows if text in folded[row]]


def _tested(test: Predicate, rows: Sequence[int], step: int) -> Iterator[list[int]]:
    for start in range(0, len(rows), step) or (0,):
        yield [row for row in rows[start : start + step] if test(row)]


def _test(term: Term, get: Getter, now: float) -> Predicate:
    holds = _holds(term.field.kind, term.condition, now)
    if term.negated:
        return lambda row: not holds(get(row))
    return lambda row: holds(get(row))


def _holds(kind: FieldKind, condition: Condition, now: float) -> Callable[[object], bool]:
    match condition:
        case Part():
            return _text_test(condition)
        case Flag(wanted):
            return lambda value: value is wanted
        case Absent() if kind is FieldKind.TEXT:
            return lambda value: not value
        case Absent():
            return lambda value: _amount(kind, value, now) is None
        case Range():

            def within(value: object) -> bool:
                amount = _amount(kind, value, now)
                return amount is not None and condition.holds(amount)

            return within


def _text_test(part: Part) -> Callable[[object], bool]:
    text = part.text

    def holds(value: object) -> bool:
        values = value if isinstance(value, (tuple, list)) else (value,)
        folded = (fold(one) for one in values if isinstance(one, str))
        return any(one == text for one in folded) if part.whole else any(text in one for one in folded)

    return holds


def _amount(kind: FieldKind, value: object, now: float) -> float | None:
    """What a range is compared with: seconds of age, bytes, a count; None when there is no value."""
    if isinstance(value, bool) or not isinstance(value, (int, float)) or isnan(value):
        return None
    if kind is FieldKind.AGE:
        return max(0.0, now - value)
    return value if value >= 0 else None


def _implies_word(new: Word, old: Word) -> bool:
    """Whether a line that passes `new` passes `old`."""
    if new.negated != old.negated:
        return False
    return new.text in old.text if new.negated else old.text in new.text


def _implies_term(new: Term, old: Term) -> bool:
    if new == old:
        return True
    if new.field != old.field or new.negated or old.negated:
        return False
    match new.condition, old.condition:
        case Part(text=text), Part(text=part, whole=False):
            return part in text
        case _:
            return False
