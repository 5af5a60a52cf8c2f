"""JSON text read with positions: every value knows where in the text it stands.

The standard library's decoder forgets positions, keeps only the last of two equal keys, accepts NaN and
recurses as deep as the text wants; a policy editor needs the opposite of all four.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from json import JSONDecodeError, JSONDecoder

_DEPTH = 32
_DIGITS = 18
_BLANK = re.compile(r"[ \t\n\r]*")
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?")
_WORDS = {"true": True, "false": False, "null": None}
_WORD = re.compile(r"[A-Za-z_+.-][A-Za-z0-9_+.-]*")
_SURROGATE = re.compile("[\ud800-\udfff]")
_DECODER = JSONDecoder()
_QUOTING = {
    "Unterminated": "these quotes are not closed",
    "Invalid control": "a line break or control character stands inside quotes",
}


@dataclass(slots=True)
class Node:
    """A value of the text and the index at which it begins."""

    value: Scalar | list[Node] | dict[str, Node]
    at: int
    repeated: list[tuple[str, int]] = field(default_factory=list)
    """Keys of an object that were already there, and where they stand again (the first one counts)."""
    keys: dict[str, int] = field(default_factory=dict)
    """Where each key of an object stands."""


@dataclass(frozen=True, slots=True)
class Number:
    """A number that is no whole number of reasonable size, as it is written."""

    text: str


Scalar = str | int | bool | None | Number


class SourceError(Exception):
    """The text is not JSON: what is wrong, and at which index."""

    def __init__(self, message: str, at: int) -> None:
        super().__init__(message)
        self.message = message
        self.at = at


def read(text: str) -> Node:
    """The one value of a JSON text; `SourceError` at the first thing that is not JSON."""
    if text.startswith("\ufeff"):
        raise SourceError("the text begins with a byte order mark: save it as UTF-8 without one", 0)
    node, end = _value(text, _blank(text, 0), 0)
    end = _blank(text, end)
    if end != len(text):
        raise SourceError("there is more text after the end of the policy", end)
    return node


def line_and_column(text: str, at: int) -> tuple[int, int]:
    """Line and column, both from 1, of an index."""
    line_start = text.rfind("\n", 0, at) + 1
    return text.count("\n", 0, at) + 1, at - line_start + 1


def _blank(text: str, at: int) -> int:
    match = _BLANK.match(text, at)
    return match.end() if match else at


def _value(text: str, at: int, depth: int) -> tuple[Node, int]:
    """The value that begins at an index, and the index after it."""
    if depth > _DEPTH:
        raise SourceError(f"nested more than {_DEPTH} levels deep", at)
    match text[at : at + 1]:
        case "{":
            return _object(text, at, depth)
        case "[":
            return _array(text, at, depth)
        case '"':
            value, end = _string(text, at)
            return Node(value, at), end
        case "":
            raise SourceError("the text ends where a value should be", at)
        case _:
            return _literal(text, at)


def _object(text: str, start: int, depth: int) -> tuple[Node, int]:
    values: dict[str, Node] = {}
    node = Node(values, start)
    at = _blank(text, start + 1)
    if text[at : at + 1] == "}":
        return node, at + 1
    while True:
        if text[at : at + 1] != '"':
            raise SourceError(f"a key in double quotes should be here{_found(text, at)}", at)
        key_at = at
        key, at = _string(text, at)
        at = _blank(text, at)
        if text[at : at + 1] != ":":
            raise SourceError(f"a colon should follow the key{_found(text, at)}", at)
        value, at = _value(text, _blank(text, at + 1), depth + 1)
        if key in values:
            node.repeated.append((key, key_at))
        else:
            values[key] = value
            node.keys[key] = key_at
        at, done = _next(text, at, "}")
        if done:
            return node, at


def _array(text: str, start: int, depth: int) -> tuple[Node, int]:
    values: list[Node] = []
    at = _blank(text, start + 1)
    if text[at : at + 1] == "]":
        return Node(values, start), at + 1
    while True:
        value, at = _value(text, at, depth + 1)
        values.append(value)
        at, done = _next(text, at, "]")
        if done:
            return Node(values, start), at


def _next(text: str, at: int, close: str) -> tuple[int, bool]:
    """Step over a comma to the next entry, or over the closing bracket."""
    at = _blank(text, at)
    char = text[at : at + 1]
    if char == close:
        return at + 1, True
    if char != ",":
        raise SourceError(f"a comma or {close} should be here{_found(text, at)}", at)
    after = _blank(text, at + 1)
    if text[after : after + 1] == close:
        raise SourceError(f"there is a comma too many before {close}", at)
    return after, False


def _string(text: str, at: int) -> tuple[str, int]:
    value: str
    try:
        value, end = _DECODER.raw_decode(text, at)
    except JSONDecodeError as error:
        known = (said for start, said in _QUOTING.items() if error.msg.startswith(start))
        raise SourceError(next(known, "this backslash does not begin an escape of JSON"), error.pos) from None
    if _SURROGATE.search(value):
        raise SourceError("these quotes hold half a character (a lone surrogate), which cannot be sent", at)
    return value, end


def _literal(text: str, at: int) -> tuple[Node, int]:
    if number := _NUMBER.match(text, at):
        written = number.group()
        whole = number.group(1) is None and number.group(2) is None and len(written) <= _DIGITS
        return Node(int(written) if whole else Number(written), at), number.end()
    word = _WORD.match(text, at)
    if word and word.group() in _WORDS:
        return Node(_WORDS[word.group()], at), word.end()
    raise SourceError(f"a value should be here{_found(text, at)}", at)


def _found(text: str, at: int) -> str:
    """What stands there instead, shortened and harmless."""
    if at >= len(text):
        return ", but the text ends"
    word = _WORD.match(text, at)
    found = word.group() if word else text[at]
    shown = found if found.isprintable() else f"U+{ord(found[0]):04X}"
    return f", not {shown[:20]}"
