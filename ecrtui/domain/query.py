"""The filter language: `web tag:v1 age:<7d size:>500MB used:no -"old one"`.

    term    := ["-" | "!"] (word | field)
    field   := name ":" [operator] value  |  name operator value
    word    := text without blanks, or in double quotes

All terms must hold; `-` or `!` before a term turns it round. A word is looked for, case folded, in the
folded text of a row; a field term in the value of that field:

- text: the value is a part of it (`tag:v1`), or all of it (`tag:=v1`); `tag:""` finds rows without any;
- age: `age:<7d`, units s m h d w mo y; without an operator at most that old; `age:never` when there is none;
- size: `size:>500MB`, units B KB MB GB TB and KiB MiB GiB TiB; without an operator at least that large;
- number: `images:>10`, without an operator exactly that; `none` where it is not known, as for sizes;
- flag: `used:yes`, `used:no`, `used:unknown`.

`parse` gives a `Query` or, for what cannot be understood, a `QueryProblem`; a filter then stays as it was.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import inf

from ecrtui.domain.units import AGE_UNITS, SIZE_UNITS


class FieldKind(StrEnum):
    """What values a field has, and so what may be asked of it."""

    TEXT = "text"
    """`str`, or several of them; a row matches when one does."""
    AGE = "age"
    """An instant in epoch seconds, asked for by its age; None or NaN when there is none."""
    SIZE = "size"
    """Bytes; None, NaN or a negative number when there is none."""
    NUMBER = "number"
    """A count, absent as for sizes."""
    FLAG = "flag"
    """True, False, or None when it is unknown."""


@dataclass(frozen=True, slots=True)
class Field:
    """A field that a list can be filtered by. Names are lower case; aliases mean the same."""

    name: str
    kind: FieldKind
    help: str = ""
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Word:
    """A case-folded text that a row must contain, or must not."""

    text: str
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Part:
    """Holds for a text that contains (or, `whole`, is) this case-folded one."""

    text: str
    whole: bool = False


@dataclass(frozen=True, slots=True)
class Range:
    """Holds for numbers from `low` to `high`; the ends count when they are `closed`."""

    low: float = -inf
    high: float = inf
    low_closed: bool = True
    high_closed: bool = True

    def holds(self, number: float) -> bool:
        """Whether the number lies within."""
        above = number >= self.low if self.low_closed else number > self.low
        return above and (number <= self.high if self.high_closed else number < self.high)


@dataclass(frozen=True, slots=True)
class Flag:
    """Holds for exactly this value; None stands for unknown."""

    value: bool | None


@dataclass(frozen=True, slots=True)
class Absent:
    """Holds where there is no value."""


Condition = Part | Range | Flag | Absent


@dataclass(frozen=True, slots=True)
class Term:
    """A condition on one field."""

    field: Field
    condition: Condition
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Query:
    """A filter that was understood. The empty query holds for every row."""

    text: str = ""
    words: tuple[Word, ...] = ()
    terms: tuple[Term, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.words or self.terms)


@dataclass(frozen=True, slots=True)
class QueryProblem:
    """Why a filter cannot be understood: what, at which index of the text, and what to write."""

    message: str
    at: int
    remedy: str

    def __str__(self) -> str:
        return f"{self.message}. {self.remedy}"


class _NotUnderstoodError(Exception):
    def __init__(self, message: str, at: int, remedy: str) -> None:
        super().__init__(message)
        self.problem = QueryProblem(message, at, remedy)


_TERM = re.compile(
    r"""
    (?P<negated>[-!])?
    (?:(?P<name>[A-Za-z][A-Za-z0-9_-]*)(?P<operator>:(?:<=|>=|[<>=])?|<=|>=|[<>=]))?
    (?P<value>(?:"[^"]*(?:"|$)|[^\s"])*)
    """,
    re.VERBOSE,
)
_BLANK = re.compile(r"\s*")
_AMOUNT = re.compile(r"(?P<number>[0-9]{1,15}(?:\.(?P<decimals>[0-9]{1,6}))?)(?P<unit>[A-Za-z]*)")
_NONE = frozenset({"none", "never", "unknown"})
_FLAGS = {
    **dict.fromkeys(("yes", "y", "true", "on"), True),
    **dict.fromkeys(("no", "n", "false", "off"), False),
    **dict.fromkeys(_NONE, None),
}
_DEFAULTS = {FieldKind.AGE: "<=", FieldKind.SIZE: ">=", FieldKind.NUMBER: "="}
_EXAMPLES = {
    FieldKind.TEXT: "v1",
    FieldKind.AGE: "<7d",
    FieldKind.SIZE: ">500MB",
    FieldKind.NUMBER: ">10",
    FieldKind.FLAG: "no",
}


def fold(text: str) -> str:
    """A row's text as the words of a query are compared with it."""
    return text.casefold()


