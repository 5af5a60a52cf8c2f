"""Waiting for what a use case loads, with progress on stderr; and the filter of its rows."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from ecrtui.domain.errors import AppError, ErrorKind
from ecrtui.domain.filtering import Getter, filter_rows, predicate
from ecrtui.domain.query import Field, Query, QueryProblem, fold, parse
from ecrtui.headless.printers import Progress
from ecrtui.services.state import Idle, Loadable, Loading, error_of, value_of

T = TypeVar("T")
R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Loaded(Generic[T]):
    """What a load came to, and what stopped it."""

    value: T | None
    error: AppError | None


async def loaded(slices: AsyncIterator[Loadable[T]], what: str, progress: Progress) -> Loaded[T]:
    """The end of a load."""
    last: Loadable[T] = Idle()
    async for last in slices:
        if isinstance(last, Loading) and last.pages:
            progress(f"{what}: {last.rows:,} in {last.pages} pages so far")
    return Loaded(value_of(last), error_of(last))


def understood(text: str, fields: Sequence[Field]) -> Query:
    """The query of `--filter`; AppError (usage) when it cannot be understood."""
    query = parse(text, fields)
    if isinstance(query, QueryProblem):
        raise AppError(ErrorKind.USAGE, "use the filter", f"character {query.at + 1}", query.message, query.remedy)
    return query


def asks_for(query: Query, field: str) -> bool:
    """Whether a query has a term on this field, so that its values have to be loaded."""
    return any(term.field.name == field for term in query.terms)


def selected(
    query: Query,
    rows: Sequence[R],
    text: Callable[[R], str],
    values: Mapping[str, Callable[[R], object]],
) -> list[R]:
    """The rows that the query holds for; its words look at `text`, its terms at `values` by field name."""

    def getter(value: Callable[[R], object]) -> Getter:
        return lambda index: value(rows[index])

    if not query:
        return list(rows)
    test = predicate(query, {name: getter(value) for name, value in values.items()}, time.time())
    folded = [fold(text(row)) for row in rows]
    return [rows[index] for index in filter_rows(query, folded, test=test)]