def parse(text: str, fields: Sequence[Field]) -> Query | QueryProblem:
    """What a filter's text means for a list with these fields."""
    known = {name: field for field in fields for name in (field.name, *field.aliases)}
    words: list[Word] = []
    terms: list[Term] = []
    try:
        for match in _matches(text):
            found = _understand(match, known)
            if isinstance(found, Term):
                terms.append(found)
            elif found is not None:
                words.append(found)
    except _NotUnderstoodError as error:
        return error.problem
    return Query(text, tuple(dict.fromkeys(words)), tuple(dict.fromkeys(terms)))


def _matches(text: str) -> Iterator[re.Match[str]]:
    at = _end(_BLANK.match(text))
    while at < len(text):
        match = _TERM.match(text, at)
        if match is None:
            return
        yield match
        at = _end(_BLANK.match(text, match.end()))


def _end(match: re.Match[str] | None) -> int:
    return match.end() if match else 0


def _understand(match: re.Match[str], known: Mapping[str, Field]) -> Word | Term | None:
    """The word or the term; None for one that is only begun (`-`)."""
    name, operator, negated = match["name"], match["operator"], match["negated"] is not None
    field = known.get(name.lower()) if name else None
    if name and field is None and operator.startswith(":"):
        fields = ", ".join(sorted({one.name for one in known.values()})) or "none"
        quoted = match.group().lstrip("-!").replace('"', "")
        remedy = f'Fields here: {fields}. To search for the text itself, quote it: "{quoted}".'
        raise _NotUnderstoodError(f"there is no field {name}", match.start("name"), remedy)
    if field is None:
        whole = f"{name or ''}{operator or ''}{match['value']}".replace('"', "")
        return Word(fold(whole), negated) if whole else None
    return Term(field, _condition(field, operator.removeprefix(":"), match), negated)


def _condition(field: Field, operator: str, match: re.Match[str]) -> Condition:
    value, at = match["value"].replace('"', ""), match.start("value")
    if not match["value"]:
        example = f"{field.name}:{_EXAMPLES[field.kind]}"
        raise _NotUnderstoodError(f"{field.name} needs a value", match.end(), f"Write {example}, say.")
    match field.kind:
        case FieldKind.TEXT:
            _no_order(field, operator, at)
            return Part(fold(value), operator == "=") if value else Absent()
        case FieldKind.FLAG:
            _no_order(field, operator, at)
            if value.lower() not in _FLAGS:
                message = f"{field.name} cannot be {value}"
                raise _NotUnderstoodError(message, at, f"Write {field.name}:yes, :no or :unknown.")
            return Flag(_FLAGS[value.lower()])
        case _:
            if value.lower() in _NONE and operator in ("", "="):
                return Absent()
            return _range(operator or _DEFAULTS[field.kind], *_amount(field, value, at))


def _no_order(field: Field, operator: str, at: int) -> None:
    if operator not in ("", "="):
        example = f"{field.name}:{_EXAMPLES[field.kind]}"
        raise _NotUnderstoodError(f"{field.name} cannot be compared by {operator}", at, f"Write {example}.")


def _amount(field: Field, value: str, at: int) -> tuple[float, float]:
    """A number in its base unit, and the step of its last digit."""
    units = {FieldKind.AGE: AGE_UNITS, FieldKind.SIZE: SIZE_UNITS}.get(field.kind, {"": 1})
    match = _AMOUNT.fullmatch(value)
    unit = units.get(match["unit"].lower()) if match else None
    if match is None or unit is None:
        names = " ".join(name for name in units if name)
        remedy = f"Write {field.name}:{_EXAMPLES[field.kind]}" + (f"; units are {names}." if names else ".")
        raise _NotUnderstoodError(f"{field.name} cannot be {value}", at, remedy)
    return float(match["number"]) * unit, unit / 10 ** len(match["decimals"] or "")


def _range(operator: str, amount: float, step: float) -> Range:
    match operator:
        case "<":
            return Range(high=amount, high_closed=False)
        case "<=":
            return Range(high=amount)
        case ">":
            return Range(low=amount, low_closed=False)
        case ">=":
            return Range(low=amount)
        case _:
            return Range(amount, amount + step, high_closed=False)
